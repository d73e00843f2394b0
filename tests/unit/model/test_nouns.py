"""What flows pass on is never changed on its way, and is made by the names of its fields."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import TYPE_CHECKING

import msgspec

import hivegate

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("flows", "instruments", "judge", "measure", "model", "stats")
# They are arrays on the wire, thousands in a message.
POSITIONAL = {"Callee", "FunctionTimes"}


def structs() -> Iterator[type[msgspec.Struct]]:
    """Find the structs that the packages of the way from a measurement to a verdict define."""
    for module in pkgutil.walk_packages(hivegate.__path__, "hivegate."):
        if module.name.split(".")[1] in PACKAGES:
            for one in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(one) and issubclass(one, msgspec.Struct) and one.__module__ == module.name:
                    yield one


def test_nouns_are_frozen_and_made_by_name() -> None:
    """A verdict that a report could change, or options that a flow could, would be another's without a word."""
    found = set(structs())
    assert {"Verdict", "Targets", "BenchOptions", "Change"} <= {one.__name__ for one in found}
    assert [one for one in found if not one.__struct_config__.frozen] == []
    by_place = {
        one.__name__
        for one in found
        if any(each.kind is not each.KEYWORD_ONLY for each in inspect.signature(one).parameters.values())
    }
    assert by_place == POSITIONAL
