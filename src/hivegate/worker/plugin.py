"""The pytest plugin: chooses the benchmarks, watches them, and writes what they showed to the record."""

from __future__ import annotations

import copy
import inspect
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .channel import plain, readable
from .codspeed import CodspeedSuites, is_marked_alone
from .contract import ContractLoop, repair_precision
from .loop import MeasuringLoop
from .options import (
    PROFILE,
    forget_earlier_runs,
    is_loaded,
    prevent_tracing,
    take_over,
    take_over_plugins,
    why_not_loaded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Record

_HERE = os.path.dirname(__file__)  # noqa: PTH120  compared as text
_DECLARED = ("operations", "size", "parallelism", "metrics", "subject")
_DETAIL = 2000  # characters of a failure that travel
_WHY = 200  # the same, of what ends pytest
_RUN_AGAIN = (
    "a plugin of the suite ran the test {} times; hivegate counts no retry until green: -p no:PLUGIN switches it off"
)
_NAME = "_hivegate_name"  # of a test that is repeated for another of its benchmarks
_MARKED = {
    "flaky": "reruns",
    "timeout": "timeout",
    "forked": "forked",
}  # markers that ask for what is taken over, by the option's name


class WorkerPlugin:
    """One session: collects, or measures the benchmarks of the plan in its order."""

    def __init__(self, plan: dict[str, Any], record: Record, loop: ContractLoop | None = None) -> None:
        self._plan = plan
        self._record = record
        self._wanted: dict[str, int] = plan.get("benchmarks", {})
        self._reports: dict[str, list[Any]] = {}
        self._taken_over: list[str] = []
        self._numbers: dict[str, int] = {}
        self._runs = 0
        self._loop = loop or _loop_for(plan, record)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self, early_config: Any) -> Iterator[None]:  # noqa: ANN401
        """Come before the plugins that start with the options that were read so far."""
        prevent_tracing(early_config.known_args_namespace)
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self, config: Any) -> Iterator[None]:  # noqa: ANN401  hooks are typed by name
        """Take over the suite's options before any plugin acts on them."""
        self._take_over(config)
        yield

    def _take_over(self, config: Any) -> None:  # noqa: ANN401  hooks are typed by name
        self._taken_over = take_over_plugins(config)
        if PROFILE in self._taken_over and config.option.profile:
            self._record.write("option_overridden", option=PROFILE)
        for name in take_over(config.option, self._plan):
            self._record.write("option_overridden", option=name)

    def pytest_configure(self, config: Any) -> None:  # noqa: ANN401
        """Collect ``bench_*`` files and functions too, and stand around the measuring loop."""
        config.addinivalue_line("python_files", "bench_*.py")
        config.addinivalue_line("python_functions", "bench_")
        if not is_loaded(config, "pytest_benchmark.plugin"):
            why, hint = why_not_loaded(config)
            self._record.write("unable", why=why, hint=hint)
            return
        from pytest_benchmark.fixture import BenchmarkFixture  # noqa: PLC0415  untouched where it is switched off

        self._loop.install(BenchmarkFixture)
        repair_precision()
        if is_loaded(config, "pytest_codspeed.plugin"):
            config.pluginmanager.register(CodspeedSuites())

    def pytest_sessionstart(self, session: Any) -> None:  # noqa: ANN401  hooks are typed by name
        """Leave what the suite knows of its own runs as it is."""
        forget_earlier_runs(session.config)

    @pytest.hookimpl(tryfirst=True)
    def pytest_itemcollected(self, item: Any) -> None:  # noqa: ANN401  hooks are typed by name
        """Give the fixture to a test that asks for it while it runs, so that it is known for a benchmark."""
        if _asks_later(item) and "benchmark" not in item.fixturenames:
            item.fixturenames = [*item.fixturenames, "benchmark"]  # a list of its own: its siblings share theirs

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Iterator[None]:  # noqa: ANN401
        """Keep the benchmarks, in the order of the plan where there is one."""
        yield
        kept = [one for one in items if "benchmark" in getattr(one, "fixturenames", ())]
        kept += self._further(kept)
        for marker, option in _MARKED.items():
            if option in self._taken_over and any(item.get_closest_marker(marker) for item in kept):
                self._record.write("option_overridden", option=option)
        if self._plan["mode"] == "collect":
            marked = [node_id(one) for one in items if is_marked_alone(one)]
            if marked:
                self._record.write("codspeed_only", node_id=marked[0], number=len(marked))
        else:
            self._report_absent(kept)
            place = {node: index for index, node in enumerate(self._wanted)}
            kept = sorted((one for one in kept if node_id(one) in place), key=lambda one: place[node_id(one)])
        dropped = set(map(id, items)) - set(map(id, kept))
        config.hook.pytest_deselected(items=[one for one in items if id(one) in dropped])
        items[:] = kept
        self._report_loaded()

    def _further(self, kept: list[Any]) -> Iterator[Any]:
        """Repeat tests of which another benchmark than the first is wanted, named by ``NODE_ID#NUMBER``."""
        present = {node_id(item): item for item in kept}
        for name in self._wanted:
            test, _, number = name.rpartition("#")
            if name not in present and number.isdigit() and test in present:
                self._numbers[name] = int(number)
                again = copy.copy(present[test])
                setattr(again, _NAME, name)
                again._initrequest()
                yield again

    def _report_absent(self, kept: list[Any]) -> None:
        """Report what is wanted and not there; and of that, whose function has parameters by other names here."""
        present = {node_id(item) for item in kept}
        absent = [name for name in self._wanted if name not in present]
        if absent:
            others = {name.partition("[")[0] for name in present - set(self._wanted)}
            changed = [name for name in absent if "[" in name and name.partition("[")[0] in others]
            self._record.write("absent", node_ids=absent, changed=changed)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Look once more at what the benchmarks imported while they ran."""
        self._report_loaded()

    def _report_loaded(self) -> None:
        """Report what of the project is loaded, and what was loaded from a tree that is not this one."""
        project, trees = self._plan.get("project"), self._plan.get("trees")
        if project:
            from .loaded import loaded_project  # noqa: PLC0415  it hashes, which few modes need

            self._record.write("loaded", **loaded_project(project, caches=self._plan["mode"] == "collect"))
        if trees:
            from .trees import files_of, wrong_tree_modules  # noqa: PLC0415  only a comparison needs it

            separate = bool(project and project["separate"])
            modules = wrong_tree_modules(trees["own"], trees["other"], separate=separate)
            if modules:
                self._record.write("wrong_tree", files=files_of(modules), own=trees["own"], other=trees["other"])

    def pytest_collection_finish(self, session: Any) -> None:  # noqa: ANN401
        """Write down what was found; collecting ends here."""
        if self._plan["mode"] != "collect":
            return
        for one in session.items:
            self._record.write(
                "collected",
                node_id=node_id(one),
                path=str(one.path),
                rootdir=str(session.config.rootpath),
                group=_group(one),
                markers=list(dict.fromkeys(marker.name for marker in one.iter_markers())),
            )
        session.items[:] = []
        if self._plan.get("probe"):
            self._record.write(
                "modules", files=[(name, getattr(one, "__file__", None)) for name, one in list(sys.modules.items())]
            )

    def pytest_collectreport(self, report: Any) -> None:  # noqa: ANN401
        """Write down a file that cannot be collected, or skips itself."""
        if report.failed:
            self._record.write("collection_failed", node_id=report.nodeid, detail=_text(report.longreprtext))
        elif report.skipped:
            self._record.write("file_skipped", node_id=report.nodeid, why=_reason(report))

    def pytest_internalerror(self, excrepr: Any) -> None:  # noqa: ANN401  hooks are typed by name
        """Tell what made pytest itself, or one of its plugins, give up."""
        self._give_up(without_prefix(str(excrepr).strip().rpartition("\n")[2], "E ").strip())

    def pytest_keyboard_interrupt(self, excinfo: Any) -> None:  # noqa: ANN401  the same
        """Tell who left: `pytest.exit` has a reason."""
        self._give_up(f"{excinfo.typename}: {excinfo.value}")

    def _give_up(self, why: str) -> None:
        self._record.write("gave_up", why=why[:_WHY])

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:  # noqa: ANN401  hooks are typed by name
        """Write down which benchmark begins, so that a death has a name."""
        name = node_id(item)
        self._reports[name] = []
        self._runs = 0
        self._loop.begin(name, self._numbers.get(name, 1))
        self._record.write("started", node_id=name)
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        """Count how often the test is run: a plugin that we do not know may run it again until it passes."""
        self._runs += 1

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any) -> Iterator[None]:  # noqa: ANN401
        """Gather setup, call and teardown; write the benchmark down after the last, and once.

        A plugin that runs it again until it passes does so without us.
        """
        report = (yield).get_result()  # type: ignore[attr-defined]
        reports = self._reports.get(node_id(item))
        if reports is None:
            return
        reports.append(report)
        self._record.sign_of_life(node_id(item))
        if report.when == "teardown":
            self._finish(item)

    def _finish(self, item: Any) -> None:  # noqa: ANN401
        reports = self._reports.pop(node_id(item))
        outcome, detail = self._loop.verdict or _judge(reports)
        fields, again = self._loop.fields, self._runs > 1
        if again:
            outcome, detail = "failed", _RUN_AGAIN.format(self._runs)
        if outcome == "measured" and fields is None:
            asked = _asks_for(item)
            outcome = "not measured" if asked else "no benchmark"
            detail = "the test passed without calling its benchmark fixture" if asked else ""
            if self._loop.fixture is not None:
                outcome, detail = "not measured", "the test passed, but caught what its benchmark raised"
            elif self._loop.number > 1:
                outcome, detail = "not measured", "its test did not call so many benchmarks"
        self._record.write(
            "finished",
            node_id=node_id(item),
            outcome=outcome,
            detail=detail,
            params=_numeric(item),
            extra_info=_declared(self._loop.fixture),
            notes=self._loop.notes,
            further=max(0, self._loop.uses - 1) if self._loop.number == 1 and not again else 0,
            **((fields or {}) if outcome == "measured" else {}),
        )
        # pytest-benchmark would sort and print every round at the end of the session; nobody reads it.
        item.config._benchmarksession.benchmarks[:] = []


def node_id(item: Any) -> str:  # noqa: ANN401  any pytest item
    """Name an item as it travels: a file's name may hold what nobody can encode."""
    name: str = getattr(item, _NAME, "") or readable(item.nodeid)
    return name


