from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")

MEBIBYTE = 2**20

# In a process of its own: the peak of this one is that of whatever ran before.
MEASURE = """
import json, sys
from pathlib import Path
from hivegate.ingest import read

def peak():
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])

path = Path(sys.argv[1])
before = peak()
run = read(path)
grown = peak() - before
rounds = sum(len(sample.rounds) for one in run.benchmarks for sample in one.samples)
print(json.dumps({"grown": grown, "rounds": rounds}))
"""


def measured(path: Path) -> dict[str, int]:
    """Read a file in a fresh interpreter: growth of its peak in bytes, and rounds found."""
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True)
    result: dict[str, int] = json.loads(done.stdout)
    return result


def write_large(path: Path, benchmarks: int, rounds: int, *, ops: str = "1.5") -> int:
    """Write a result as pytest-benchmark 5.3 does, indented; give its size in bytes."""
    data = ",\n                    ".join(repr(1e-4 / (index + 3)) for index in range(rounds))
    figures = ",\n                ".join(f'"{key}": 0.00012345678901234567' for key in ("min", "max", "mean", "median"))
    with path.open("w") as file:
        file.write('{\n    "machine_info": {},\n    "version": "5.3.1",\n    "benchmarks": [\n')
        for index in range(benchmarks):
            file.write(
                f"""        {{
            "group": null,
            "name": "test_some_name[{index}]",
            "fullname": "benches/bench_suite.py::test_some_name[{index}]",
            "params": {{
                "n": {index + 1}
            }},
            "extra_info": {{}},
            "stats": {{
                {figures},
                "rounds": {rounds},
                "ops": {ops},
                "data": [
                    {data}
                ],
                "iterations": 1
            }}
        }}{"," if index < benchmarks - 1 else ""}
"""
            )
        file.write("    ]\n}\n")
    return path.stat().st_size


@pytest.mark.parametrize(("benchmarks", "rounds"), [(4_000, 100), (1, 400_000), (12_000, 1)])
def test_memory_stays_near_the_file(tmp_path: Path, benchmarks: int, rounds: int) -> None:
    """Many benchmarks or many rounds: at most three times the file. benches/bench_gate.py measures the time."""
    path = tmp_path / "large.json"
    size = write_large(path, benchmarks, rounds)
    result = measured(path)
    assert result["rounds"] == benchmarks * rounds
    assert result["grown"] <= 3 * size  # of many benchmarks 2.46 to 2.50


def test_infinity_costs_memory_within_bounds(tmp_path: Path) -> None:
    """A bare Infinity makes the text be mended first, which keeps memory below ten times the file."""
    path = tmp_path / "large.json"
    size = write_large(path, 2_000, 100, ops="Infinity")
    result = measured(path)
    assert result["rounds"] == 200_000
    assert result["grown"] <= 64 * MEBIBYTE + 10 * size
