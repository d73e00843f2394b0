"""The algebra of proposals, and agreement with the textbook versions."""

from collections.abc import Callable
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hivemind.primitives import (
    CommutativeMerge,
    CommutativeProposal,
    ConditionalMerge,
    ConditionalProposal,
    Priority,
    ProposalConflictError,
    aggregate_commutative,
    aggregate_conditional,
    find_conflicts,
)
from reference.primitives import (
    aggregate_commutative_stepwise,
    aggregate_conditional_stepwise,
    find_conflicts_pairwise,
)

NUMBERS = st.integers(0, 30)


def commutative(number: int) -> CommutativeProposal:
    """Return the proposal of that number; equal numbers are equal proposals."""
    return CommutativeProposal(id=f"p{number}", action=f"extend {number % 7}", priority=Priority(number % 4))


CONDITIONAL = st.builds(
    ConditionalProposal,
    id=NUMBERS.map("p{}".format),
    action=NUMBERS.map("write {}".format),
    resource=st.integers(0, 12).map("resource {}".format),
    priority=st.sampled_from(Priority),
)
COMMUTATIVE = st.lists(NUMBERS.map(commutative), min_size=1, max_size=40)
MERGED = COMMUTATIVE.map(aggregate_commutative)
SINGLE_OR_MERGED = NUMBERS.map(commutative) | MERGED
PARTS = st.lists(CONDITIONAL, min_size=1, max_size=4).map(lambda given: aggregate_conditional(given).merged)


def outcome(merge: Callable[[], ConditionalMerge]) -> ConditionalMerge | None:
    """Return the merge, or None where it conflicts."""
    try:
        return merge()
    except ProposalConflictError:
        return None


@given(SINGLE_OR_MERGED, SINGLE_OR_MERGED, SINGLE_OR_MERGED)
def test_commutative_merging_is_associative(
    a: CommutativeProposal | CommutativeMerge,
    b: CommutativeProposal | CommutativeMerge,
    c: CommutativeProposal | CommutativeMerge,
) -> None:
    """(a b) c = a (b c), for proposals and merges in any mixture."""
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(SINGLE_OR_MERGED, SINGLE_OR_MERGED)
def test_commutative_merging_commutes(
    a: CommutativeProposal | CommutativeMerge, b: CommutativeProposal | CommutativeMerge
) -> None:
    """A b = b a: as a value, in its hash, and as text to the byte."""
    ab, ba = a.merge(b), b.merge(a)
    assert ab == ba
    assert hash(ab) == hash(ba)
    assert ab.describe() == ba.describe()
    assert ab.priority == max(a.priority, b.priority)


@given(MERGED)
def test_commutative_merging_is_idempotent(merged: CommutativeMerge) -> None:
    """Hearing the same thing twice changes nothing."""
    assert merged.merge(merged) == merged


@given(COMMUTATIVE, st.randoms(use_true_random=False))
def test_commutative_aggregation_equals_folding_in_any_order(
    proposals: list[CommutativeProposal], random: Random
) -> None:
    """The single pass and the textbook fold agree, also after shuffling."""
    shuffled = list(proposals)
    random.shuffle(shuffled)
    assert aggregate_commutative(proposals) == aggregate_commutative_stepwise(shuffled)


@given(PARTS, PARTS, PARTS)
def test_conditional_merging_is_associative(a: ConditionalMerge, b: ConditionalMerge, c: ConditionalMerge) -> None:
    """Both groupings give the same merge in the same order, or both conflict."""
    left = outcome(lambda: a.merge(b).merge(c))
    right = outcome(lambda: a.merge(b.merge(c)))
    assert left == right
    assert left is None or right is None or left.describe() == right.describe()


@given(CONDITIONAL, CONDITIONAL)
def test_conditional_merging_conflicts_exactly_on_a_shared_resource(
    a: ConditionalProposal, b: ConditionalProposal
) -> None:
    """And where it does not, it commutes."""
    merged = outcome(lambda: a.merge(b))
    assert (merged is None) == (a.resource == b.resource) == a.conflicts_with(b)
    assert merged == outcome(lambda: b.merge(a))


@given(st.lists(CONDITIONAL, max_size=40))
def test_conditional_aggregation_equals_folding(proposals: list[ConditionalProposal]) -> None:
    """Same merge, same rejects, both in the order of arrival; nothing is lost."""
    ours, textbook = aggregate_conditional(proposals), aggregate_conditional_stepwise(proposals)
    assert ours == textbook
    merged = list(ours.merged.by_resource.values()) if ours.merged else []
    assert len(merged) + len(ours.rejected) == len(proposals)
    assert [p for p in proposals if any(p is kept for kept in merged)] == merged
    if ours.merged is not None and textbook.merged is not None:
        assert ours.merged.describe() == textbook.merged.describe()
        assert ours.merged.priority == max(proposal.priority for proposal in merged)


@given(st.lists(CONDITIONAL, max_size=60))
def test_conflicts_equal_the_pairwise_search(proposals: list[ConditionalProposal]) -> None:
    """Same groups, same order within them, same number of pairs."""
    assert find_conflicts(proposals) == find_conflicts_pairwise(proposals)
