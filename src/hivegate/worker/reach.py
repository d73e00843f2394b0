"""What a benchmark reaches: the code that its process runs from start to end, and the files of its tree that it reads.

Nothing is timed here. Code objects are seen by ``sys.monitoring``, before Python 3.12 by a profile function; what is
opened, listed and looked up by audit hooks and by the functions that ask for a file's state; and what C code opens by
inotify, for the files that differ. Whatever cannot be seen makes a benchmark's reach `unknown`.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import sys
import types
import warnings
from _thread import get_ident
from typing import TYPE_CHECKING, Any

import pytest

from . import threads
from .clocks import kept as time
from .codes import codes_of, digest, last_line
from .contract import ContractLoop, show_stats
from .inotify import OpenedFiles
from .loop import replace_loops
from .plugin import WorkerPlugin, node_id
from .trees import inside, is_ours, module_files, real

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Record
    from .loop import Benchmarked

_HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  compared as text
_TOOL = 4  # of sys.monitoring's six: not a debugger's, a profiler's or that of coverage
_IMPORTER = "<frozen importlib._bootstrap_external>"
# Installed, not the project's own.
_DRIVERS = tuple(f"-packages{os.sep}{name}{os.sep}" for name in ("_pytest", "pluggy", "pytest_benchmark"))
_LINES = frozenset({"f_lineno", "tb_lineno", "co_firstlineno", "co_lines", "co_positions", "co_lnotab", "co_linetable"})
_EXISTENCE = frozenset(
    {"exists", "lexists", "isfile", "isdir", "islink", "realpath", "_joinrealpath", "is_file", "is_dir", "is_symlink"}
)
_ASKING = ("subprocess.py", "platform.py")
_TYPING = sys.modules["typing"].__file__
_STATE = ("stat", "lstat", "access", "readlink")
# What runs where nothing here sees it, or shows code that did not run.
_UNSEEN = {
    "subprocess.Popen": "it starts a process",
    "os.system": "it starts a process",
    "os.posix_spawn": "it starts a process",
    "os.spawn": "it starts a process",
    "os.exec": "it becomes another process",
    "os.fork": "it forks",
    "os.forkpty": "it forks",
    "pty.spawn": "it starts a process",
    "cpython.PyInterpreterState_New": "it starts another interpreter",
    "sys.setprofile": "it sets a profile function",
    "gc.get_objects": "it looks at all objects",
    "gc.get_referrers": "it looks at all objects",
    "gc.get_referents": "it looks into objects",
}
_THREAD = "_thread.start_new_thread"
_READS = frozenset({"open", "sqlite3.connect", "ctypes.dlopen", "os.getxattr", "os.listxattr"})
_LISTS = {"os.listdir": "names", "os.scandir": "list"}
_METADATA = os.path.join("importlib", "metadata", "__init__.py")  # noqa: PTH118  looks for distributions alone
_CALLS, _MOST_CALLS, _TIME = 3, 50, 20_000_000  # ns
_DEPTH = 8  # frames in which whoever reads pytest's configuration is looked for


class ReachRecorder:
    """Record from `start` on what this process runs and touches of the tree `top`.

    `differing` are the files of the tree that another revision has differently, from `top`.
    """

    def __init__(self, top: str, differing: list[str]) -> None:
        self.unknown = ""
        self._top = real(top)
        self._differing = frozenset(differing)
        prefixes = {real(prefix) for prefix in (sys.prefix, sys.exec_prefix)}
        # An environment in head's tree is the same for both sides.
        self._environments = [prefix for prefix in prefixes if inside(prefix, self._top)]
        self._seen: dict[int, types.CodeType] = {}  # equal ones of two files are two
        self._touched: dict[str, dict[str, None]] = {}
        self._line_reader = ""
        self._asleep = False
        self._describing = False
        self._parent = os.getpid()
        self._busy: set[int] = set()  # threads in which this itself is at work
        self._files: dict[str, str] = {}
        self._opened: OpenedFiles | None = None
        self._codes: dict[str, dict[str, types.CodeType]] = {}

    def start(self) -> None:
        """Begin; before anything of the project is imported."""
        early = [name for name, module in list(sys.modules.items()) if not is_ours(name) and self._is_own(module)]
        if early:
            self.unknown = f"{early[0]} is loaded before anything can be seen"
        data = [self._path(name) for name in self._differing if not name.endswith(".py")]
        data = [path for path in data if os.path.isfile(path)]  # noqa: PTH113
        if data:
            self._opened = OpenedFiles(data)
            self.unknown = self.unknown or self._opened.unknown
        for name in _STATE:
            self._watch_state(name)
        self._watch_spawning()
        sys.addaudithook(self._on_audit)
        if hasattr(sys, "monitoring"):
            self._start_monitoring()
        else:
            self._asleep = True  # to what this itself does
            sys.setprofile(self._on_profile)
            self._asleep = False

    def _drain(self, *, taken: bool = True) -> None:
        for path in self._opened.drain() if self._opened is not None else ():
            if taken:
                self._touch(path, "read")

    def codes(self) -> dict[str, dict[str, list[Any]]]:
        """Describe the code objects of the Python files that differ, as far as this tree has them.

        By file and place in it: the digest, that with lines, the first and the last line.
        """
        self._asleep = True
        found: dict[str, dict[str, list[Any]]] = {}
        for name in sorted(self._differing):
            path = self._path(name)
            if not name.endswith(".py") or not os.path.isfile(path):  # noqa: PTH113
                continue
            try:
                self._codes[name] = codes_of(path)
            except (OSError, SyntaxError, ValueError):  # whoever imports it fails, or it is no source
                continue
            found[name] = {
                place: [digest(code), digest(code, lines=True), code.co_firstlineno, last_line(code)]
                for place, code in self._codes[name].items()
            }
        self._drain()  # what is opened until now is every benchmark's
        self._asleep = False
        return found

    def readings(self) -> dict[str, Any]:
        """Tell what was reached so far."""
        gc.collect()  # what is finalized later is of this, too
        self._asleep = True
        if not hasattr(sys, "monitoring") and sys.getprofile() != self._on_profile:
            self.unknown = self.unknown or "it replaces the profile function"
        if os.getpid() != self._parent and resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss:
            self.unknown = self.unknown or "it starts a process"
        self._drain()
        for name, module in list(sys.modules.items()):
            for file in module_files(module) if not is_ours(name) else ():
                if not file.endswith(".py") and os.path.isfile(file):  # noqa: PTH113
                    self._touch(file, "read")
        functions: dict[str, dict[str, None]] = {}
        places: dict[str, dict[str, None]] = {}
        for code in list(self._seen.values()):
            inner = self._inner(code.co_filename)
            if inner is None:
                continue
            said = f"{getattr(code, 'co_qualname', code.co_name)}:{code.co_firstlineno}"
            functions.setdefault(inner, {})[said] = None
            if inner in self._differing:
                places.setdefault(inner, {}).update(dict.fromkeys(self._places(inner, code)))
        readings = {
            "functions": {name: sorted(said) for name, said in functions.items()},
            "places": {name: sorted(said) for name, said in places.items()},
            "touched": {name: list(kinds) for name, kinds in self._touched.items()},
            "line_reader": self._line_reader,
            "unknown": self.unknown,
        }
        self._asleep = False
        return readings

    def _places(self, name: str, code: types.CodeType) -> list[str]:
        """Find where in its source a code object that ran was made; "?" where it is not what the source says."""
        own = digest(code, lines=True)
        found = [place for place, made in self._codes.get(name, {}).items() if digest(made, lines=True) == own]
        return found or ["?"]

    def _start_monitoring(self) -> None:
        monitoring = sys.monitoring  # type: ignore[attr-defined]  # Python 3.12
        if monitoring.get_tool(_TOOL) is not None:
            self.unknown = self.unknown or f"another tool has taken number {_TOOL} of sys.monitoring"
            return
        events = monitoring.events
        monitoring.use_tool_id(_TOOL, "hivegate")
        for event in (events.PY_START, events.PY_RESUME, events.PY_THROW):
            monitoring.register_callback(_TOOL, event, self._on_code if event != events.PY_THROW else self._on_throw)
        monitoring.set_events(_TOOL, events.PY_START | events.PY_RESUME | events.PY_THROW)

    def _on_code(self, code: types.CodeType, _: int) -> Any:  # noqa: ANN401  sys.monitoring's own type
        return sys.monitoring.DISABLE if self._take(code) else None  # type: ignore[attr-defined]  # Python 3.12

    def _on_throw(self, code: types.CodeType, *_: object) -> None:
        self._take(code)  # this event cannot be disabled

    def _on_profile(self, frame: types.FrameType, event: str, _: object) -> None:
        if event == "call":
            self._take(frame.f_code)

    def _take(self, code: types.CodeType) -> bool:
        """Take a code object that runs; returns whether that is known from now on."""
        if id(code) in self._seen:
            return True
        if self._asleep or get_ident() in self._busy:
            return False
        self._keep(code)
        return True

    def _keep(self, code: types.CodeType) -> None:
        file = code.co_filename
        if id(code) in self._seen or file.startswith(_HERE):
            return
        self._seen[id(code)] = code
        exempt = file == _TYPING and code.co_name == "overload"  # a line is a key there, and nothing else
        if not self._line_reader and not exempt and not any(driver in file for driver in _DRIVERS):
            names = _LINES.intersection(code.co_names)
            if names or any(type(one) is str and one in _LINES for one in code.co_consts):
                self._line_reader = f"{getattr(code, 'co_qualname', code.co_name)} ({os.path.basename(file)})"  # noqa: PTH119

    def _on_audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        own = get_ident()
        if self._asleep or own in self._busy:
            return
        self._busy.add(own)  # to ask for a frame and its code is audited, too
        try:
            self._take_event(event, arguments)
        finally:
            self._busy.discard(own)

    def _take_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._describing and not _describes(sys._getframe(2)):
            self._describing = False
            self._drain(taken=False)  # what git opened to describe the tree
        if event == "object.__getattr__":
            looked_at = arguments[0] if arguments[1] == "__code__" else None
            if isinstance(looked_at, types.FunctionType) and not _is_driver(sys._getframe(2)):
                self._keep(looked_at.__code__)
        elif event in _READS:
            self._on_read(arguments[0])
        elif event in _LISTS:
            frame = sys._getframe(2)
            if frame.f_code.co_filename != _IMPORTER and not _is_driver(frame):
                kind = "distributions" if frame.f_code.co_filename.endswith(_METADATA) else _LISTS[event]
                self._touch_given(arguments[0] if arguments[0] is not None else os.curdir, kind)
        elif event in _UNSEEN:
            self._describing = _describes(sys._getframe(2))
            self.unknown = self.unknown or ("" if self._describing else _UNSEEN[event])
        elif event == _THREAD and not hasattr(sys, "monitoring") and not self.unknown:
            self.unknown = "it starts a thread, which Python 3.11 does not show"

    def _on_read(self, given: Any) -> None:  # noqa: ANN401  whatever is opened
        if not isinstance(given, (str, bytes, os.PathLike)):
            return
        path = os.fsdecode(given)
        frame = sys._getframe(3)
        if path.endswith((".py", ".pyc")) and _imports(frame):
            return  # what is run of it is seen
        writes = frame.f_code.co_filename == _IMPORTER and frame.f_code.co_name == "_write_atomic"
        caches = ".pytest_cache" in path and any(_is_driver(one) for one, _ in zip(_frames(frame), range(_DEPTH)))
        if writes or caches or frame.f_code.co_filename.startswith(_HERE):
            return
        kind = "config" if os.path.basename(path) == "pyproject.toml" and _configures(frame) else "read"  # noqa: PTH119
        self._touch_given(path, kind)

    def _watch_state(self, name: str) -> None:
        """Stand around a function that tells of a file without opening it: no audit event tells of those."""
        original = getattr(os, name, None)
        if original is None:
            return
        recorder = self

        def state(path: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401  as the original
            own = get_ident()
            awake = not recorder._asleep and own not in recorder._busy
            if awake and isinstance(path, (str, bytes, os.PathLike)):
                recorder._busy.add(own)
                frame = sys._getframe(1)
                code = frame.f_code
                if not code.co_filename.startswith(_HERE) and not _walks(frame):
                    looks = code.co_filename == _IMPORTER or code.co_name in _EXISTENCE or _is_driver(frame)
                    behind = frame.f_back
                    looks = looks or (code.co_name in _STATE and behind is not None and _looks(behind))
                    recorder._touch_given(path, "exists" if looks else "read")
                recorder._busy.discard(own)
            return original(path, *args, **options)

        state.__name__ = state.__qualname__ = name
        for supported in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if original in supported:
                supported.add(state)
        for module in (os, sys.modules.get(os.name)):
            if module is not None:
                setattr(module, name, state)

    def _watch_spawning(self) -> None:
        """Stand around what multiprocessing starts its processes by: no audit event tells of that."""
        spawning: Any = sys.modules.get("_posixsubprocess") or importlib.import_module("_posixsubprocess")
        original = spawning.fork_exec

        def fork_exec(*args: Any) -> Any:  # noqa: ANN401  as the original
            if not _describes(sys._getframe(1)):
                self.unknown = self.unknown or "it starts a process"
            return original(*args)

        spawning.fork_exec = fork_exec

    def _touch_given(self, given: Any, kind: str) -> None:  # noqa: ANN401  a path, or a descriptor
        if isinstance(given, int):
            self.unknown = self.unknown or "it lists a folder by its descriptor"
            return
        self._touch(os.fsdecode(given), kind)

    def _touch(self, path: str, kind: str) -> None:
        for name in (self._inner(path), self._named(path)):
            if name is not None:
                self._touched.setdefault(name, {})[kind] = None

    def _inner(self, path: str) -> str | None:
        """Name a file from the tree's root, links followed; None where it lies outside, or is no file."""
        if path not in self._files:
            if path.startswith("<"):
                return None
            found = real(path)
            inner = _source(os.path.relpath(found, self._top)) if self._holds(found) else ""
            if not os.path.isabs(path):  # noqa: PTH117  it means another one in another folder
                return inner or None
            self._files[path] = inner
        return self._files[path] or None

    def _named(self, path: str) -> str | None:
        """Name a path from the tree's root as it is written: a link itself may differ."""
        whole = os.path.normpath(os.path.join(os.getcwd(), path))  # noqa: PTH109, PTH118
        return _source(os.path.relpath(whole, self._top)) if self._holds(whole) else None

    def _holds(self, path: str) -> bool:
        return inside(path, self._top) and not any(inside(path, one) for one in self._environments)

    def _path(self, name: str) -> str:
        return os.path.join(self._top, name)  # noqa: PTH118

    def _is_own(self, module: Any) -> bool:  # noqa: ANN401  anything may stand in sys.modules
        return any(self._holds(real(file)) and not file.startswith(_HERE) for file in module_files(module))


