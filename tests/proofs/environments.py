"""Prove what comparisons of two environments find: ``nox -s proofs -- environments [STUDY]...``; it continues.

Everything is taken through the command, with no option but a budget and an end. What was measured is added to
docs/performance/environments.jsonl, and ENVIRONMENTS.md is written from that.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from tests.environments import Environment
from tests.proofs.environments_page import Trial, render
from tests.proofs.independent import compared, seconds_a_call
from tests.repository import Repository
from tests.wheels import Index

from hivegate.flows.compare.checkout import two_trees
from hivegate.flows.plan import RevisionsPlan
from hivegate.flows.project import find_project
from hivegate.measure.pairs.collect import PairCollector
from hivegate.measure.revisions import find_base
from hivegate.model.events import ignore_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hivegate.measure.subject import Subject

EVIDENCE = Path(__file__).parents[2] / "docs" / "performance" / "environments.jsonl"
_TRIALS = 40
_BUDGET = "2%"
_SLOWER = 1.05
_PATIENCE = 1800.0
_OPTIONS = ("--budget", _BUDGET, "--max-time", "4m")
_SUITE = "import own\n\ndef bench_work(benchmark):\n    benchmark(own.work)\n"
_PROJECT = '[project]\nname = "own"\nversion = "0"\nrequires-python = ">=3.11"\n'
# What a dependency does, in ways that processors see differently; `turns` is how often.
_BODIES = (
    "    total = 0\n    for one in range({turns}):\n        total += one * one % 7\n    return total\n",
    "    seen = {{}}\n    for one in range({turns}):\n        seen[one % 97] = one\n    return len(seen)\n",
    "    words = []\n    for one in range({turns}):\n        words.append('word %d' % one)\n    return len(words)\n",
    "    rows = []\n    for one in range({turns}):\n        rows.append((one, [one]))\n    return len(rows)\n",
)


def hivegate(folder: Path, arguments: tuple[str, ...], variables: dict[str, str]) -> tuple[int, dict[str, Any], str]:
    """Run the command in a folder; returns its exit status, its result and its last words."""
    result = folder / ".hivegate" / "latest" / "compare.json"
    result.unlink(missing_ok=True)
    ended = subprocess.run(
        [sys.executable, "-m", "hivegate", *arguments],
        cwd=folder,
        env={**os.environ, **variables, "CI": "true"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    found = json.loads(result.read_bytes()) if result.exists() else {"verdicts": [], "notes": []}
    return ended.returncode, found, ended.stderr[-400:]


def trials_of(
    study: str,
    name: str,
    expected: str,
    answer: tuple[int, dict[str, Any], str],
    seconds: float,
    load: float,
    own: dict[str, tuple[float, float]] | None = None,
) -> Iterator[Trial]:
    """Write down what a comparison said of each benchmark."""
    status, result, last = answer
    told = next((note.partition(": ")[2] for note in result["notes"] if note.startswith("from base's")), "")
    for verdict in result["verdicts"]:
        change = verdict.get("change") or {}
        yield Trial(
            study=study,
            name=name,
            benchmark=verdict["benchmark"],
            expected=expected,
            outcome=verdict["outcome"],
            ratio=change.get("ratio"),
            low=change.get("low"),
            high=change.get("high"),
            own=(own or {}).get(verdict["benchmark"]),
            pairs=change.get("n"),
            seconds=round(seconds, 1),
            load=round(load, 1),
            told=told if verdict["outcome"] != "inconclusive" else verdict.get("reason", told),
        )
    if not result["verdicts"]:
        yield Trial(
            study=study,
            name=name,
            expected=expected,
            outcome=f"exit {status}",
            seconds=round(seconds, 1),
            load=round(load, 1),
            told=last,
        )


def lock_commits(done: set[str]) -> Iterator[Trial]:
    """Commit forty bumps of a dependency that is 5 % slower, and forty of one that is equal: a lock alone changes."""
    with tempfile.TemporaryDirectory(prefix="hivegate-lock-") as name:
        folder = Path(name)
        index = Index(folder / "wheels")
        developed = Environment(folder / "developed")
        for number in range(2 * _TRIALS):
            expected = "slower" if number % 2 else "passed"
            kind = "uv.lock" if number % 4 < 2 else "requirements.txt"
            trial = f"{number + 1}, {kind}"
            if trial in done:
                continue
            chance = random.Random(number)  # noqa: S311  a simulation
            body, turns = chance.choice(_BODIES), chance.randrange(1000, 4000)
            old, new = f"1.{2 * number}", f"1.{2 * number + 1}"
            for version, times in ((old, turns), (new, round(turns * _SLOWER) if expected == "slower" else turns)):
                index.add("library", version, "def work():\n" + body.format(turns=times))
            (developed.packages / "library.py").write_text("def work():\n    return 0\n")
            project = folder / f"project-{number}"
            _commit_bump(project, kind, (old, new), {**os.environ, **index.variables})
            begin, load = time.monotonic(), os.getloadavg()[0]
            answer = hivegate(project, ("compare", "HEAD^", "--python", developed.python, *_OPTIONS), index.variables)
            yield from trials_of("lock", trial, expected, answer, time.monotonic() - begin, load)


def _commit_bump(project: Path, kind: str, versions: tuple[str, str], variables: dict[str, str]) -> None:
    repository = Repository.new(project)
    repository.write({".gitignore": ".hivegate\n__pycache__\n", "own.py": "from library import work\n"})
    repository.write({"benches/bench_own.py": _SUITE, "pyproject.toml": _PROJECT})
    for version in versions:
        if kind == "uv.lock":
            tables = 'dependencies = ["library"]\n[dependency-groups]\nbench = ["pytest-benchmark"]\n'
            repository.write({"pyproject.toml": _PROJECT + tables})
            must(["uv", "lock", "--quiet", "--upgrade-package", f"library=={version}"], project, variables)
        else:
            repository.write({"requirements/bench.txt": f"pytest-benchmark\nlibrary=={version}\n"})
        repository.commit()


class Known(NamedTuple):
    """A function that two releases of a package are known to differ in."""

    name: str
    setup: str
    statement: str

    @property
    def suite(self) -> str:
        """Write a benchmark of it."""
        call = f"def call():\n    {self.statement}\n\ndef bench_it(benchmark):\n    benchmark(call)\n"
        return f"{self.setup}\n\n{call}"


_RELEASES = {
    ("packaging", "25.0", "26.0"): (
        Known(
            "requirement",
            "from packaging.requirements import Requirement",
            "Requirement('requests[security]>=2.8.1,==2.8.*; python_version<\"2.7\"')",
        ),
        Known("canonical", "from packaging.utils import canonicalize_name", "canonicalize_name('Zope.Interface_X')"),
        Known("version", "from packaging.version import Version", "Version('1.2.3rc1')"),
        Known(
            "contains",
            "from packaging.specifiers import SpecifierSet\nasked = SpecifierSet('>=1,<2,!=1.3')",
            "asked.contains('1.5')",
        ),
        Known(
            "sorting",
            "from packaging.version import Version\nfound = [Version(f'{one * 7 % 31}.{one}') for one in range(50)]",
            "sorted(found)",
        ),
    ),
    ("mistune", "3.0.2", "3.1.0"): (
        Known("markdown", "import mistune\ntext = '# a *b*\\n\\nfoo `bar` [x](y)\\n' * 10", "mistune.html(text)"),
    ),
    ("markdown-it-py", "3.0.0", "4.0.0"): (
        Known(
            "render",
            "from markdown_it import MarkdownIt\nmade = MarkdownIt()\ntext = '# a *b*\\n\\nfoo `bar` [x](y)\\n' * 10",
            "made.render(text)",
        ),
    ),
    ("idna", "3.6", "3.7"): (
        Known(
            "encode",
            "import contextlib, idna",
            "with contextlib.suppress(idna.IDNAError): idna.encode('\\u0660' * 300)",
        ),
    ),
    ("tomlkit", "0.12.5", "0.13.3"): (
        Known(
            "parse",
            "import tomlkit\ntext = ''.join(f'[table{one}]\\nkey = {one}\\nname = \"x\"\\n' for one in range(20))",
            "tomlkit.parse(text)",
        ),
    ),
    ("pluggy", "1.5.0", "1.6.0"): (
        Known(
            "register",
            "import pluggy\nspec, impl = pluggy.HookspecMarker('x'), pluggy.HookimplMarker('x')\n"
            "class Specs:\n    @spec\n    def hook(self, a): ...\n"
            "class Plugin:\n    @impl\n    def hook(self, a): return a\n"
            "made = pluggy.PluginManager('x')\nmade.add_hookspecs(Specs)\n"
            "for _ in range(10):\n    made.register(Plugin())",
            "made.hook.hook(a=1)",
        ),
    ),
}


def releases(done: set[str]) -> Iterator[Trial]:
    """Compare releases by the command, and time the same calls by other means in the environments that it made."""
    for (package, old, new), functions in _RELEASES.items():
        trial = f"{package} {old} -> {new}"
        if trial in done:
            continue
        with tempfile.TemporaryDirectory(prefix="hivegate-releases-") as name:
            folder = Path(name)
            (folder / "benches").mkdir()
            for one in functions:
                (folder / "benches" / f"bench_{one.name}.py").write_text(one.suite, encoding="utf-8")
            begin, load = time.monotonic(), os.getloadavg()[0]
            options = ("--budget", "5%", "--max-time", "2m")
            answer = hivegate(folder, ("compare", f"{package}=={old}", f"{package}=={new}", *options), {})
            seconds = time.monotonic() - begin
            pythons = made_for(folder)
            own = (
                {f"{one.name}/it": compared(*pythons, one.setup, one.statement) for one in functions} if pythons else {}
            )
            yield from trials_of("releases", trial, "", answer, seconds, load, own)


def made_for(project: Path) -> tuple[str, str] | None:
    """Find the interpreters of the environments that a comparison has made: base's, head's."""
    found = {
        path.name.partition("-")[0]: path / "bin" / "python" for path in project.glob(".hivegate/environments/*-*")
    }
    return (str(found["base"]), str(found["head"])) if {"base", "head"} <= set(found) else None


class Compiled(NamedTuple):
    """A public project with compiled code: where a change is put in, what calls it, and how it is installed."""

    package: str
    version: str
    kind: str
    file: str
    declared_behind: str
    called_behind: str
    suite: str
    known: Known
    editable: bool = True


# Work that no compiler leaves out, each turn of which waits for the one before; without a branch, for those of a loop
# make the processor mispredict what comes after: 30 % instead of 5 in markupsafe.
_SPIN_C = (
    "#define hivegate_spin(n) do {{ unsigned spun = 1; __asm__ volatile("
    '".rept " #n "; imull $1664525, %0, %0; .endr" : "+r"(spun)); }} while (0)\n'
)
_SPIN_CYTHON = 'cdef extern from *:\n    """\n    {c}    """\n    void hivegate_spin(int n)\n'
_COMPILED = (
    Compiled(
        package="markupsafe",
        version="3.0.2",
        kind="C, setuptools",
        file="src/markupsafe/_speedups.c",
        declared_behind="#include <Python.h>\n",
        called_behind="escape_unicode(PyObject *self, PyObject *s)\n{\n",
        suite="",
        known=Known(
            "escape", "import markupsafe\ntext = 'Hello <b>World</b> & more ' * 200", "markupsafe.escape(text)"
        ),
    ),
    Compiled(
        package="yarl",
        version="1.20.1",
        kind="Cython, setuptools",
        file="yarl/_quoting_c.pyx",
        declared_behind="from string import ascii_letters, digits\n",
        called_behind="        cdef const void *data = PyUnicode_DATA(val)\n",
        suite="tests/test_quoting_benchmarks.py",
        known=Known(
            "quoting_benchmarks/quote_long_path",
            "from yarl._quoting import _Quoter\nquote = _Quoter(safe='@:', protected='/+', requote=False)\n"
            "path = '/path/to' * 100",
            "quote(path)",
        ),
    ),
    Compiled(
        package="contourpy",
        version="1.3.2",
        kind="C++, meson-python",
        file="src/mpl2005.cpp",
        declared_behind='#include "mpl2005.h"\n',
        called_behind="py::sequence Mpl2005ContourGenerator::lines(double level)\n{\n",
        suite="",
        known=Known(
            "lines",
            "import numpy, contourpy\nx = numpy.linspace(0, 6, 60)\nz = numpy.sin(x)[:, None] * numpy.cos(x)\n"
            "made = contourpy.contour_generator(z=z, name='mpl2005')",
            "made.lines(0.3)",
        ),
        editable=False,
    ),
    Compiled(
        package="propcache",
        version="0.3.2",
        kind="Cython, setuptools",
        file="src/propcache/_helpers_c.pyx",
        declared_behind="from types import GenericAlias\n",
        called_behind="            return self\n        cdef dict cache = inst._cache\n",
        suite="tests/test_benchmarks.py",
        known=Known(
            "benchmarks/under_cached_property_cache_hit",
            "from propcache import under_cached_property\nclass Test:\n    def __init__(self):\n"
            "        self._cache = {'prop': 42}\n    @under_cached_property\n    def prop(self): ...\nmade = Test()",
            "made.prop",
        ),
    ),
)


def compiled(done: set[str]) -> Iterator[Trial]:
    """Take public projects from their source distributions, put 5 % into their compiled code, and change nothing."""
    for one in _COMPILED:
        trials = {
            expected: f"{one.package} {one.version} ({one.kind}), {expected}" for expected in ("passed", "slower")
        }
        if set(trials.values()) <= done:
            continue
        with tempfile.TemporaryDirectory(prefix="hivegate-compiled-") as name:
            folder = Path(name)
            project, python = _checkout(one, folder)
            repository = Repository(project)
            own: dict[str, dict[str, tuple[float, float]]] = {}
            benchmark = one.known.name if one.suite else f"{one.known.name}/it"
            for expected, trial in trials.items():
                if trial in done:
                    continue
                if expected == "slower":
                    repository.commit(_slowed(one, folder, project, python))
                else:
                    repository.commit({"README.unchanged": "nothing\n"})
                begin, load = time.monotonic(), os.getloadavg()[0]
                options = ("--python", python, "--select", benchmark, *_OPTIONS)
                answer = hivegate(project, ("compare", "HEAD^", *options), {})
                seconds = time.monotonic() - begin
                if pythons := made_for(project):
                    own[expected] = {benchmark: compared(*pythons, one.known.setup, one.known.statement)}
                yield from trials_of("compiled", trial, expected, answer, seconds, load, own.get(expected))


def _checkout(one: Compiled, folder: Path) -> tuple[Path, str]:
    """Make a repository of a source distribution, and the environment of somebody who works on it."""
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", one.package, "-d", str(folder)]
    must([*pip, f"{one.package}=={one.version}"], folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    project = next(each for each in folder.iterdir() if each.is_dir())
    repository = Repository.new(project)
    if one.suite:
        settings = f'\n[tool.hivegate]\npaths = ["{one.suite}"]\n'
    else:
        settings = '\n[dependency-groups]\nbench = ["pytest-benchmark"]\n'
        repository.write({f"benches/bench_{one.known.name}.py": one.known.suite})
    text = (project / "pyproject.toml").read_text(encoding="utf-8")
    repository.write(
        {"pyproject.toml": text + settings, ".gitignore": "*.so\nbuild\n*.egg-info\n__pycache__\n.hivegate\n"}
    )
    repository.commit()
    place = folder / "developed"
    must(["uv", "venv", "-q", "--python", sys.executable, str(place)], folder)
    python = str(place / "bin" / "python")
    needs = ["-r", "requirements/codspeed.txt"] if one.suite else []
    words = ["-e", "."] if one.editable else ["."]
    must(["uv", "pip", "install", "-q", "--python", python, "pytest-benchmark", *needs, *words], project)
    return project, python


def _slowed(one: Compiled, folder: Path, project: Path, python: str) -> dict[str, str | None]:
    """Put in what takes 5 % of the call, by how long the call and a turn take here."""
    library = folder / "spin.so"
    (folder / "spin.c").write_text(
        _SPIN_C.format() + "void spin(void) {{ hivegate_spin(10000); }}\n".format(), encoding="utf-8"
    )
    must(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(folder / "spin.c")], folder)
    setup = f"import ctypes\nspin = ctypes.CDLL({str(library)!r}).spin"
    turn = seconds_a_call(sys.executable, setup, "spin()") / 10_000
    turns = max(1, round(0.05 * seconds_a_call(python, one.known.setup, one.known.statement) / turn))
    c = _SPIN_C.format()
    declared = c if not one.file.endswith(".pyx") else _SPIN_CYTHON.format(c=c)
    indent = " " * 8 if one.file.endswith(".pyx") else "    "
    call = f"{indent}hivegate_spin({turns})" + ("\n" if one.file.endswith(".pyx") else ";\n")
    text = (project / one.file).read_text(encoding="utf-8")
    for mark, added in ((one.declared_behind, declared), (one.called_behind, call)):
        if mark not in text:
            raise RuntimeError(f"{one.file} has no {mark!r}")
        text = text.replace(mark, mark + added, 1)
    return {one.file: text}


# Equal code of several kinds, in a dependency: `Row` and texts for the allocator, msgspec and json for compiled code.
_KINDS = """
import json, os
import msgspec
def pure_numbers():
    total = 0
    for one in range(4000):
        total += one * one % 7
    return total
