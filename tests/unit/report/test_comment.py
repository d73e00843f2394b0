"""The comment on a pull request, as a reader of GitHub sees it."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING

import msgspec
import pytest
from tests import results
from tests.measured import TODAY, benchmark, bundle, gate, run, target, targets
from tests.results import compared

from hivegate.judge import judge_changes
from hivegate.model.comparison import Comparison
from hivegate.model.profile import Explained, Increase, Profile, Profiles
from hivegate.model.verdict import Outcome
from hivegate.report.annotations import render_annotations
from hivegate.report.bundle import Place
from hivegate.report.changed_line import changed_line
from hivegate.report.comment import render_comment, waiver_text
from hivegate.targets import parse_targets

if TYPE_CHECKING:
    from hivegate.model.verdict import GateResult

_SOURCE = "https://github.com/o/r/blob/0123"
_HUNK = """@@ -3,10 +3,11 @@

 def dedupe(items):
     \"\"\"Drop what was there before.\"\"\"
-    seen, out = set(), []
+    seen = []
+    out = []
     for i in items:"""


def slower(*names: str) -> GateResult:
    """Compare benchmarks that take three times as long, and one that takes a tenth."""
    benchmarks = (*(compared(name, 3.0) for name in names), compared("s/quick", 0.1))
    found = Comparison(base="main, 1234567", benchmarks=benchmarks, created="2026-06-01T10:00:00+00:00")
    return judge_changes(targets(), found, today=TODAY)


def profiled(result: GateResult, hunk: str = _HUNK, **fields: str) -> Profiles:
    """Profile the first verdict: one function grew, and the change touches it."""
    grown = Increase(
        function="dedupe", file="src/kit.py", line=9, base=1e-3, head=3e-3, error=1e-5, hunks=(hunk,), **fields
    )
    first = result.verdicts[0]
    made = Profile(
        benchmark=first.benchmark, kind="py-spy", files={"difference": "d.html"}, compared=True, increases=(grown,)
    )
    told = Explained(key=first.key, profiled=first.benchmark, outcome="", reason="", causes=("+2.00 ms in dedupe",))
    return Profiles(folder="p", profiles=(made,), explained=(told,))


def seen(text: str) -> list[str]:
    """List the lines that a reader sees before anything is unfolded."""
    shown = re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL)
    return [line for line in shown.splitlines() if line and not line.startswith(("<!--", "|---", "<sub>"))]


def test_a_comment_on_three_hundred_slowdowns_is_a_screen() -> None:
    """Verdict, counts, the worst five, the cause with its difference, and one link to all the rest."""
    result = slower(*(f"s/b[{number}]" for number in range(300)))
    page = "https://github.com/o/r/actions/runs/1"
    lines = seen(render_comment(bundle(result, profiles=profiled(result), artifacts=page)))
    assert len(lines) <= 15
    assert lines[:2] == ["## ❌ hivegate: SLOWER", "300 slower, 1 faster; against main, 1234567"]
    assert sum(line.startswith("| ❌") for line in lines) == 5
    assert "and 296 more, in the whole report" in lines
    assert f"(<{page}>)" in lines[-1]
    assert any(line.endswith(f" ([flame difference](<{page}>)):") for line in lines)


def test_each_thing_leads_to_where_it_stands() -> None:
    """The benchmark to its definition, the budget to its entry, the cause to the line that the change touched."""
    result = slower("s/one")
    rule = msgspec.structs.replace(result.verdicts[0], where="targets.yaml:7:5", node_id="benches/test_s.py::test_one")
    result = msgspec.structs.replace(result, verdicts=(rule, *result.verdicts[1:]))
    places = {"benches/test_s.py::test_one": Place(file="benches/test_s.py", line=12)}
    shown = bundle(result, profiles=profiled(result), places=places, source_at=_SOURCE)
    text = html.unescape(render_comment(shown))
    row = next(line for line in text.splitlines() if "s/one" in line)
    assert row == (
        f"| ❌ | [<code>s/one</code>](<{_SOURCE}/benches/test_s.py#L12>) | 1.00 ms | 3.00 ms "
        f"| **3.0x slower**, [2 %](<{_SOURCE}/targets.yaml#L7>) allowed |"
    )
    assert "| 🚀 | <code>s/quick</code> | 1.00 ms | 100 us | **10x faster** |" in text
    assert f"[<code>dedupe src/kit.py:6</code>](<{_SOURCE}/src/kit.py#L6>)" in text
    assert '<pre lang="diff">-    seen, out = set(), []\n+    seen = []\n+    out = []</pre>' in text
    assert "](<" not in render_comment(msgspec.structs.replace(shown, source_at=None))


def test_the_annotation_stands_at_the_line_that_was_changed() -> None:
    """GitHub shows only those; where no profile knows the line, it is the benchmark's."""
    result = slower("s/one")
    assert "file=sub/src/kit.py,line=6," in render_annotations(bundle(result, profiles=profiled(result), prefix="sub/"))
    place = {"s/one": Place(file="benches/test_s.py", line=12)}
    for unknown in (profiled(result, through="caller"), profiled(result, hunk="no hunk"), None):
        shown = render_annotations(bundle(result, profiles=unknown, places=place))
        assert "file=benches/test_s.py,line=12," in shown