class ReachLoop(ContractLoop):
    """Take the place of pytest-benchmark's two loops and call three times or more, or as often as a test allows."""

    def __init__(self, record: Record, recorder: ReachRecorder) -> None:
        self._recorder = recorder
        self._called = False
        super().__init__(record)

    @property
    def fields(self) -> dict[str, Any] | None:
        """What was reached until now, teardown included."""
        return {"reach": self._recorder.readings()} if self._called else None

    @fields.setter
    def fields(self, _: dict[str, Any] | None) -> None:
        self._called = False

    def install(self, fixture_class: Any) -> None:  # noqa: ANN401  pytest-benchmark is untyped
        """Replace the class's ``_raw`` and ``_raw_pedantic``."""
        replace_loops(fixture_class, self.enter)

    async def measure(self, fixture: Any, given: Benchmarked) -> Any:  # noqa: ANN401  the same
        """Call for a while."""
        calls, result, start = 0, None, time.perf_counter_ns()
        end = start + _TIME
        while given.left is None or given.left > 0:
            if given.left is None and calls >= _CALLS and (calls >= _MOST_CALLS or time.perf_counter_ns() > end):
                break
            result = await given.call()
            calls += 1
            self.record.sign_of_life(self.node_id)
        self.look_at(given, result)
        await show_stats(fixture, given, (time.perf_counter_ns() - start) * 1e-9 / max(1, calls))
        self._called = True
        return result


