import pickle
from collections.abc import Callable
from functools import partial

import pytest

from hivemind.primitives import (
    CommutativeProposal,
    ConditionalProposal,
    InvalidValueError,
    Priority,
    ProposalConflictError,
    aggregate_commutative,
    aggregate_conditional,
    find_conflicts,
)

EXTEND = CommutativeProposal(id="a1", action="extend Person", priority=Priority.LOW)
RELABEL = CommutativeProposal(id="a2", action="relabel Person", priority=Priority.HIGH)
CONTRADICTION = CommutativeProposal(id="a1", action="extend Agent", priority=Priority.LOW)


def write(name: str, resource: str, priority: Priority = Priority.NORMAL) -> ConditionalProposal:
    """Propose to write to a resource."""
    return ConditionalProposal(id=name, action=f"write by {name}", resource=resource, priority=priority)


FIRST, SECOND, THIRD = write("c1", "foaf:Person"), write("c2", "foaf:name", Priority.HIGH), write("c3", "foaf:Person")


def test_merging_commutative_proposals_keeps_both_at_the_higher_priority() -> None:
    """Nothing is lost, and no order is preferred."""
    merged = EXTEND.merge(RELABEL)
    assert merged == RELABEL.merge(EXTEND)
    assert hash(merged) == hash(RELABEL.merge(EXTEND))
    assert dict(merged.by_id) == {"a1": EXTEND, "a2": RELABEL}
    assert merged.priority is Priority.HIGH
    assert merged.describe() == "a1: extend Person\na2: relabel Person"


def test_aggregating_takes_any_iterable_and_counts_a_repeated_proposal_once() -> None:
    """A generator does; a proposal heard twice is one proposal."""
    assert aggregate_commutative(iter([RELABEL, EXTEND, RELABEL])) == EXTEND.merge(RELABEL)


@pytest.mark.parametrize("order", [[EXTEND, CONTRADICTION], [CONTRADICTION, RELABEL, EXTEND]])
def test_one_id_for_two_proposals_is_refused(order: list[CommutativeProposal]) -> None:
    """Neither merging nor aggregating silently drops one of them."""
    with pytest.raises(InvalidValueError, match="'a1' names two different proposals"):
        aggregate_commutative(order)
    with pytest.raises(InvalidValueError, match="'a1' names two different proposals"):
        EXTEND.merge(RELABEL).merge(CONTRADICTION)


def test_nothing_to_aggregate_is_refused() -> None:
    """There is no empty commutative merge."""
    with pytest.raises(InvalidValueError, match="at least one CommutativeProposal"):
        aggregate_commutative([])


def test_merging_proposals_on_different_resources_keeps_both() -> None:
    """The text keeps the order of arrival; equality ignores it."""
    merged = SECOND.merge(FIRST)
    assert merged == FIRST.merge(SECOND)
    assert hash(merged) == hash(FIRST.merge(SECOND))
    assert merged.priority is Priority.HIGH
    assert merged.describe() == "c2: write by c2 on foaf:name\nc1: write by c1 on foaf:Person"


def test_merging_proposals_on_one_resource_conflicts() -> None:
    """The error names the resource, both proposals and a way on, also deep inside a merge."""
    with pytest.raises(ProposalConflictError, match=r"foaf:Person: 'c1' wants .* and 'c3' wants") as caught:
        SECOND.merge(FIRST).merge(THIRD)
    assert caught.value.resources == ("foaf:Person",)
    assert FIRST.conflicts_with(THIRD)
    assert not FIRST.conflicts_with(SECOND)


def test_the_first_proposal_for_a_resource_wins() -> None:
    """Later ones are rejected, both in order of arrival."""
    late = write("c0", "foaf:name", Priority.CRITICAL)
    outcome = aggregate_conditional([FIRST, SECOND, late, THIRD])
    assert outcome.merged is not None
    assert list(outcome.merged.by_resource.values()) == [FIRST, SECOND]
    assert outcome.merged.priority is Priority.HIGH
    assert outcome.rejected == (late, THIRD)


def test_aggregating_no_conditional_proposals_merges_nothing() -> None:
    """None says so; there is no empty merge."""
    outcome = aggregate_conditional(())
    assert (outcome.merged, outcome.rejected) == (None, ())


