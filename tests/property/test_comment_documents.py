"""Documents of every shape that results and profiles can have, as a fork may send them: refused, or told inertly."""

from __future__ import annotations

import html
import json
import math
import random
import re
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.github_server import zipped

from hivegate.errors import HivegateError
from hivegate.flows.report.run_result import read_artifact
from hivegate.model.profile import PROFILE_SCHEMA, Profiles
from hivegate.model.verdict import RESULT_SCHEMA, GateResult, summarize
from hivegate.report.comment import MARKER, render_comment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.token import Token

_RARE = 0.002  # of the values are of another kind than the schema wants
_GIVEN = 0.7  # of what may be left out is there
_MOST = 300  # members of a list that is long
_TRICKS = [
    *("a", "suite/name[1]", " ", "\n", "\n\n", "\r", "\x00", "\x1b[31m", "\u202e", "\u200b", "0.5", "é", "漢"),
    *("@me", "@org/team", "#123", "GH-1", "o/r#2", "o/r@0123456789abcdef0123456789abcdef01234567", ":tada:"),
    *("https://evil.example/x", "www.evil.example", "evil@example.com", "<https://evil.example>", "mailto:a@b.co"),
    *("[x](https://evil.example)", "![x](https://evil.example/x.png)", "[x][1]", "\n\n[1]: https://evil.example\n\n"),
    *("<script>alert(1)</script>", "<img src=//evil.example/x>", "<a href='//evil.example'>x</a>", "<b", "</code>"),
    *("-->", "<!--", MARKER, f"\n{MARKER}\n", "</details>", "</summary>", "</sub>", "<details open>", "&#60;b&#62;"),
    *("|", "`", "```", "~~~", "**", "\\", "$$", "\n# ", "\n> [!WARNING]\n> ", "\n- ", "\n    ", "\n|---|\n", "<br>"),
    *("&", "&amp;lt;", "&#64;me", "&commat;me", "%0A::error::x", "::error::x", "##[error]x", "x" * 3000, "<" * 3000),
]
_NUMBERS = (0, 1, 2, 9, 0.5, 1.02, 1.5, 1e-9, 3e-3, 41, -1, 2**63, 10**30, 1e308, -1e308, 5e-324)
_WILD: tuple[Any, ...] = (
    None,
    True,
    math.nan,
    math.inf,
    -math.inf,
    10**400,
    [],
    {},
    [[]],
    {"a": {"b": None}},
    "9" * 999,
    "1",
    *_NUMBERS,
)
# What no document made of Python's own values is.
_MALFORMED = (b"", b"\xff\xfe", b"null", b"[]", b"NaN", b"# PASSED", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000)
_SCHEMAS: dict[type, dict[str, Any]] = {kind: msgspec.json.schema(kind) for kind in (GateResult, Profiles)}


def documents(chance: random.Random) -> dict[str, bytes]:
    """Make the members of an artifact: one or two results, and what profiles tell."""
    members = {
        "latest/bench.json": _document(chance, GateResult),
        "latest/compare.json": _document(chance, GateResult),
        "profiles/profiles.json": _document(chance, Profiles),
    }
    if chance.random() < 1 / 2:
        del members[chance.choice(sorted(members))]
    return members


def _document(chance: random.Random, kind: type) -> bytes:
    if chance.random() < _RARE:
        return chance.choice(_MALFORMED)
    schema = _SCHEMAS[kind]
    made = _value(chance, schema, schema["$defs"])
    if isinstance(made, dict):
        made["schema"] = RESULT_SCHEMA if kind is GateResult else PROFILE_SCHEMA
    if kind is GateResult:
        _make_sound(made)
    return json.dumps(made).encode("utf-8", "surrogatepass")