def test_a_hunk_that_only_takes_away_is_shown_where_it_was() -> None:
    """There is no line that is new; the one that follows stands for it."""
    result = slower("s/one")
    gone = "@@ -3,3 +3,2 @@\n def dedupe(items):\n-    fast()\n     slow()"
    assert "file=src/kit.py,line=4," in render_annotations(bundle(result, profiles=profiled(result, hunk=gone)))


@pytest.mark.parametrize("name", ["s/one", "s/it's \"[500-ä]", "s/a: b # c"])
def test_the_waiver_that_it_offers_accepts_what_it_is_offered_for(name: str) -> None:
    """Pasted into targets.yaml as GitHub copies it, of a budget and of a target; only owner and reason are to write."""
    result = slower(name)
    text = render_comment(bundle(result))
    pasted = html.unescape(re.findall(r'<pre lang="yaml">(.*?)</pre>', text, re.DOTALL)[0])
    waivers = parse_targets(f"schema: 1\n{pasted}\n", "targets.yaml").waivers
    assert [(one.benchmark, one.owner, one.expires) for one in waivers] == [(name, "@YOU", dt.date(2026, 7, 1))]
    found = Comparison(base="main", benchmarks=(compared(name, 3.0),))
    judged = judge_changes(targets(waivers=waivers), found, today=TODAY)
    assert [one.outcome for one in judged.verdicts] == [Outcome.WAIVED]

    limited, measured = target(name, maximum=1.0), run(benchmark(name, [2.0, 2.01, 2.02]))
    entry = waiver_text(gate(targets(limited), measured).verdicts[0], "2026-06-01T10:00:00+00:00")
    waivers = parse_targets(f"schema: 1\nwaivers:\n{entry}\n", "targets.yaml").waivers
    assert gate(targets(limited, waivers=waivers), measured).verdicts[0].outcome is Outcome.WAIVED


def test_what_passed_needs_no_table() -> None:
    """A green comment is its headline and counts; one that crashed says what did."""
    assert seen(render_comment(bundle(results.green()))) == ["## ✅ hivegate: PASSED", "4 passed"]
    text = html.unescape(render_comment(bundle(results.red())))
    assert "</code> |  | max 2 ms | failed in 1 of 3 passes: assert 3 == 4 |" in text


def test_what_the_same_hunk_changes_in_another_function_is_not_shown() -> None:
    """Git joins what is near; the function that grew has its own lines, the one before and the one after theirs."""
    hunk = (
        "@@ -1,9 +1,9 @@\n def before():\n-    one()\n+    two()\n"
        " def dedupe():\n-    fast()\n+    slow()\n def after():\n-    three()"
    )
    result = slower("s/one")
    grown = msgspec.structs.replace(profiled(result, hunk=hunk).profiles[0].increases[0], line=4)
    made = msgspec.structs.replace(profiled(result).profiles[0], increases=(grown,))
    found = changed_line(result.verdicts[0].key, Profiles(folder="p", profiles=(made,)))
    assert found is not None
    assert (found.line, found.difference) == (4, ("-    fast()", "+    slow()"))
    assert "](<" not in render_comment(bundle(result, source_at=_SOURCE))  # the default budget stands in no file
