"""The dashboard in a real browser, opened from its files, as its readers use it."""

from __future__ import annotations

import math
import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Page, expect, sync_playwright
from tests.chromium import find_chromium
from tests.conftest import Project
from tests.records import MACHINE, NOW, moment, record
from tests.repository import Repository

from hivegate.history.runs import add
from hivegate.history.store import open_store
from hivegate.instruments import METRICS
from hivegate.model.record import Level, StoredVerdict
from hivegate.model.run import Commit
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from hivegate.model.record import Record

expect.set_options(timeout=60_000)  # a contended machine draws late

BAD = '</script><img src=x onerror="window.broken=1"><svg onload="window.broken=1">'
DESK, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}
RUNS, STEP, MOVE = 120, 40, 80
NAMES = ("swarm/vote[10]", "swarm/merge", "swarm/read", "hive/plan", "hive/write", "hive/rest")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium once."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; whatever a page complains of or asks the network for fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(address: str, **options: object) -> Page:
        context = browser.new_context(**{"viewport": DESK, **options})  # type: ignore[arg-type]  # options of Playwright
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.on("request", lambda asked: None if asked.url.startswith("file:") else complaints.append(asked.url))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def made(number: int, chance: random.Random) -> Record:
    """Make a run: one benchmark is a fifth slower from a commit on, and later the whole machine is a tenth slower."""
    machine = 1.1 if number >= MOVE else 1.0
    values = {
        name: 1e-3
        * (place + 1)
        * machine
        * math.exp(chance.gauss(0, 0.006))
        * (1.2 if name == NAMES[0] and number >= STEP else 1.0)
        for place, name in enumerate(NAMES)
    }
    judged = (
        StoredVerdict(
            benchmark=NAMES[0], kind=RuleKind.TARGET, outcome=Outcome.FAILED, metric="p50", limit="max 1 ms", reason=BAD
        ),
        StoredVerdict(
            benchmark=NAMES[1], kind=RuleKind.TARGET, outcome=Outcome.PASSED, metric="p50", limit="max 1 s", reason="in"
        ),
    )
    last = number == RUNS - 1
    found = record(
        number,
        values,
        subject=f"Change {number}",
        commit=Commit(sha=f"{number + 1:07x}{'ab' * 17}", branch="main"),
        outcome=Outcome.FAILED if last else None,
        judged=judged if last else (),
        report="https://example.org/reports/1" if last else None,
    )
    peak = Level(benchmark=NAMES[0], metric=METRICS["peak_memory"], value=2.0**20)
    return msgspec.structs.replace(found, levels=(*found.levels, peak))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build the dashboard of a history on two machines; returns the address of its page."""
    project = Project(tmp_path_factory.mktemp("project"))
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'history.db'\n")
    Repository.new(project.folder).git("remote", "add", "origin", "git@github.com:example/swarm.git")
    chance = random.Random(11)  # noqa: S311  reproducible input, no secret
    records = [made(number, chance) for number in range(RUNS)]
    other = msgspec.structs.replace(MACHINE, python="3.12.1")
    records += [
        msgspec.structs.replace(one, environment=other, outcome=None, judged=(), report=None) for one in records[:30]
    ]
    add(open_store("history.db", folder=project.folder, create=True), records, now=NOW)
    built = project.hivegate("history", "dashboard", "--out", "site", "--title", "Swarm")
    assert (built.status, built.out) == (0, "site/index.html: 6 benchmarks\n"), built.err
    return (project.folder / "site" / "index.html").as_uri()


def test_what_got_worse_is_told_first(opened: Callable[..., Page], site: str) -> None:
    """The slowdown stands with its commits and leads to them; the machine's move is one piece of news, and no fault."""
    page = opened(site)
    news = page.locator(".news li")
    expect(news).to_have_count(1)
    expect(news).to_contain_text(NAMES[0])
    expect(news.locator(".chip")).to_have_text(re.compile(r"\+(19|20|21) %"))
    older, newer = (f"{number + 1:07x}{'ab' * 17}" for number in (STEP - 1, STEP))
    compare = f"https://github.com/example/swarm/compare/{older}...{newer}"
    expect(news.get_by_role("link").first).to_have_attribute("href", compare)
    expect(page.get_by_role("button", name="Got worse 1")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Machine 1").click()
    expect(news).to_have_count(1)
    expect(news).to_contain_text("6 series moved together: the machine, not the code")
    page.reload()
    expect(page.get_by_role("button", name="Machine 1")).to_have_attribute("aria-pressed", "true")


def test_benchmarks_are_searched_and_sorted(opened: Callable[..., Page], site: str) -> None:
    """All words must be in the name; a click on a column sorts; the count says how many are shown."""
    page = opened(site)
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(NAMES))
    page.keyboard.press("/")
    page.keyboard.type("vote 10")
    expect(rows).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES[0])
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("searchbox")).to_have_value("vote 10")
    expect(page.locator("output")).to_have_text(f"1 of {len(NAMES)}")
    page.get_by_role("searchbox").fill("nothing of the kind")
    expect(rows).to_contain_text("No benchmark has all these words")
    page.get_by_role("searchbox").fill("")
    page.get_by_role("button", name="Level").click()
    expect(rows.first).to_contain_text(NAMES[-1])
    page.get_by_role("button", name="Level").press("Enter")
    expect(page.get_by_role("button", name="Level")).to_be_focused()
    expect(rows.last).to_contain_text(NAMES[-1])
    page.reload()
    expect(page.locator("th[aria-sort]")).to_have_text("Level")
    expect(rows.last).to_contain_text(NAMES[-1])


