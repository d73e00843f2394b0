"""What the README shows works."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

HIVE = Path(__file__).parents[1]
README = (HIVE / "README.md").read_text(encoding="utf-8")


def shown(language: str) -> str:
    """Return the block of a language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return str(block)


def test_the_program_runs(tmp_path: Path) -> None:
    """The Python block runs as a program, with its assertion."""
    (tmp_path / "shown.py").write_text(shown("python"), encoding="utf-8")
    subprocess.run([sys.executable, "shown.py"], cwd=tmp_path, check=True, timeout=60)


def test_the_command_composes(tmp_path: Path) -> None:
    """The command finds the vocabularies from the repository's root and writes the lock file."""
    shutil.copytree(HIVE.parent / "benches" / "vocabularies", tmp_path / "benches" / "vocabularies")
    python, *words = shlex.split(shown("console").removeprefix("$ "))
    done = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert python == "python"
    assert "composed by union: 2 packs" in done.stdout
    assert (tmp_path / "hive.lock").is_file()


def test_links_lead_somewhere() -> None:
    """Each link is to a file or folder of the repository."""
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert links
    assert all((HIVE / link).exists() for link in links)