def _group(item: Any) -> str:  # noqa: ANN401  any pytest item
    """Tell the group that a benchmark's marker names; one that its test sets later is not known yet."""
    marker = item.get_closest_marker("benchmark")
    group = marker.kwargs.get("group") if marker is not None else None
    return "" if group is None else str(plain(group))


def _asks_for(item: Any) -> bool:  # noqa: ANN401  any pytest item
    """Tell whether a test itself asks for the fixture, through others too, and not only its class or file for all."""
    info = item._fixtureinfo
    names: set[str] = set(info.argnames)
    asked: set[str] = set()
    for marker in item.iter_markers("usefixtures"):
        names.update(marker.args)
    while names - asked:
        name = (names - asked).pop()
        asked.add(name)
        names.update(*(definition.argnames for definition in info.name2fixturedefs.get(name, ())))
    return "benchmark" in asked or "benchmark" in item.fixturenames[len(info.names_closure) :]


def _asks_later(item: Any) -> bool:  # noqa: ANN401  the same
    """Tell whether a test says ``request.getfixturevalue("benchmark")``."""
    code = getattr(inspect.unwrap(getattr(item, "function", _asks_later)), "__code__", None)
    return code is not None and "getfixturevalue" in code.co_names and "benchmark" in code.co_consts


def _declared(fixture: Any) -> dict[str, Any]:  # noqa: ANN401  pytest-benchmark is untyped
    """Tell what a benchmark declares of itself: all else in `extra_info` is the user's."""
    info = getattr(fixture, "extra_info", None) or {}
    return {key: info[key] for key in _DECLARED if key in info}