def test_a_benchmark_is_drawn_machine_by_machine(opened: Callable[..., Page], site: str) -> None:
    """Each machine has a chart of its own, with levels and changes; a point leads to its commit and its verdicts."""
    page = opened(site)
    page.get_by_role("link", name=NAMES[0]).first.click()
    expect(page.locator(".figure")).to_have_count(2)
    figure = page.locator(".figure").first
    expect(figure.locator(".chart .level")).to_have_count(3)
    expect(figure.locator(".mark-text")).to_have_count(2)
    expect(figure.locator(".mark.machine .mark-text")).to_have_text(re.compile(r"\+(9\.\d|10|11) % machine"))
    expect(figure.locator("tbody tr")).to_have_count(2)
    point = figure.locator(".point")
    expect(point.get_by_role("link", name="0000078ab")).to_have_attribute(
        "href", f"https://github.com/example/swarm/commit/0000078{'ab' * 17}"
    )
    expect(point.get_by_role("link", name="report")).to_have_attribute("href", "https://example.org/reports/1")
    figure.locator(".chart").focus()
    page.keyboard.press("ArrowLeft")
    expect(point).to_contain_text(f"Change {RUNS - 2}")
    page.get_by_role("button", name="Last 50").click()
    expect(figure.locator(".mark-text")).to_have_count(1)
    page.get_by_role("button", name="peak_memory").click()
    expect(page.locator(".figure").first).to_contain_text("1.00 MiB")


def test_a_run_tells_its_verdicts(opened: Callable[..., Page], site: str) -> None:
    """The verdicts of a run are a page of their own, the broken ones first, and their reasons are text."""
    page = opened(site)
    page.get_by_role("link", name=NAMES[0]).first.click()
    page.get_by_role("link", name="verdicts").first.click()
    rows = page.locator("tbody tr")
    expect(rows.first).to_contain_text("failed")
    expect(rows.first).to_contain_text("</script><img")
    page.get_by_role("link", name=NAMES[1]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES[1])


def test_a_view_has_an_address(opened: Callable[..., Page], site: str) -> None:
    """Machine, metric and run are in the address: another window shows the same; the way back leads to the search."""
    page = opened(site)
    page.get_by_role("searchbox").fill("vote")
    page.get_by_role("link", name=NAMES[0]).last.click()
    figure = page.locator(".figure").first
    figure.locator(".pick").first.press("Enter")
    expect(figure.locator(".point")).to_contain_text(f"Change {MOVE}")
    again = opened(page.url)
    expect(again.locator(".figure").first.locator(".point")).to_contain_text(f"Change {MOVE}")
    page.locator(".skip").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES[0])
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("vote")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_scale_is_chosen(opened: Callable[..., Page], site: str) -> None:
    """A scale from zero begins there, and a logarithmic one draws a ratio as high wherever it is."""
    page = opened(f"{site}#benchmark=swarm%2Fvote%5B10%5D")
    ticks = page.locator(".figure").first.locator(".chart text[text-anchor=end]")
    assert "0 ms" not in ticks.all_inner_texts()
    page.get_by_role("button", name="From zero").click()
    expect(ticks.first).to_have_text("0 ms")
    page.get_by_role("button", name="Logarithmic").click()
    levels = page.locator(".figure").first.locator(".chart .level")
    heights = [float(levels.nth(place).get_attribute("y1") or "nan") for place in range(3)]
    assert (heights[0] - heights[1]) / (heights[1] - heights[2]) == pytest.approx(
        math.log(1.2) / math.log(1.1), rel=0.1
    )


