"""Sessions: each makes an environment and runs one command.

``nox`` alone runs what continuous integration checks; ``nox -s bench`` and ``nox -s profile`` are the product.
Arguments after ``--`` reach the command: ``nox -s bench -- --select 'swarm_primitives/*'``.
"""

from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["tests", "lint", "types", "imports", "workflows", "docs"]

PROJECT = nox.project.load_toml("pyproject.toml")
HIVE = ("-e", "./hive")  # what the benches measure
PYTHONS = nox.project.python_versions(PROJECT)


def group(name: str) -> list[str]:
    """Look up a dependency group of pyproject.toml."""
    return list(nox.project.dependency_groups(PROJECT, name))


@nox.session
def bench(session: nox.Session) -> None:
    """Run the benchmarks and check them against targets.yaml."""
    session.install("-e", ".[history,memory]", *HIVE)
    session.run("hivegate", "bench", *session.posargs)


@nox.session
def compare(session: nox.Session) -> None:
    """Compare this revision with its base: nox -s compare -- [BASE]."""
    session.install("-e", ".[history,memory]", *HIVE)
    session.run("hivegate", "compare", *session.posargs)


@nox.session(name="aa-test")
def aa_test(session: nox.Session) -> None:
    """Compare this tree with a copy of itself: the smallest slowdown that each budget detects here."""
    session.install("-e", ".[history,memory]", *HIVE)
    session.run("hivegate", "aa-test", *session.posargs)


@nox.session
def profile(session: nox.Session) -> None:
    """Show why benchmarks failed: flame graphs and memory reports under .hivegate/profiles."""
    session.install("-e", ".[history,profile,memory]", *HIVE)
    session.run("hivegate", "profile", *session.posargs)


@nox.session
def report(session: nox.Session) -> None:
    """Render the latest result; with --store it is stored in .swarm/memory.db."""
    session.install("-e", ".[history]")
    session.run("hivegate", "report", *session.posargs)


@nox.session
def history(session: nox.Session) -> None:
    """Store runs and draw them: nox -s history -- add, import, dashboard and more."""
    session.install("-e", ".[history]")
    session.run("hivegate", "history", *session.posargs)


@nox.session
def verdict(session: nox.Session) -> None:
    """Combine several results: nox -s verdict -- RESULT.json..."""
    session.install("-e", ".")
    session.run("hivegate", "verdict", *session.posargs)


