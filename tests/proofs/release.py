"""A release, tried whole: from the tag over an index of our own to the first verdict of somebody's project.

It needs nothing of the tests' environment: ``python -m tests.proofs.release trial``, as ``nox -s release`` calls it.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import http.server
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "tests" / "e2e" / "small_project"
LARGEST = 45  # MB beside numpy, as tests/e2e/test_package.py has it
SLOWEST = 1.0  # seconds that `hivegate --version` takes on a loaded machine


def say(text: str) -> None:
    """Print at once what was found: the whole takes minutes."""
    print(text, flush=True)  # noqa: T201  the trial is a command


def run(*command: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a command and return what it printed; one that fails ends the trial with its words."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=None if env is None else {**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode:
        words = " ".join(str(word) for word in command)
        sys.exit(f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(source: Path, out: Path) -> None:
    """Build the source distribution, and the wheel from it, in two places at two times; their bytes are the same."""
    stamp = run("git", "log", "-1", "--format=%ct", cwd=source).strip()
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / "again"
        run("git", "clone", "--quiet", source, again)
        digests = []
        for tree, folder in ((source, out.resolve()), (again, again / "dist")):
            shutil.rmtree(folder, ignore_errors=True)
            command = (sys.executable, "-m", "build", "--outdir", folder)
            run(*command, cwd=tree, env={"SOURCE_DATE_EPOCH": stamp})
            digests.append({file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()})
    if digests[0] != digests[1]:
        sys.exit(f"two builds of one commit differ: {digests[0]} and {digests[1]}")
    for name, digest in sorted(digests[0].items()):
        say(f"{digest}  {name}")


def tagged(folder: Path) -> Path:
    """Clone this commit, have its changelog made, tag it as a release is, and hold the tag against the version."""
    run("git", "clone", "--quiet", ROOT, folder)
    version = version_of(folder)
    run(sys.executable, "-m", "towncrier", "build", "--yes", "--version", version, cwd=folder)
    name = ("-c", "user.name=trial", "-c", "user.email=trial@localhost")
    run("git", *name, "commit", "--quiet", "--all", "--message", f"Release {version}", cwd=folder)
    run("git", "tag", f"v{version}", cwd=folder)
    notes = run(sys.executable, "-I", ".github/release.py", f"v{version}", cwd=folder)
    say(f"v{version}: {len(notes.splitlines())} lines of notes")
    return folder


def version_of(tree: Path) -> str:
    """Read the version of a tree."""
    text = (tree / "src" / "hivegate" / "__init__.py").read_text(encoding="utf-8")
    return str(re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)[0])


@contextlib.contextmanager
def serving(distributions: Path, folder: Path) -> Iterator[str]:
    """Serve an index that has these distributions alone, to this machine alone."""
    place = folder / "simple" / "hivegate"
    place.mkdir(parents=True)
    files = [shutil.copy(file, place) for file in distributions.iterdir() if file.name.startswith("hivegate-")]
    links = "".join(f'<a href="{Path(file).name}">{Path(file).name}</a>\n' for file in files)
    (place / "index.html").write_text(f"<!doctype html>\n{links}", encoding="utf-8")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Print nothing of each request."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/simple/"
        server.shutdown()


def first_verdict(kind: str, index: str, version: str, folder: Path) -> None:
    """Install one kind of distribution from the index as a user does, and judge a project that knows nothing of it."""
    begun = time.monotonic()
    venv.create(folder / "environment", with_pip=True, symlinks=True)
    here = folder / "environment" / "bin"
    only = "--only-binary" if kind == "wheel" else "--no-binary"
    pip = (here / "python", "-m", "pip", "install", "--quiet", "--no-cache-dir", "--extra-index-url", index)
    run(*pip, only, "hivegate", f"hivegate=={version}")
    installed = time.monotonic() - begun
    project = folder / "project"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    git = ("git", "-c", "user.name=trial", "-c", "user.email=trial@localhost")
    run("git", "init", "--quiet", cwd=project)
    (project / ".gitignore").write_text(".hivegate/\n__pycache__/\n", encoding="utf-8")
    for message in ("One", "Two"):
        (project / "NEWS").write_text(message, encoding="utf-8")
        run("git", "add", "--all", cwd=project)
        run(*git, "commit", "--quiet", "--message", message, cwd=project)
    path = {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
    verdicts = [
        run("hivegate", "bench", "--passes", "3", "--select", "*", "-q", cwd=project, env=path),
        run("hivegate", "compare", "HEAD~1", "--budget", "900%", "-q", cwd=project, env=path),
    ]
    if not all("PASSED" in verdict for verdict in verdicts):
        sys.exit(f"{kind}: {verdicts}")
    begun, starts = time.monotonic() - begun, []
    for _ in range(5):
        at = time.monotonic()
        said = run("hivegate", "--version", cwd=project, env=path)
        starts.append(time.monotonic() - at)
    size = _megabytes(here.parent)
    start = statistics.median(starts)
    say(f"{kind}: {said.strip()}; installed in {installed:.1f} s, two verdicts after {begun:.1f} s")
    say(f"  {size:.1f} MB beside numpy (at most {LARGEST}), starts in {start:.2f} s (at most {SLOWEST})")
    if version not in said or size > LARGEST or start > SLOWEST:
        sys.exit(f"{kind}: beyond what a release may take, or another version")


def _megabytes(environment: Path) -> float:
    """Add up what was installed beside numpy and what made the environment, bytecode included."""
    packages = next(environment.glob("lib/python*/site-packages"))
    others = (path for path in packages.iterdir() if not re.match(r"(numpy|pip|setuptools)\b", path.name))
    files = (file for path in others for file in [path, *path.rglob("*")] if file.is_file())
    return sum(file.stat().st_size for file in files) / 10**6


def without_installing(index: str, version: str, folder: Path) -> None:
    """Start it with uvx and with pipx run, which install it for one call."""
    own = {"UV_CACHE_DIR": str(folder / "uv"), "PIPX_HOME": str(folder / "pipx")}
    # What the machine's settings name as its index stays the default one.
    spec = f"hivegate=={version}"
    commands: tuple[Sequence[str], ...] = (
        ("uv", "tool", "run", "--quiet", "--index", index, "--from", spec, "hivegate", "--version"),
        ("pipx", "run", "--no-cache", f"--pip-args=--extra-index-url={index}", "--spec", spec, "hivegate", "--version"),
    )
    for command in commands:
        begun = time.monotonic()
        said = run(sys.executable, "-m", *command, env=own)
        if version not in said:
            sys.exit(f"{command[0]}: {said}")
        say(f"{'uvx' if command[0] == 'uv' else 'pipx run'}: {said.strip()} after {time.monotonic() - begun:.1f} s")


def main() -> None:
    """Build, or try what is built; without a folder, what a tag of this commit would build."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=("build", "trial"))
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    if given.step == "build":
        build(ROOT, given.folder or ROOT / "dist")
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        distributions = given.folder
        if distributions is None:
            distributions = folder / "dist"
            build(tagged(folder / "tagged"), distributions)
        version = version_of(ROOT)
        with serving(distributions, folder / "index") as index:
            for kind in ("wheel", "sdist"):
                (folder / kind).mkdir()
                first_verdict(kind, index, version, folder / kind)
            without_installing(index, version, folder)


if __name__ == "__main__":
    main()
