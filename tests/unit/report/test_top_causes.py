"""The first lines of a cause, and how a terminal spells profiles."""

import msgspec
import pytest
from tests.measured import words

from hivegate.model.change import Change, Clock
from hivegate.model.profile import Cause, Increase, Profile, Profiles
from hivegate.model.run import Environment
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import GateResult, Outcome, Severity, Verdict
from hivegate.report.profiles import render_profiles
from hivegate.report.top_causes import explanations, with_causes

SLOWER = Change(ratio=1.5, n=8, instrument="time", clock=Clock.CPU, base_value=1e-3, head_value=1.5e-3)
HUNGRIER = Change(ratio=2.0, n=2, instrument="memory", base_value=2.0**20, head_value=2.0**21)
HUNK = "@@ -1,2 +1,3 @@ def detect():\n def detect():\n+    slow()\n     fast()"
TIME = Increase(
    function="detect",
    file="src/work.py",
    line=7,
    source="slow()",
    base=1e-4,
    head=6e-4,
    error=2e-5,
    hunks=(HUNK,),
)
PEAK = Increase(function="rows", file="src/work.py", line=9, base=2.0**20, head=2.0**21, error=0.0)


def verdict(change: Change, metric: str, outcome: Outcome = Outcome.SLOWER) -> Verdict:
    """Make a red verdict of a comparison."""
    return Verdict(
        benchmark="s/one",
        kind=RuleKind.BUDGET,
        outcome=outcome,
        severity=Severity.BROKEN,
        reason=words(""),
        metric=metric,
        change=change,
    )


def result(*verdicts: Verdict) -> GateResult:
    """Make a red result."""
    return GateResult(
        outcome=Outcome.SLOWER, exit_status=1, partial=False, verdicts=verdicts, environment=Environment(), base="main"
    )


def profiles(*made: Profile, notes: tuple[str, ...] = ()) -> Profiles:
    """Gather profiles as the flow does."""
    return Profiles(folder=".hivegate/profiles", profiles=made, base="main, 1234567", notes=notes)


BOTH = profiles(
    Profile(benchmark="s/one", kind="py-spy, …", files={"difference": "x/d.html"}, compared=True, increases=(TIME,)),
    Profile(benchmark="s/one", kind="memray", compared=True, unit="bytes", increases=(PEAK,)),
)


def test_time_comes_first_where_time_failed_and_memory_where_memory_failed() -> None:
    """Each verdict has the answer of one profiler, with place, both values, the error and the line."""
    slow, hungry = explanations(result(verdict(SLOWER, "mean"), verdict(HUNGRIER, "peak_memory")), BOTH)
    assert slow.causes == ("+500 us a call in detect src/work.py:7 (100 us -> 600 us, +/- 20.0 us): slow()",)
    assert hungry.causes == ("+1.00 MiB held at the peak in rows src/work.py:9 (1.00 MiB -> 2.00 MiB)",)
    assert slow.reason == "mean +50 % (1.00 ms -> 1.50 ms a call)"
    assert hungry.reason == "peak_memory 2.0x as much (1.00 MiB -> 2.00 MiB a call)"


def test_causes_reach_the_verdicts_and_nothing_else_changes() -> None:
    """Outcome and exit status stay; what could not be profiled is a note."""
    red = result(verdict(SLOWER, "mean"), verdict(SLOWER, "mean", Outcome.PASSED))
    made = profiles(*BOTH.profiles, notes=("s/gone cannot be profiled",))
    told = with_causes(red, msgspec.structs.replace(made, explained=explanations(red, made)))
    assert told.verdicts[0].causes[0].startswith("+500 us a call in detect")
    assert told.notes == ("s/gone cannot be profiled",)
    assert (told.outcome, told.exit_status) == (red.outcome, red.exit_status)
    assert with_causes(red, None, note="not profiled: disk full").notes == ("not profiled: disk full",)


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (Profile(benchmark="s/one", kind="py-spy", files={"a": "b"}, compared=True), "no function surely takes more"),
        (Profile(benchmark="s/one", kind="py-spy", note="ptrace is refused"), "py-spy: ptrace is refused"),
        (
            Profile(
                benchmark="s/one",
                kind="py-spy",
                files={"a": "b"},
                top=(Cause(function="hot", file="w.py", line=3, share=0.5, seconds_per_call=1e-3),),
            ),
            "50 % in hot w.py:3",
        ),
    ],
)
def test_a_verdict_without_growth_says_what_is_known(made: Profile, line: str) -> None:
    """Nothing grew, nothing was made, or there was no base: each is told for what it is."""
    (told,) = explanations(result(verdict(SLOWER, "mean")), profiles(made))
    assert told.causes[0].startswith(line)


def test_a_benchmark_that_nobody_profiled_has_no_cause() -> None:
    """Nothing is invented."""
    assert explanations(result(verdict(SLOWER, "mean")), profiles()) == ()
    assert explanations(None, BOTH) == ()


def test_a_terminal_reads_from_the_verdict_to_the_line() -> None:
    """Verdict, causes, the change that touches the first, and the page, in this order; nothing moves the cursor."""
    red = result(verdict(SLOWER, "mean"))
    hostile = Profile(benchmark="s/\x1b[2Jtwo", kind="scalene", note="\x1b]0;title\x07\nnot there")
    made = profiles(*BOTH.profiles, hostile)
    text = render_profiles(msgspec.structs.replace(made, explained=explanations(red, made)))
    assert text.startswith(
        "head against main, 1234567\n"
        "\n"
        "SLOWER  s/one  mean +50 % (1.00 ms -> 1.50 ms a call)\n"
        "  +500 us a call in detect src/work.py:7 (100 us -> 600 us, +/- 20.0 us): slow()\n"
        "  changed in detect src/work.py:7:\n"
        "    @@ -1,2 +1,3 @@ def detect():\n"
        "     def detect():\n"
        "    +    slow()\n"
        "         fast()\n"
    )
    assert "    difference: .hivegate/profiles/x/d.html\n" in text
    assert "all of it: .hivegate/profiles/index.html" in text
    assert "\x1b" not in text
