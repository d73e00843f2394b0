"""The parent of a pair: a bare interpreter that forks, or starts, the two children that are compared.

Two processes that start on their own have memory layouts and hash seeds of their own, and differ by 1 to 12 % for no
other reason. Children of one parent share both. So pytest and the project's dependencies are imported here, before the
fork; the project itself is not, each child imports its own.

Where that cannot be, two interpreters are started: with one hash seed, and without random addresses where the system
allows that.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import threading
from typing import Any

from . import threads
from .channel import Channel
from .heap import jitter_heap
from .trees import enter_tree, is_ours, loaded_project_modules


def main(plan: dict[str, Any]) -> int:
    """Begin the two children in the plan's order, and report to the coordinator how each of them ends."""
    control = Channel(plan["control"])
    if not plan["fork"]:
        control.write("preloaded", own=[])
        return _await_ends(control, _start_children(plan))
    known = set(sys.modules)
    for name in plan["preload"]:
        trouble = _preload(name, known, plan["roots"])
        if trouble:
            control.write("unshareable", module=name, why=trouble)
            return 0
    control.write("preloaded", own=loaded_project_modules(plan["roots"][0]))
    gc.collect()
    gc.freeze()
    living = {}
    for side in plan["order"]:
        child = os.fork()
        if child == 0:
            _become(side, plan)
        living[child] = side
    for side in plan["sides"].values():
        os.close(side["channel"])
    return _await_ends(control, living)


def _start_children(plan: dict[str, Any]) -> dict[int, str]:
    """Start an interpreter for each side; returns the side by process."""
    living = {}
    for name in plan["order"]:
        side = plan["sides"][name]
        file = os.path.join(side["scratch"], "plan.json")  # noqa: PTH118  a string is wanted
        with open(file, "w", encoding="utf-8") as written:  # noqa: PTH123  the same
            json.dump({**plan, "mode": "side", "side": name}, written)
        child = subprocess.Popen(  # noqa: S603  the interpreter that the user named
            [*plan["launcher"], side["python"], plan["start"], file],
            cwd=side["own"],
            env={**os.environ, "PYTHONHASHSEED": str(plan["hash_seed"])},
            pass_fds=(side["channel"],),
        )
        living[child.pid] = name
        os.close(side["channel"])
    return living


def _begin_as_forked(preload: list[str]) -> None:
    """Bring a started process to where a fork begins: the same modules in the same order, and frozen.

    What is frozen no collection of garbage looks at again, which would else be a part of a call that allocates, and the
    longer the more there is in the environment.
    """
    for name in preload:
        with contextlib.suppress(BaseException):  # what the other environment alone has
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _await_ends(control: Channel, living: dict[int, str]) -> int:
    while living:
        child, status = os.wait()
        if child in living:
            control.write("child_ended", side=living.pop(child), status=threads.exit_code(status))
    return 0


def _preload(name: str, known: set[str], roots: list[str]) -> str:
    """Import a module; returns why it must not be shared, "" where it may be. `known` grows by what was imported."""
    if name in known:
        return ""
    with contextlib.suppress(BaseException):  # what cannot be imported here, the children import for themselves
        importlib.import_module(name)
    fresh = [one for one in list(sys.modules) if one not in known]
    known.update(fresh)
    if (threads.count() or threading.active_count()) > 1:  # systems without /proc count Python's own
        return "it starts a thread, which a fork would lose"
    loaded = [own for own in fresh if _is_project(own, roots)]
    return f"it imports the project's own {loaded[0]}" if loaded else ""


def _is_project(name: str, roots: list[str]) -> bool:
    file = getattr(sys.modules.get(name), "__file__", None) or ""
    inside = any(file.startswith(root + os.sep) for root in roots)
    return inside and "site-packages" not in file and not is_ours(name)


def _become(side: str, plan: dict[str, Any]) -> None:
    """Go on as one child; never returns, so that nothing of the parent's runs twice."""
    status = 70
    try:
        for other, one in plan["sides"].items():
            if other != side:
                os.close(one["channel"])
        os.close(plan["control"])
        status = be_side(side, plan)
    except BaseException:  # noqa: BLE001  the traceback goes to the output that the coordinator keeps
        import traceback  # noqa: PLC0415  only now

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def be_side(side: str, plan: dict[str, Any]) -> int:
    """Be one of the two children to the end of its session; returns its exit status."""
    enter_tree(plan["sides"][side]["own"], plan["sides"][side]["other"])  # before pytest, which may be the subject
    if plan["sides"][side].get("project"):
        from .loaded import prefer_installed  # noqa: PLC0415  not of the parent

        prefer_installed(plan["sides"][side]["project"])
    if not plan["fork"]:
        _begin_as_forked(plan["preload"])
    from .side import run_side  # noqa: PLC0415  imports pytest, which a forked child has by now

    junk = jitter_heap(plan["sides"][side]["seed"])
    status = run_side(plan["sides"][side], plan)
    del junk
    return status
