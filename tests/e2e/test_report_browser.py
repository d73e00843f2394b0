"""The HTML report in a real browser, as its readers use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Page, expect, sync_playwright
from tests import pages, results
from tests.chromium import find_chromium
from tests.measured import words

from hivegate.model.profile import Profile, Profiles
from hivegate.report.bundle import Bundle
from hivegate.report.html import render_html
from hivegate.report.html.anchors import anchors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser
    from tests.conftest import Project

    from hivegate.model.verdict import GateResult

expect.set_options(timeout=60_000)  # a contended machine draws late

BAD = '</script><img src=x onerror="window.broken=1"><svg onload="window.broken=1">'
_SIZED = """
import pytest

@pytest.mark.parametrize("size", [1000, 4000, 16000])
def test_total(benchmark, size): benchmark(sum, range(size))
"""
DESK, PHONE = {"width": 1360, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the machine's Chromium once."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write the page that most tests read: a hundred targets and thirty changes, with profiles."""
    shown = bundle(pages.verdicts(100), pages.changes(30), profiles=pages.profiles(pages.SLOW), profiles_at="profiles")
    return written(tmp_path_factory.mktemp("report"), shown)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; whatever a page complains of or asks the network for fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(place: str, **options: Any) -> Page:  # noqa: ANN401  of Playwright's context
        context = browser.new_context(**{"viewport": DESK, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url) if asks(request.url, place) else None)
        page.goto(place)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


def asks(url: str, place: str) -> bool:
    """Tell whether a request is of anything but the page itself."""
    return url.partition("#")[0] != place.partition("#")[0]


def bundle(*given: GateResult, **fields: Any) -> Bundle:  # noqa: ANN401  of Bundle
    """Make a bundle of results."""
    return Bundle(results=given, **fields)


def one_of_each() -> Bundle:
    """Make a small bundle with every outcome, every chart and a profile."""
    return bundle(pages.verdicts(13), pages.changes(7), profiles=pages.profiles(pages.SLOW), profiles_at="profiles")


def written(folder: Path, shown: Bundle) -> str:
    """Write a page; returns its address."""
    path = folder / "report.html"
    path.write_text(render_html(shown), encoding="utf-8")
    return path.as_uri()


def visible(page: Page) -> list[str]:
    """List the names of the verdicts that are seen, in their order."""
    names = page.locator("tbody.verdict:visible").evaluate_all("all => all.map((one) => one.dataset.name)")
    return list(names)


