"""The six stages from change events to checked code, on real vocabularies; each does work that nothing else does."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from hivemind.packs import Pack, PackError, read_pack
from hivemind.swarm import (
    Artifact,
    Change,
    Coordinator,
    Pipeline,
    PipelineError,
    PipelineFailedError,
    QualityError,
    Report,
    Stage,
    StageContext,
    State,
    default_pipeline,
    default_stages,
)
from hivemind.swarm.stages.events import read_events
from hivemind.swarm.testing import ManualLoop

FOLDER = Path(__file__).parents[4] / "benches" / "vocabularies"
PACKS = sorted(file.stem for file in FOLDER.glob("*.json"))
STAGES = [stage.name for stage in default_stages()]
ROBOT = (
    {"event": "class_added", "sequence": 1, "name": "Robot", "parent": "Agent"},
    {"event": "property_added", "sequence": 2, "name": "serial-number", "types": ["xsd:integer"], "domains": ["Robot"]},
    {"event": "property_added", "sequence": 3, "name": "built", "types": ["xsd:date"], "domains": ["Robot"]},
    {"event": "property_changed", "sequence": 4, "name": "age", "types": ["xsd:decimal"]},
    {"event": "property_removed", "sequence": 5, "name": "geekcode"},
)


def log_of(*events: dict[str, object]) -> str:
    """Return events as a log."""
    return "".join(f"{json.dumps(event)}\n" for event in events)


def run(vocabulary: Pack, log: str = "", stages: tuple[Stage, ...] | None = None) -> Report:
    """Run the default pipeline."""
    pipeline = default_pipeline() if stages is None else Pipeline(stages)
    return ManualLoop().run_until_complete(Coordinator().run(pipeline, Change(vocabulary=vocabulary, log=log)))


def failing(stage: str, vocabulary: Pack, log: str = "", stages: tuple[Stage, ...] | None = None) -> BaseException:
    """Run the pipeline, which must fail in `stage` and nowhere else, and return that stage's error."""
    with pytest.raises(PipelineFailedError) as caught:
        run(vocabulary, log, stages)
    assert [outcome.stage for outcome in caught.value.report.faults] == [stage]
    error = caught.value.report[stage].error
    assert error is not None
    return error


def replaced(name: str, run: object) -> tuple[Stage, ...]:
    """Return the six stages, one of them doing something else."""
    return tuple(msgspec.structs.replace(stage, run=run) if stage.name == name else stage for stage in default_stages())


@pytest.fixture
def foaf() -> Pack:
    """Return the FOAF vocabulary."""
    return read_pack(FOLDER / "foaf.json")


def imported(source: str, folder: Path) -> ModuleType:
    """Write a module to disk and import it as its users would."""
    file = folder / "generated_vocabulary.py"
    file.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[file.stem]
    return module


def test_events_become_dataclasses_that_import_and_round_trip(foaf: Pack, tmp_path: Path) -> None:
    """From the log to a file on disk: classes inherit, values have their types, JSON gives the same instance back."""
    report = run(foaf, log_of(*ROBOT))
    module = imported(report.result("code-generation", Artifact).content, tmp_path)
    data = {
        "class": "Robot",
        "iri": "urn:marvin",
        "values": {"serial-number": [42], "built": ["1978-03-08"], "age": ["37.5"], "name": ["Marvin", "M."]},
    }
    robot = module.read(data)
    assert isinstance(robot, module.Agent)
    assert robot.serial_number == (42,)
    assert robot.built[0].year == 1978
    assert str(robot.age[0] + 1) == "38.5"
    assert robot.to_dict() == data
    assert module.read(json.loads(json.dumps(robot.to_dict()))) == robot
    assert not hasattr(robot, "geekcode")
    assert report.result("quality-assurance", Artifact).attributes == {"classes": 14, "properties": 63, "values": 126}


@pytest.mark.parametrize("name", [name for name in PACKS if name not in ("dcterms", "schema")])
def test_real_vocabularies_pass_every_stage(name: str) -> None:
    """Each is read, validated, generated, imported, rebuilt exactly and round-tripped."""
    vocabulary = read_pack(FOLDER / f"{name}.json")
    report = run(vocabulary)
    assert report.succeeded
    assert report.result("quality-assurance", Artifact).attributes["classes"] == len(vocabulary.classes) > 0


