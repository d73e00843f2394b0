"""Another project's program: it reads, judges and reports results by the public names of hivegate alone."""

import math
import sys
from pathlib import Path

import hivegate


def report(result: hivegate.GateResult) -> list[str]:
    """Write a line a verdict, and the worst of all at the end."""
    lines = [
        f"{verdict.benchmark} {verdict.outcome.value}: {hivegate.reason_text(verdict)}" for verdict in result.verdicts
    ]
    return [*lines, f"{result.outcome.value} {result.exit_status}"]


def fastest(run: hivegate.Run) -> str:
    """Name the benchmark that had the shortest round."""
    rounds = {
        benchmark.id: [time for sample in benchmark.samples for time in sample.rounds] for benchmark in run.benchmarks
    }
    return min(rounds, key=lambda name: min(rounds[name], default=math.inf))


def main(targets_file: Path, run_file: Path, result_file: Path) -> int:
    """Judge a run by targets, and compare that with the result that a command kept."""
    try:
        project: hivegate.Project = hivegate.find_project(Path.cwd())
        options = hivegate.CheckOptions(files=(run_file,), targets=targets_file)
        judged: hivegate.BenchResult = hivegate.check(project, options)
        kept = hivegate.load_result(result_file)
    except hivegate.HivegateError as fault:
        sys.stdout.write(f"{fault}\n")
        return fault.exit_status
    sys.stdout.write("\n".join([*report(judged.gate), *report(kept), fastest(judged.run), ""]))
    return judged.gate.exit_status if judged.gate.outcome is hivegate.Outcome.FAILED else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
