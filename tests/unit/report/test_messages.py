"""The words of reasons and advice: every code has some, and JSON keeps code and words together."""

from __future__ import annotations

import datetime as dt
import json
import re
import string

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import results
from tests.documents import ROOT
from tests.measured import words

from hivegate.errors import ResultsError
from hivegate.model.reason import AdviceCode, Reason, ReasonCode, WaiverNote
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import Outcome, Severity, Verdict
from hivegate.report.jsondoc import parse_json, render_json
from hivegate.report.messages import ADVICE, REASONS, advice_text, label, reason_text

MAYBE = "so this may be interference"
REFERENCE = (ROOT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")


def verdict(reason: Reason, advice: AdviceCode | None = None, **fields: object) -> Verdict:
    """Make a verdict that has a reason."""
    known = {"benchmark": "s/a[1]", "kind": RuleKind.TARGET, "outcome": Outcome.FAILED, "severity": Severity.BROKEN}
    return Verdict(**{**known, "metric": "p50", "reason": reason, "advice": advice, **fields})  # type: ignore[arg-type]


def documented(heading: str) -> list[str]:
    """List the codes of a table of the reference."""
    rows = REFERENCE.partition(f"| {heading} | meaning |\n|---|---|\n")[2].partition("\n\n")[0]
    return [code for row in rows.splitlines() for code in re.findall(r"`([^`]+)`", row.split("|")[1])]


@pytest.mark.parametrize(("heading", "codes"), [("code", ReasonCode), ("advice code", AdviceCode)])
def test_the_reference_lists_every_code_once(heading: str, codes: type[ReasonCode | AdviceCode]) -> None:
    """A code that is not documented is no promise, and one that is gone is a false one."""
    assert sorted(documented(heading)) == sorted(code.value for code in codes)


def test_every_code_has_its_words() -> None:
    """None is without a sentence, and none stands for two codes."""
    assert REASONS.keys() == set(ReasonCode)
    assert ADVICE.keys() == set(AdviceCode) - {AdviceCode.OTHER}
    sentences = [text for text in REASONS.values() if text != "{text}"] + list(ADVICE.values())
    assert len(set(sentences)) == len(sentences)


def test_advice_is_a_sentence_and_a_reason_follows_a_name() -> None:
    """Advice begins with a capital and ends with a full stop, a question mark or what is to be typed."""
    for text in ADVICE.values():
        assert text[0] in string.ascii_uppercase
        assert text[-1] in ".?" or ": " in text
    assert all(text[0] not in string.ascii_uppercase and text[-1] != "." for text in REASONS.values())


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason(code=ReasonCode.ONE_SAMPLE), "one sample: no confidence interval"),
        (
            Reason(code=ReasonCode.TOO_FEW_CORES, cores_needed=4, cores=2),
            "needs at least 4 cores; this machine has 2",
        ),
        (
            Reason(code=ReasonCode.TOO_FEW_CORES, cores_needed=1),
            "needs at least 1 core; this machine has an unknown number",
        ),
        (
            Reason(code=ReasonCode.INTERFERENCE, passes=15, contended=15, quietest=0.62),
            f"other processes used the CPU in all 15 passes (the quietest pass got 62 % of it), {MAYBE}",
        ),
        (
            Reason(code=ReasonCode.INTERFERENCE, passes=1, contended=1, quietest=0.5),
            f"other processes used the CPU in the only pass (which got 50 % of it), {MAYBE}",
        ),
        (
            Reason(code=ReasonCode.INTERFERENCE, passes=5, contended=4, quietest=0.8),
            f"other processes used the CPU in 4 of 5 passes, {MAYBE}",
        ),
        (
            Reason(
                code=ReasonCode.ABOVE_LIMIT,
                waivers=(
                    WaiverNote(owner="@a", expires=dt.date(2027, 1, 2)),
                    WaiverNote(owner="@b", expires=dt.date(2026, 1, 2), expired=True),
                ),
            ),
            f"{REASONS[ReasonCode.ABOVE_LIMIT]}; this exceeds what @a accepts; the waiver of @b expired on 2026-01-02",
        ),
        (
            Reason(code=ReasonCode.WAIVED, owner="@a", expires=dt.date(2027, 1, 2), text="{text} %s"),
            "accepted by @a until 2027-01-02: {text} %s",
        ),
        (Reason(code=ReasonCode.FAILED_ON_HEAD, text="crashed"), "on head: crashed"),
        (Reason(code=ReasonCode.FAILED_ON_HEAD, text="a", base="b"), "on head: a; on base: b"),
        (Reason(code=ReasonCode.BENCHMARK_NOT_CALLED), "the test passed without calling its benchmark fixture"),
        (
            Reason(code=ReasonCode.BENCHMARK_NOT_CALLED, text="not measured in 1 of 3 passes"),
            "not measured in 1 of 3 passes",
        ),
    ],
)
def test_numbers_become_sentences(reason: Reason, text: str) -> None:
    """The number is the one of the reason, in its singular where it is one."""
    assert reason_text(verdict(reason)) == text


