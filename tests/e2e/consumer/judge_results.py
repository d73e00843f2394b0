"""Another project's program: it reads, judges and tells results by the public names of hivegate alone."""

import math
import sys
from pathlib import Path

import hivegate


def tell(result: hivegate.GateResult) -> list[str]:
    """Say a line a verdict, and the worst of all at the end."""
    lines = [f"{verdict.benchmark} {verdict.outcome.value}: {verdict.reason}" for verdict in result.verdicts]
    return [*lines, f"{result.outcome.value} {result.exit_status}"]


def fastest(run: hivegate.Run) -> str:
    """Name the benchmark that had the shortest round."""
    rounds = {one.id: [time for sample in one.samples for time in sample.rounds] for one in run.benchmarks}
    return min(rounds, key=lambda name: min(rounds[name], default=math.inf))


def main(targets_file: Path, run_file: Path, result_file: Path) -> int:
    """Judge a run by targets, and compare that with the result that a command kept."""
    try:
        targets: hivegate.Targets = hivegate.load_targets(targets_file)
        judged = hivegate.check((run_file,), targets, roots=("benches",))
        kept = hivegate.load_result(result_file)
        run = hivegate.read(run_file, roots=("benches",))
    except hivegate.HivegateError as fault:
        sys.stdout.write(f"{fault}\n")
        return fault.exit_status
    sys.stdout.write("\n".join([*tell(judged), *tell(kept), fastest(run), ""]))
    return judged.exit_status if judged.outcome is hivegate.Outcome.FAILED else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
