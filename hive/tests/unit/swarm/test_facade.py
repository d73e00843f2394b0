"""The public surface of the swarm, and what it stands on."""

import ast
from pathlib import Path

from hivemind import swarm
from hivemind.primitives import HiveError
from hivemind.swarm import testing

SOURCES = sorted(Path(swarm.__file__).parent.rglob("*.py"))


def test_the_public_names_are_these() -> None:
    """A name comes or goes only together with this list."""
    assert swarm.__all__ == [
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
    assert all(hasattr(swarm, name) for name in swarm.__all__)
    assert testing.__all__ == ["DeadlockError", "ManualLoop", "UnhandledError", "Walked", "cancelled_everywhere"]


def test_every_error_has_the_root_of_the_hive() -> None:
    """One except clause catches whatever the hive raises on purpose."""
    errors = [getattr(swarm, name) for name in swarm.__all__ if name.endswith("Error")]
    assert len(errors) > 5
    assert all(issubclass(error, HiveError) for error in errors)


def test_nothing_but_packs_and_primitives_is_imported() -> None:
    """The swarm and the queen are siblings, and neither knows the gate."""
    imported = {
        node.module or ""
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    own = {name for name in imported if name.startswith(("hivemind", "hivegate"))}
    assert len(SOURCES) > 20
    assert all(name.startswith(("hivemind.swarm", "hivemind.packs", "hivemind.primitives")) for name in own)