def test_a_ratio_is_not_advised_to_be_a_ratio() -> None:
    """Who already divides by the reference loop needs a calmer machine, not the same again."""
    reason = Reason(code=ReasonCode.INTERFERENCE, passes=1, contended=1)
    assert "relative_to" in advice_text(verdict(reason, AdviceCode.CALM_MACHINE))
    assert "relative_to" not in advice_text(verdict(reason, AdviceCode.CALM_MACHINE, relative_to="reference"))


@pytest.mark.parametrize(
    ("outcome", "severity", "name"),
    [
        (Outcome.FAILED, Severity.BROKEN, "failed"),
        (Outcome.FAILED, Severity.WARNING, "warning"),
        (Outcome.FAILED, Severity.NOTE, "note"),
        (Outcome.INCONCLUSIVE, Severity.WARNING, "inconclusive"),
    ],
)
def test_what_does_not_break_the_gate_is_not_called_failed(outcome: Outcome, severity: Severity, name: str) -> None:
    """By the weight of its tier a broken target is failed, a warning or a note."""
    assert label(outcome, severity) == name


_REASONS = st.builds(
    Reason,
    code=st.sampled_from(ReasonCode),
    text=st.text(st.characters(exclude_categories=["Cs"])),
    base=st.text("ab{}", max_size=3),
    cores_needed=st.integers(0, 9),
    cores=st.none() | st.integers(0, 9),
    passes=st.integers(0, 9),
    contended=st.integers(0, 9),
    quietest=st.floats(0, 1),
    owner=st.text("@a{}", max_size=3),
    expires=st.none() | st.dates(),
    metrics=st.tuples(st.just("mean")) | st.just(()),
    waivers=st.lists(st.builds(WaiverNote, owner=st.just("@x"), expires=st.dates(), expired=st.booleans())).map(tuple),
)


@given(reason=_REASONS, advice=st.none() | st.sampled_from(AdviceCode))
def test_json_gives_every_reason_back(reason: Reason, advice: AdviceCode | None) -> None:
    """Whatever code and numbers: they have words, stand in the JSON beside them, and are read back equal."""
    if reason.code is ReasonCode.OTHER:
        reason = words(reason.text)  # which is all that words alone can carry
    if advice is AdviceCode.OTHER:
        reason = msgspec.structs.replace(reason, hint="Do it.")
    given_ = verdict(reason, advice)
    result = msgspec.structs.replace(results.green(), verdicts=(given_,))
    document = json.loads(render_json(result))["verdicts"][0]
    assert (document["code"], document["reason"]) == (reason.code.value, reason_text(given_))
    assert (document["advice_code"], document["advice"]) == (advice and advice.value, advice_text(given_))
    assert parse_json(render_json(result).encode(), where="r.json") == result


def changed(**fields: object) -> bytes:
    """Change the first verdict of a JSON result; None removes a field."""
    document = json.loads(render_json(results.red()))
    first = document["verdicts"][0]
    for key, value in fields.items():
        if value is None:
            first.pop(key)
        else:
            first[key] = value
    return json.dumps(document).encode()


def test_words_of_another_version_stay_as_they_are() -> None:
    """A code that this version does not know, or a result without codes, is shown in the words that it came with."""
    codes = {"code": "of-tomorrow", "parameters": {"moon": 1}, "advice_code": "look-up"}
    for fields in (codes, dict.fromkeys(codes)):
        first = parse_json(changed(**fields, reason="it rains", advice="Take a coat."), where="r").verdicts[0]
        assert (reason_text(first), advice_text(first)) == ("it rains", "Take a coat.")
        assert first.reason.code is ReasonCode.OTHER


def test_known_codes_are_rendered_and_not_believed() -> None:
    """The words follow from the code, whatever the file says beside it."""
    first = parse_json(changed(reason="all is well", advice="Do nothing."), where="r").verdicts[0]
    assert reason_text(first) == REASONS[ReasonCode.ABOVE_LIMIT]
    assert advice_text(first).startswith("Find the cause: hivegate profile ")


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": 7},
        {"parameters": {"passes": "many"}},
        {"parameters": {"waivers": [{"owner": 1}]}},
        {"parameters": {"expires": "soon"}},
        {"code": "of-tomorrow", "reason": 7},
        {"advice_code": "of-tomorrow", "advice": ["x"]},
        {"reason": None},
    ],
)
def test_wrong_parameters_are_refused(fields: dict[str, object]) -> None:
    """A file that was changed names its fault and is no traceback."""
    with pytest.raises(ResultsError, match=r"^r\.json: .*verdicts"):
        parse_json(changed(**fields), where="r.json")