def _loop_for(plan: dict[str, Any], record: Record) -> ContractLoop:
    if plan["mode"] == "profile":
        from .profile import ProfileLoop  # noqa: PLC0415  only this mode needs it

        return ProfileLoop(plan, record)
    if plan["mode"] == "memory":
        from .memory import MemoryLoop  # noqa: PLC0415  only this mode needs it

        return MemoryLoop(record)
    if plan["mode"] == "instructions":
        from .instructions import InstructionsLoop  # noqa: PLC0415  only this mode needs it

        return InstructionsLoop(plan, record)
    return MeasuringLoop(plan.get("benchmarks", {}), record)


def _judge(reports: list[Any]) -> tuple[str, str]:
    for report in reports:
        if report.failed:
            return "failed", _text(
                f"{report.when}: {_last_lines(report)}" if report.when != "call" else _last_lines(report)
            )
        if report.skipped:
            return "skipped", _reason(report)
    return "measured", ""


def _reason(report: Any) -> str:  # noqa: ANN401
    if getattr(report.longrepr, "reprcrash", None) is not None:  # what is expected to fail, and did
        return _text(f"xfail: {_last_lines(report)}")
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    return _text(without_prefix(str(reason), "Skipped: "))


def _last_lines(report: Any) -> str:  # noqa: ANN401
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return str(report.longreprtext)
    message = without_prefix(crash.message.splitlines()[0], "Failed: ") if crash.message else ""
    # What the worker itself refuses has its place in the worker, which helps nobody.
    return message if _HERE in str(crash.path) else f"{message} ({crash.path}:{crash.lineno})"


def without_prefix(text: str, prefix: str) -> str:
    """Cut a prefix off: str.removeprefix is of Python 3.9."""
    return text[len(prefix) :] if text.startswith(prefix) else text


def _text(text: str) -> str:
    return text if len(text) <= _DETAIL else text[:_DETAIL] + " ..."


def _numeric(item: Any) -> dict[str, float]:  # noqa: ANN401
    params = item.callspec.params if hasattr(item, "callspec") else {}
    return {
        name: value for name, value in params.items() if isinstance(value, (int, float)) and not isinstance(value, bool)
    }
