"""Laws of the queen: equal to the textbook, deterministic, always decided by the standard team."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from hivemind.packs.versions import disjoint, intersection
from hivemind.queen import (
    ALL_ROLES,
    CORE_ROLES,
    Brief,
    CompositionError,
    HiveConfiguration,
    HiveQueen,
    Opinion,
    Pack,
    Resolution,
    Resolved,
    Role,
    Strategy,
    Voter,
    find_conflicts,
    render_lock,
    standard_team,
)
from hivemind.queen.voting import Tally, decide, tally
from reference.queen import TextbookQueen, find_conflicts_pairwise

NAMES = ("a", "b", "c", "d")
RANGES = ("*", "^1.0", "^2.0", "~1.2", ">=1.1,<3", "1.2.3")
TYPES = ("xsd:string", "xsd:integer", "a:Thing", "b:Thing")

types = st.lists(st.sampled_from(TYPES), max_size=2).map(tuple)


@st.composite
def packs(draw: st.DrawFn, *, distinct: bool = False) -> tuple[Pack, ...]:
    """Draw packs that share names, namespaces and terms often; distinct names and complete requirements if asked."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=distinct))
    return tuple(
        Pack(
            name=name,
            version=draw(st.sampled_from(RANGES)),
            namespace=draw(st.sampled_from(("", "urn:x#", "urn:y#"))),
            priority=draw(st.integers(0, 2)),
            classes=draw(st.frozensets(st.sampled_from("ABCDE"), max_size=4)),
            properties=draw(st.dictionaries(st.sampled_from("pqrs"), types, max_size=4)),
            requires=draw(
                st.dictionaries(
                    st.sampled_from([each for each in names if each != name] or ["none"]),
                    st.sampled_from(RANGES),
                    max_size=2 if len(set(names)) > 1 else 0,
                )
            ),
        )
        for name in names
    )


@given(packs())
def test_hashing_finds_what_comparing_pairs_finds(drawn: tuple[Pack, ...]) -> None:
    """The same conflicts, claimants and order, without visiting a pair."""
    assert find_conflicts(drawn) == find_conflicts_pairwise(drawn)


@given(packs(distinct=True))
def test_the_queen_decides_and_composes_as_the_textbook_does(drawn: tuple[Pack, ...]) -> None:
    """Detecting by hash, voting in batches and composing in bulk change no outcome."""
    configuration = HiveConfiguration(packs=drawn)
    composition = HiveQueen().compose(configuration)
    decisions, resolved = asyncio.run(TextbookQueen().orchestrate(configuration))
    assert composition.decisions == decisions
    assert composition.resolved == resolved


@given(packs(), st.sampled_from([each for each in Strategy if each is not Strategy.CUSTOM]))
def test_the_standard_team_always_reaches_half(drawn: tuple[Pack, ...], strategy: Strategy) -> None:
    """With equal weights no conflict splits the votes so far that nothing is decided, in either team."""
    ordered = HiveConfiguration(packs=drawn, strategy=strategy).ordered()
    brief = Brief(packs=ordered, topics=find_conflicts(ordered), strategy=strategy)
    for roles in (CORE_ROLES, ALL_ROLES):
        team = standard_team(roles)
        ballots = [agent.vote(brief) for agent in team.agents]
        for decision in decide(brief.topics, team.voters, ballots, quorum=0.5):  # type: ignore[arg-type]  # standard agents are not asynchronous
            assert decision.choice is not None


@given(packs(), st.sampled_from([each for each in Strategy if each is not Strategy.CUSTOM]), st.randoms())
def test_how_a_pack_lists_its_terms_makes_no_difference(
    drawn: tuple[Pack, ...], strategy: Strategy, random: st.DrawFn
) -> None:
    """Equal packs give byte-equal lock files, whatever order their files had."""
    shuffled = []
    for pack in drawn:
        properties = list(pack.properties.items())
        random.shuffle(properties)  # type: ignore[attr-defined]  # a random.Random
        shuffled.append(msgspec.structs.replace(pack, properties=dict(properties)))
    locks = [
        render_lock(HiveQueen().compose(HiveConfiguration(packs=each, strategy=strategy)))
        for each in (drawn, tuple(shuffled))
    ]
    assert locks[0] == locks[1]


