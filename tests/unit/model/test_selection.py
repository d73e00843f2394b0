from __future__ import annotations

import pytest

from hivegate.errors import UsageError
from hivegate.model.selection import Selectable, is_selected, select

READS = Selectable(id="suite/reads[1]", group="io", markers=("benchmark", "slow", "parametrize"))
WRITES = Selectable(id="suite/writes[1]", group="io")
SUMS = Selectable(id="sums/all", markers=("slow",))
SUITE = (READS, WRITES, SUMS)


@pytest.mark.parametrize(
    ("selectors", "excluded", "expected"),
    [
        ((), (), [READS, WRITES, SUMS]),
        (("sums/*", "*[1]"), (), [READS, WRITES, SUMS]),
        (("group:io",), (), [READS, WRITES]),
        (("group:i?",), ("marker:slow",), [WRITES]),
        (("marker:slow",), (), [READS, SUMS]),
        ((), ("group:io",), [SUMS]),
        ((), ("suite/reads[1]", "marker:sl*"), [WRITES]),
        (("sums/all", "suite/writes[1]"), ("group:io",), [SUMS]),
        (("group:",), (), [SUMS]),
    ],
)
def test_benchmarks_are_chosen_and_left_out_by_id_group_and_marker(
    selectors: tuple[str, ...], excluded: tuple[str, ...], expected: list[Selectable]
) -> None:
    """In their order and each once; what is excluded is left out however it is chosen."""
    assert select(SUITE, selectors, excluded) == expected
    assert [item for item in SUITE if is_selected(item, selectors, excluded)] == expected


@pytest.mark.parametrize(
    ("selectors", "excluded", "hint"),
    [
        (("suite/*", "suite/raeds[1]"), (), "did you mean suite/reads[1]?"),
        (("zzz",), (), "list the ids: hivegate run --collect-only"),
        (("group:oi",), (), "known groups: io"),
        ((), ("marker:slwo",), "known markers: benchmark, parametrize, slow"),
        (("sums/*",), ("marker:slow",), "exclude fewer: --exclude"),
    ],
)
def test_a_selector_that_names_nothing_is_an_error(
    selectors: tuple[str, ...], excluded: tuple[str, ...], hint: str
) -> None:
    """A typing error must not change what is measured, and an empty selection is no success."""
    with pytest.raises(UsageError) as caught:
        select(SUITE, selectors, excluded)
    assert caught.value.hint == hint
