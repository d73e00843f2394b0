"""`hivegate init` on projects as others have them: what it writes holds at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from tests.act import find_tool
from tests.conftest import Answer, Project
from tests.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.timed

SUITE = """
    import time
    import pytest

    @pytest.mark.parametrize("count", [100, 1000, 10000])
    def test_total(benchmark, count):
        benchmark(sum, range(count))

    def test_wait(benchmark):
        benchmark.pedantic(time.sleep, (0.001,), rounds=20)
"""
BROKEN = """
    import pytest

    def test_broken(benchmark):
        assert benchmark(len, "abc") == 4

    def test_sound(benchmark):
        benchmark(len, "abc")

    @pytest.mark.skip(reason="not here")
    def test_skipped(benchmark):
        benchmark(len, "abc")
"""
FILES: dict[str, str | None] = {
    "pyproject.toml": "[project]\nname = 'toy'\nversion = '0'\n[dependency-groups]\ntest = ['pytest-benchmark']\n",
    "perf/test_totals.py": SUITE,
    "tests/test_plain.py": "raise SystemExit('must not be imported')\n",
    ".gitignore": "build/\n",
}


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Answer]:
    """Run init once on a project in a repository."""
    made = Repository.new(tmp_path_factory.mktemp("init") / "toy")
    made.commit(dict(FILES))
    (made.folder / "toy.egg-info").mkdir()  # as an editable install leaves it
    project = Project(made.folder)
    return project, project.hivegate("init")


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file that is not git's or hivegate's own."""
    files = (one for one in folder.rglob("*") if one.is_file())
    return {
        name: one.read_bytes()
        for one in files
        if not (name := one.relative_to(folder).as_posix()).startswith((".git/", ".hivegate/", ".benchmarks/"))
        and "cache" not in name
    }


def test_everything_a_gate_needs_is_written(adopted: tuple[Project, Answer]) -> None:
    """Each file is named, what was there stands at the beginning of what is there now, and the next commands follow."""
    project, answer = adopted
    assert answer.status == 0, answer.err
    for line in (
        "added to pyproject.toml",
        "wrote targets.yaml",
        "wrote noxfile.py",
        "wrote .github/workflows/hivegate.yml",
        "wrote .github/workflows/hivegate-comment.yml",
        "added to .gitignore",
    ):
        assert line in answer.out.splitlines()
    now = contents(project.folder)
    for name in ("pyproject.toml", ".gitignore", "perf/test_totals.py"):
        assert now[name].startswith(str(FILES[name]).splitlines()[0].encode())
    assert b'\n[tool.hivegate]\npaths = ["perf"]\n' in now["pyproject.toml"]
    assert now[".gitignore"] == b"build/\n.hivegate/\n.nox/\n*.egg-info/\n"
    assert answer.out.rstrip().endswith("hivegate compare")
    assert "hivegate: pass 3" in answer.err  # progress


def test_the_first_verdict_is_green(adopted: tuple[Project, Answer]) -> None:
    """Bench, right after init on the same machine, passes by every limit that init wrote.

    Of each kind there is one, or its name and how it varied: a busy machine cannot promise more.
    """
    project, _ = adopted
    text = (project.folder / "targets.yaml").read_text(encoding="utf-8")
    targets = yaml.safe_load(text)["targets"]
    unsteady = {line.split()[2].removesuffix(":") for line in text.splitlines() if line.startswith("  # - ")}
    assert {one["benchmark"] for one in targets} | unsteady >= {"totals/total[100]", "totals/wait", "totals/total[*]"}
    assert all("max" in one for one in targets if one["benchmark"] == "totals/wait")
    answer = project.hivegate("bench")
    assert answer.status == 0, answer.out
    outcomes = [one["outcome"] for one in project.result()["verdicts"] if one["outcome"] != "inconclusive"]
    assert set(outcomes) == {"passed"}


def test_the_schema_is_where_the_first_line_says(adopted: tuple[Project, Answer]) -> None:
    """An editor finds the schema without any network, and the file keeps to it."""
    project, _ = adopted
    path = project.folder / "targets.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    schema = json.loads((path.parent / first.partition("$schema=")[2]).read_text(encoding="utf-8"))
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(document, default=str)), schema)  # an editor takes a date for a text


