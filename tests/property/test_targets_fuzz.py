"""Fuzzing of targets.yaml: whatever the bytes, `Targets` or `TargetsError` with a place and a hint."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hivegate.errors import TargetsError
from hivegate.targets import load_targets

SEED = (Path(__file__).parents[2] / "targets.yaml").read_bytes()
FULL = b"""schema: 1
confidence: 99 %
tiers: {must: fail, should: warn, nice: note}
inconclusive: warn
assumed_spread: 15 %
targets:
  - name: Consensus
    benchmark: hive/consensus_latency[10]
    metric: p99
    between: [1 ms, 100 ms]
    min_cores: 4
    per: operation
  - {benchmark: "hive/*", relative_to: reference, max: 0.9, tier: nice, inconclusive: fail}
budgets:
  - benchmark: "*"
    budget: 2 %
    noise_floor: 20 ns
waivers:
  - {benchmark: a, kind: target, limit: 12 %, reason: r, owner: "@o", expires: 2027-03-01, metric: complexity}
"""
TOKENS = [
    *(word for word in FULL.replace(b":", b" ").split() if len(word) > 1),
    *(bytes([code]) for code in b"\t\n\r !\"#%&'*+,-./0?:<=>@[]^_`{|}~"),
    *(
        b"&a",
        b"*a",
        b"!!int",
        b"!!binary ",
        b"<<: ",
        b"? ",
        b"- ",
        b"---\n",
        b"...\n",
        b"%YAML 1.2\n",
        b"|\n ",
        b">-\n ",
    ),
    *(
        b"\x00",
        b"\x7f",
        b"\x85",
        b"\xff",
        b"\xc3",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        "ü\u2028\u202e".encode(),
    ),
    *(b"\\u0000", b'"\\ud800"', b'"\\x', b"1e999", b"-0", b"1_", b"9" * 400, b"nan", b".inf", b"0x1F", b"2027-02-30"),
    *(b"[" * 60, b"{a: " * 60, b"]" * 60, b"    ", b"\n    ", b"\n  - ", b"k" * 2000),
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Cut, repeat, overwrite and insert in a sound file."""
    content = draw(st.sampled_from([FULL, SEED]))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.sampled_from([0, 0, 1, 2, 8, 40, 400])))
        part = draw(st.sampled_from(TOKENS) | st.binary(max_size=6) | st.just(b""))
        if draw(st.integers(0, 9)) == 0:
            part = content[start:end] * draw(st.integers(2, 40))
        content = content[:start] + part + content[end:]
    return content


SOUP = st.lists(st.sampled_from(TOKENS), max_size=40).map(b"".join)
TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=200).map(str.encode)


def refusal(content: bytes) -> TargetsError | None:
    """Load the bytes as a file, and give what it is refused with; every other exception is a finding."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.yaml"
        path.write_bytes(content)
        try:
            load_targets(path)
        except TargetsError as fault:
            return fault
    return None


def check(content: bytes) -> None:
    """Hold a refusal to its place, its hint, and two lines that a terminal can bear."""
    fault = refusal(content)
    if fault is not None:
        place = re.fullmatch(r".*/t\.yaml:([1-9]\d*):([1-9]\d*)", fault.where)
        assert place is not None
        assert int(place[1]) <= len(content) + 1
        assert fault.hint
        assert len(str(fault).splitlines()) == 2
        assert len(str(fault)) < 2500
        assert str(fault).replace("\n", "").isprintable()


def test_the_files_that_are_mutated_are_sound() -> None:
    """Faults are put into what is read as it stands."""
    assert refusal(FULL) is None
    assert refusal(SEED) is None


@settings(max_examples=300, deadline=None)
@example(b"\xef\xbb\xbf")
@example(b"\xff\xfes\x00c\x00h\x00")
@given(content=mutated())
def test_a_mutated_file_is_read_or_refused_with_place_and_hint(content: bytes) -> None:
    """Nothing but `TargetsError` comes out of a sound file that was broken."""
    check(content)


@settings(max_examples=200, deadline=None)
@given(content=SOUP | st.binary(max_size=200) | TEXT)
def test_any_bytes_are_read_or_refused_with_place_and_hint(content: bytes) -> None:
    """Nothing but `TargetsError` comes out of bytes, of text, and of a soup of YAML's tokens."""
    check(content)
