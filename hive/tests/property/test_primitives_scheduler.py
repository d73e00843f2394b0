"""The laws of the priority scheduler: nothing lost, first in first out within a lane, nothing starves."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hivemind.primitives import Priority, PriorityScheduler
from reference.primitives import HeapScheduler

PRIORITIES = st.sampled_from(Priority)
# None dequeues, a priority enqueues: any history of a scheduler.
HISTORIES = st.lists(st.none() | PRIORITIES, max_size=300)
PATIENCE = st.integers(2, 9)

Task = tuple[int, Priority]


def replay(history: list[Priority | None], patience: int) -> tuple[PriorityScheduler[Task], list[Task], list[Task]]:
    """Run a history; return the scheduler, what went in and what came out."""
    scheduler = PriorityScheduler[Task](patience=patience)
    entered: list[Task] = []
    left: list[Task] = []
    for number, step in enumerate(history):
        if step is not None:
            entered.append((number, step))
            scheduler.enqueue((number, step), step)
        elif scheduler:
            left.append(scheduler.dequeue())
        assert len(scheduler) == len(entered) - len(left)
    return scheduler, entered, left


@given(HISTORIES, PATIENCE, st.lists(PRIORITIES, max_size=50))
def test_many_at_once_are_as_many_one_by_one(
    history: list[Priority | None], patience: int, more: list[Priority]
) -> None:
    """From whatever state: the same order out, the same turns used, nothing left."""
    one_by_one, at_once = replay(history, patience)[0], replay(history, patience)[0]
    tasks = [((-number, priority), priority) for number, priority in enumerate(more)]
    for task, priority in tasks:
        one_by_one.enqueue(task, priority)
    at_once.enqueue_all(iter(tasks))
    assert at_once.drain() == [one_by_one.dequeue() for _ in range(len(one_by_one))]
    for scheduler in (one_by_one, at_once):
        scheduler.enqueue_all(tasks)
    assert at_once.drain() == one_by_one.drain()
    assert len(at_once) == 0


@given(HISTORIES, PATIENCE)
def test_every_task_comes_out_once_and_in_order_within_its_lane(history: list[Priority | None], patience: int) -> None:
    """Draining returns exactly what was enqueued; each priority keeps its order of arrival."""
    scheduler, entered, left = replay(history, patience)
    left += [scheduler.dequeue() for _ in range(len(scheduler))]
    assert Counter(left) == Counter(entered)
    for priority in Priority:
        assert [task for task in left if task[1] is priority] == [task for task in entered if task[1] is priority]


@given(HISTORIES, PATIENCE, PRIORITIES, st.data())
def test_no_task_waits_longer_than_the_bound(
    history: list[Priority | None], patience: int, priority: Priority, data: st.DataObject
) -> None:
    """After any history, and with any tasks enqueued between the dequeues, it is out by the promised dequeue."""
    scheduler, entered, left = replay(history, patience)
    waiting = Counter(entered) - Counter(left)
    ahead = sum(1 for task in waiting if task[1] is priority)
    watched = (-1, priority)
    scheduler.enqueue(watched, priority)
    bound = scheduler.longest_wait(ahead)
    flood = data.draw(st.lists(PRIORITIES, min_size=1, max_size=5), label="enqueued before every dequeue")
    for turn in range(bound):
        for number, rival in enumerate(flood):
            scheduler.enqueue((1000 + turn * 10 + number, rival), rival)
        if scheduler.dequeue() == watched:
            return
    raise AssertionError(f"still waiting after {bound} dequeues with {ahead} ahead")


@given(st.lists(PRIORITIES, max_size=100))
def test_between_fair_turns_the_order_is_that_of_a_heap(priorities: list[Priority]) -> None:
    """With patience beyond the number of tasks no turn is fair, and the textbook scheduler agrees task by task."""
    ours, textbook = PriorityScheduler[int](patience=1000), HeapScheduler[int]()
    for number, priority in enumerate(priorities):
        ours.enqueue(number, priority)
        textbook.enqueue(number, priority)
    assert [ours.dequeue() for _ in priorities] == [textbook.dequeue() for _ in priorities]


@given(st.lists(PRIORITIES, min_size=1, max_size=200), PATIENCE)
def test_a_fair_turn_costs_urgent_work_little(priorities: list[Priority], patience: int) -> None:
    """A CRITICAL task is held up by one dequeue in `patience` at most."""
    scheduler = PriorityScheduler[Priority](patience=patience)
    for priority in priorities:
        scheduler.enqueue(priority, priority)
    order = [scheduler.dequeue() for _ in priorities]
    critical = order.count(Priority.CRITICAL)
    if critical:
        last = len(order) - order[::-1].index(Priority.CRITICAL)
        held_up = last - critical
        assert held_up <= last // patience
