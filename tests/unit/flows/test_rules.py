"""The rules of a base's commit, read from real repositories without checking it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.repository import Repository

from hivegate.errors import UsageError
from hivegate.flows.compare.flow import _altered_beside
from hivegate.flows.project import find_project
from hivegate.flows.rules import Rules, rules_of_revision
from hivegate.measure.revisions import find_base, refuse_equal
from hivegate.model.alteration import AlterationKind, LoosenedRules
from hivegate.model.protocol import LoadedProject
from hivegate.system import git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TARGETS = "schema: 1\nbudgets: [{benchmark: '*', budget: 3 %}]\n"
LOOSE = TARGETS.replace("3 %", "900 %")
BASE = {
    "pyproject.toml": "[project]\nname = 'p'\nversion = '0'\n[tool.hivegate]\npaths = ['benches']\n",
    "targets.yaml": TARGETS,
    "benches/bench_a.py": "def bench_a(benchmark): benchmark(int)\n",
    "src/p.py": "",
}


def altered(
    folder: Path, head: Mapping[str, str | None], base: Mapping[str, str | None] = BASE, inside: str = "."
) -> Rules:
    """Commit a base, write what head changes without committing it, and read the rules."""
    repository = Repository.new(folder)
    repository.commit({**base})
    repository.write({**head})
    project = find_project(folder / inside)
    return rules_of_revision(project, project.load_targets(), None, "HEAD")


def kinds(rules: Rules) -> dict[str, AlterationKind]:
    """Name what was altered."""
    return {one.name: one.kind for one in rules.alterations}


def test_base_s_file_judges_and_head_s_is_known(tmp_path: Path) -> None:
    """Both are read, each from its own tree, and base's entries say of which commit they are."""
    rules = altered(tmp_path, {"targets.yaml": LOOSE})
    assert rules.base is not None
    [budget] = rules.base.budgets
    assert budget.slowdown == pytest.approx(0.03)
    assert budget.where.startswith((git.resolve(tmp_path, "HEAD") or "?")[:7])
    assert rules.head.budgets[0].slowdown == pytest.approx(9)
    assert [(one.before, one.after, one.loosens) for one in rules.alterations] == [("mean 3 %", "mean 900 %", True)]


def test_a_change_cannot_leave_its_own_benchmark_out(tmp_path: Path) -> None:
    """What base does not exclude is measured, whatever head excludes, and that head does is listed."""
    excluding = BASE["pyproject.toml"] + "exclude = ['kept/*', '{}']\n"
    rules = altered(
        tmp_path,
        {"pyproject.toml": excluding.format("marker:mine")},
        {**BASE, "pyproject.toml": excluding.format("group:base")},
    )
    subject = find_project(tmp_path).subject((), None, rules.paths, rules.exclude)
    assert subject.exclude == ("kept/*",)
    assert kinds(rules) == {"[tool.hivegate] exclude": AlterationKind.SETTING}


def test_where_base_has_no_rules_head_excludes_by_itself(tmp_path: Path) -> None:
    """The change that brings hivegate along also says what is no benchmark."""
    bare = {**BASE, "targets.yaml": None, "pyproject.toml": "[project]\nname = 'p'\nversion = '0'\n"}
    head = {"targets.yaml": TARGETS, "pyproject.toml": BASE["pyproject.toml"] + "exclude = ['a']\n"}
    rules = altered(tmp_path, head, {name: text for name, text in bare.items() if text is not None})
    assert find_project(tmp_path).subject((), None, rules.paths, rules.exclude).exclude == ("a",)


def test_nothing_altered_is_nothing_said(tmp_path: Path) -> None:
    """A change of the code alone has no section."""
    assert altered(tmp_path, {"src/p.py": "x = 1\n", "README.md": "hello"}).alterations == ()


def test_the_targets_of_base_are_those_that_base_names(tmp_path: Path) -> None:
    """Head may name another file, or none: base's settings say which one is base's."""
    rules = altered(
        tmp_path,
        {
            "pyproject.toml": BASE["pyproject.toml"] + "targets = 'mine.yaml'\n",
            "mine.yaml": LOOSE,
            "targets.yaml": None,
        },
    )
    assert rules.base is not None
    assert rules.base.budgets[0].slowdown == pytest.approx(0.03)
    assert kinds(rules)["[tool.hivegate] targets"] is AlterationKind.SETTING


def test_a_link_to_the_targets_is_followed_in_base(tmp_path: Path) -> None:
    """As the file system follows it in head: base's rules are not lost by it."""
    repository = Repository.new(tmp_path)
    repository.write({"common/limits.yaml": TARGETS, "pyproject.toml": BASE["pyproject.toml"]})
    (tmp_path / "targets.yaml").symlink_to("common/limits.yaml")
    repository.commit()
    project = find_project(tmp_path)
    rules = rules_of_revision(project, project.load_targets(), None, "HEAD")
    assert rules.base is not None
    assert rules.base.budgets == tuple(rules.base.budgets)
    assert rules.alterations == ()


