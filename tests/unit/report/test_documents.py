"""The documents of a measurement: results, what to optimise, and the session's record."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import results
from tests.measured import benchmark, broken, bundle, gate, run, target, targets

from hivegate.instruments.estimates import estimate_targets
from hivegate.model.estimate import Estimate, NoEstimate
from hivegate.model.profile import Cause, Profile, Profiles
from hivegate.report.markdown import render_summary
from hivegate.report.optimizations import render_optimizations
from hivegate.report.results import SHOWN, render_results
from hivegate.report.session import render_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.run import Run
    from hivegate.model.target_estimate import TargetEstimate

_OWN_TAGS = {"code", "/code", "br", "sub", "/sub", "details", "/details", "summary", "/summary", "wbr"}
_ENTITY = re.compile(r"&#(\d+);(?:&#8203;)?")


def plain(text: str) -> str:
    """Undo the escapes of Markdown."""
    return _ENTITY.sub(lambda found: chr(int(found[1])), text).replace("<code>", "").replace("</code>", "")


def rows(text: str, heading: str) -> dict[str, list[str]]:
    """Read the table below a heading: the cells by the first one."""
    below = plain(text).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in below.splitlines() if line[:1] == "|"]
    return {row[0]: row[1:] for row in cells[2:]}


def estimated(measured: Run) -> Sequence[TargetEstimate]:
    """Estimate what the document shows from a run, as the flow does."""
    return estimate_targets(targets(*(target("*", metric) for metric in SHOWN)), measured)


def profile_of(name: str, **fields: object) -> Profile:
    """Make a profile with one cause."""
    cause = Cause(function="detect", file="src/conflicts.py", line=17, share=0.625, seconds_per_call=2e-5)
    return msgspec.structs.replace(Profile(benchmark=name, kind="py-spy", top=(cause,)), **fields)


def test_results_hold_the_verdicts_and_every_benchmark() -> None:
    """Beside the verdicts, a table has the p50, its interval and the operations a second of each benchmark."""
    measured = run(benchmark("s/a", [0.002] * 3, operations=10.0), benchmark("s/b", [0.001, 0.0011, 0.0009]))
    result = gate(targets(target("s/a", maximum=1.0)), measured)
    text = render_results(result, estimated(measured))
    assert render_summary(bundle(result)) in text
    shown = rows(text, "Measured")
    assert shown["s/a"] == ["2.00 ms", "2.00 .. 2.00 ms", "5.00 kop/s"]
    assert shown["s/b"][0] == "997 us"  # the geometric mean
    assert re.fullmatch(r"\d+ \.\. \d+ us|[\d.]+ \.\. [\d.]+ us", shown["s/b"][1])
    assert "not here" not in text


def test_results_hold_the_growth_of_each_family() -> None:
    """Benchmarks of three sizes have an exponent, whether a target asks for it or not; those of one have none."""
    sized = [benchmark(f"s/f[{size}]", [1e-6 * size**2] * 3, size=float(size)) for size in (10, 20, 40)]
    measured = run(*sized, benchmark("s/one", [1.0] * 3))
    text = render_results(gate(targets(target("s/one", maximum=2.0)), measured), estimated(measured))
    assert rows(text, "Complexity") == {"s/f[*]": ["2.00", "2.00 .. 2.00"]}


def test_a_benchmark_without_a_number_says_why() -> None:
    """What crashed is in the table with its reason, not left out."""
    measured = run(benchmark("s/a", [1.0] * 3), broken("s/crash"))
    text = render_results(gate(targets(target("s/a", maximum=1.0)), measured), estimated(measured))
    assert "crashed" in rows(text, "Measured")["s/crash"][0]


def test_without_the_run_results_hold_what_targets_asked() -> None:
    """The estimates of verdicts are shown, ratios are not taken for times, and the lack is told."""
    text = render_results(results.green(), ())
    shown = rows(text, "Measured")
    assert shown["hive_coordination/consensus_latency[10]"][0].endswith(" ms")
    assert "hive_coordination/conflict_detection[20]" not in shown
    assert rows(text, "Complexity").keys() == {"hive_coordination/conflict_detection[*]"}
    assert "not here" in text


@pytest.mark.parametrize("commit", [True, False])
def test_results_name_their_commit(commit: bool) -> None:  # noqa: FBT001  a case
    """The revision is told, or that none is known."""
    result = results.green() if commit else msgspec.structs.replace(results.green(), commit=None)
    text = plain(render_results(result, ()))
    assert ("Commit 0123456789abcdef of main." in text) is commit
    assert ("Of no commit that is known." in text) is not commit


def test_optimizations_begin_with_the_least_room() -> None:
    """Targets are told nearest to their limit first, each with what was measured against its limit."""
    text = plain(render_optimizations(results.red(), None))
    rooms = [float(found) for found in re.findall(r"^- headroom: ([\d.e+-]+)", text, re.MULTILINE)]
    assert rooms == sorted(rooms)
    assert rooms[0] < 1
    assert "p50 of rounds: 123 ms (" in text
    assert "limit: max 100 ms, missed by 2" in text
    assert "(targets.yaml:4:5)" in text


def test_at_most_ten_targets_are_told() -> None:
    """A document to act on is short, and tells of how many it chose."""
    many = run(*(benchmark(f"s/{number}", [1.0 + number] * 3) for number in range(30)))
    text = plain(render_optimizations(gate(targets(target("s/*", maximum=100.0)), many), None))
    assert re.findall(r"^## \d+\. (.*)$", text, re.MULTILINE) == [f"s/{number}" for number in range(29, 19, -1)]
    assert "10 of 30" in text


def test_causes_come_from_profiles_of_that_benchmark() -> None:
    """A profile's causes stand with function, file and line below its target, and below no other."""
    measured = run(benchmark("s/a", [1.0] * 3), benchmark("s/b", [1.0] * 3))
    result = gate(targets(target("s/*", maximum=2.0)), measured)
    text = plain(render_optimizations(result, Profiles(folder="p", profiles=(profile_of("s/b", note="short"),))))
    of_a, of_b = text.split("## 1. s/a")[1].split("## 2. s/b")
    assert "| 62 % | 20.0 us | detect | src/conflicts.py:17 |" in of_b
    assert "Note: short" in of_b
    assert "detect" not in of_a
    assert "hivegate profile s/a" in of_a
    assert "hivegate profile" not in of_b


