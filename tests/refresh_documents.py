"""Write anew what the documents show of hivegate's output: run it as ``python -m tests.refresh_documents``."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.documents import ROOT

from hivegate.gate.latest import load_result
from hivegate.report.terminal import render_terminal

_REPORT = re.compile(r"(<!-- report: (\S+) -->\n```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)
_HELP = re.compile(r"(^\$ (hivegate [a-z ]*--help)\n).*?(^```$)", re.DOTALL | re.MULTILINE)


def _report(found: re.Match[str]) -> str:
    return found[1] + render_terminal(load_result(ROOT / found[2]), width=80) + found[3]


def _help(found: re.Match[str]) -> str:
    command = [sys.executable, "-m", *found[2].split()]
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    return (
        found[1]
        + subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
        + found[3]
    )


def main() -> None:
    """Replace the README's report and the reference's help texts in their files."""
    for name, pattern, made in (("README.md", _REPORT, _report), ("docs/reference/cli.md", _HELP, _help)):
        file = ROOT / name
        file.write_text(pattern.sub(made, file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