@given(packs(), st.sampled_from(Resolution), st.sampled_from(Strategy))
def test_a_composition_holds_together_or_fails_by_name(
    drawn: tuple[Pack, ...], choice: Resolution, strategy: Strategy
) -> None:
    """Owners are packs that take part, every property has its types, nothing is invented."""
    rules = {drawn[0].name: choice} if strategy is Strategy.CUSTOM else {}
    configuration = HiveConfiguration(packs=drawn, strategy=strategy, rules=rules)
    try:
        resolved = HiveQueen().compose(configuration).resolved
    except CompositionError as error:
        told = str(error)
        event("not composed")
    else:
        told = drawn[0].name
        check_resolved(drawn, resolved)
    assert any(name in told for name in NAMES)


def check_resolved(drawn: tuple[Pack, ...], resolved: Resolved) -> None:
    """Assert that what was composed holds together."""
    names = {pack.name for pack in resolved.packs}
    assert resolved.properties.keys() == resolved.types.keys()
    for terms, declared in ((resolved.classes, "classes"), (resolved.properties, "properties")):
        for term, owners in terms.items():
            assert owners
            assert names.issuperset(owners)
            assert all(any(p.name == owner and term in getattr(p, declared) for p in drawn) for owner in owners)


voted = st.lists(st.tuples(st.sampled_from(Resolution), st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=6)


def weighed(votes: list[tuple[Resolution, int, int]], scale: float = 1.0) -> Tally:
    """Return the tally of votes given as choice, weight and quarters of confidence."""
    voters = tuple(
        Voter(name=str(number), role=Role.ANALYZER, weight=weight * scale)
        for number, (_, weight, _) in enumerate(votes)
    )
    return tally(voters, [Opinion(choice, sure / 4, "") for choice, _, sure in votes], tuple(Resolution))


@given(voted, st.randoms(), st.sampled_from([0.25, 3.0, 1000.0]))
def test_neither_order_nor_scale_of_the_votes_matters(
    votes: list[tuple[Resolution, int, int]], random: st.DrawFn, scale: float
) -> None:
    """Only the shares of the weight count."""
    shuffled = votes.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert weighed(votes) == weighed(shuffled) == weighed(votes, scale)


@given(voted)
def test_more_weight_behind_the_winner_keeps_it(votes: list[tuple[Resolution, int, int]]) -> None:
    """Support is monotonic."""
    choice, agreement, turnout = weighed(votes)
    assert turnout == pytest.approx(sum(weight for _, weight, sure in votes if sure) / sum(each[1] for each in votes))
    if choice is not None:
        again, stronger, _ = weighed([*votes, (Resolution(choice), 1, 4)])
        assert again is choice
        assert stronger >= agreement


@given(st.lists(st.sampled_from(RANGES), min_size=1, max_size=5))
def test_ranges_that_overlap_two_by_two_have_a_version_in_common(drawn: list[str]) -> None:
    """Helly's theorem on a line: why only unions need more than pairs."""
    apart = any(disjoint(one, other) for one in drawn for other in drawn)
    assert (intersection(tuple(drawn)) is None) == apart


@pytest.mark.parametrize("size", [1, 5, 20])
def test_generated_input_has_the_overlap_that_it_promises(size: int) -> None:
    """Packs of 40 to 80 terms; every second pair shares a namespace, a class or a property."""
    from itertools import combinations  # noqa: PLC0415 -- only here

    from packs import generated_packs  # noqa: PLC0415 -- only here

    made = generated_packs(size)
    assert all(40 <= pack.terms <= 80 for pack in made)
    sharing = [
        one.namespace == other.namespace
        or bool(one.classes & other.classes)
        or bool(one.properties.keys() & other.properties.keys())
        for one, other in combinations(made, 2)
    ]
    assert all(sharing[::2])
    assert sum(sharing) <= len(sharing) * 0.55 + 1
