"""The default pipeline: six stages from change events to checked Python dataclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hivemind.swarm.executors import on_executor
from hivemind.swarm.pipeline import Pipeline
from hivemind.swarm.stage import Stage
from hivemind.swarm.stages.extension import GRAPH_EXTENSION, extend_graph
from hivemind.swarm.stages.generation import CODE_GENERATION, generate
from hivemind.swarm.stages.monitoring import EVENT_MONITORING, Change, monitor
from hivemind.swarm.stages.quality import QUALITY_ASSURANCE, assure
from hivemind.swarm.stages.templates import TEMPLATE_GENERATION, render_templates
from hivemind.swarm.stages.validation import VALIDATION, validate

if TYPE_CHECKING:
    from concurrent.futures import Executor

__all__ = [
    "CODE_GENERATION",
    "EVENT_MONITORING",
    "GRAPH_EXTENSION",
    "QUALITY_ASSURANCE",
    "TEMPLATE_GENERATION",
    "VALIDATION",
    "Change",
    "default_pipeline",
    "default_stages",
]

_WORK = (
    (EVENT_MONITORING, monitor, ()),
    (GRAPH_EXTENSION, extend_graph, (EVENT_MONITORING,)),
    (VALIDATION, validate, (GRAPH_EXTENSION,)),
    (TEMPLATE_GENERATION, render_templates, (VALIDATION,)),
    (CODE_GENERATION, generate, (VALIDATION, TEMPLATE_GENERATION)),
    (QUALITY_ASSURANCE, assure, (VALIDATION, CODE_GENERATION)),
)


def default_stages(executor: Executor | None = None) -> tuple[Stage, ...]:
    """Return the six stages, to be run on a `Change`; on an executor's workers if one is given.

    Without, they run in the event loop and hold it up: milliseconds for a vocabulary of a hundred terms.
    """
    return tuple(
        Stage(name=name, run=work if executor is None else on_executor(executor, work), after=after)
        for name, work, after in _WORK
    )


def default_pipeline(executor: Executor | None = None) -> Pipeline:
    """Return the pipeline of the six stages."""
    return Pipeline(default_stages(executor))
