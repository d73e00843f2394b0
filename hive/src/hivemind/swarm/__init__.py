"""The swarm: pipelines of stages run on asyncio, their artifacts, and the default pipeline from events to code."""

from hivemind.swarm.artifacts import Artifact, ArtifactKind, artifacts_from_json, artifacts_to_json
from hivemind.swarm.coordinator import Coordinator
from hivemind.swarm.errors import (
    ArtifactError,
    PipelineError,
    PipelineFailedError,
    QualityError,
    StageError,
    StageTimeoutError,
)
from hivemind.swarm.execution import Execution
from hivemind.swarm.executors import on_executor
from hivemind.swarm.outcome import Outcome, Report, State
from hivemind.swarm.pipeline import Pipeline
from hivemind.swarm.pool import Swarm, SwarmPool
from hivemind.swarm.stage import Retry, Stage, StageContext
from hivemind.swarm.stages import Change, default_pipeline, default_stages
from hivemind.swarm.timeouts import AdaptiveTimeout

__all__ = [
    "AdaptiveTimeout",
    "Artifact",
    "ArtifactError",
    "ArtifactKind",
    "Change",
    "Coordinator",
    "Execution",
    "Outcome",
    "Pipeline",
    "PipelineError",
    "PipelineFailedError",
    "QualityError",
    "Report",
    "Retry",
    "Stage",
    "StageContext",
    "StageError",
    "StageTimeoutError",
    "State",
    "Swarm",
    "SwarmPool",
    "artifacts_from_json",
    "artifacts_to_json",
    "default_pipeline",
    "default_stages",
    "on_executor",
]
