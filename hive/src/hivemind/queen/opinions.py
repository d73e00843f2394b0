"""What each role thinks of a conflict, and why.

The confidences are set so that a team of all roles with equal weights never splits three ways on any kind of
conflict: some choice always gets at least half (a property test holds this). Opinions are shared objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.packs.pack import Resolution
from hivemind.queen.ballot import AnyTopic, Brief, Opinion, Role
from hivemind.queen.conflicts import Conflict, ConflictKind
from hivemind.queen.evidence import Evidence
from hivemind.queen.topic import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CLOSELY_RELATED = 0.5
RELATED = 0.2

_VERSION = ConflictKind.VERSION_MISMATCH
_NAMESPACE = ConflictKind.NAMESPACE_CONFLICT
_PROPERTY = ConflictKind.PROPERTY_TYPE_MISMATCH


def _each(confidence: float, reasoning: str) -> Mapping[Resolution, Opinion]:
    return {choice: Opinion(choice, confidence, reasoning) for choice in Resolution}


_SAME_VOCABULARY = Opinion(Resolution.MERGE, 0.9, "at least half of the smaller pack's terms are common to both")
_RELATED = Opinion(Resolution.MERGE, 0.6, "a fifth or more of the smaller pack's terms are common to both")
_UNRELATED = Opinion(Resolution.USE_FIRST, 0.5, "the packs have little in common: one name for two things")
_ONE_OWNER = Opinion(Resolution.USE_FIRST, 0.7, "a namespace has one owner, the pack that claims it first")
_SEPARABLE = _each(0.7, "every claimant has its own namespace, so the names stay apart; the strategy may decide")
_AMBIGUOUS = Opinion(Resolution.USE_FIRST, 0.7, "no namespace tells the claimants' terms apart")
_ALIKE = _each(0.7, "the value types are all literals or all things; the strategy may decide")
_MIXED = Opinion(Resolution.USE_FIRST, 0.9, "some claimants expect literals and others things")
_VALID = _each(0.6, "valid as the strategy would have it")
_INVALID_MIX = Opinion(Resolution.USE_FIRST, 0.9, "a property of literals and things at once is not valid in OWL DL")
_NOT_MINE = _each(0.3, "no versions are at stake; what the strategy prefers")
_NEWEST = _each(0.9, "its constraint reaches the higher version")
_NEWER = _each(0.5, "its constraint reaches the higher version")
_FEWER_BINDINGS = Opinion(Resolution.USE_FIRST, 0.4, "one owner needs the fewest bindings")
_FEWER_TYPES = _each(0.4, "it allows the fewest value types")
_FEWER_MOVES = _each(0.3, "it is the larger pack, so the fewest terms are bound again")


def opinions_of(role: Role, brief: Brief) -> Iterator[Opinion]:
    """Yield what a role thinks of each conflict; linear in the conflicts, and in the terms of packs compared."""
    judge = JUDGES[role]
    evidence = Evidence(brief)
    return (judge(topic, evidence) if type(topic) is Conflict else _weighed(topic) for topic in brief.topics)


def _weighed(topic: AnyTopic) -> Opinion:
    """Go by the evidence alone: no role knows more of a topic that is no conflict of packs."""
    evidence = topic.evidence if isinstance(topic, Topic) else ()
    if len(set(evidence)) > 1:
        return Opinion(topic.options[evidence.index(max(evidence))], 0.6, "the most evidence speaks for it")
    return Opinion(topic.options[0], 0.3, "no evidence tells the options apart, and it comes first")


def _leaning(conflict: Conflict, evidence: Evidence) -> Resolution:
    """Return what the strategy prefers; two versions cannot be merged, so there it is the newer one."""
    if conflict.kind is _VERSION and evidence.leaning is Resolution.MERGE:
        return evidence.newest(conflict)
    return evidence.leaning


def _analyzer(conflict: Conflict, evidence: Evidence) -> Opinion:
    if conflict.kind is _VERSION:
        return _NEWER[_leaning(conflict, evidence)]
    share = evidence.overlap(conflict)
    if share >= CLOSELY_RELATED and conflict.kind is not _PROPERTY:
        return _SAME_VOCABULARY
    return _RELATED if share >= RELATED else _UNRELATED


def _version_resolver(conflict: Conflict, evidence: Evidence) -> Opinion:
    return _NEWEST[evidence.newest(conflict)] if conflict.kind is _VERSION else _NOT_MINE[evidence.leaning]


def _conflict_detector(conflict: Conflict, evidence: Evidence) -> Opinion:
    if conflict.kind is _PROPERTY:
        return _MIXED if evidence.mixes_literals(conflict) else _ALIKE[evidence.leaning]
    if conflict.kind is _NAMESPACE:
        return _ONE_OWNER
    if conflict.kind is _VERSION:
        return _NEWER[_leaning(conflict, evidence)]
    return _SEPARABLE[evidence.leaning] if evidence.separable(conflict) else _AMBIGUOUS


def _validator(conflict: Conflict, evidence: Evidence) -> Opinion:
    if conflict.kind is _PROPERTY and evidence.mixes_literals(conflict):
        return _INVALID_MIX
    return _VALID[_leaning(conflict, evidence)]


def _optimizer(conflict: Conflict, evidence: Evidence) -> Opinion:
    return _FEWER_TYPES[evidence.narrower(conflict)] if conflict.kind is _PROPERTY else _FEWER_BINDINGS


def _performance_manager(conflict: Conflict, evidence: Evidence) -> Opinion:
    return _FEWER_MOVES[evidence.larger(conflict)]


JUDGES: Mapping[Role, Callable[[Conflict, Evidence], Opinion]] = {
    Role.ANALYZER: _analyzer,
    Role.VERSION_RESOLVER: _version_resolver,
    Role.CONFLICT_DETECTOR: _conflict_detector,
    Role.VALIDATOR: _validator,
    Role.OPTIMIZER: _optimizer,
    Role.PERFORMANCE_MANAGER: _performance_manager,
}