def test_a_real_vocabulary_with_a_dangling_type_is_stopped_until_an_event_mends_it() -> None:
    """This release of Dublin Core Terms has values of dcterms:Extent and no such class."""
    vocabulary = read_pack(FOLDER / "dcterms.json")
    error = failing("validation", vocabulary)
    assert "has values of 'dcterms:Extent', which is no class" in str(error)
    assert run(vocabulary, log_of({"event": "class_added", "sequence": 1, "name": "Extent"})).succeeded


@pytest.mark.parametrize("name", STAGES)
def test_without_any_one_stage_the_pipeline_is_refused_or_ends_unchecked(name: str, foaf: Pack) -> None:
    """What others need is missed by name; without the last, nothing vouches for the code."""
    rest = tuple(stage for stage in default_stages() if stage.name != name)
    if name == "quality-assurance":
        with pytest.raises(KeyError):
            run(foaf, stages=rest).result(name, Artifact)
    else:
        with pytest.raises(PipelineError, match=f"comes after '{name}', which is not in the pipeline"):
            Pipeline(rest)


class TestEachStageDoesWorkThatNothingElseDoes:
    """Put something idle in a stage's place, and a fault that it would have caught or work that it did is missed."""

    def test_monitoring_drops_what_the_vocabulary_has_seen(self, foaf: Pack) -> None:
        """A log delivered twice, out of order, over an older one changes nothing the second time."""
        log = log_of(*reversed(ROBOT)) + "\n" + log_of(*ROBOT)
        once = run(foaf, log).result("graph-extension", Pack)
        assert once.sequence == 5
        assert run(once, log).result("graph-extension", Pack) == once
        unfiltered = replaced("event-monitoring", lambda context: _events(context.given(Change).log))
        assert "is there already" in str(failing("graph-extension", once, log, unfiltered))

    def test_extension_brings_the_changes_into_the_graph(self, foaf: Pack) -> None:
        """Idle, it leaves the code without the new class."""
        log = log_of(*ROBOT)
        idle = replaced("graph-extension", lambda context: context.given(Change).vocabulary)
        assert "class Robot(Agent)" in run(foaf, log).result("code-generation", Artifact).content
        assert "class Robot(Agent)" not in run(foaf, log, idle).result("code-generation", Artifact).content

    def test_validation_stops_an_unsound_graph_before_anything_is_generated(self, foaf: Pack) -> None:
        """Idle, the fault comes to light two stages later, as a riddle."""
        log = log_of({"event": "class_added", "sequence": 1, "name": "Robot", "parent": "Machine"})
        error = failing("validation", foaf, log)
        assert "class 'Robot' specialises 'Machine', which is no class; add it" in str(error)
        idle = replaced("validation", lambda context: context.result("graph-extension", Pack))
        assert isinstance(failing("code-generation", foaf, log, idle), KeyError)

    def test_templates_are_what_code_is_made_of(self, foaf: Pack) -> None:
        """Without them there is no code, and the error names the class that has none."""
        idle = replaced("template-generation", lambda _: ())
        assert "class '' has no template" in str(failing("code-generation", foaf, stages=idle))

    def test_code_generation_makes_what_quality_assurance_imports(self, foaf: Pack) -> None:
        """Idle, it hands over no module."""
        idle = replaced("code-generation", lambda context: context.result("template-generation", tuple)[0])
        assert isinstance(failing("quality-assurance", foaf, stages=idle), QualityError)

    @pytest.mark.parametrize(
        ("good", "bad", "message"),
        [
            ("class Person(Agent", "class Person(Agnet", "does not import: NameError"),
            ("class Person(Agent", "class Person(Resource", "says of 'Person' among the parents None, .* 'Agent'"),
            ("'read': int", "'read': float", r"serial_number does not survive: \(0, .* became \(0.0"),
            ("tuple[int, ...]", "tuple[float, ...]", "'serial-number' is annotated"),
            ('"iri": self.iri', '"iri": ""', "does not survive the way to JSON and back"),
            ("'xsd:integer'", "'xsd:string'", "says of 'serial-number' among the properties"),
            ("'sequence': 2", "'sequence': 3", "the code is of 'foaf'"),
            ("    'Document': Document,\n", "", "do not agree that 'Document' is a class"),
        ],
    )
    def test_quality_assurance_finds_code_that_lies(self, good: str, bad: str, message: str, foaf: Pack) -> None:
        """Each corruption of the generated text is found and said; idle, all of them would pass."""
        log = log_of({"event": "class_removed", "sequence": 1, "name": "Person"}) + log_of(
            {"event": "class_added", "sequence": 2, "name": "Person", "parent": "Agent"},
            {**ROBOT[1], "sequence": 3, "domains": ["Person"]},
        )
        bad = bad.replace("'sequence': 3", "'sequence': 4")
        good = good.replace("'sequence': 2", "'sequence': 3")
        generate = next(stage.run for stage in default_stages() if stage.name == "code-generation")

        def corrupt(context: StageContext) -> Artifact:
            source = generate(context)
            assert isinstance(source, Artifact)
            assert good in source.content
            return msgspec.structs.replace(source, content=source.content.replace(good, bad))

        error = failing("quality-assurance", foaf, log, replaced("code-generation", corrupt))
        assert isinstance(error, QualityError)
        with pytest.raises(QualityError, match=message):
            raise error


