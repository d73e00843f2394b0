"""pyperf: a script of `bench_func` on base, then on head, and `compare_to`, with and without ``--min-speed``."""

from __future__ import annotations

import json
import re
from pathlib import Path

from detection.judges.opinion import PASSED, SLOWER, Case, Opinion, check_out, run

_SLOWER = re.compile(r"^(\S+): Mean .* -> .*: [\d.]+x slower", re.MULTILINE)
_RULES: dict[str, list[str]] = {"t test": [], "t test, --min-speed 2": ["--min-speed", "2"]}


def judge(case: Case) -> dict[str, Opinion]:
    """Measure both revisions with ``--fast``, for time's sake, and compare; both rules judge the same files."""
    python = str(case.environments.subject)
    files = {side: str(case.scratch / f"{side}.json") for side in ("base", "head")}
    for side, commit in (("base", case.base), ("head", case.head)):
        check_out(case, commit)
        script = [python, "pyperf_subject.py", "--fast", "--quiet", "--inherit-environ", "PYTHONPATH"]
        run([*script, "--output", files[side]], case, PYTHONPATH=str(case.project / "src"))
    compare = [python, "-m", "pyperf", "compare_to", files["base"], files["head"]]
    slower = {rule: set(_SLOWER.findall(run([*compare, *more], case))) for rule, more in _RULES.items()}
    base, head = (_means(Path(files[side])) for side in ("base", "head"))
    return {
        name: Opinion(
            {rule: SLOWER if name in found else PASSED for rule, found in slower.items()}, ratio=head[name] / base[name]
        )
        for name in head
    }


def _means(file: Path) -> dict[str, float]:
    found = {}
    for one in json.loads(file.read_bytes())["benchmarks"]:
        values = [value for run_ in one["runs"] for value in run_.get("values", ())]
        found[one["metadata"]["name"]] = sum(values) / len(values)
    return found