def test_a_target_on_growth_has_the_profiles_of_its_sizes() -> None:
    """The sizes that a complexity is made of are its causes."""
    sized = [benchmark(f"s/f[{size}]", [1e-6 * size] * 3, size=float(size)) for size in (10, 20, 40)]
    result = gate(targets(target("s/f[*]", "complexity", maximum=1.5)), run(*sized))
    profiles = Profiles(folder="p", profiles=tuple(profile_of(f"s/{name}") for name in ("f[10]", "f[40]", "g[10]")))
    text = plain(render_optimizations(result, profiles))
    assert "Profile of s/f[10] by py-spy" in text
    assert "Profile of s/f[40] by py-spy" in text
    assert "s/g" not in text


def test_hostile_names_are_inert() -> None:
    """No tag, link, mention or table cell begins in a name, a reason or a source line of any document."""
    bad = results.HOSTILE
    cause = Cause(function=bad, file=bad, line=1, share=1.0, source=bad)
    profiles = Profiles(folder=bad, profiles=(Profile(benchmark=bad, kind=bad, top=(cause,), note=bad),))
    result = results.hostile()
    measured = run(benchmark(bad, [1.0] * 3))
    refused = msgspec.structs.replace(estimated(measured)[0], benchmark="other", found=NoEstimate(reason=bad))
    shown = (render_results(result, estimated(measured)), render_results(result, (refused,)))
    for text in (*shown, render_optimizations(result, profiles)):
        assert set(re.findall(r"<([^>]*)>", text)) <= _OWN_TAGS
        assert "http:" not in text
        for sign in "@`\x1b\u202e\x00":
            assert sign not in text
        for line in text.splitlines():
            assert not line.startswith("|") or line.count("|") in {4, 5, 6, 7}, line


def test_the_session_is_a_record_for_programs() -> None:
    """It has what was measured, when, where and how it ended; one measurement has one id, another another."""
    result = results.red()
    text = render_session(result, created="2026-06-01T10:00:00+00:00")
    record = json.loads(text)
    assert record["exit_status"] == 1
    assert record["outcome"] == "failed"
    assert record["commit"]["sha"] == "0123456789abcdef"
    assert record["environment"]["cores"] == 4
    assert record["counts"]["failed"] == sum(one.outcome.value == "failed" for one in result.verdicts)
    assert sum(record["counts"].values()) == len(result.verdicts)
    assert text == render_session(result, created="2026-06-01T10:00:00+00:00")
    others = (render_session(result, created="later"), render_session(results.green(), created=record["created"]))
    assert len({json.loads(one)["session"] for one in (text, *others)}) == 3


def test_an_open_interval_is_told() -> None:
    """An interval that reaches infinity is said to be unknown, not left out."""
    measured = run(benchmark("s/a", [1.0] * 3))
    answers = [msgspec.structs.replace(estimated(measured)[0], found=Estimate(value=1.0, high=math.inf, n=1))]
    text = render_results(gate(targets(), measured), answers)
    assert rows(text, "Measured")["s/a"][:2] == ["1.00 s", "interval unknown"]