@pytest.mark.parametrize("base", [{}, {"targets.yaml": "schema: 1\nunknown: 2\n"}, {"targets.yaml": "\x00"}])
def test_where_base_has_no_rules_head_s_judge_and_it_is_said(tmp_path: Path, base: dict[str, str]) -> None:
    """A first targets.yaml, and one that repairs a broken one, can be merged."""
    rules = altered(tmp_path, {"targets.yaml": LOOSE}, {"README.md": "x"} | base)
    assert rules.base is None
    assert kinds(rules)["targets.yaml"] is AlterationKind.NO_BASE_RULES


def test_the_policy_is_base_s(tmp_path: Path) -> None:
    """Head cannot accept its own waivers by changing the policy, nor by adding a first pyproject.toml."""
    own = {"pyproject.toml": "[tool.hivegate]\nloosened-rules = 'accept'\n"}
    assert altered(tmp_path / "a", own).loosened is LoosenedRules.REVIEW
    assert altered(tmp_path / "b", own, {"targets.yaml": TARGETS}).loosened is LoosenedRules.REVIEW
    refusing = BASE | {"pyproject.toml": "[tool.hivegate]\nloosened-rules = 'refuse'\n"}
    assert altered(tmp_path / "c", own, refusing).loosened is LoosenedRules.REFUSE


def test_base_s_settings_judge(tmp_path: Path) -> None:
    """A change neither brings its own history for drift, nor asks for too few passes, nor runs base its way."""
    text = "[tool.hivegate]\nhistory = '{}.db'\npasses = {}\nmax-passes = {}\nbuild = ['{}']\npytest-args = ['{}']\n"
    head, base = text.format("mine", 3, 40, "mine", "mine"), text.format("base", 7, 20, "base", "base")
    rules = altered(tmp_path, {"pyproject.toml": head}, BASE | {"pyproject.toml": base})
    settings = rules.judging(find_project(tmp_path)).settings
    assert (settings.history, settings.passes, settings.max_passes) == ("base.db", 7, 40)
    assert rules.settings is not None
    assert (rules.settings.build, rules.settings.pytest_args) == (("base",), ("base",))
    assert rules.settings.build != settings.build
    assert Rules(head=rules.head).judging(find_project(tmp_path)) == find_project(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conftest.py", AlterationKind.CONFTEST),
        ("benches/deep/conftest.py", AlterationKind.CONFTEST),
        ("pytest.ini", AlterationKind.PYTEST),
        ("tox.ini", AlterationKind.PYTEST),
        ("sitecustomize.py", AlterationKind.STARTUP),
        ("src/hook.pth", AlterationKind.STARTUP),
        ("setup.py", AlterationKind.STARTUP),
        ("noxfile.py", AlterationKind.NOXFILE),
        (".github/workflows/gate.yml", AlterationKind.WORKFLOW),
        (".github/actions/x/action.yml", AlterationKind.WORKFLOW),
        ("benches/pyproject.toml", AlterationKind.PYTEST),
        ("sub/.hivegate/history.db", AlterationKind.SETTING),
        ("benches/bench_b.py", AlterationKind.BENCHMARK),
        ("benches/data/ünïcode\nname.json", AlterationKind.BENCHMARK),
    ],
)
def test_files_that_measure_are_named(tmp_path: Path, name: str, kind: AlterationKind) -> None:
    """New ones, wherever they are; changed and deleted ones too."""
    assert kinds(altered(tmp_path / "new", {name: "x"})) == {name: kind}
    base = BASE | {name: "y"}
    assert kinds(altered(tmp_path / "changed", {name: "x"}, base)) == {name: kind}
    assert kinds(altered(tmp_path / "gone", {name: None}, base)) == {name: kind}


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("[tool.pytest.ini_options]\naddopts = '-k nothing'\n", "[tool.pytest]", AlterationKind.PYTEST),
        ("[project.entry-points.pytest11]\nx = 'x'\n", "[project.entry-points]", AlterationKind.STARTUP),
        ("[build-system]\nrequires = ['evil']\n", "[build-system]", AlterationKind.STARTUP),
    ],
)
def test_tables_of_pyproject_that_measure_are_named(tmp_path: Path, text: str, name: str, kind: AlterationKind) -> None:
    """And the others, a version say, are not."""
    assert kinds(altered(tmp_path / "a", {"pyproject.toml": BASE["pyproject.toml"] + text})) == {
        f"pyproject.toml {name}": kind
    }
    newer = BASE["pyproject.toml"].replace("version = '0'", "version = '1'")
    assert altered(tmp_path / "b", {"pyproject.toml": newer}).alterations == ()


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("if '_hivegate_worker' in sys.modules: pass", True),
        ('if "pytest" in sys.modules: pass', True),
        ("fast = sys.modules.get('pytest')", True),
        ("if 'PYTEST_CURRENT_TEST' in os.environ: pass", True),
        ("if '/.hivegate/trees/' in __file__: pass", True),
        ("import pytest", False),
        ("import hivegate", False),
    ],
)
def test_code_that_asks_whether_it_is_measured_is_named(tmp_path: Path, line: str, *, asks: bool) -> None:
    """Where a change brings it; what base asks already, or no longer, is nothing new."""
    named = {"src/a.py": AlterationKind.ASKING} if asks else {}
    assert kinds(altered(tmp_path / "new", {"src/a.py": line})) == named
    assert kinds(altered(tmp_path / "more", {"src/a.py": f"{line}\n{line}"}, BASE | {"src/a.py": line})) == named
    assert kinds(altered(tmp_path / "moved", {"src/a.py": f"x = 1\n{line}"}, BASE | {"src/a.py": line})) == {}
    assert kinds(altered(tmp_path / "gone", {"src/a.py": None}, BASE | {"src/a.py": line})) == {}


