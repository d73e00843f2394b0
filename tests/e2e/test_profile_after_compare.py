"""From the red line to the guilty line: two commits compared, and profiled at once."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.conftest import Answer, Project
from tests.proofs.projects import Guilty, make_slower
from tests.repository import Repository

from hivegate.system.files import MEBIBYTE

pytestmark = pytest.mark.timed


class Explained(NamedTuple):
    """A project whose head does half as much again in one of its thirty functions, compared and explained."""

    project: Project
    guilty: Guilty
    answer: Answer

    @property
    def profiles(self) -> dict[str, Any]:
        """What the profile step left."""
        text = (self.project.folder / ".hivegate" / "profiles" / "profiles.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """Compare with ``--on-fail profile`` once; 30 seconds that no other test spends again."""
    folder = tmp_path_factory.mktemp("known") / "project"
    guilty = make_slower(folder, 7, share=0.5)
    project = Project(folder)
    return Explained(project, guilty, project.hivegate("compare", "HEAD^1", "--on-fail", "profile"))


def test_the_guilty_function_is_first_with_its_line_and_its_change(explained: Explained) -> None:
    """Of thirty functions the one that does more heads the list, by one of its new lines, with its hunk."""
    time = next(one for one in explained.profiles["profiles"] if one["kind"].startswith("py-spy"))
    first = time["increases"][0]
    assert (first["function"], first["file"]) == (explained.guilty.function, explained.guilty.file)
    assert first["line"] in explained.guilty.lines
    assert "+        extra += i * i % 7" in first["hunks"][0]
    assert first["head"] - first["base"] > 3 * first["error"] > 0
    assert first["source"] in {"for i in range", "extra += i * i % 7"} or first["source"].startswith("for i in range")


def test_the_verdict_stays_and_has_its_causes(explained: Explained) -> None:
    """In the terminal under the red line, in the result and in the profiles; the exit status is the comparison's."""
    assert explained.answer.status == 1
    (verdict,) = explained.project.result("compare")["verdicts"]
    assert verdict["outcome"] == "slower"
    assert explained.guilty.function in verdict["causes"][0]
    assert explained.profiles["explained"][0]["causes"] == verdict["causes"]
    shown = " ".join(explained.answer.out.split())
    assert shown.index("SLOWER known/run") < shown.index(" ".join(verdict["causes"][0].split()[:6]))
    assert ".hivegate/profiles/index.html" in explained.answer.err
    assert explained.answer.err.count("hivegate: collecting") == 1


def test_both_revisions_left_small_files_and_nothing_else(explained: Explained) -> None:
    """Difference, flame graphs and data of both are there, below six MiB; the base's tree is gone."""
    folder = explained.project.folder / ".hivegate" / "profiles"
    files = [path for one in explained.profiles["profiles"] for path in one["files"].values()]
    assert all((folder / path).is_file() for path in files)
    names = {Path(path).name for path in files}
    assert {"difference.html", "flame.html", "speedscope.json", "base-speedscope.json", "base-scalene.json"} <= names
    assert sum((folder / path).stat().st_size for path in files) < 6 * MEBIBYTE
    assert Repository(explained.project.folder).worktrees() == [str(explained.project.folder)]
    for path in (one for one in files if one.endswith((".html", ".json", ".txt", ".svg"))):
        assert str(explained.project.folder) not in (folder / path).read_text(encoding="utf-8"), path


def test_the_step_alone_explains_the_same_result(explained: Explained) -> None:
    """`hivegate profile` takes the newest result and both revisions, and says the same of them."""
    answer = explained.project.hivegate("profile", "--tool", "py-spy", "--seconds", "1.5")
    assert answer.status == 0
    assert answer.out.startswith("head against the commit before")
    lines = answer.out.splitlines()
    slower = next(index for index, line in enumerate(lines) if line.startswith("SLOWER  known/run"))
    assert f" in {explained.guilty.function} {explained.guilty.file}:" in lines[slower + 1]
    assert "+        extra += i * i % 7" in answer.out


def test_where_nothing_failed_nothing_is_profiled(explained: Explained, tmp_path: Path) -> None:
    """It says so and ends well, and what was inconclusive waits for its own option."""
    project = Project(tmp_path / "copy")
    Repository(explained.project.folder).clone(project.folder)
    result = explained.project.result("compare")
    result |= {"outcome": "passed", "exit_status": 0}
    result["verdicts"][0] |= {"outcome": "passed", "severity": 0}
    project.write(".hivegate/latest/compare.json", json.dumps(result))
    answer = project.hivegate("profile")
    assert (answer.status, answer.out) == (
        0,
        "no benchmark failed, so there is nothing to profile. Pass an id to profile it anyway\n",
    )


def test_a_base_that_is_gone_leaves_a_note_and_heads_profile(explained: Explained, tmp_path: Path) -> None:
    """As after a shallow clone: only head is profiled, and it is said why."""
    project = Project(tmp_path / "copy")
    Repository(explained.project.folder).clone(project.folder)
    result = explained.project.result("compare")
    project.write(".hivegate/latest/compare.json", json.dumps(result | {"base_sha": "0" * 40}))
    answer = project.hivegate("profile", "--tool", "py-spy", "--seconds", "0.5")
    assert answer.status == 0
    assert "note: only head is profiled, because base cannot be checked out" in answer.out
    assert "flame graph: .hivegate/profiles/known-run-" in answer.out


def test_counted_instructions_are_not_profiled_as_seconds(explained: Explained, tmp_path: Path) -> None:
    """A call of 420,000 instructions takes no 420,000 s: its time is what the profiler itself saw, if anything."""
    project = Project(tmp_path / "copy")
    Repository(explained.project.folder).clone(project.folder)
    result = explained.project.result("compare")
    verdict = result["verdicts"][0]
    counted = {"ratio": 2.0, "low": 2.0, "high": 2.0, "n": 2, "instrument": "instructions"}
    verdict |= {"metric": "instructions", "change": counted | {"base_value": 210_000.0, "head_value": 420_000.0}}
    project.write(".hivegate/latest/compare.json", json.dumps(result))
    answer = project.hivegate("profile", "--tool", "py-spy", "--seconds", "1")
    assert answer.status == 0
    assert "SLOWER  known/run  instructions 2.0x as much (210 k -> 420 k a call)" in answer.out
    made = json.loads((project.folder / ".hivegate" / "profiles" / "profiles.json").read_text(encoding="utf-8"))
    seconds = [increase["head"] for profile in made["profiles"] for increase in profile["increases"]]
    seconds += [cause["seconds_per_call"] for profile in made["profiles"] for cause in profile["top"]]
    known = [each for each in seconds if each is not None]
    assert known
    assert max(known) < 60
