"""The protocol between hivegate and its worker: one schema, held against all that the worker writes and reads."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from tests.workers import SUM, refuse_preload, run_modes, run_pair, write_suite

import hivegate
from hivegate.errors import MeasureError
from hivegate.model import protocol
from hivegate.model.protocol import (
    BenchmarkEnd,
    BenchmarkProfile,
    BusyCores,
    Command,
    EnvironmentPlan,
    Event,
    PairPlan,
    Plan,
    RoundTimes,
    SessionPlan,
    SidePlan,
    WarmUp,
    decode_event,
)
from hivegate.model.run import TestOutcome

_WORKER = Path(hivegate.__file__).parent / "worker"
_EVENTS = {str(kind.__struct_config__.tag): kind for kind in get_args(Event)}


def test_every_event_of_the_schema_is_reported_and_nothing_else(tmp_path: Path) -> None:
    """Every mode of the real worker, under this Python: each line is decoded, and each event occurs."""
    events: list[Event] = []
    for name in ("modes", "forked", "started", "refused"):
        folder = tmp_path / name
        folder.mkdir()
        write_suite(folder)
        if name == "modes":
            events += run_modes(sys.executable, folder)
        elif name == "refused":
            events += refuse_preload(sys.executable, folder)
        else:
            pair = run_pair(sys.executable, folder, fork=name == "forked")
            assert {WarmUp, BusyCores, RoundTimes} <= set(map(type, pair))
            assert [len(event.singles) for event in pair if isinstance(event, RoundTimes)] == [0, 10] * 2
            events += pair
    assert set(get_args(Event)) - set(map(type, events)) == set()
    ends = [event for event in events if isinstance(event, BenchmarkEnd)]
    assert {end.outcome for end in ends} >= {TestOutcome.MEASURED, TestOutcome.FAILED, TestOutcome.SKIPPED}
    measured = [end for end in ends if end.node_id == SUM]
    (time,) = (end.time for end in measured if end.time is not None)
    assert len(time.single_calls) == 5
    assert any(end.memory is not None for end in measured)
    assert any(end.extra_info == {"operations": float("inf")} for end in measured)
    assert all(event.functions for event in events if isinstance(event, BenchmarkProfile))


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"event": "nosuch"}', r"\$\.event: Invalid value 'nosuch'"),
        (b'{"node_id": "x"}', "missing required field `event`"),
        (b'{"event": "started"}', "missing required field `node_id`"),
        (b'{"event": "started", "node_id": "x", "more": 1}', "unknown field `more`"),
        (b'{"event": "busy", "node_id": "x", "cores": "two"}', r"\$\.cores: Expected `float`, got `str`"),
        (b'{"event": "busy", "node_id": "x", "co', "is not JSON"),
    ],
)
def test_an_event_that_is_not_of_the_schema_names_the_field(line: bytes, field: str) -> None:
    """Nobody meets a KeyError, and nothing is taken for what it is not."""
    with pytest.raises(MeasureError, match=field):
        decode_event(line)


def fields(kind: type[msgspec.Struct]) -> set[str]:
    """Name the fields of a struct as they are written."""
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def trees() -> list[ast.AST]:
    """Parse the modules of the worker."""
    return [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(_WORKER.glob("*.py"))]


def test_the_worker_writes_the_names_and_keys_of_the_schema() -> None:
    """In its source, too: also of events that a run here may not show."""
    written: set[str] = set()
    for tree in trees():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "write" or not call.args:
                continue
            name = call.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                written.add(name.value)
                keys = {keyword.arg for keyword in call.keywords if keyword.arg is not None}
                assert keys <= fields(_EVENTS[name.value]), name.value
    assert written == _EVENTS.keys()


def test_the_docstring_of_the_start_names_every_mode() -> None:
    """Those of the schema, and the one in which a parent starts the children that it may not fork."""
    plans: tuple[type[msgspec.Struct], ...] = (*SessionPlan.__subclasses__(), EnvironmentPlan, PairPlan)
    modes = {str(plan.__struct_config__.tag) for plan in plans}
    said = ast.get_docstring(ast.parse((_WORKER / "start.py").read_text(encoding="utf-8"))) or ""
    assert set(re.findall(r"\w+", said.partition("``mode`` (")[2].partition(")")[0])) - {"or"} == modes | {"side"}


def test_the_worker_reads_every_field_of_plans_and_commands() -> None:
    """What is sent and never read is a mistake in one of the two."""
    strings = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    kinds = [
        kind
        for kind in vars(protocol).values()
        if isinstance(kind, type) and issubclass(kind, (Plan, PairPlan, SidePlan, Command))
    ]
    assert {PairPlan, SidePlan, Plan, Command} < set(kinds)
    for kind in kinds:
        assert fields(kind) <= strings, kind
    tags = {str(kind.__struct_config__.tag) for kind in kinds if not kind.__subclasses__() and kind is not SidePlan}
    assert tags - strings <= {"measure", "round", "select"}  # what the worker does where it is asked nothing else
