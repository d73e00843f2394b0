"""What can be voted on: any question with options."""

from __future__ import annotations

import math

import msgspec

from hivemind.packs import spoken
from hivemind.primitives import InvalidValueError
from hivemind.primitives.checks import require_text


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A question of any kind, and the options to choose from, the earlier of which wins a tie.

    `evidence` says how much speaks for each option, in any unit: what standard agents go by; without, nothing speaks
    for any. Raises InvalidValueError for less than two different options, and for texts that cannot be shown.
    """

    question: str
    options: tuple[str, ...]
    evidence: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be voted on."""
        for text, what in ((self.question, "the question"), *((option, "an option") for option in self.options)):
            require_text(text, where=f"topic {spoken(self.question)}: {what}")
        if len(self.options) < 2 or len(set(self.options)) < len(self.options):  # noqa: PLR2004 -- one is no choice
            raise InvalidValueError(f"topic {spoken(self.question)}: give two options or more, all different")
        if self.evidence and len(self.evidence) != len(self.options):
            raise InvalidValueError(
                f"topic {spoken(self.question)}: {len(self.evidence)} numbers are given as evidence for "
                f"{len(self.options)} options; give one for each, or none"
            )
        if not all(map(math.isfinite, self.evidence)):
            raise InvalidValueError(f"topic {spoken(self.question)}: evidence is a finite number")
