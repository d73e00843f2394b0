"""The swarm: pipelines of stages run on asyncio, their artifacts, and the default pipeline from events to code."""

from hivegate.hive.swarm.artifacts import Artifact, ArtifactKind, artifacts_from_json, artifacts_to_json
from hivegate.hive.swarm.coordinator import Coordinator
from hivegate.hive.swarm.errors import (
    ArtifactError,
    PipelineError,
    PipelineFailedError,
    QualityError,
    StageError,
    StageTimeoutError,
    SwarmError,
    VocabularyError,
)
from hivegate.hive.swarm.execution import Execution
from hivegate.hive.swarm.executors import on_executor
from hivegate.hive.swarm.outcome import Outcome, Report, State
from hivegate.hive.swarm.pipeline import Pipeline
from hivegate.hive.swarm.pool import Swarm, SwarmPool
from hivegate.hive.swarm.stage import Retry, Stage, StageContext
from hivegate.hive.swarm.stages import Change, default_pipeline, default_stages
from hivegate.hive.swarm.timeouts import AdaptiveTimeout
from hivegate.hive.swarm.vocabulary import PropertyTerm, Vocabulary, read_pack

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
    "PropertyTerm",
    "QualityError",
    "Report",
    "Retry",
    "Stage",
    "StageContext",
    "StageError",
    "StageTimeoutError",
    "State",
    "Swarm",
    "SwarmError",
    "SwarmPool",
    "Vocabulary",
    "VocabularyError",
    "artifacts_from_json",
    "artifacts_to_json",
    "default_pipeline",
    "default_stages",
    "on_executor",
    "read_pack",
]