class ReachPlugin(WorkerPlugin):
    """The worker's plugin; what it looks at itself is no benchmark's."""

    def __init__(self, plan: dict[str, Any], record: Record, recorder: ReachRecorder) -> None:
        super().__init__(plan, record, ReachLoop(record, recorder))
        self._recorder = recorder

    def _report_loaded(self) -> None:
        self._recorder._asleep = True
        super()._report_loaded()
        self._recorder._asleep = False


class ForkedTests:
    """Run each test in a fork: what one reaches is what a process reaches that runs it alone."""

    def __init__(self, record: Record, recorder: ReachRecorder) -> None:
        self._record = record
        self._recorder = recorder

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Write down what the files that differ compile to."""
        self._record.write("codes", files=self._recorder.codes())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> bool:  # noqa: ANN401  hooks are typed by name
        """Run the test in a child, and wait for it."""
        if (threads.count() or 1) > 1 and not self._recorder.unknown:
            self._recorder.unknown = "it has threads before it is called, which a fork loses"
        self._recorder._asleep = True
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            child = os.fork()
        if child == 0:
            self._recorder._asleep = False
            self._run(item)
        _, status = os.waitpid(child, 0)
        self._recorder._asleep = False
        if status != 0:
            said = f"its process ended with status {threads.exit_code(status)}"
            self._record.write("finished", node_id=node_id(item), outcome="crashed", detail=said)
        return True

    def _run(self, item: Any) -> None:  # noqa: ANN401  the same
        from _pytest.runner import runtestprotocol  # noqa: PLC0415  no public name

        status = 70
        try:
            runtestprotocol(item, log=False, nextitem=None)
            status = 0
        finally:
            os._exit(status)


def begin_reach(plan: dict[str, Any], record: Record) -> list[Any]:
    """Record from here on, before anything of the project is imported."""
    recorder = ReachRecorder(plan["top"], plan["differing"])
    recorder.start()
    return [ReachPlugin(plan, record, recorder), ForkedTests(record, recorder)]


def _source(name: str) -> str:
    """Name the source instead of what is cached of it."""
    folder, _, file = name.replace(os.sep, "/").rpartition("/")
    if folder.rpartition("/")[2] != "__pycache__" or not file.endswith(".pyc"):
        return name.replace(os.sep, "/")
    above = folder.rpartition("/")[0]
    return f"{above}/{file.partition('.')[0]}.py" if above else f"{file.partition('.')[0]}.py"


def _frames(frame: types.FrameType | None) -> Iterator[types.FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def _imports(frame: types.FrameType) -> bool:
    """Tell whether a source, or its cache, is read to be run: not for its text, which whoever asks may look at."""
    names = [one.f_code.co_name for one, _ in zip(_frames(frame), range(3)) if one.f_code.co_filename == _IMPORTER]
    return names == ["get_data", "get_code", "exec_module"]


def _is_driver(frame: types.FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith(_HERE) or any(driver in file for driver in _DRIVERS)


def _configures(frame: types.FrameType) -> bool:
    end = os.path.join("_pytest", "config", "findpaths.py")  # noqa: PTH118
    return any(one.f_code.co_filename.endswith(end) for one, _ in zip(_frames(frame), range(_DEPTH)))


def _walks(frame: types.FrameType) -> bool:
    """Tell whether pytest looks at what lies beside the suite's files, and whether to leave it out."""
    near = (one for one, _ in zip(_frames(frame), range(_DEPTH)))
    return any(one.f_code.co_name == "pytest_ignore_collect" and _is_driver(one) for one in near)


def _describes(frame: types.FrameType) -> bool:
    """Tell whether pytest-benchmark starts a process: it asks for commit and machine, and no benchmark rests on those.

    What it is given to call, it does not call here.
    """
    caller = next((one for one in _frames(frame) if not one.f_code.co_filename.endswith(_ASKING)), frame)
    return _DRIVERS[-1] in caller.f_code.co_filename


def _looks(frame: types.FrameType) -> bool:
    return frame.f_code.co_name in _EXISTENCE or _is_driver(frame)
