"""Results as workflow commands, read back by the runner's own rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets, words

from hivegate.model.reason import AdviceCode
from hivegate.report.annotations import render_annotations
from hivegate.report.bundle import Bundle, Place
from hivegate.report.escape import printable, without_commands
from hivegate.report.terminal import render_terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hivegate.model.targets import Target

_PIECES = ["::", ":", "##[", "]", "%", "%0A", "%3A", "\n", "\r", ",", "=", ", file=x", "::error::", " ", "a"]
_KNOWN = {"error", "warning", "notice"}


class Command(NamedTuple):
    """A command as the runner understands it."""

    name: str
    properties: dict[str, str]
    message: str


def obeyed(text: str) -> list[Command]:
    """Read a log as ActionCommand.cs does: ``::name key=value,…::data`` from the start of a line."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text):
        trimmed = line.lstrip()
        end = trimmed.find("::", 2)
        if not trimmed.startswith("::") or end < 0:
            assert "##[" not in line, "the runner obeys a legacy command anywhere in a line"
            continue
        name, _, rest = trimmed[2:end].partition(" ")
        pairs = (part.split("=", 1) for part in rest.strip().split(",") if "=" in part)
        properties = {key: decoded(value, {"%3A": ":", "%2C": ","}) for key, value in pairs}
        found.append(Command(name, properties, decoded(trimmed[end + 2 :], {})))
    return found


def decoded(text: str, more: dict[str, str]) -> str:
    """Undo the escapes, the percent sign's last."""
    for escape, char in {"%0D": "\r", "%0A": "\n", **more, "%25": "%"}.items():
        text = text.replace(escape, char)
    return text


def failing(*names: str, wanted: Sequence[Target] = ()) -> Bundle:
    """Make a result in which each name fails."""
    chosen = wanted or [target(name, maximum=1.0) for name in names]
    return bundle(gate(targets(*chosen), run(*(benchmark(name, [2.0] * 3) for name in names))))


def test_each_verdict_is_one_command_at_its_target() -> None:
    """Red is an error on the line of targets.yaml, a warning a warning; what passed is no annotation."""
    found = obeyed(render_annotations(bundle(results.red())))
    assert {one.name for one in found} == {"error", "warning", "notice"}
    latency = next(one for one in found if one.properties["title"] == "FAILED Consensus, ten packs")
    assert latency.properties["file"] == "targets.yaml"
    assert latency.properties["line"] == "4"
    assert "p50 of rounds: 123 ms (120 .. 127 ms; 5 passes)\nlimit: max 100 ms, missed by 23.2 %" in latency.message
    assert latency.message.endswith("hivegate profile 'hive_coordination/consensus_latency[10]'")
    assert render_annotations(bundle(results.green())) == ""


def test_nine_of_a_level_and_how_many_more() -> None:
    """GitHub keeps ten of a level: the nine worst, and one that counts the others."""
    names = [f"s/b[{number}]" for number in range(40)]
    many = run(*(benchmark(name, [2.0 + place] * 3) for place, name in enumerate(names)))
    found = obeyed(render_annotations(bundle(gate(targets(target("s/*", maximum=1.0)), many))))
    assert len(found) == 10
    assert [one.properties["title"] for one in found[:2]] == ["FAILED s/b[39]", "FAILED s/b[38]"]
    assert found[-1].message == "31 more like these are in the summary and in the JSON result"


def test_slowdowns_are_shown_where_the_benchmark_is_defined() -> None:
    """The budget of all benchmarks is no place to look at; a target's line is."""
    changed = results.changed()
    place = Place(file="sub/benches/bench_hive.py", line=17)
    found = obeyed(render_annotations(bundle(changed, places={"hive_coordination/conflict_detection[20]": place})))
    slower = next(one for one in found if "conflict_detection" in one.properties["title"])
    assert (slower.properties["file"], slower.properties["line"]) == ("sub/benches/bench_hive.py", "17")
    other = obeyed(render_annotations(bundle(results.red(), prefix="sub/")))
    assert {one.properties["file"] for one in other} == {"sub/targets.yaml"}


def test_long_paths_stay_whole() -> None:
    """A path with its middle cut out would name no file."""
    path = "/".join(["folder"] * 60) + "/targets.yaml"
    (command,) = obeyed(render_annotations(failing("s/a", wanted=[target("s/a", maximum=1.0, where=f"{path}:3:5")])))
    assert command.properties["file"] == path


@pytest.mark.parametrize("where", ["/etc/passwd:1:1", "../x:1:1", "a/../../x:1", "C:\\x:1", "\\\\host\\x:1", "~/x:2"])
def test_no_file_outside_the_repository_is_named(where: str) -> None:
    """A forged result names no file of the machine."""
    forged = failing("s/a", wanted=[target("s/a", maximum=1.0, where=where)])
    verdicts = tuple(msgspec.structs.replace(one, node_id="/etc/x.py::test") for one in forged.verdicts)
    result = msgspec.structs.replace(forged.results[0], verdicts=verdicts)
    (command,) = obeyed(render_annotations(bundle(result)))
    assert "file" not in command.properties


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.characters()), min_size=1).map("".join))
def test_hostile_names_are_one_command_each(name: str) -> None:
    """No name ends its command, starts another, or smuggles a property; title and message are read back as they are."""
    found = obeyed(render_annotations(failing(name)))
    (command,) = found
    assert command.name in _KNOWN
    assert set(command.properties) <= {"file", "line", "title"}
    assert command.properties["title"] == f"FAILED {printable(name)}"
    assert command.properties["line"] == "4"


def test_a_log_obeys_no_name() -> None:
    """Neither a name nor a failure's detail that a terminal wraps becomes a command, old or new, in GitHub's log."""
    detail = f"{'word ' * 12}::error file=x,line=1::boom ##[error]legacy ##vso[task.complete] {'end ' * 9}"
    forged = failing("::add-mask::a", "b##[group]x")
    verdicts = tuple(
        msgspec.structs.replace(one, reason=words(detail, detail), advice=AdviceCode.OTHER) for one in forged.verdicts
    )
    result = msgspec.structs.replace(forged.results[0], verdicts=verdicts, notes=(detail, f"##[{detail}"))
    for width in range(30, 100, 7):
        shown = render_terminal(result, width=width, verbose=True)
        assert obeyed(shown) == []
        assert "##vso[" not in shown
    assert "boom" in shown


def test_groups_are_the_only_commands_of_a_log() -> None:
    """What passed is folded between marks that the runner obeys; what a person must see stays outside."""
    shown = render_terminal(results.changed(), grouped=True)
    assert [(one.name, one.message) for one in obeyed(shown)] == [("group", "2 within their budgets"), ("endgroup", "")]
    inside = shown.partition("::group::")[2].partition("::endgroup::")[0]
    assert "snapshot_reads[100]" in inside
    assert "conflict_detection" not in inside
    assert "snapshot_reads[100]" not in shown.replace(inside, "")
    assert "::" not in render_terminal(results.changed())


@given(st.text(alphabet=":# []{}\n\tvso\x0bé"))
def test_commands_are_broken_wherever_they_stand(text: str) -> None:
    """Whatever the text, the runner obeys nothing of it."""
    assert obeyed(without_commands(text)) == []