def pure_dicts():
    seen = {}
    for one in range(2000):
        seen[one % 97] = seen.get(one % 97, 0) + 1
    return len(seen)
class Row:
    def __init__(self, one):
        self.one = one
        self.text = str(one)
def allocation_rows():
    return len([Row(one) for one in range(1500)])
def allocation_texts():
    parts = []
    for one in range(1500):
        parts.append("row %d of many" % one)
    return len(",".join(parts).split(","))
_DATA = {"rows": [{"id": one, "name": "name %d" % one, "tags": ["a", "b"]} for one in range(150)]}
def compiled_json():
    return len(json.loads(json.dumps(_DATA)))
def compiled_msgspec():
    return len(msgspec.json.decode(msgspec.json.encode(_DATA)))
def io_file():
    with open("io.txt", "w") as file:
        for one in range(300):
            file.write("line %d\\n" % one)
    with open("io.txt") as file:
        return sum(len(line) for line in file)
def io_pipe():
    read, write = os.pipe()
    for one in range(200):
        os.write(write, b"x" * 100)
        os.read(read, 100)
    os.close(read), os.close(write)
"""
_ROUNDS = 8
_PAIRS = 4


def spread(done: set[str]) -> Iterator[Trial]:
    """Measure equal code in pairs, by turns forked and in two real equal environments."""
    names = [line[4:-3] for line in _KINDS.splitlines() if line.startswith("def ")]
    suite = "import library, os\n" + "".join(
        f"def bench_{name}(benchmark, tmp_path):\n    os.chdir(tmp_path)\n    benchmark(library.{name})\n"
        for name in names
    )
    with tempfile.TemporaryDirectory(prefix="hivegate-spread-") as name:
        folder = Path(name)
        index = Index(folder / "wheels")
        index.pack("msgspec")
        index.add("library", "1.0", _KINDS)
        os.environ.update(index.variables)
        developed = Environment(folder / "developed")
        (developed.packages / "library.py").write_text(_KINDS)
        repository = Repository.new(folder / "project")
        needs = "pytest-benchmark\nmsgspec\nlibrary==1.0\n"
        files = {"pyproject.toml": _PROJECT, ".gitignore": ".hivegate\n__pycache__\n", "benches/bench_own.py": suite}
        first = repository.commit({**files, "requirements/bench.txt": needs})
        equal = repository.commit({"README": "nothing\n"})
        apart = repository.commit({"requirements/bench.txt": f"# as it was\n{needs}"})
        subject = find_project(repository.folder).subject((), developed.python)
        for number in range(_ROUNDS):
            for way, head, base in (("forked", equal, first), ("environments", apart, equal)):
                if f"{way} {number}" not in done:
                    repository.git("checkout", "-q", head)
                    yield from _pairs(subject, base, way, number)


def _pairs(subject: Subject, base: str, way: str, number: int) -> Iterator[Trial]:
    begin, load = time.monotonic(), os.getloadavg()[0]
    with two_trees(subject, find_base(subject.project, base), RevisionsPlan(), ignore_progress) as ready:
        if ready.setup.forked != (way == "forked"):
            raise RuntimeError(f"{way}: {ready.notes}")
        collector = PairCollector(ready.setup, ready.chosen, ignore_progress, singles={})
        collector.measure({one.id for one in ready.chosen}, _PAIRS, overdue=lambda: False)
    for benchmark, samples in collector.samples.items():
        for sample in samples:
            yield Trial(
                study="spread",
                name=f"{way} {number}",
                benchmark=benchmark.partition("/")[2],
                expected="",
                outcome="measured",
                ratio=_middle(sample.head_cpu) / _middle(sample.base_cpu),
                seconds=round(time.monotonic() - begin, 1),
                load=round(load, 1),
            )


def _middle(rounds: Sequence[float]) -> float:
    ordered, quarter = sorted(rounds), len(rounds) // 4
    return statistics.fmean(ordered[quarter : len(ordered) - quarter])


def must(command: list[str], folder: Path, variables: dict[str, str] | None = None) -> None:
    """Run what has to work for a trial to be one."""
    ended = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise RuntimeError(f"{command}: {ended.stderr[-2000:]}")


_STUDIES: dict[str, Callable[[set[str]], Iterator[Trial]]] = {
    "lock": lock_commits,
    "releases": releases,
    "compiled": compiled,
    "spread": spread,
}


def main() -> int:
    """Add the trials that the evidence lacks, one by one; 1 where one did not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("studies", nargs="*", choices=[*_STUDIES, []], metavar="STUDY", help=", ".join(_STUDIES))
    parser.add_argument("--evidence", type=Path, default=EVIDENCE)
    given = parser.parse_args()
    lines = given.evidence.read_text(encoding="utf-8").splitlines() if given.evidence.exists() else []
    trials = [msgspec.json.decode(line, type=Trial) for line in lines]
    for study in given.studies or _STUDIES:
        done = {trial.name for trial in trials if trial.study == study}
        for trial in _STUDIES[study](done):
            trials.append(trial)
            with given.evidence.open("ab") as file:
                file.write(msgspec.json.encode(trial) + b"\n")
            print(trial, flush=True)  # noqa: T201  a command's output
    given.evidence.with_name("ENVIRONMENTS.md").write_text(render(trials), encoding="utf-8")
    return int(any(not trial.good for trial in trials))


if __name__ == "__main__":
    sys.exit(main())
