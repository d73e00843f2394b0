from __future__ import annotations

import os
from pathlib import Path

import msgspec

from detection.company import BUSY, NOBODY, company
from detection.evidence import Judged, Said, answered, append, read
from detection.exactness import Counted, read_counted, write_counted
from detection.pooling import calm, of, slower, verdicts
from detection.report import render
from detection.targets import targets


def _said(dose: int, verdict: str, *, budget: int = 1, spread: float = 0.005, rule: str = "hivegate compare") -> Said:
    return Said(
        benchmark="tally",
        kind="pure Python",
        dose=dose,
        budget=budget,
        verdicts={rule: verdict},
        spread=spread,
        seconds=3.0,
    )


def _judged(*said: Said, tool: str = "hivegate", trial: int = 0) -> Judged:
    return Judged(
        trial=trial,
        suite="made",
        tool=tool,
        version="1 abc",
        when="2026-11-23T12:00:00+00:00",
        load=1.0,
        seconds=9.0,
        said=said,
    )


def test_each_budget_is_a_rule_of_its_own() -> None:
    """Hivegate's verdicts pool by budget, a peer's by rule, whatever the budget was."""
    peer = _said(0, "slower", budget=2, rule="mean:5%")
    found = verdicts(
        [_judged(_said(0, "passed"), _said(0, "slower", budget=2)), _judged(peer, tool="pytest-benchmark")]
    )
    assert {one.rule for one in found} == {
        "hivegate budget 1 %",
        "hivegate budget 2 %",
        "pytest-benchmark mean:5%",
    }
    assert slower(of(found, rule="hivegate budget 1 %")) == (0, 1)
    assert slower(of(found, rule="hivegate budget 2 %")) == (1, 1)


def test_calm_is_by_the_spread_of_pairs() -> None:
    """A spread of 0.8 % is calm, more is not, and a verdict without a spread is not either."""
    found = verdicts([_judged(_said(2, "slower", spread=0.008), _said(2, "inconclusive", spread=0.0081))])
    assert [one.verdict for one in calm(found)] == ["slower"]


def test_promises_are_held_against_their_bounds() -> None:
    """One false alarm in 100 breaks a promise of 0.5 %, 19 of 20 keep one of 90 %, too few are named so."""
    equal = [_said(0, "passed")] * 99 + [_said(0, "slower")]
    dosed = [_said(2, "slower")] * 19 + [_said(2, "inconclusive")]
    by_what = {one.what: one for one in targets(verdicts([_judged(*equal, *dosed)]))}
    assert by_what["budget 1 %: equal called slower"].reached == "**no**, of fewer than 800"
    assert by_what["budget 1 %: +2 % found"].reached == "yes, of fewer than 200"
    assert by_what["budget 1 %: +2 % and more called passed"].reached == "yes"
    assert by_what["budget 2 %: +3 % found"].reached == "not measured"


def test_the_table_says_where_a_peer_is_ahead() -> None:
    """Ahead on both errors is yes only where no error is larger; else it names the error."""
    ours = _judged(*[_said(0, "passed")] * 9, _said(0, "slower"), _said(3, "slower"))
    better = _judged(_said(0, "passed", rule="better"), _said(3, "passed", rule="better"), tool="peer")
    worse = _judged(_said(0, "slower", rule="worse"), _said(3, "passed", rule="worse"), tool="peer")
    rows = _both_errors([ours, better, worse])
    assert rows["peer better"].endswith(
        "| no: behind in false alarms; not measured: missed at 2 %, missed at 5 %, missed at 10 % |"
    )
    assert rows["peer worse"].endswith("| yes; not measured: missed at 2 %, missed at 5 %, missed at 10 % |")


