"""asv: ``asv continuous --interleave-rounds`` with its own sampling, judged at its default factor and at a near one."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path

from detection.judges.opinion import PASSED, SLOWER, Case, Opinion, run

_FACTORS = ("1.1", "1.02")
_ROW = re.compile(r"^\| (.) +\|[^|]+\|[^|]+\| +~?([\d.]+|n/a) +\| \w+\.time_(\w+)", re.MULTILINE)
_CHANGED = (0, 1)  # continuous ends with 1 where something changed


def judge(case: Case) -> dict[str, Opinion]:
    """Measure both revisions in interleaved rounds; both factors judge the same samples."""
    own = case.environments.folder / "asv-made"
    own.mkdir(exist_ok=True)
    settings = case.scratch / "asv.conf.json"
    settings.write_text(json.dumps(_settings(case, own)), encoding="utf-8")
    tool = str(case.environments.asv.with_name("asv"))
    variables = _variables(own)

    def ask(what: str, *arguments: str, fine: tuple[int, ...] = (0,)) -> str:
        return run([tool, what, "--config", str(settings), *arguments], case, fine=fine, **variables)

    ask("machine", "--yes")
    ask("continuous", "--interleave-rounds", case.base, case.head, fine=_CHANGED)
    said = {factor: ask("compare", "--factor", factor, case.base, case.head) for factor in _FACTORS}
    rows = {factor: {name: (mark, ratio) for mark, ratio, name in _ROW.findall(text)} for factor, text in said.items()}
    return {name: _opinion(name, rows) for name in rows[_FACTORS[0]]}


def _settings(case: Case, own: Path) -> dict[str, object]:
    """Write the configuration as its quick start does; the environment is kept from trial to trial."""
    return {
        "version": 1,
        "project": "subject",
        "repo": str(case.project),
        "branches": ["main"],
        "environment_type": "virtualenv",
        "pythons": [".".join(platform.python_version_tuple()[:2])],
        "benchmark_dir": str(case.project / "asv_benchmarks"),
        "env_dir": str(own / "environments"),
        "results_dir": str(case.scratch / "results"),
        "html_dir": str(case.scratch / "html"),
    }


def _variables(own: Path) -> dict[str, str]:
    """Let it keep what it knows of the machine beside its environments, and find this interpreter first.

    pip's own configuration, which lies in the home folder, holds as before.
    """
    settings = Path.home() / ".config" / "pip" / "pip.conf"
    path = os.pathsep.join([str(Path(sys.base_prefix) / "bin"), os.environ.get("PATH", os.defpath)])
    return {"HOME": str(own), "PATH": path, **({"PIP_CONFIG_FILE": str(settings)} if settings.exists() else {})}


def _opinion(name: str, rows: dict[str, dict[str, tuple[str, str]]]) -> Opinion:
    marks = {factor: found[name][0] for factor, found in rows.items()}
    if bad := set(marks.values()) - {"+", "-", " "}:
        raise RuntimeError(f"asv marks {name} with {bad}")
    ratio = rows[_FACTORS[0]][name][1]
    return Opinion(
        {f"factor {factor}": SLOWER if mark == "+" else PASSED for factor, mark in marks.items()},
        ratio=None if ratio == "n/a" else float(ratio),
    )
