"""Who may measure beside whom: threads that come and go."""

from __future__ import annotations

import random
import threading
import time

from hivegate.measure.pairs.sharing import SharedMachine


def test_nobody_measures_beside_one_that_is_alone() -> None:
    """Whatever the order: others go on afterwards, none waits for ever, and several may measure at once."""
    machine, lock = SharedMachine(), threading.Lock()
    inside: list[bool] = []
    seen: list[tuple[bool, ...]] = []

    def look(*, alone: bool) -> None:
        with lock:
            inside.append(alone)
            seen.append(tuple(inside))
        time.sleep(0.001)
        with lock:
            inside.remove(alone)

    def measure(number: int) -> None:
        chance = random.Random(number)  # noqa: S311  a simulation
        for _ in range(20):
            with machine.measuring():
                look(alone=False)
                if chance.random() < 0.3:
                    with machine.alone():
                        look(alone=True)
                    look(alone=False)

    threads = [threading.Thread(target=measure, args=(number,), daemon=True) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not any(one.is_alive() for one in threads)
    assert all(moment == (True,) for moment in seen if True in moment)
    assert max(map(len, seen)) > 1
