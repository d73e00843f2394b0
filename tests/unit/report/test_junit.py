"""Results as JUnit XML, read back by a parser."""

from __future__ import annotations

import random
from xml.etree import ElementTree as ET

import msgspec
import pytest
from tests import results
from tests.measured import benchmark, bundle, gate, run, target, targets, words

from hivegate.model.reason import AdviceCode
from hivegate.model.verdict import GateResult, Severity
from hivegate.report.escape import printable
from hivegate.report.junit import render_junit

# What Jenkins' junit-10.xsd allows where; other services ask for no more.
_ALLOWED = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"properties", "testcase"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"failure", "error", "skipped", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
}
scenes = pytest.mark.parametrize("result", [results.red(), results.green(), results.needing_more(), results.changed()])


def parsed(*given: GateResult) -> ET.Element:
    """Render and read back."""
    return ET.fromstring(render_junit(bundle(*given)))  # noqa: S314  of our own making


def kinds(root: ET.Element) -> dict[str, str]:
    """Tell what each case is, "" where it passed."""
    return {
        f"{case.get('classname')}/{case.get('name')}": next((one.tag for one in case if one.tag != "system-out"), "")
        for case in root.iter("testcase")
    }


@scenes
def test_only_what_the_schema_allows(result: GateResult) -> None:
    """Elements and attributes are those that Jenkins validates against."""
    for element in parsed(result).iter():
        attributes, children = _ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


@scenes
def test_counts_are_those_of_the_cases(result: GateResult) -> None:
    """One case a verdict, and the numbers of suite and document agree with what is in them."""
    root = parsed(result, result)
    assert root.get("tests") == str(2 * len(result.verdicts))
    for suite in root:
        found = list(kinds(suite).values())
        for key, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(key) == str(found.count(kind))
        assert suite.get("tests") == str(len(suite.findall("testcase")))


def test_what_breaks_the_gate_is_a_failure_and_what_is_missing_an_error() -> None:
    """A warning, a waiver and a benchmark without a target are skipped: the gate does not fail for them."""
    found = kinds(parsed(results.red()))
    assert found["hive_coordination/consensus_latency[10]: p50, must"] == "failure"
    assert found["swarm_primitives/snapshot_read: p50, must"] == "error"
    assert found["swarm_primitives/priority: p50, must"] == "skipped"
    assert found["swarm_primitives/snapshot_reads"] == "skipped"
    assert "skipped" in {kind for name, kind in found.items() if name.endswith(", should")}
    compared = kinds(parsed(results.changed()))
    assert compared["hive_coordination/conflict_detection[20]: mean"] == "failure"
    assert compared["hive_coordination/consensus_latency[10]: mean"] == ""


def test_failures_say_why_and_what_to_do() -> None:
    """Whoever opens the case sees limit, measurement, reason and advice; suites carry the verdict."""
    root = parsed(results.red())
    case = next(one for one in root.iter("testcase") if "consensus_latency" in str(one.get("name")))
    told = case.findtext("system-out") or ""
    assert "limit: max 100 ms, missed by 23.2 %" in told
    assert "what to do: Find the cause: hivegate profile" in told
    assert case.get("time") == "0.123195448"
    properties = {one.get("name"): one.get("value") for one in root.iter("property")}
    assert properties["outcome"] == "failed"
    assert properties["commit"] == "0123456789abcdef"


@pytest.mark.parametrize(
    ("name", "classname", "rest"),
    [
        ("a/b/c[x/y]", "a.b", "c[x/y]: p50, must"),
        ("c", "benchmarks", "c: p50, must"),
        ("suite/Class.name[a[b]/c]", "suite", "Class.name[a[b]/c]: p50, must"),
    ],
)
def test_classes_are_suites(name: str, classname: str, rest: str) -> None:
    """The suite is the class, folders are packages, and parameters stay with the name, slashes and all."""
    root = parsed(gate(targets(target(name, maximum=1.0)), run(benchmark(name, [2.0] * 3))))
    (case,) = root.iter("testcase")
    assert (case.get("classname"), case.get("name")) == (classname, rest)


def test_any_name_is_well_formed() -> None:
    """2,000 names of any characters, in every field, are read back as they are shown elsewhere."""
    chance = random.Random(8)  # noqa: S311  a reproducible fuzz
    signs = ["]]>", "<![CDATA[", "&", "&#0;", "<", ">", '"', "'", "\x00", "\x0b", "\ufffe", "\ud800", "\n", "-->", "é"]
    names = ["x" + "".join(chance.choices([*signs, chr(chance.randrange(0x110000))], k=6)) for _ in range(2000)]
    red = results.red()
    verdicts = tuple(
        msgspec.structs.replace(
            red.verdicts[0], benchmark=name, reason=words(name, name), advice=AdviceCode.OTHER, name=name, where=name
        )
        for name in names
    )
    hostile = msgspec.structs.replace(red, verdicts=verdicts, notes=tuple(names))
    told = [case.findtext("system-out") or "" for case in parsed(hostile).iter("testcase")]
    assert [text.partition("\n")[0] for text in told] == [f"benchmark: {printable(name)}" for name in names]
    assert all(one.severity is Severity.BROKEN for one in verdicts)
