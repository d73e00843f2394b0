"""The dashboard of many benchmarks: what the page loads and makes does not grow with what it could show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect, sync_playwright
from tests.chromium import find_chromium
from tests.conftest import Project
from tests.proofs.history import records
from tests.records import NOW

from hivegate.history.runs import add
from hivegate.history.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

expect.set_options(timeout=60_000)  # a contended machine draws late

MANY = 1000


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int, int], Path]:
    """Build the dashboard of so many benchmarks in so many runs; the same one is built once."""
    built: dict[tuple[int, int], Path] = {}

    def make(benchmarks: int, runs: int) -> Path:
        if (benchmarks, runs) not in built:
            project = Project(tmp_path_factory.mktemp("sized"))
            project.write("pyproject.toml", "[tool.hivegate]\nhistory = 'history.db'\n")
            add(open_store("history.db", folder=project.folder, create=True), list(records(runs, benchmarks)), now=NOW)
            assert project.hivegate("history", "dashboard", "--out", "site").status == 0
            built[benchmarks, runs] = project.folder / "site" / "index.html"
        return built[benchmarks, runs]

    return make


@pytest.fixture
def page() -> Iterator[Page]:
    """Open a browser with one page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_the_page_holds_no_points(build: Callable[[int, int], Path]) -> None:
    """Six times the runs make the page larger by their own lines, not by one number more for each benchmark."""
    few, more = (build(60, runs).stat().st_size for runs in (50, 300))
    assert (more - few) / 250 < 300  # bytes a run: its line alone; a number of each benchmark would be more


def test_many_benchmarks_are_shown_as_one_comes_to_them(build: Callable[[int, int], Path], page: Page) -> None:
    """A thousand benchmarks are rows as far as one scrolled; a search finds among all; points are loaded when asked."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(build(MANY, 30).as_uri())
    rows = page.locator("tbody tr")
    expect(rows.first).to_be_visible()
    shown = rows.count()
    assert shown < MANY / 4
    assert len(asked) == 1
    page.get_by_role("button", name="Show more of").scroll_into_view_if_needed()
    expect(rows.nth(shown)).to_be_attached()
    page.get_by_role("searchbox").fill("benchmark_249")
    expect(rows).to_have_count(4)
    rows.first.get_by_role("link").click()
    expect(page.locator(".chart")).to_be_visible()
    assert len(asked) == 2


def test_letters_that_come_at_once_are_searched_for_once(build: Callable[[int, int], Path], page: Page) -> None:
    """However fast somebody types, the table is made anew once a picture, and ends with what was typed last."""
    page.goto(build(MANY, 30).as_uri())
    expect(page.locator("tbody tr").first).to_be_visible()
    made = page.evaluate(
        """async () => {
          let made = 0;
          const emptied = (found) => { made += found.filter((one) => one.removedNodes.length).length; };
          new MutationObserver(emptied).observe(document.querySelector("tbody"), { childList: true });
          const input = document.getElementById("search");
          for (const letter of "benchmark_249") {
            input.value += letter;
            input.dispatchEvent(new Event("input"));
          }
          await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
          return made;
        }"""
    )
    assert made == 1
    expect(page.locator("tbody tr")).to_have_count(4)
