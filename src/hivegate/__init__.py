"""A performance regression gate for Python projects that decides right on noisy machines.

The command line is the product; these names are what it is made of, for programs. Each is loaded when it is first used,
so that importing the package costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hivegate.errors import HivegateError
    from hivegate.flows.bench.check import check
    from hivegate.flows.bench.flow import bench
    from hivegate.flows.compare.flow import compare
    from hivegate.flows.explain import explain
    from hivegate.flows.workspace import load_result
    from hivegate.ingest import read
    from hivegate.measure.subject import Subject
    from hivegate.model.run import Run
    from hivegate.model.targets import Targets
    from hivegate.model.verdict import GateResult, Outcome, Verdict
    from hivegate.targets import load_targets

__version__ = "0.1.0"

__all__ = [
    "GateResult",
    "HivegateError",
    "Outcome",
    "Run",
    "Subject",
    "Targets",
    "Verdict",
    "__version__",
    "bench",
    "check",
    "compare",
    "explain",
    "load_result",
    "load_targets",
    "read",
]

_HOMES = {
    "GateResult": "hivegate.model.verdict",
    "HivegateError": "hivegate.errors",
    "Outcome": "hivegate.model.verdict",
    "Run": "hivegate.model.run",
    "Subject": "hivegate.measure.subject",
    "Targets": "hivegate.model.targets",
    "Verdict": "hivegate.model.verdict",
    "bench": "hivegate.flows.bench.flow",
    "check": "hivegate.flows.bench.check",
    "compare": "hivegate.flows.compare.flow",
    "explain": "hivegate.flows.explain",
    "load_result": "hivegate.flows.workspace",
    "load_targets": "hivegate.targets",
    "read": "hivegate.ingest",
}


def __getattr__(name: str) -> object:
    """Load a public name from its home (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415  only where a name is used

    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