def test_the_page_draws_itself_alone(opened: Callable[..., Page], address: str) -> None:
    """Verdict first, every verdict in a real table, charts with sizes, what is broken unfolded, and no request."""
    page = opened(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Failed")
    expect(page.get_by_role("table")).to_have_count(2)
    expect(page.locator("#shown")).to_have_text("138 verdicts")
    assert len(visible(page)) == 138
    row = page.get_by_role("row", name=re.compile("Consensus of a hundred agents"))
    expect(row).to_contain_text("max 100 ms")
    expect(page.locator("tbody.verdict.open")).to_have_count(3)
    for chart in page.locator("tbody.open svg.strip").all():
        box = chart.bounding_box()
        assert box is not None
        assert box["width"] > 300
        assert box["height"] > 40
    links = page.locator("tbody.open .profile a").evaluate_all("all => all.map((one) => one.href)")
    assert links[0] == f"{address.rpartition('/')[0]}/profiles/consensus-latency-100-1a2b3c4d/flame.html"


def test_the_command_draws_what_was_measured(
    opened: Callable[..., Page], suite: Callable[..., Project], tmp_path: Path
) -> None:
    """From benchmarks to a page: passes and growth as measured, profiles linked from wherever the page lies."""
    made = suite(_SIZED, "targets:\n  - {benchmark: 'toy/total[*]', metric: complexity, max: 1.3}\n")
    made.hivegate("bench", "--passes", "3")
    profile = Profile(benchmark="toy/total[1000]", kind="py-spy", files={"flame graph": "total/flame.html"})
    told = msgspec.json.encode(Profiles(folder=".hivegate/profiles", profiles=(profile,))).decode()
    flame = made.write(".hivegate/profiles/total/flame.html", "")
    made.write(".hivegate/profiles/profiles.json", told)
    path = tmp_path / "kept" / "report.html"
    path.parent.mkdir()
    answer = made.hivegate("report", "--format", "html", "--out", str(path))
    assert (answer.status, answer.out) == (0, "")
    page = opened(path.as_uri())
    verdict = page.locator("tbody", has_text="toy/total[*]")
    verdict.get_by_role("button").click()
    (found,) = (one for one in made.result()["verdicts"] if one["metric"] == "complexity")
    assert [one["size"] for one in found["sizes"]] == [1000, 4000, 16000]
    expect(verdict.locator(".complexity .middle")).to_have_count(3)
    expect(verdict.locator(".complexity .point")).to_have_count(3 * found["estimate"]["n"])
    expect(verdict.locator(".strip circle")).to_have_count(found["estimate"]["n"])
    link = verdict.get_by_role("link", name="flame graph")
    assert link.evaluate("(one) => one.href") == flame.as_uri()


def test_hostile_text_stays_text(opened: Callable[..., Page], tmp_path: Path) -> None:
    """Names, reasons, notes and machines that try to be markup are shown as they are, and nothing of them runs."""
    hostile = results.hostile()
    verdicts = tuple(
        msgspec.structs.replace(
            one, benchmark=f"{BAD}{one.benchmark}", name=BAD, reason=words(BAD), tier=BAD, node_id=BAD
        )
        for one in hostile.verdicts
    )
    shown = bundle(msgspec.structs.replace(hostile, verdicts=verdicts, notes=(BAD,), base=BAD))
    page = opened(written(tmp_path, shown))
    page.get_by_role("button", name="Unfold all").click()
    assert page.evaluate("window.broken") is None
    assert page.locator("img, svg[onload]").count() == 0
    expect(page.locator(".verdict .name").first).to_contain_text(BAD)
    page.get_by_role("searchbox").fill("onerror")
    expect(page.locator("#shown")).to_have_text("2 of 2 verdicts")


def test_the_policy_stops_what_is_not_ours(browser: Browser, address: str) -> None:
    """Were a tag to get through, its script would not run, its style not apply and its picture not be fetched."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    stopped: list[tuple[str, str | None]] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: stopped.append((request.url, request.failure)))
    page.goto(address)
    page.evaluate(
        """() => new Promise((stopped) => {
          for (const [name, fields] of [
            ["script", { textContent: "window.broken = 1" }],
            ["style", { textContent: "h1 { display: none }" }],
            ["img", { src: "http://127.0.0.1:9/x.png", onerror: () => stopped() }],
          ]) document.body.append(Object.assign(document.createElement(name), fields));
        })"""
    )
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("window.broken") is None
    assert stopped == [(url, "csp") for url in asked if url != address]
    context.close()


def test_filters_narrow_the_list_and_are_in_the_address(opened: Callable[..., Page], address: str) -> None:
    """Words, outcomes and tiers are combined, the count is announced, and the address brings the same list back."""
    page = opened(address)
    page.get_by_role("searchbox").fill("family_1 complexity")
    expect(page.locator("#shown")).to_have_text("8 of 138 verdicts")
    assert all(re.search(r"family_1\d\[\*\]", one) for one in visible(page))
    page.get_by_role("searchbox").fill("")
    page.get_by_role("checkbox", name="slower").check()
    page.get_by_role("checkbox", name="failed").check()
    assert visible(page) == [pages.SLOW, "integrated/scenario_00[10]", "integrated/scenario_01[20]"]
    page.get_by_role("checkbox", name="must").check()
    page.get_by_role("searchbox").fill("CONSENSUS")
    expect(page.locator("#shown")).to_have_text("1 of 138 verdicts")
    expect(page.get_by_role("heading", name="Changes from base to head")).to_be_hidden()
    assert page.locator("#shown").get_attribute("aria-live") == "polite"
    again = opened(page.url)
    assert visible(again) == [pages.SLOW]
    expect(again.get_by_role("searchbox")).to_have_value("CONSENSUS")
    again.get_by_role("button", name="Clear").click()
    expect(again.locator("#shown")).to_have_text("138 verdicts")
    assert "#" not in again.url


def test_a_reason_is_found(opened: Callable[..., Page], address: str) -> None:
    """The search looks into what is folded."""
    page = opened(address)
    page.get_by_role("searchbox").fill("@performance-team")
    assert visible(page) == ["swarm_primitives/priority_order"]


def test_columns_sort_both_ways_and_back(opened: Callable[..., Page], address: str) -> None:
    """A head sorts up, then down, then by weight again; assistive technology is told, and the address keeps it."""
    page = opened(address)
    before = visible(page)
    head = page.locator("table.targets th", has_text="Headroom")

    def headrooms() -> list[float]:
        found = page.locator("table.targets tbody").evaluate_all("all => all.map((one) => one.dataset.headroom)")
        return [float(one) for one in found if one]

    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert headrooms() == sorted(headrooms())
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert headrooms() == sorted(headrooms(), reverse=True)
    assert page.url.endswith("#sort=-headroom")
    again = opened(page.url)
    assert visible(again) == visible(page)
    head.get_by_role("button").click()
    assert visible(page) == before
    assert page.locator("table.targets th", has_text="Outcome").get_attribute("aria-sort") == "ascending"


def test_a_link_opens_its_verdict(opened: Callable[..., Page], address: str) -> None:
    """An address unfolds its verdict, brings it into view and puts the focus there, whatever is filtered."""
    found = pages.verdicts(100).verdicts
    index = next(at for at, one in enumerate(found) if one.benchmark.endswith("family_17[*]"))
    name = anchors(found)[index]
    page = opened(f"{address}#{name}&outcome=failed")
    verdict = page.locator(f"#{name}")
    expect(verdict.locator(".panel")).to_be_visible()
    expect(verdict.locator(".panel")).to_be_in_viewport()
    expect(verdict.locator(".complexity")).to_be_visible()
    expect(verdict.get_by_role("button")).to_be_focused()
    page.goto(address)
    page.get_by_role("link", name="Consensus of a hundred agents").click()
    hashed = page.locator("tbody", has_text="Consensus of a hundred agents")
    expect(hashed.locator(".panel")).to_be_in_viewport()
    assert page.url.endswith("#" + (hashed.get_attribute("id") or "?"))


def test_an_address_of_nothing_changes_nothing(opened: Callable[..., Page], address: str) -> None:
    """A verdict that is gone, an unknown filter and an unknown column leave the whole list."""
    page = opened(f"{address}#gone-1a2b3c4d&outcome=splendid&sort=beauty&tier=%3Cb%3E")
    expect(page.locator("#shown")).to_have_text("138 verdicts")


def test_the_keyboard_reaches_everything(opened: Callable[..., Page], address: str) -> None:
    """The first stop skips to the verdicts; a row folds by Enter and by Space, and says whether it is open."""
    page = opened(address)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the verdicts")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("#shown")).to_have_text("1 of 138 verdicts")
    toggle = page.get_by_role("button", name="Consensus of a hundred agents")
    toggle.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    for key, state in (("Enter", "false"), ("Space", "true"), ("Enter", "false")):
        page.keyboard.press(key)
        assert toggle.get_attribute("aria-expanded") == state
        expect(page.locator("tbody:visible .panel")).to_be_visible(visible=state == "true")


def test_all_unfolds_and_folds(opened: Callable[..., Page], address: str) -> None:
    """One button opens what is seen and closes it again."""
    page = opened(f"{address}#outcome=waived,failed")
    page.get_by_role("button", name="Unfold all").click()
    expect(page.locator(".panel:visible")).to_have_count(2)
    page.get_by_role("button", name="Fold all").click()
    expect(page.locator(".panel:visible")).to_have_count(0)


def test_every_one_of_three_thousand_is_found(opened: Callable[..., Page], tmp_path: Path) -> None:
    """What has no picture is searched, counted and chosen by outcome as well; a few lines are made at a time."""
    page = opened(written(tmp_path, bundle(pages.verdicts(3000))))
    expect(page.locator("#shown")).to_have_text("3008 verdicts")
    lines = page.locator("#rest tbody tr:visible")
    expect(lines).to_have_count(100)
    page.get_by_role("button", name="Show more").click()
    expect(lines).to_have_count(200)
    last = page.evaluate("JSON.parse(document.getElementById('lines').textContent).at(-1)[2]")
    page.keyboard.press("/")
    page.keyboard.type(last)
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text(last)
    expect(page.locator("#shown")).to_have_text(re.compile(r"^\d+ of 3008 verdicts$"))
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("checkbox", name="failed").check()
    expect(page.locator("#rest")).to_be_hidden()


def test_light_and_dark_follow_the_system_until_chosen(opened: Callable[..., Page], address: str) -> None:
    """Three themes, one button; the choice is remembered."""
    page = opened(address, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    button = page.get_by_role("button", name="Theme: auto")
    button.click()
    light = page.evaluate(ground)
    assert light != dark
    page.reload()
    assert page.evaluate(ground) == light
    page.get_by_role("button", name="Theme: light").click()
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Theme: dark").click()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(ground) == light


def test_nothing_is_wider_than_the_screen(opened: Callable[..., Page], tmp_path: Path) -> None:
    """From a phone to a wide desktop there is no sideways scrolling, with everything unfolded."""
    page = opened(written(tmp_path, one_of_each()))
    page.get_by_role("button", name="Unfold all").click()
    for width in (320, 390, 768, 1024, 1360, 1920):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        beyond = page.locator("main *:visible:not(svg *)").evaluate_all(
            "(all, width) => all.filter((a) => a.getBoundingClientRect().right > width).map((a) => a.outerHTML)",
            width,
        )
        assert beyond == [], width


def test_without_scripts_everything_is_shown(opened: Callable[..., Page], address: str) -> None:
    """A viewer that runs no script shows all details and no control that would do nothing."""
    page = opened(address, java_script_enabled=False)
    expect(page.locator(".panel:visible")).to_have_count(138)
    expect(page.locator("#filter")).to_be_hidden()
    expect(page.locator("#theme")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "viewport"), [("light", DESK), ("dark", DESK), ("dark", PHONE)])
def test_axe_finds_nothing(browser: Browser, tmp_path: Path, scheme: Any, viewport: Any) -> None:  # noqa: ANN401  Playwright's
    """No rule of axe-core is broken with everything unfolded, every outcome among it."""
    context = browser.new_context(color_scheme=scheme, viewport=viewport, bypass_csp=True)  # axe comes as a script
    page = context.new_page()
    page.goto(written(tmp_path, one_of_each()))
    page.get_by_role("button", name="Unfold all").click()
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert len(found.response["passes"]) > 20
    context.close()
