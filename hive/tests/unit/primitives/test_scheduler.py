import pytest

from hivemind.primitives import EmptySchedulerError, InvalidValueError, Priority, PriorityScheduler


def test_the_most_urgent_task_goes_first() -> None:
    """The order of arrival does not matter between priorities."""
    scheduler = PriorityScheduler[str]()
    for priority in (Priority.LOW, Priority.CRITICAL, Priority.NORMAL, Priority.HIGH):
        scheduler.enqueue(priority.name, priority)
    assert [scheduler.dequeue() for _ in range(4)] == ["CRITICAL", "HIGH", "NORMAL", "LOW"]


def test_every_patience_th_turn_is_fair() -> None:
    """LOW, NORMAL and HIGH get the fair turns by rotation, under a flood of CRITICAL work."""
    scheduler = PriorityScheduler[str](patience=3)
    for priority in Priority:
        for _ in range(9):
            scheduler.enqueue(priority.name[0], priority)
    assert "".join(scheduler.dequeue() for _ in range(12)) == "CCLCCNCCHCCL"


def test_a_fair_turn_whose_lane_is_empty_goes_to_the_most_urgent() -> None:
    """No turn is lost while anything waits."""
    scheduler = PriorityScheduler[int](patience=2)
    for number in range(20):
        scheduler.enqueue(number, Priority.CRITICAL)
    assert [scheduler.dequeue() for _ in range(20)] == list(range(20))


@pytest.mark.parametrize("priority", [Priority.LOW, Priority.NORMAL, Priority.HIGH])
@pytest.mark.parametrize("ahead", [0, 2])
@pytest.mark.parametrize("patience", [2, 16])
def test_the_bound_is_exact_under_a_flood(priority: Priority, ahead: int, patience: int) -> None:
    """A task that just missed the fair turn of its lane is out at the bound, and not one dequeue earlier."""
    scheduler = PriorityScheduler[str](patience=patience)
    for _ in range(1000):
        scheduler.enqueue("flood", Priority.CRITICAL)
    for _ in range(patience * (1 + priority)):  # up to and with the fair turn of this lane
        scheduler.dequeue()
    for position in range(ahead + 1):
        scheduler.enqueue(f"task {position}", priority)
    bound = scheduler.longest_wait(ahead)
    assert bound == (ahead + 1) * 3 * patience
    assert f"task {ahead}" not in [scheduler.dequeue() for _ in range(bound - 1)]
    assert scheduler.dequeue() == f"task {ahead}"


def test_any_object_can_wait() -> None:
    """Tasks are never compared, hashed or called, so None and unhashable ones are fine."""
    scheduler = PriorityScheduler[object]()
    tasks: tuple[object, ...] = (None, [], {})
    for task in tasks:
        scheduler.enqueue(task, Priority.NORMAL)
    assert [scheduler.dequeue() for _ in range(3)] == [None, [], {}]


@pytest.mark.parametrize("priority", [True, 1.0, 3 + 0j, 1, "HIGH", None, []])
def test_what_equals_a_priority_is_none(priority: object) -> None:
    """Only a Priority has a lane; of tasks that are enqueued together, none is then."""
    scheduler = PriorityScheduler[str]()
    with pytest.raises(InvalidValueError, match="give a Priority: LOW, NORMAL, HIGH, CRITICAL"):
        scheduler.enqueue("a", priority)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="give a Priority"):
        scheduler.enqueue_all([("a", Priority.LOW), ("b", priority)])  # type: ignore[list-item]
    assert len(scheduler) == 0


def test_the_length_counts_what_waits() -> None:
    """It rises with each enqueue, falls with each dequeue, and stays on a failing call."""
    scheduler = PriorityScheduler[int]()
    lengths = []
    for number in range(3):
        scheduler.enqueue(number, Priority(number))
        lengths.append(len(scheduler))
    while scheduler:
        scheduler.dequeue()
        lengths.append(len(scheduler))
    assert lengths == [1, 2, 3, 2, 1, 0]
    with pytest.raises(EmptySchedulerError, match="nothing waits"):
        scheduler.dequeue()
    with pytest.raises(InvalidValueError):
        scheduler.enqueue(1, "HIGH")  # type: ignore[arg-type]
    assert len(scheduler) == 0


@pytest.mark.parametrize("priority", [4, -1, "HIGH", None, []])
def test_an_unknown_priority_is_refused(priority: object) -> None:
    """The error shows the value and the names that exist."""
    with pytest.raises(InvalidValueError, match="give a Priority: LOW, NORMAL, HIGH, CRITICAL"):
        PriorityScheduler[str]().enqueue("task", priority)  # type: ignore[arg-type]


@pytest.mark.parametrize("patience", [1, 0, -3, 1025, 2.0, "16", None])
def test_an_impossible_patience_is_refused(patience: object) -> None:
    """Below 2 CRITICAL would have no turns; the error names the range."""
    with pytest.raises(InvalidValueError, match="give a whole number from 2 to 1024"):
        PriorityScheduler(patience=patience)  # type: ignore[arg-type]