def _events(log: str) -> tuple[object, ...]:
    return tuple(sorted(read_events(log), key=lambda event: event.sequence))


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("not json", "line 1 of the event log is no change event"),
        (f"\n{log_of(ROBOT[0])}" + '{"event":"class_added","sequence":"2"}', r"line 3 .*\$\.sequence"),
        ('{"event":"class_exploded","sequence":1,"name":"A"}', "line 1 .*class_exploded"),
        ('{"event":"class_added","sequence":1,"name":"A","colour":"red"}', "line 1 .*colour"),
        (log_of(ROBOT[0], ROBOT[2]), "event 2 is missing: .* deliver the log from 2"),
        (log_of(ROBOT[0], {**ROBOT[0], "name": "Other"}), "event 1 stands for two changes"),
    ],
)
def test_a_log_that_cannot_be_read_fails_monitoring_with_the_place(log: str, message: str, foaf: Pack) -> None:
    """Malformed lines, unknown kinds and fields, gaps and contradictions."""
    with pytest.raises(PackError, match=message):
        raise failing("event-monitoring", foaf, log)


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"event": "class_added", "name": "Person"}, "event 1 adds 'Person', which is there already"),
        ({"event": "property_added", "name": "age"}, "event 1 adds 'age', which is there already"),
        ({"event": "class_removed", "name": "Robot"}, "event 1 is about 'Robot', which is not there"),
        ({"event": "property_removed", "name": "x"}, "event 1 is about 'x', which is not there"),
        ({"event": "property_changed", "name": "x"}, "event 1 is about 'x', which is not there"),
        ({"event": "class_added", "name": "A B"}, "class 'A B' holds ' ' at position 1"),
        ({"event": "property_added", "name": "x\u202ey"}, "pack 'foaf': property"),
        ({"event": "property_added", "name": "x", "types": [""]}, "value type of property x is empty"),
        ({"event": "property_added", "name": "x", "domains": ["a\u2003b"]}, "domain of property x"),
    ],
)
def test_a_change_that_cannot_be_fails_extension_with_its_number(
    event: dict[str, object], message: str, foaf: Pack
) -> None:
    """The graph is left as it was: values never change."""
    with pytest.raises(PackError, match=message):
        raise failing("graph-extension", foaf, log_of({**event, "sequence": 1}))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"classes": frozenset("ABC"), "parents": {"A": "B", "B": "C", "C": "A"}}, "specialise each other in a circle"),
        ({"classes": frozenset("A"), "parents": {"A": "A"}}, "in a circle: 'A' of 'A'"),
        ({"properties": {"p": ()}, "domains": {"p": ("Z",)}}, "property 'p' belongs to 'Z', which is no class"),
        ({"properties": {"p": ("v:Z",)}}, "property 'p' has values of 'v:Z'"),
        ({"classes": frozenset("abcdefghijkl"), "parents": dict.fromkeys("abcdefghijkl", "Z")}, "and 2 more"),
    ],
)
def test_an_unsound_graph_fails_validation_with_every_finding(fields: dict[str, object], message: str) -> None:
    """Circles and dangling references."""
    vocabulary = Pack(**({"name": "v"} | fields))  # type: ignore[arg-type]  # the fields differ by case
    with pytest.raises(PackError, match=message):
        raise failing("validation", vocabulary)


def test_after_a_failed_stage_the_rest_is_skipped(foaf: Pack) -> None:
    """No code is made of an unsound graph."""
    with pytest.raises(PipelineFailedError) as caught:
        run(foaf, log_of({"event": "class_added", "sequence": 1, "name": "A", "parent": "Z"}))
    assert [outcome.state for outcome in caught.value.report.outcomes] == [
        State.SUCCEEDED,
        State.SUCCEEDED,
        State.FAILED,
        State.SKIPPED,
        State.SKIPPED,
        State.SKIPPED,
    ]