def test_the_machine_is_chosen(opened: Callable[..., Page], site: str) -> None:
    """One machine alone can be looked at; its Python is in its name."""
    page = opened(site)
    choices = page.get_by_label("Machine").locator("option").all_inner_texts()
    page.get_by_label("Machine").focus()
    page.get_by_label("Machine").select_option(label=next(one for one in choices if "3.12.1" in one))
    expect(page.locator(".news")).to_have_text("No change was found in any series.")
    expect(page.get_by_label("Machine")).to_be_focused()
    page.get_by_role("link", name=NAMES[0]).first.click()
    expect(page.locator(".figure")).to_have_count(1)
    expect(page.locator(".figure")).to_contain_text("30 runs")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["", "#benchmark=swarm%2Fvote%5B10%5D"], ids=["start", "benchmark"])
def test_everybody_can_read_it(
    opened: Callable[..., Page], site: str, viewport: dict[str, int], scheme: str, place: str
) -> None:
    """No rule of WCAG that a program can check is broken, and no page is wider than the screen."""
    page = opened(site + place, viewport=viewport, color_scheme=scheme)
    expect(page.locator("tbody tr").first).to_be_attached()
    found = Axe().run(page)
    assert found.response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_are_text(opened: Callable[..., Page], tmp_path: Path) -> None:
    """Whatever a name, a subject, a branch or a machine holds, no script runs, nothing is asked of the network."""
    project = Project(tmp_path)
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'history.db'\n")
    names = {BAD: 1.0, BAD + "\u202e": 2.0, "__proto__": 3.0, "constructor": 4.0}
    records = [
        record(
            number,
            {name: value * (2 if number > 20 else 1) for name, value in names.items()},
            commit=Commit(sha="javascript:alert(1)//" + "0" * 19, branch=BAD),
            subject=BAD,
            source=BAD,
            environment=msgspec.structs.replace(MACHINE, cpu=BAD),
            report="javascript:window.broken=1",
        )
        for number in range(40)
    ]
    add(open_store("history.db", folder=project.folder, create=True), records, now=NOW)
    built = project.hivegate("history", "dashboard", "--out", "site", "--title", BAD, "--branch", BAD)
    assert built.status == 0
    page = opened((tmp_path / "site" / "index.html").as_uri())
    expect(page.locator("tbody tr")).to_have_count(len(names))
    for number in range(len(names)):
        page.locator("td a.name").nth(number).click()
        expect(page.locator(".figure")).to_have_count(1)
        page.locator("summary").click()
        assert page.locator("main a:not([href^='#']), main img").count() == 0
        page.go_back()
    assert page.evaluate("window.broken") is None


def test_a_missing_file_is_named(browser: Browser, site: str, tmp_path: Path) -> None:
    """A page that was copied without its folder says what is missing instead of staying empty."""
    page = browser.new_page()
    page.goto(site)
    shutil.copy(Path(page.evaluate("decodeURIComponent(location.pathname)")), tmp_path / "index.html")
    page.goto(f"{(tmp_path / 'index.html').as_uri()}#benchmark=swarm%2Fmerge")
    expect(page.locator(".empty")).to_contain_text("copy the whole folder")
    page.close()


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    """A folder with something else in it is refused; an older dashboard is replaced, with what is no more removed."""
    project = Project(tmp_path)
    project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'history.db'\n")
    store = open_store("history.db", folder=project.folder, create=True)
    add(store, [record(number, {"s/a": 1.0, "s/b": 1.0}) for number in range(5)], now=NOW)
    project.write("docs/index.html", "mine")
    refused = project.hivegate("history", "dashboard", "--out", "docs")
    assert (refused.status, refused.out) == (2, "")
    assert "contains something other than a dashboard" in refused.err
    assert project.hivegate("history", "dashboard", "--out", "site").status == 0
    assert len(list((tmp_path / "site" / "data").iterdir())) == 2
    project.write("site/data/mine.js", "")
    assert project.hivegate("history", "prune", "--before", "2999-01-01").status == 0
    add(store, [record(0, {"s/c": 1.0})], now=NOW)
    assert project.hivegate("history", "dashboard", "--out", "site").out == "site/index.html: 1 benchmark\n"
    assert len(list((tmp_path / "site" / "data").iterdir())) == 2
    assert moment(0)[:10] in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