def test_the_workflows_have_no_known_fault(adopted: tuple[Project, Answer]) -> None:
    """Zizmor, at its most pedantic, finds nothing in what was written."""
    project, _ = adopted
    done = subprocess.run(
        [find_tool("zizmor", "zizmor"), "--offline", "--persona=pedantic", project.folder / ".github"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nox_knows_the_sessions(adopted: tuple[Project, Answer]) -> None:
    """The noxfile loads, plain nox would run bench, and the other sessions wait to be asked for."""
    project, _ = adopted
    done = subprocess.run(
        [sys.executable, "-m", "nox", "--list"],
        cwd=project.folder,
        env={**os.environ, "NOX_SCRIPT_MODE": "none"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    listed = {line.split()[1]: line[0] for line in done.stdout.splitlines() if " -> " in line}
    waiting = dict.fromkeys(("compare", "profile", "aa-test", "report", "verdict"), "-")
    assert listed == {"bench": "*"} | waiting


def test_again_it_updates_what_it_wrote(adopted: tuple[Project, Answer]) -> None:
    """A second init measures again and shows what changes in targets.yaml; what is up to date stays."""
    project, _ = adopted
    before = contents(project.folder)
    answer = project.hivegate("init")
    assert answer.status == 0
    changed = {name for name, content in contents(project.folder).items() if content != before[name]}
    assert changed == {"targets.yaml"}
    assert "updated targets.yaml\n  --- before\n  +++ after\n" in answer.out
    assert "kept noxfile.py (it is up to date)" in answer.out


def test_what_a_person_changed_is_kept(adopted: tuple[Project, Answer]) -> None:
    """Init then measures nothing, changes no byte, names what it kept, and gives the lines for the noxfile."""
    project, _ = adopted
    for name in ("targets.yaml", "noxfile.py"):
        path = project.folder / name
        path.write_text(f"# mine\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    before = contents(project.folder)
    answer = project.hivegate("init")
    assert answer.status == 0
    assert contents(project.folder) == before
    assert [line for line in answer.out.splitlines() if line.startswith(("wrote", "added"))] == []
    assert "kept targets.yaml (it is not as init wrote it, so nothing was measured)" in answer.out
    assert '    hivegate.sessions.register(groups=["test"])' in answer.out


def test_what_cannot_be_measured_is_told(project: Project) -> None:
    """Dry, in one pass, outside a repository: it all is printed, nothing is written, and every doubt is a note."""
    project.write("benches/bench_a.py", BROKEN)
    before = contents(project.folder)
    answer = project.hivegate("init", "--dry-run", "--max-time", "0s")
    assert answer.status == 0, answer.err
    assert contents(project.folder) == before
    assert not (project.folder / ".hivegate").exists()
    assert "would write targets.yaml\n  | # yaml-language-server" in answer.out
    assert "  |   # - a/broken: failed: " in answer.out
    assert "note: 1 could not be measured. hivegate bench fails until they are" in answer.out
    assert "note: 1 skipped, without a limit: a/skipped" in answer.out
    assert "after 1 of 3 passes" in answer.out
    assert "note: no workflow, because this is not a git repository" in answer.out


def test_a_suite_of_which_nothing_is_measured_is_an_error(project: Project) -> None:
    """Targets of nothing would pass for ever: nothing is written, and the one command that helps is named."""
    project.write(
        "pyproject.toml", "[project]\nname = 'toy'\nversion = '0'\n[dependency-groups]\nbench = ['no-such>2']\n"
    )
    skips = "import pytest\n\ndef test_a(benchmark):\n    pytest.skip('no-such needs to be installed')\n"
    fails = "def test_b(benchmark):\n    import no_such\n"
    project.write("benches/bench_a.py", skips + fails)
    answer = project.hivegate("init")
    assert answer.status == 3
    assert "none of the 2 benchmarks could be measured: skipped: no-such needs to be installed" in answer.err
    assert f"{sys.executable} -m pip install 'no-such>2'\n" in answer.err
    assert not (project.folder / "targets.yaml").exists()


def test_without_a_suite_it_shows_what_one_is(project: Project) -> None:
    """No benchmark is an error with an example, and with the packages that have some."""
    project.write("packages/alpha/pyproject.toml", "")
    project.write("packages/alpha/benches/bench_a.py", BROKEN)
    answer = project.hivegate("init")
    assert answer.status == 2
    assert "no benchmarks found in this project" in answer.err
    assert "def test_total(benchmark):" in answer.err
    assert "hivegate -C packages/alpha init" in answer.err


def test_an_environment_without_pytest_is_told_what_it_lacks(project: Project) -> None:
    """Where the interpreter has no pytest-benchmark, the command that installs what this project needs is named."""
    project.write("benches/bench_a.py", SUITE)
    project.write("pyproject.toml", str(FILES["pyproject.toml"]))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", project.folder / "env"], check=True, timeout=60)
    python = project.folder / "env" / "bin" / "python"
    answer = project.hivegate("init", "--python", str(python))
    assert answer.status == 3
    assert "pytest and pytest-benchmark not installed" in answer.err
    assert f"{python} -m pip install -e . pytest-benchmark\n" in answer.err
    refused = project.hivegate("init", "--python", str(python), "--install")
    assert refused.status == 2
    assert "No module named pip" in refused.err