def test_conflicts_are_grouped_by_resource_and_counted() -> None:
    """Three on one resource are three pairs; a resource of one proposal alone is left out."""
    fourth, fifth, sixth = write("c4", "foaf:Person"), write("c5", "skos:broader"), write("c6", "skos:broader")
    found = find_conflicts([FIRST, SECOND, fifth, THIRD, fourth, sixth])
    assert found.groups == {"foaf:Person": (FIRST, THIRD, fourth), "skos:broader": (fifth, sixth)}
    assert found.pairs == 4
    assert find_conflicts([]).pairs == 0


@pytest.mark.parametrize("blank", ["", "  ", 3, None])
def test_blank_texts_are_refused_by_field(blank: object) -> None:
    """The error names the class and the field."""
    texts = {"id": "p", "action": "write", "resource": "foaf:Person"}
    for field in texts:
        wrong: dict[str, object] = {**texts, field: blank}
        with pytest.raises(InvalidValueError, match=rf"ConditionalProposal\.{field} is .*not blank"):
            ConditionalProposal(**wrong, priority=Priority.LOW)  # type: ignore[arg-type]
    for field in ("id", "action"):
        wrong = {"id": "p", "action": "extend", field: blank}
        with pytest.raises(InvalidValueError, match=rf"CommutativeProposal\.{field} is .*not blank"):
            CommutativeProposal(**wrong, priority=Priority.LOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "told"), [("\u200b", "does not show"), ("e\u0301", r"normal form C; write '\\xe9'")])
def test_texts_that_could_be_taken_for_others_are_refused(text: str, told: str) -> None:
    """Two ids that look alike are one."""
    with pytest.raises(InvalidValueError, match=rf"CommutativeProposal\.id .*{told}"):
        CommutativeProposal(id=text, action="extend", priority=Priority.LOW)


@pytest.mark.parametrize("priority", [2, True, 1.0, "HIGH", None])
def test_a_priority_that_is_none_is_refused(priority: object) -> None:
    """A bare number is no Priority."""
    with pytest.raises(InvalidValueError, match=r"CommutativeProposal\.priority is .*Priority\.LOW"):
        CommutativeProposal(id="p", action="extend", priority=priority)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"ConditionalProposal\.priority is .*Priority\.LOW"):
        write("p", "foaf:Person", priority)  # type: ignore[arg-type]


def test_items_of_another_kind_are_refused_by_position() -> None:
    """The error names the first of them, and which kind is wanted."""
    with pytest.raises(InvalidValueError, match=r"proposals\[1\] is a ConditionalProposal; .* a CommutativeProposal"):
        aggregate_commutative([EXTEND, FIRST])  # type: ignore[list-item]
    for function in (aggregate_conditional, find_conflicts):
        with pytest.raises(InvalidValueError, match=r"proposals\[0\] is a str; .* a ConditionalProposal"):
            function("foaf")  # type: ignore[arg-type]


def test_a_subclass_is_a_proposal_too() -> None:
    """Validation asks for the kind, not for the exact class."""

    class Urgent(CommutativeProposal):
        __slots__ = ()

    urgent = Urgent(id="u", action="extend", priority=Priority.CRITICAL)
    assert aggregate_commutative([EXTEND, urgent]).priority is Priority.CRITICAL


def test_subclasses_cost_as_much_more_as_there_are_more_of_them(
    steps_of: Callable[[Callable[[], object]], int],
) -> None:
    """Four times as many proposals of a class of the user's own are four times the work, in all three functions."""

    class Extension(CommutativeProposal):
        __slots__ = ()

    class Edit(ConditionalProposal):
        __slots__ = ()

    extensions = [Extension(id=f"{number}", action="add", priority=Priority.LOW) for number in range(400)]
    edits = [
        Edit(id=f"{number}", action="add", resource=f"{number % 50}", priority=Priority.LOW) for number in range(400)
    ]
    for call in (
        lambda size: aggregate_commutative(extensions[:size]),
        lambda size: aggregate_conditional(edits[:size]),
        lambda size: find_conflicts(edits[:size]),
    ):
        few, many = (steps_of(partial(call, size)) for size in (100, 400))
        assert many < 5 * few


def test_merges_survive_pickling() -> None:
    """What an agent in another process sends back equals what it made."""
    for merged in (
        EXTEND.merge(RELABEL),
        aggregate_conditional([FIRST, SECOND, THIRD]),
        find_conflicts([FIRST, THIRD]),
    ):
        assert pickle.loads(pickle.dumps(merged)) == merged  # noqa: S301 - our own bytes