def test_a_peer_is_compared_over_the_trials_that_both_judged() -> None:
    """What hivegate said of a trial that the peer was not asked about does not count."""
    calm, busy = _judged(_said(0, "passed")), _judged(_said(0, "slower"), trial=1)
    peer = _judged(_said(0, "slower", rule="rule"), tool="peer")
    assert _both_errors([calm, busy, peer])["peer rule"].startswith("| peer rule | 0 of 1 : 1 of 1 |")


def test_seconds_are_promised_of_all_verdicts_together() -> None:
    """The median is over both budgets; of each it stands below, with how many were confirmed."""
    page = render([_judged(_said(0, "passed"), _said(0, "passed"), _said(3, "slower", budget=2))])
    assert "| median seconds of a verdict | ≤ 4 | 3.0 | yes |" in page
    assert "| of budget 2 %: 100% slower, and so confirmed | | 3.0 | |" in page


def _both_errors(evidence: list[Judged]) -> dict[str, str]:
    return {line.split(" | ")[0][2:]: line for line in render(evidence).splitlines() if " : " in line}


def test_evidence_is_kept_line_by_line(tmp_path: Path) -> None:
    """What is appended is read again, and is known by suite, trial and tool."""
    first, second = _judged(_said(0, "passed")), _judged(_said(1, "slower"), tool="asv", trial=3)
    append(tmp_path, first)
    append(tmp_path, second)
    assert sorted(read(tmp_path), key=lambda one: one.trial) == [first, second]
    assert answered(read(tmp_path)) == {("made", 0, "hivegate"), ("made", 3, "asv")}


def test_without_evidence_the_table_says_so() -> None:
    """No evidence renders as a page that says that there is none."""
    assert "no evidence yet" in render([])


def test_counted_doses_are_shown(tmp_path: Path) -> None:
    """What was counted is kept, read again, and stands in the page; what was not counted stays empty."""
    counted = [
        Counted(benchmark="tally", asked=10, lines=9.98, instructions=9.98),
        Counted(benchmark="journal", asked=10, lines=9.943),
    ]
    write_counted(tmp_path / "doses.json", counted)
    assert read_counted(tmp_path / "doses.json") == counted
    page = render([_judged(_said(0, "passed"))], counted)
    assert "| tally | +10 % | +9.98 % | +9.98 % |" in page
    assert "| journal | +10 % | +9.94 % |  |" in page


def test_what_users_get_stands_first_by_company() -> None:
    """Calm and busy are told apart, each beside what was asked for, and a cell of few verdicts says so."""
    calm = msgspec.structs.replace(_judged(_said(2, "slower"), _said(0, "passed")), company="nobody")
    busy = msgspec.structs.replace(_judged(_said(2, "inconclusive"), _said(0, "slower")), company="busy")
    page = render([_judged(_said(0, "passed"))], (), [calm, busy])
    assert page.index("## As users run it") < page.index("## With priority, on a calm machine")
    first, second = page.partition("**A busy process on each core")[::2]
    assert "| budget 1 %: +2 % found | ≥ 95 % | 100.0 % (20.7 to 100.0; 1 of 1) | yes, of fewer than 60 |" in first
    assert "| budget 1 %: +2 % found | ≥ 80 % | 0.0 % (0.0 to 79.3; 0 of 1) | **no**, of fewer than 60 |" in second
    assert "| budget 1 %: equal called slower | none | 0.0 % (0.0 to 79.3; 0 of 1) | yes, of fewer than 60 |" in first
    assert "| budget 1 %: equal called slower | none | 100.0 % (20.7 to 100.0; 1 of 1) | **no**" in second


def test_company_is_there_and_gone() -> None:
    """Four busy processes on two cores while it lasts; nobody where nobody is asked for."""
    own = Path("/proc/self/task")

    def children() -> int:
        return sum(len(file.read_text(encoding="ascii").split()) for file in own.glob("*/children"))

    before = children()
    with company(BUSY):
        assert children() - before == len(os.sched_getaffinity(0)) + 2
    with company(NOBODY):
        assert children() == before
