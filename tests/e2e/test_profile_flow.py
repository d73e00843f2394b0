"""hivegate profile as a whole: both profilers, their files, and hostile names."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest
from tests.e2e.profile_project import make_project, subject_of

from hivegate.flows.profile.flow import ProfilerOptions, profile_suite
from hivegate.model.events import Advanced, Event
from hivegate.model.profile import Profile, Profiles
from hivegate.profile.plan import Choice
from hivegate.system.files import MEBIBYTE

FLAME_FILES = {"flame graph", "picture", "folded stacks", "speedscope"}


class Page(HTMLParser):
    """Gather the tags of a page, what they load, and the text of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loaded: list[str] = []
        self.policy = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and what it would load."""
        found = dict(attrs)
        self.tags.append(tag)
        if tag in {"script", "img", "link", "iframe", "object", "embed"}:
            self.loaded += [value for name in ("src", "href", "data") if (value := found.get(name))]
        if found.get("http-equiv") == "Content-Security-Policy":
            self.policy = found.get("content") or ""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the project once."""
    return make_project(tmp_path_factory.mktemp("project"))


def run(project: Path, *selectors: str, seconds: float = 0.8) -> tuple[Profiles, list[Event]]:
    """Profile what selectors name; returns the profiles and what was told meanwhile."""
    events: list[Event] = []
    profiles = profile_suite(
        subject_of(project),
        project / ".hivegate" / "profiles",
        events.append,
        choice=Choice(selectors=selectors, limit=20),
        options=ProfilerOptions(seconds=seconds),
    )
    return profiles, events


def of_kind(profiles: Profiles, kind: str) -> Profile:
    """Find the first profile of a profiler."""
    return next(one for one in profiles.profiles if one.kind.startswith(kind))


@pytest.fixture(scope="module")
def both(project: Path) -> tuple[Profiles, list[Event]]:
    """Profile the ordinary benchmark once."""
    return run(project, "all/both")


def test_both_profilers_name_the_hot_function(both: tuple[Profiles, list[Event]]) -> None:
    """A benchmark gets a flame graph and a line profile, complete and small; one step is told for both."""
    profiles, events = both
    folder = Path(profiles.folder)
    time, lines = of_kind(profiles, "py-spy"), of_kind(profiles, "scalene")
    assert time.top[0].function == "hot"
    # Where others have the processor, scalene puts time in which it saw nothing on the line that calls.
    [hottest, *_] = [one for one in lines.top if one.function != "bench_both"]
    assert hottest.function == "hot"
    assert hottest.source.startswith(("total += i", "for i in range"))
    assert set(time.files) == FLAME_FILES
    assert set(lines.files) == {"line profile", "scalene"}
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 6 * MEBIBYTE
    assert events[-1] == Advanced(what="all/both")
    assert msgspec.json.decode((folder / "profiles.json").read_bytes(), type=Profiles) == profiles


def test_pages_load_nothing_and_forbid_the_rest(project: Path, both: tuple[Profiles, list[Event]]) -> None:
    """No page refers to a network; their policies would stop it; no file names a folder of this machine."""
    profiles, _ = both
    folder = Path(profiles.folder)
    for path in [*folder.rglob("*.html")]:
        page = Page(path.read_text(encoding="utf-8"))
        assert page.policy.startswith("default-src 'none'")
        assert "http" not in page.policy
        assert "*" not in page.policy
        assert path.name != "scalene.html" or "this page asks nobody" in path.read_text(
            encoding="utf-8"
        )  # it would, and be refused aloud
        assert [one for one in page.loaded if urlsplit(one).scheme not in {"", "data"}] == []
    for path in [*folder.rglob("*.*")]:
        if path.is_file() and path.name != "profiles.json":
            assert str(project) not in path.read_text(encoding="utf-8"), path.name


def test_a_benchmark_that_fails_leaves_a_note(project: Path) -> None:
    """One note instead of two profiles, and the flow goes on and ends well."""
    profiles, _ = run(project, "all/fails")
    (only,) = profiles.profiles
    assert only.files == {}
    assert "ZeroDivisionError" in only.note
    assert "ZeroDivisionError" in (Path(profiles.folder) / "index.html").read_text(encoding="utf-8")


def test_hostile_names_stay_names(project: Path) -> None:
    """Slashes, tags and long names make neither folders nor elements."""
    profiles, _ = run(project, "all/hostile*</script>*")
    folder = Path(profiles.folder)
    made = {path for one in profiles.profiles for path in one.files.values()}
    assert len({path.split("/")[0] for path in made}) == len({one.benchmark for one in profiles.profiles}) == 1
    assert all(re.fullmatch(r"[a-z0-9-]{1,70}/[a-z.-]+", path) for path in made)
    script = next(one for one in profiles.profiles if "</script>" in one.benchmark)
    page = Page((folder / script.files["flame graph"]).read_text(encoding="utf-8"))
    index = Page((folder / "index.html").read_text(encoding="utf-8"))
    assert page.tags.count("script") == 2
    assert index.tags.count("script") == 0
    for path in folder.rglob("*.html"):
        assert "<script>alert(1)" not in path.read_text(encoding="utf-8")
