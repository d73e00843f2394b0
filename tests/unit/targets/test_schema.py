"""The published JSON Schema; that it says what the parser says is proven in tests/property/test_targets_schema.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from hivegate.targets.schema import json_schema

ROOT = Path(__file__).parents[3]


def test_the_published_schema_is_up_to_date() -> None:
    """When this fails, run: python -m tests.refresh_documents."""
    file = ROOT / "docs" / "reference" / "targets.schema.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json_schema()


def test_the_schema_is_one() -> None:
    """It is valid by the schema of schemas of its own draft."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def loaded_by_editors(text: str) -> object:
    """Load YAML as an editor does: numbers are numbers, dates are text."""

    class Loader(yaml.SafeLoader):
        """The safe loader without dates, which JSON and YAML 1.2 do not have."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader=Loader)  # noqa: S506  made of the safe loader


def test_the_schema_accepts_the_files_of_this_repository() -> None:
    """The gate's own targets.yaml, and the example of its reference."""
    validator = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker(["date"]))
    reference = (ROOT / "docs" / "reference" / "targets.md").read_text(encoding="utf-8")
    example = reference.partition("```yaml\n")[2].partition("```")[0]
    for text in ((ROOT / "targets.yaml").read_text(encoding="utf-8"), example):
        assert list(validator.iter_errors(loaded_by_editors(text))) == []


@pytest.mark.parametrize(
    ("value", "fits"),
    [("2027-03-01", True), ("2027-02-30", False), ("2027-13-01", False), ("01.03.2027", False), (20270301, False)],
)
def test_dates_are_checked_by_pattern_and_by_format(value: object, fits: bool) -> None:  # noqa: FBT001  one outcome
    """A validator without formats still refuses what is no date at first sight."""
    waiver: dict[str, Any] = {"benchmark": "a", "reason": "r", "owner": "o", "expires": value}
    validator = jsonschema.Draft202012Validator(json_schema(), format_checker=jsonschema.FormatChecker(["date"]))
    assert validator.is_valid({"schema": 1, "waivers": [waiver]}) is fits


def test_every_key_that_a_person_must_understand_is_described() -> None:
    """Editors show the descriptions while one writes."""
    definitions = json_schema()["$defs"]
    for kind, plain in (("target", {"name", "inconclusive"}), ("budget", set()), ("waiver", {"reason", "owner"})):
        properties = definitions[kind]["properties"]
        assert {key for key, one in properties.items() if "description" not in one} == plain
