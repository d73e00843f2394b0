"""The documentation site: it builds without a warning, works offline, and its snippets do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from tests.act import find_tool
from tests.api_reference import render_api
from tests.chromium import find_chromium
from tests.documents import FILES, ROOT, Block, blocks

from hivegate.ingest import read

sync_api = pytest.importorskip("playwright.sync_api")

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page, ViewportSize

DOCS = ROOT / "docs"
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
BENCHMARKS = [one for one in blocks("python") if "def test_" in one.text]
AWAITED = "await benchmark("  # which pytest-benchmark alone cannot measure
SCRIPTS = [one for one in blocks("python") if "def test_" not in one.text and "hivegate.sessions" not in one.text]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `nox -s docs` does."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", "html", str(DOCS), str(out)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """Open the machine's own browser once."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        opened = browser.new_page(viewport=DESKTOP)
        opened.set_default_timeout(60_000)
        yield opened
        browser.close()


def test_every_document_is_a_page(site: Path) -> None:
    """Each Markdown file under docs is a page; the start page is docs/README.md."""
    for file in FILES:
        if DOCS in file.parents and file != DOCS / "README.md":
            assert (site / file.relative_to(DOCS)).with_suffix(".html").exists(), file
    start = (site / "index.html").read_text(encoding="utf-8")
    assert "A performance regression gate for Python projects" in start
    assert 'href="tutorial/first-gate.html"' in start


@pytest.mark.parametrize(
    "name", ["index.html", "tutorial/first-gate.html", "performance/CLAIMS.html", "search.html?q=waiver"]
)
def test_no_page_asks_another_place(site: Path, page: Page, name: str) -> None:
    """A page from the disk loads files of the site alone; no script fails; on a phone nothing runs out of the side."""
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.set_viewport_size(PHONE)
    page.goto(f"file://{site}/{name}")
    assert asked
    assert all(url.startswith((f"file://{site}/", "data:")) for url in asked), asked
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wrong == []


def test_the_search_works_offline(site: Path, page: Page) -> None:
    """A word of the glossary is found without a server."""
    page.set_viewport_size(DESKTOP)
    page.goto(f"file://{site}/search.html?q=waiver")
    page.wait_for_selector("#search-results li a")
    assert any(
        "acknowledge" in (one.get_attribute("href") or "") for one in page.query_selector_all("#search-results a")
    )


_ASKED = {
    **dict.fromkeys(("gate benchmark 5 %", "threshold", "silence", "disable benchmark", "flaky", "ignore"), "cookbook"),
    **dict.fromkeys(("why inconclusive", "accepted slowdown", "update targets", "gitlab", "tox", "poetry"), "cookbook"),
    **dict.fromkeys(("hatch", "uv environment", "numpy", "async", "database", "how long ci"), "cookbook"),
    **dict.fromkeys(("local", "fast local", "edit", "watch", "at each save"), "edit-and-measure"),
    "monorepo": "monorepo",
    "packages in one repository": "sessions",
    "exclude": "cookbook",
    "waiver": "acknowledge",
    "flame graph": "flame",
    "noisy": "noisy",
}


def test_the_search_answers_what_users_ask(site: Path, page: Page) -> None:
    """In their words: the page that answers is among the first three."""
    page.set_viewport_size(DESKTOP)
    lost = {}
    for words, wanted in _ASKED.items():
        page.goto(f"file://{site}/search.html?{urlencode({'q': words})}")
        page.wait_for_function(
            "document.querySelector('#search-results .search-summary')?.textContent.includes('found')"
        )
        hits = [
            one.get_attribute("href") or "" for one in page.query_selector_all("#search-results ul.search > li > a")
        ]
        pages = list(dict.fromkeys(hit.partition("#")[0].partition("?")[0] for hit in hits))
        if not any(wanted in hit for hit in pages[:3]):
            lost[words] = pages[:4]
    assert lost == {}


def test_light_and_dark_differ(site: Path, page: Page) -> None:
    """The page follows the system's choice of light or dark."""
    colours = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"file://{site}/index.html")
        colours.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(colours) == 2


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_anchors_are_headings(file: Path) -> None:
    """What stands behind # in a link is a heading of the page that it leads to, named as GitHub names it."""
    for target, anchor in re.findall(r"\]\(([^)\s#]*)#([^)\s]+)\)", file.read_text(encoding="utf-8")):
        if "://" not in target:
            assert anchor in headings((file.parent / target) if target else file), (target, anchor)


def headings(file: Path) -> set[str]:
    """Name the headings of a page as GitHub does: lower case, no punctuation, hyphens for spaces."""
    text = re.sub(r"^```.*?^```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


def test_the_api_is_described_as_it_is() -> None:
    """The reference of the API is what the signatures, fields and docstrings of the public names say."""
    assert render_api() in (DOCS / "reference" / "api.md").read_text(encoding="utf-8")


def test_benchmarks_that_are_shown_pass(tmp_path: Path) -> None:
    """Every Python block with a test is a benchmark that passes."""
    for number, block in enumerate(one for one in BENCHMARKS if AWAITED not in one.text):
        (tmp_path / f"test_shown_{number}.py").write_text(block.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--benchmark-disable", "-q", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_benchmarks_that_are_shown_and_awaited_are_measured(tmp_path: Path) -> None:
    """By hivegate, with what runs async tests."""
    (shown,) = (one.text for one in BENCHMARKS if AWAITED in one.text)
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\nasyncio_mode = 'auto'\n", encoding="utf-8")
    (tmp_path / "benches").mkdir()
    (tmp_path / "benches" / "bench_shown.py").write_text(shown, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "hivegate", "run", "--passes", "3"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:codspeed"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    run = read(tmp_path / "run.json")
    assert [(one.id, one.samples[0].outcome.value) for one in run.benchmarks] == [
        ("shown/answer", "measured"),
        ("shown/answer_in_a_loop", "measured"),
    ]


@pytest.mark.parametrize("block", SCRIPTS, ids=str)
def test_scripts_that_are_shown_run(block: Block, tmp_path: Path) -> None:
    """A Python block without a test is a whole script, whose assertions hold."""
    script = tmp_path / "shown.py"
    script.write_text(block.text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_noxfile_of_a_monorepo_has_its_sessions(tmp_path: Path) -> None:
    """The sessions that the page names are those that Nox lists."""
    text = next(one.text for one in blocks("python") if one.file.name == "monorepo.md")
    (tmp_path / "noxfile.py").write_text(text, encoding="utf-8")
    for name in ("parser", "server"):
        (tmp_path / "packages" / name).mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "nox", "--list"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"bench-parser", "compare-parser", "bench-server", "compare-server"} <= set(
        re.findall(r"[\w-]+", done.stdout)
    )


def test_the_workflows_that_guides_show_have_no_known_fault(tmp_path: Path) -> None:
    """Zizmor finds nothing in the workflows of the how-to pages."""
    shown = [one for one in blocks("yaml") if one.file.parent.name == "how-to" and "\njobs:" in one.text]
    assert shown
    files = [tmp_path / f"{one.file.stem}.yml" for one in shown]
    for file, block in zip(files, shown, strict=True):
        file.write_text(block.text.replace("@COMMIT", f"@{'4' * 40} # v1.0.0"), encoding="utf-8")
    done = subprocess.run(
        [find_tool("zizmor", "zizmor"), "--offline", "--no-progress", *map(str, files)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
