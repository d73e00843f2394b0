"""The distribution as it is handed out: built, installed into an empty environment, and used there."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.metadata import Metadata

HIVE = Path(__file__).parents[1]
VOCABULARIES = HIVE.parent / "benches" / "vocabularies"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and the wheel from it."""
    folder = tmp_path_factory.mktemp("built")
    _build(HIVE, folder, "sdist")
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "source", filter="data")
    _build(next((folder / "source").iterdir()), folder, "wheel")
    return next(folder.glob("*.whl"))


def _build(source: Path, out: Path, kind: str) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(out)]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)


def test_the_wheel_holds_the_hive_and_nothing_of_the_gate(wheel: Path) -> None:
    """Every file of the package is in it and nothing else; its metadata are valid and do not require hivegate."""
    source = HIVE / "src"
    ours = {
        path.relative_to(source).as_posix()
        for path in source.glob("hivemind/**/*")
        if path.is_file() and path.parent.name != "__pycache__"
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (about,) = {name.partition("/")[0] for name in names} - {"hivemind"}
        metadata = Metadata.from_email(archive.read(f"{about}/METADATA"), validate=True)
    assert {name for name in names if not name.startswith(about)} == ours
    assert {"hivemind/py.typed", f"{about}/licenses/LICENSE"} <= names
    assert metadata.name == "hivemind"
    assert "hivegate" not in {one.name for one in metadata.requires_dist or ()}


def test_it_works_with_what_it_requires_alone(wheel: Path, tmp_path: Path) -> None:
    """Every module can be imported, and the command reads JSON and Turtle, in an environment without hivegate."""
    environment = tmp_path / "environment"
    venv.create(environment, symlinks=True)
    python = str(environment / "bin" / "python")
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile", wheel],
        check=True,
        timeout=600,
    )
    (tmp_path / "tea.ttl").write_text(
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix tea: <https://example.org/tea#> .\n"
        "<https://example.org/tea#> a owl:Ontology .\n"
        "tea:Cup a owl:Class .\n",
        encoding="utf-8",
    )
    compose = ["-m", "hivemind", "compose", str(VOCABULARIES / "foaf.json"), "tea.ttl"]
    walk = (
        "import hivemind, importlib, pkgutil\n"
        "for one in pkgutil.walk_packages(hivemind.__path__, 'hivemind.'):\n"
        "    if not one.name.endswith('__main__'): importlib.import_module(one.name)\n"
    )
    for words in (["-c", walk], compose):
        done = subprocess.run([python, *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, done.stderr) == (0, "")
    assert "composed by union: 2 packs" in done.stdout
