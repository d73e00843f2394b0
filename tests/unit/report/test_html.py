"""The page as text: what it holds, that it is inert, and that nothing of it comes from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import pages, results
from tests.measured import benchmark, gate, run, target, targets, words

from hivegate.model.profile import Cause, Increase, Profile, Profiles
from hivegate.model.verdict import Severity
from hivegate.report.bundle import Bundle
from hivegate.report.escape import printable
from hivegate.report.html import render_html
from hivegate.report.html.anchors import anchors

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

_OWN_TAGS = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "main", "section", "footer", "div", "span"),
    *("h1", "h2", "h3", "p", "a", "b", "em", "small", "code", "wbr", "ul", "ol", "li", "dl", "dt", "dd", "details"),
    *("summary", "figure", "figcaption", "form", "fieldset", "legend", "label", "input", "output", "button"),
    *("table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "symbol", "use", "g", "path", "line", "rect", "circle", "text"),
}


class Read(HTMLParser):
    """What a browser would make of a page: tags with their attributes, and the text outside of script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.blocks: dict[str, list[str]] = {"script": [], "style": []}
        self.text: list[str] = []
        self._inside = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        """Note text."""
        if self._inside in self.blocks:
            self.blocks[self._inside].append(data)
        else:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  of the parser
        """Leave a block."""
        self._inside = ""

    def all(self, name: str) -> list[dict[str, str]]:
        """List the attributes of all tags of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]

    def verdicts(self) -> list[dict[str, str]]:
        """List the attributes of all verdicts, in their order."""
        return [one for one in self.all("tbody") if "verdict" in one.get("class", "").split()]


def page(*given: GateResult, **fields: object) -> str:
    """Render results."""
    return render_html(Bundle(results=given, **fields))  # type: ignore[arg-type]


def test_every_verdict_is_on_the_page_once_and_what_matters_is_first() -> None:
    """Targets and changes each have a table; in both the weight falls, and every name has an address of its own."""
    bench, compared = pages.verdicts(100), pages.changes(30)
    read = Read(page(bench, compared))
    names = [one["data-name"] for one in read.verdicts()]
    assert sorted(names) == sorted(one.benchmark for one in (*bench.verdicts, *compared.verdicts))
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    severity = {one.benchmark: one.severity for one in compared.verdicts}
    weights = [severity[name] for name in names[len(bench.verdicts) :]]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] is Severity.BROKEN


def test_a_verdict_tells_its_limit_estimate_interval_reason_and_place() -> None:
    """Nothing of what the terminal tells is missing from the page."""
    text = html.unescape(re.sub(r"<wbr>|\s+", " ", page(results.red())).replace(" ", ""))
    for wanted in (
        "max 100 ms",
        "123 ms",
        "120 .. 127 ms",
        "the whole interval lies above the limit; missed by 23.2 %",
        "hivegate profile",
        "targets.yaml:4:5",
        "accepted by @performance-team",
        "5 passes, 99 % confidence over 6 looks",
        "assert 3 == 4",
    ):
        assert wanted.replace(" ", "") in text, wanted


def test_the_headline_is_the_worst_of_all_results() -> None:
    """One page for two results says failed where either failed, and counts each."""
    text = page(results.green(), pages.changes(8))
    assert re.search(r"<h1[^>]*>.*?Slower</h1>", text, re.DOTALL)
    assert "<title>SLOWER" in text
    assert "Targets passed:" in text
    assert "Comparison slower:" in text


def test_a_partial_result_says_so() -> None:
    """What a selection left out is told beside the verdict and listed."""
    measured = run(benchmark("a", [1.0] * 3), not_selected=("left/out",))
    text = page(gate(targets(target("a", maximum=2.0)), measured))
    assert "Partial." in text
    assert "left/out" in text


def test_a_result_without_verdicts_is_a_page() -> None:
    """An empty run is told, not drawn."""
    text = page(gate(targets(), run()))
    assert "nothing was measured" in text
    assert "<table" not in text


def test_many_verdicts_are_cut_at_the_light_end() -> None:
    """The heaviest three hundred have their pictures; each of the others is a line for the script, told without one."""
    many = run(*(benchmark(f"s/{number}", [1.0 + number] * 2) for number in range(340)))
    result = gate(targets(target("s/*", maximum=20.5)), many)
    text = page(result)
    shown = Read(text).verdicts()
    assert len(shown) == 300
    assert [one["data-outcome"] for one in shown] == ["failed"] * 300
    assert "340 verdicts" in text
    assert "40 more verdicts" in text
    lines = json.loads(re.findall(r'<script type="application/json" id="lines">(.*?)</script>', text)[0])
    assert len(lines) == 40
    assert {line[2] for line in lines} >= {"s/0", "s/19"}


def test_the_first_screen_answers_what_failed_by_how_much_and_why() -> None:
    """What broke the gate is named with its numbers and cause; what is merely close only where all passed."""
    text = page(results.red())
    answers = text[text.index('class="answers"') : text.index('class="beside"')]
    assert "Consensus, ten packs" in answers
    assert "123 ms" in answers
    assert "max 100 ms" in answers
    assert "Closest to their limit" not in text
    assert "Closest to their limit" in page(results.green())
    slower = html.unescape(page(*results.example().results))
    assert "1.00 ms → 1.10 ms" in slower
    assert "find_conflicts at src/hive/conflicts.py:41" in slower[slower.index('class="answers"') :]


def test_nothing_in_a_line_ends_the_script() -> None:
    """A name among the lightest is data, whatever it is."""
    passing = (benchmark(f"s/{number}", [1.0, 1.0]) for number in range(300))
    hostile = benchmark("s/</script><script>x()</script>", [1.0, 1.0])
    text = page(gate(targets(target("s/*", maximum=9.0)), run(*passing, hostile)))
    assert text.count("<script") == 3
    assert "x()</script>" not in text


def test_a_page_of_a_hundred_verdicts_is_small() -> None:
    """It can be mailed and kept: far below 6 MB, with passes, pairs, complexity and profiles drawn."""
    text = page(pages.verdicts(100), pages.changes(100), profiles=pages.profiles(pages.SLOW), profiles_at="profiles")
    assert len(text.encode()) < 3_000_000
    assert text.count('class="strip"') > 150
    assert text.count('class="complexity"') >= 10


def test_the_policy_allows_our_blocks_and_nothing_else() -> None:
    """Every script and style is named by its hash, no attribute holds code, and no address is asked for anything."""
    read = Read(page(pages.verdicts(20), profiles=pages.profiles(pages.SLOW), profiles_at="../p"))
    (policy,) = [one["content"] for one in read.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    for kind in ("script", "style"):
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in read.blocks[kind]
        ]
        assert rules[f"{kind}-src"].split() == hashes
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for tag, attributes in read.tags:
        assert not {"src", "style", "srcset", "action", "data"} & attributes.keys(), tag
        assert not [name for name in attributes if name.startswith("on")], tag


@pytest.mark.parametrize("bad", [results.HOSTILE, '"><script>x()</script>', "{{ 7 * 7 }}{% raw %}", "'-->]]></style>"])
def test_what_others_wrote_is_text(bad: str) -> None:
    """No tag, attribute, template or control character gets out of a name, a reason, a note, a cause or a machine."""
    cause = Cause(function=bad, file=bad, line=1, share=0.5, source=bad)
    grown = Increase(function=bad, file=bad, line=1, source=bad, base=1.0, head=2.0, error=0.1)
    made = Profile(
        benchmark=bad, kind=bad, files={bad: f"x/{bad}"}, top=(cause,), increases=(grown,), unit=bad, note=bad
    )
    hostile = results.hostile()
    hostile = msgspec.structs.replace(
        hostile,
        created=bad,
        base=bad,
        not_selected=(bad,),
        notes=(bad,),
        verdicts=tuple(
            msgspec.structs.replace(
                one,
                benchmark=bad,
                name=bad,
                tier=bad,
                metric=bad,
                where=bad,
                node_id=bad,
                causes=(bad,),
                relative_to=bad,
            )
            for one in hostile.verdicts
        ),
    )
    text = page(hostile, profiles=Profiles(folder=bad, profiles=(made,)), profiles_at="profiles")
    read = Read(text)
    assert {tag for tag, _ in read.tags} <= _OWN_TAGS
    assert [len(read.blocks[kind]) for kind in ("script", "style")] == [2, 1]
    assert re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u2028\u2029]", text) is None
    assert "".join(printable(bad).split()) in "".join("".join(read.text).split())


@settings(deadline=None)  # the first page compiles the templates
@given(st.text(max_size=40))
def test_any_name_is_shown_as_printable_spells_it(name: str) -> None:
    """Whatever a name holds, the page has our tags only and the name as text."""
    measured = run(benchmark(f"s/{name}", [1.0] * 2))
    read = Read(page(gate(targets(target("s/*", maximum=2.0, name=f"t{name}")), measured)))
    assert {tag for tag, _ in read.tags} <= _OWN_TAGS
    assert "".join(printable(f"t{name}").split()) in "".join("".join(read.text).split())


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a/flame.html", "./../profiles/a/flame.html"),
        ("a b/#1?.html", "./../profiles/a%20b/%231%3F.html"),
        ("javascript:alert(1)", "./../profiles/javascript%3Aalert%281%29"),
        ("//evil.example/x", None),
        ("/etc/passwd", None),
        ("a/../../../x", None),
        ("..\\x", None),
        ("", None),
    ],
)
def test_profiles_are_linked_within_their_folder(path: str, address: str | None) -> None:
    """A link is relative, whatever a file says; what leaves the folder has none."""
    made = Profile(benchmark=pages.SLOW, kind="py-spy", files={"flame": path})
    text = page(pages.verdicts(10), profiles=Profiles(folder="p", profiles=(made,)), profiles_at="../profiles")
    links = [one["href"] for one in Read(text).all("a") if not one["href"].startswith("#")]
    assert links == ([] if address is None else [address])


def test_causes_stand_beside_their_verdict_and_no_other() -> None:
    """The profile of a benchmark is in its detail; one without a place to link to has no links."""
    text = page(pages.verdicts(20), profiles=pages.profiles(pages.SLOW))
    parts = re.split(r'(?=<tbody role="rowgroup" class="verdict)', text)
    (told,) = [part for part in parts if "bisect.insort" in part]
    assert f'data-name="{pages.SLOW}"' in told
    assert "61 %" in told
    assert "src/hive/queue.py:41" in told
    assert "+74.3 ms" in told
    assert "1.20 ms -&gt; 75.5 ms a call" in told
    assert "flame graph" not in text


def test_addresses_of_verdicts_hold_when_others_come_and_go() -> None:
    """An address follows from what is judged, not from what came of it or where it is written; equal ones are told."""
    found = pages.verdicts(20).verdicts
    names = anchors(found)
    later = [msgspec.structs.replace(one, reason=words("other"), where="targets.yaml:99:1") for one in found[7:]]
    assert anchors(later) == names[7:]
    assert all(re.fullmatch(r"[a-z0-9-]+", one) for one in names)
    other = msgspec.structs.replace(found[0], metric="p99")
    assert len({names[0], *anchors([other, msgspec.structs.replace(other, per_operation=True)])}) == 3
    first, again = anchors([found[0], found[0]])
    assert again == f"{first}-2"


def _luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(one * 2 for one in color[1:])
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(scheme: str) -> None:
    """Every colour of text has a contrast of 4.5 to every ground, also in charts, which axe does not judge."""
    (style,) = Read(page(results.green())).blocks["style"]
    blocks = re.findall(r":root(?:\[data-theme=\"dark\"\])? \{(.*?)\}", style, re.DOTALL)
    colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", blocks[0 if scheme == "light" else -1]))
    assert len(colors) > 15
    for ground in ("ground", "panel", "sunk"):
        for ink in ("ink", "soft", "accent", "good", "bad", "open", "aside", "quiet"):
            light, dark = sorted((_luminance(colors[ground]), _luminance(colors[ink])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ground, ink)