@nox.session
def vocabularies(session: nox.Session) -> None:
    """Fetch the public vocabularies from npm and write their pack files again."""
    session.install(*HIVE)
    session.run("python", "benches/vocabularies/fetch.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests: all of them in three processes, or what is given in one."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    session.run("python", "-m", "tests", *session.posargs)


@nox.session
def quick(session: nox.Session) -> None:
    """Run the tests of the core in two minutes: units, laws, commands and the guard, without the slow ones."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    folders = ("tests/unit", "tests/property", "tests/cli", "tests/guard")
    options = ("-q", "-n", "2", "--dist", "loadfile", "-m", "not slow")
    session.run("pytest", *options, *(session.posargs or folders))


@nox.session
def coverage(session: nox.Session) -> None:
    """Hold the lines and branches that the tests of the core reach against what pyproject.toml wants."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    folders = ("tests/unit", "tests/property", "tests/cli", "tests/guard")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", *folders)
    session.run("coverage", "combine", "-q")
    session.run("coverage", "report", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Draw sixty mutants from the commit's hash, and add to docs/performance/MUTANTS.md which the tests kill."""
    session.install("-e", ".[all]", *HIVE, *group("mutants"))
    session.run("python", "-m", "tests.proofs.mutants", *session.posargs)


@nox.session(venv_backend="uv")
@nox.parametrize(
    ["python", "dependencies"],
    [(PYTHONS[0], "lowest-direct"), *((python, "highest") for python in PYTHONS)],
    ids=[f"{PYTHONS[0]}-lowest", *(f"{python}-newest" for python in PYTHONS)],
)
def matrix(session: nox.Session, dependencies: str) -> None:
    """Run the tests on the built wheel: on every Python with the newest dependencies, on the first with the lowest."""
    wheels = []
    for name, source in (("hivegate[all]", "."), ("hivemind", "hive")):
        built = Path(session.create_tmp(), source)
        session.run("uv", "build", "--quiet", "--clear", "--wheel", "--out-dir", str(built), source, external=True)
        wheels.append(f"{name} @ {next(built.glob('*.whl')).as_uri()}")
    session.install("--resolution", dependencies, *wheels, *group("tests"))
    for name in ("hivegate", "hivemind"):
        session.run("python", "-P", "-c", f"import {name}; assert 'site-packages' in {name}.__file__")
    session.run("pytest", *(session.posargs or ["tests/unit", "tests/cli", "tests/property", "hive/tests"]))


@nox.session
def build(session: nox.Session) -> None:
    """Build the source distribution and the wheel twice, to the same bytes: nox -s build -- [FOLDER]."""
    session.install("build>=1.3")
    session.run("python", "-m", "tests.proofs.release", "build", *(session.posargs or ["dist"]))


@nox.session
def release(session: nox.Session) -> None:
    """Try a release from its tag to a first verdict, or what is built: nox -s release -- [FOLDER]."""
    session.install("build>=1.3", "towncrier>=24.8", "uv", "pipx")
    session.run("python", "-m", "tests.proofs.release", "trial", *session.posargs)


@nox.session(python=PYTHONS, venv_backend="uv")
@nox.parametrize(
    ["pytest", "benchmark"],
    [("==7.4.0", "==4.0.0"), ("==8.0.0", "==5.0.0"), ("", "")],
    ids=["oldest", "between", "newest"],
)
def subjects(session: nox.Session, pytest: str, benchmark: str) -> None:
    """Hold the worker to the contract of the fixture, under old and new pytest and pytest-benchmark."""
    session.install("-e", ".[history,profile,memory]", "hypothesis", f"pytest{pytest}", f"pytest-benchmark{benchmark}")
    files = ("tests/unit/worker/test_contract.py", "tests/e2e/test_forms.py", "tests/e2e/test_bench.py")
    session.run("pytest", *(session.posargs or files))


@nox.session
def proofs(session: nox.Session) -> None:
    """Prove what takes many trials, by a module of tests/proofs: nox -s proofs -- profiles, kills, environments."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    named = bool(session.posargs) and not session.posargs[0].startswith("-")
    proof, *arguments = session.posargs if named else ["profiles", *session.posargs]
    session.run("python", "-m", f"tests.proofs.{proof}", *arguments)


@nox.session
def trend(session: nox.Session) -> None:
    """Compare change points with Apache Otava's, side by side, and write the tables of CHANGE_POINTS.md."""
    session.install("-e", ".")
    otava = Path(session.create_tmp()).resolve() / "otava"  # an environment of its own: it pins old libraries
    session.run("python", "-m", "venv", str(otava))
    session.run(str(otava / "bin" / "python"), "-m", "pip", "install", "-q", "apache-otava>=0.8,<0.9", external=True)
    options = ("--otava", str(otava / "bin" / "python"), "--write", "docs/performance/CHANGE_POINTS.md")
    session.run("python", "benches/trend/compare.py", *options, *session.posargs)


@nox.session
def detection(session: nox.Session) -> None:
    """Prove what hivegate and its peers find, half an hour's trials more: nox -s detection -- --minutes 30."""
    session.install("-e", ".")
    session.run("python", "benches/detection/prove.py", *session.posargs)


@nox.session
def scale(session: nox.Session) -> None:
    """Measure and simulate a company of 10,000 repositories, and write SCALE.md: nox -s scale -- alarms trends."""
    session.install("-e", ".[history,postgres]", *HIVE)
    session.run("python", "benches/scale", *session.posargs)


@nox.session
def guides(session: nox.Session) -> None:
    """Write the figures of the performance guides again; -- --measure runs the suite first."""
    session.install("-e", ".[history,profile,memory]", *HIVE)
    session.run("python", "benches/guides", *session.posargs)


@nox.session
def rivals(session: nox.Session) -> None:
    """Measure the primitives beside a loop in C (by gcc) and, where rustc is at hand, Rust, and write RIVALS.md."""
    session.install(*HIVE)
    session.run("python", "benches/rivals", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site into build/site; a warning is an error."""
    session.install(*group("docs"))
    session.run("sphinx-build", "-W", "--keep-going", "-n", "-q", "-b", "html", "docs", "build/site", *session.posargs)


@nox.session
def adopt(session: nox.Session) -> None:
    """Take public suites through all commands, and write docs/performance/ADOPTED.md; continues where it stopped."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    session.run("python", "-m", "tests.proofs.adopt", *session.posargs)


@nox.session
def reach(session: nox.Session) -> None:
    """Count what init finds in public suites, measures and loses, into docs/performance/REACHED.md."""
    session.install("-e", ".")
    session.run("python", "-m", "tests.proofs.reach", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz every reader for two minutes, and add to docs/performance/fuzz.jsonl how much was tried."""
    session.install("-e", ".[all]", *HIVE, *group("tests"))
    session.run("python", "-m", "tests.proofs.fuzz", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements-dev.lock: the versions that we develop with, with hashes and without the name of an index."""
    session.install("uv")
    options = ("--all-extras", "--all-groups", "--no-emit-project", "--no-header", "--upgrade")
    session.run("uv", "export", "-q", *options, "-o", "requirements-dev.lock", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*group("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types."""
    session.install("-e", ".[all]", *HIVE, *group("types"), *group("tests"))
    session.run("mypy")


@nox.session
def imports(session: nox.Session) -> None:
    """Check the imports between packages."""
    session.install("-e", ".[all]", *HIVE, *group("imports"))
    session.run("lint-imports", "pyproject.toml", "hive/pyproject.toml")


@nox.session
def workflows(session: nox.Session) -> None:
    """Check the GitHub workflows for security faults."""
    session.install(*group("workflows"))
    session.run("zizmor", "--offline", ".github")
