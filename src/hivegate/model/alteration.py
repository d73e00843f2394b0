"""What a change alters about its own judging, and what then counts."""

from __future__ import annotations

import enum

import msgspec


class AlterationKind(enum.Enum):
    """What was altered; reports list them in this order, what a verdict rests on first."""

    NO_BASE_RULES = "no-base-rules"
    WAIVER = "waiver"
    BUDGET = "budget"
    TARGET = "target"
    POLICY = "policy"
    SETTING = "setting"
    CONFTEST = "conftest"
    PYTEST = "pytest"
    STARTUP = "startup"
    ASKING = "asking"
    BENCHMARK = "benchmark"
    NOXFILE = "noxfile"
    WORKFLOW = "workflow"


class Alteration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that judges or measures a change and that the change itself alters.

    `name` is the rule, setting or file; `before` and `after` are what it says, "" where it is not there or is a file
    whose text matters. `loosens` tells that head allows more than base.
    """

    kind: AlterationKind
    name: str
    before: str = ""
    after: str = ""
    loosens: bool = False

    @property
    def measures(self) -> bool:
        """Whether it is of the files that measure, or of how they are run; the other revision has its own."""
        files = {AlterationKind.CONFTEST, AlterationKind.PYTEST, AlterationKind.BENCHMARK}
        return self.kind in files or self.name == "[tool.hivegate] pytest-args"


class LoosenedRules(enum.Enum):
    """What happens where a change passes only by limits, or waivers, that it brings along itself."""

    REVIEW = "review"
    REFUSE = "refuse"
    ACCEPT = "accept"