def test_a_suite_that_moved_is_looked_for_where_base_has_it(tmp_path: Path) -> None:
    """Head's paths and base's are collected, and ids begin at either."""
    moved = BASE["pyproject.toml"].replace("benches", "perf")
    rules = altered(tmp_path, {"pyproject.toml": moved, "perf/bench_b.py": "x"})
    assert rules.paths == ("benches",)
    subject = find_project(tmp_path).subject(base_paths=rules.paths)
    assert subject.paths == ("perf", "benches")
    assert set(subject.roots) >= {"perf", "benches"}


def test_a_project_in_a_folder_has_its_own_rules(tmp_path: Path) -> None:
    """And what lies above it, its conftest and the workflows, is named as well; what pytest does not load is not."""
    base = {f"packages/a/{name}": text for name, text in BASE.items()}
    head = {"packages/a/targets.yaml": LOOSE, "conftest.py": "x"}
    others = ("packages/b/benches/bench_x.py", "packages/b/conftest.py", "packages/a/tests/conftest.py")
    head |= dict.fromkeys(others, "x")
    rules = altered(tmp_path, head, base, "packages/a")
    assert rules.base is not None
    assert kinds(rules) == {"*": AlterationKind.BUDGET, "conftest.py": AlterationKind.CONFTEST}


def test_no_program_of_the_user_s_runs_because_git_is_asked(tmp_path: Path) -> None:
    """No hook, and no monitor of the file system."""
    repository = Repository.new(tmp_path)
    repository.commit({**BASE})
    ran = tmp_path / ".git" / "ran"
    for name in ("post-index-change", "post-checkout", "reference-transaction", "monitor"):
        hook = tmp_path / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> '{ran}'\n", encoding="utf-8")
        hook.chmod(0o755)
    repository.git("config", "core.fsmonitor", str(tmp_path / ".git" / "hooks" / "monitor"))
    ran.unlink(missing_ok=True)
    repository.write({"src/p.py": "x = 2\n"})
    git.describe(tmp_path)
    git.snapshot(tmp_path)
    git.changed_files(tmp_path, "HEAD")
    git.add_worktree(tmp_path, tmp_path.parent / "tree", "HEAD")
    assert not ran.exists()


def test_a_base_that_is_head_is_refused(tmp_path: Path) -> None:
    """On a clean tree; with a changed or a new file there is something to compare."""
    repository = Repository.new(tmp_path)
    repository.commit({".gitignore": ".hivegate\n"})
    repository.commit({**BASE})
    for name in ("HEAD", "main"):
        with pytest.raises(UsageError, match="same commit"):
            refuse_equal(tmp_path, find_base(tmp_path, name))
    refuse_equal(tmp_path, find_base(tmp_path, "HEAD^1"))
    repository.write({".hivegate/latest/x.json": "ignored"})
    with pytest.raises(UsageError, match="same commit"):
        refuse_equal(tmp_path, find_base(tmp_path, "HEAD"))
    repository.write({"src/q.py": ""})
    refuse_equal(tmp_path, find_base(tmp_path, "HEAD"))


def test_what_benchmarks_load_from_beside_the_code_is_named(tmp_path: Path) -> None:
    """Where it differs and is listed nowhere else: it may say how much there is to do."""
    sizes = {"packages/a/tests/sizes.py": "N = 1\n", "packages/a/tests/more.py": "N = 1\n"}
    base = {f"packages/a/{name}": text for name, text in BASE.items()} | sizes
    head = {"packages/a/tests/sizes.py": "", "packages/a/benches/bench_a.py": "", "packages/a/tests/unloaded.py": ""}
    rules = altered(tmp_path, head, base, "packages/a")
    subject = find_project(tmp_path / "packages" / "a").subject((), None, rules.paths, rules.exclude)
    suite = ("benches/bench_a.py", "tests/sizes.py", "tests/more.py")
    loaded = {side: LoadedProject(suite=suite) for side in ("base", "head")}
    changed = git.changed_files(tmp_path, git.resolve(tmp_path, "HEAD") or "")
    (note,) = _altered_beside(subject, changed, rules, loaded)
    assert note.startswith("packages/a/tests/sizes.py differs and is loaded with the benchmarks")
