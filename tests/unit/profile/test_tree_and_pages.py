"""Drawing: the tree behind it, the pages and the picture."""

import json
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.model.profile import Cause, Explained, Increase, Profile, Profiles
from hivegate.model.targets import RuleKind
from hivegate.model.verdict import VerdictKey
from hivegate.profile.difference import Shift
from hivegate.profile.drawing import difference_picture, flame_picture
from hivegate.profile.flame import Flame, Frame, Stack
from hivegate.profile.increases import Difference
from hivegate.profile.index import index_page
from hivegate.profile.page import Caption, difference_page, flame_page
from hivegate.profile.tree import grow, rows

HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"' onload=alert(1) x='",
    "<!--<script>",
    "new\nline\r\u2028\u2029",
    "\u202etxt.exe",
    "\ud800",
    "x" * 300,
    "${title} $data",
    "&lt;b&gt;",
]

PLAIN = Caption(headline="Flame graph")

stacks_of_names = st.dictionaries(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(lambda names: tuple(Frame(one) for one in names)),
    st.floats(0.001, 10),
    min_size=1,
    max_size=20,
)


class Shape(HTMLParser):
    """Gather tags, attribute names and the data block of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and any attribute that runs code."""
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]

    def handle_data(self, data: str) -> None:
        """Note the text of scripts."""
        if self.tags and self.tags[-1] == "script" and data.strip():
            self.scripts.append(data)


def flame_of(stacks: dict[Stack, int], benchmark: str = "suite/one") -> Flame:
    """Make a flame of half a second a call."""
    return Flame(benchmark=benchmark, stacks=stacks, seen=sum(stacks.values()), per_call=0.5)


@given(stacks_of_names, stacks_of_names)
def test_callees_always_fit_under_their_caller(base: dict[Stack, float], head: dict[Stack, float]) -> None:
    """On both sides totals are callees plus own, and no row of a picture is wider than the row above it."""
    root = grow([base, head])
    for _, node in [(0, root), *rows(root, 20_000)]:
        callees = node.children.values()
        assert sum(one.width for one in callees) <= node.width * (1 + 1e-9)
        for side in (0, 1):
            assert node.total[side] == pytest.approx(node.own[side] + sum(one.total[side] for one in callees))
            assert node.width >= node.total[side] * (1 - 1e-9)
    assert root.total == pytest.approx([sum(base.values()), sum(head.values())])


def test_deep_and_wide_profiles_stay_drawable() -> None:
    """Forty thousand nodes below a deep recursion are cut to what a page can hold, the widest kept, and stay a tree."""
    stem = (Frame("suite/one"), *(Frame(f"f{i}") for i in range(250)))
    stacks: dict[Stack, int] = {(*stem, *(Frame(f"leaf{i}.{k}") for k in range(20))): 1 for i in range(2000)}
    stacks[*stem, Frame("wide")] = 50
    flame = flame_of(stacks)
    text = flame_page(flame, PLAIN)
    data = json.loads(Shape(text).scripts[0])
    depths = [node[0] for node in data["nodes"]]
    assert len(text) < 1_200_000
    assert len(difference_page(Difference(base=flame, head=flame, moved=(), increases=()), PLAIN)) < 1_200_000
    assert "wide" in {frame[0] for frame in data["frames"]}
    assert all(later <= former + 1 for former, later in pairwise(depths))


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_markup(name: str) -> None:
    """As benchmark, function, file, source, hunk, fact or note: pages keep their elements, pictures stay XML."""
    harmless, hostile = (_everything("name"), _everything(name))
    for plain, attacked in zip(harmless, hostile, strict=True):
        assert Shape(attacked).tags == Shape(plain).tags
        assert Shape(attacked).handlers == []
    for text in _pictures(name):
        picture = ET.fromstring(text)  # noqa: S314  our own text
        assert {one.tag.rpartition("}")[2] for one in picture.iter()} == {"svg", "title", "style", "g", "rect", "text"}


def _everything(name: str) -> list[str]:
    flame = flame_of({(Frame(name), Frame(name, name, 3)): 5}, name)
    one_line = " ".join(name.split())
    increase = Increase(
        function=name,
        file=name,
        line=1,
        source=name,
        base=1.0,
        head=2.0,
        error=0.1,
        hunks=(f"@@ -1 +1 @@ {one_line}\n+{one_line}",),
        through=name,
    )
    profile = Profile(
        benchmark=name,
        kind=name,
        files={name: f"{name}/flame.html"},
        top=(Cause(function=name, file=name, line=1, share=0.5, source=name),),
        note=name,
    )
    compared = msgspec.structs.replace(profile, compared=True, increases=(increase,))
    drawn = Caption(headline="Flame graph", facts={"Profiler": name}, notes=[name])
    moved = (Shift(function=name, file=name, base=1.0, head=2.0, error=0.1),)
    told = Explained(
        key=VerdictKey(benchmark=name, kind=RuleKind.BUDGET, metric=name, where=name),
        profiled=name,
        outcome="slower",
        reason=name,
        causes=(name,),
    )
    return [
        flame_page(flame, drawn),
        difference_page(Difference(base=flame, head=flame, moved=moved, increases=(increase,)), drawn),
        index_page(
            Profiles(folder=name, profiles=(profile, compared), base=name, explained=(told,), notes=(name,)),
        ),
    ]


def _pictures(name: str) -> list[str]:
    flame = flame_of({(Frame(name), Frame(name, name, 3)): 5}, name)
    return [flame_picture(flame), difference_picture(Difference(base=flame, head=flame, moved=(), increases=()))]


def test_a_difference_is_red_where_head_takes_more_and_blue_where_it_takes_less() -> None:
    """What moved by more than the samples can make up has a colour; what did not is grey."""
    root = Frame("suite/one")
    base = flame_of({(root, Frame("a")): 500, (root, Frame("b")): 400, (root, Frame("c")): 100})
    head = flame_of({(root, Frame("a")): 500, (root, Frame("b")): 100, (root, Frame("c")): 400})
    picture = ET.fromstring(difference_picture(Difference(base=base, head=head, moved=(), increases=(), sure=3.0)))  # noqa: S314  our own text
    kinds = {str(group[0].text).split()[0]: group[1].get("class") or "" for group in picture.findall("{*}g")}
    assert kinds["c"].startswith("up")
    assert kinds["b"].startswith("down")
    assert kinds["a"] == kinds["suite/one"] == "same"


def test_names_arrive_as_they_are() -> None:
    """The data block of a page holds the very name that was escaped for it."""
    name = "</script>&\"'"
    data = json.loads(Shape(_everything(name)[0]).scripts[0])
    assert data["title"] == name
    assert data["frames"][1][:2] == [name, name]


def test_a_flame_without_samples_is_still_a_page() -> None:
    """Nothing is divided by zero."""
    empty = flame_of({})
    assert json.loads(Shape(flame_page(empty, PLAIN)).scripts[0])["nodes"] == []
    assert "<svg" in flame_picture(empty)
    assert "<svg" in difference_picture(Difference(base=empty, head=empty, moved=(), increases=()))