def _value(chance: random.Random, schema: dict[str, Any], known: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON value
    """Make a value that a JSON Schema describes; rarely any other."""
    if chance.random() < _RARE:
        return _deep(chance) if chance.random() < _RARE else chance.choice(_WILD)
    if "$ref" in schema:
        return _value(chance, known[schema["$ref"].rpartition("/")[2]], known)
    if "anyOf" in schema:
        return _value(chance, chance.choice(schema["anyOf"]), known)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    return _OF_TYPE[schema.get("type", "null")](chance, schema, known)


def _deep(chance: random.Random) -> Any:  # noqa: ANN401  any JSON value
    made: Any = chance.choice(_WILD)
    for _ in range(chance.randint(1, 500)):
        made = chance.choice(([made], {"a": made}))
    return made


def _text(chance: random.Random) -> str:
    return "".join(chance.choices(_TRICKS, k=chance.randint(0, 6)))


def _object(chance: random.Random, schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    if "properties" not in schema:
        keys = (_text(chance) for _ in range(chance.randint(0, 2)))
        return {key: _value(chance, schema.get("additionalProperties") or {}, known) for key in keys}
    needed = schema.get("required", [])
    given = [name for name in schema["properties"] if name in needed or chance.random() < _GIVEN]
    return {name: _value(chance, schema["properties"][name], known) for name in given}


def _array(chance: random.Random, schema: dict[str, Any], known: dict[str, Any]) -> list[Any]:
    most = _MOST if chance.random() < _RARE else 4
    return [_value(chance, schema.get("items") or {}, known) for _ in range(chance.randint(0, most))]


_OF_TYPE: dict[str, Callable[[random.Random, dict[str, Any], dict[str, Any]], Any]] = {
    "object": _object,
    "array": _array,
    "string": lambda chance, *_: _text(chance),
    "integer": lambda chance, *_: int(min(chance.choice(_NUMBERS), 2**63 - 1)) if chance.random() < _GIVEN else 1,
    "number": lambda chance, *_: chance.choice(_NUMBERS),
    "boolean": lambda chance, *_: chance.random() < _GIVEN,
    "null": lambda *_: None,
}


def _make_sound(made: Any) -> None:  # noqa: ANN401  any JSON value
    """Make outcome and status follow from the verdicts, as a liar of any skill would."""
    try:
        result = msgspec.convert(made, GateResult)
    except msgspec.ValidationError:
        return
    outcome, status = summarize(result.verdicts)
    made |= {"outcome": outcome.value, "exit_status": status, "partial": bool(result.not_selected)}


def told(members: dict[str, bytes]) -> str | None:
    """Render the comment on an artifact; None where it is refused."""
    try:
        return render_comment(read_artifact(zipped(members), where="artifact"))
    except HivegateError:
        return None


_PARSER = MarkdownIt("gfm-like", {"linkify": True})
_OWN_TAGS = {"<code>", "</code>", "<br>", "<wbr>", "<sub>", "</sub>"}
_OWN_BLOCK = re.compile(
    r"</details>|<details><summary>[^<>]*</summary>|<pre lang=\"(?:diff|yaml)\">[^<>]*</pre>", re.DOTALL
)
# What GitHub turns into links and notifications outside of code.
_REFERENCE = re.compile(r"(?<!\w)@\w|(?<!\w)#\d|\bGH-\d|\w/\w+#\d|\w@[0-9a-f]{7}", re.IGNORECASE)


def check(comment: str) -> None:
    """Refuse a comment that is too long, loses its mark, or holds a link, image, tag or mention that is not ours."""
    assert len(comment) <= 65_000
    mark, _, text = comment.partition("\n")
    assert mark == MARKER
    for is_code, found in _texts(_PARSER.parse(text)):
        assert is_code or not _REFERENCE.search(found), found


def _texts(tokens: Sequence[Token]) -> Iterator[tuple[bool, str]]:
    """List what is read, and whether it is code; fail for what may not be there."""
    is_code = False
    for token in tokens:
        assert token.type not in {"link_open", "image", "fence", "code_block", "code_inline"}, token
        if token.type == "html_block":
            lines = token.content.strip().splitlines()
            assert all(_OWN_BLOCK.fullmatch(line) for line in lines), token.content
            yield False, html.unescape(token.content)
        elif token.type == "html_inline":
            assert token.content in _OWN_TAGS, token.content
            is_code = {"<code>": True, "</code>": False}.get(token.content, is_code)
        elif token.children is None:
            yield is_code, token.content
        yield from _texts(token.children or ())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_a_document_of_any_shape_is_told_inertly_or_refused(seed: int) -> None:
    """Results and profiles as their schemas allow, with tricks in every text and rarely a value of another kind."""
    comment = told(documents(random.Random(seed)))  # noqa: S311  a fuzz
    if comment is not None:
        check(comment)
