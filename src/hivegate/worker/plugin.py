"""The pytest plugin: chooses the benchmarks, watches them, and writes what they showed to the record."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .codspeed import CodspeedSuites, is_marked_alone
from .loop import MeasuringLoop
from .options import prevent_tracing, take_over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .channel import Record

_HERE = os.path.dirname(__file__)  # noqa: PTH120  compared as text
_DETAIL = 2000  # characters of a failure that travel


class WorkerPlugin:
    """One session: collects, or measures the benchmarks of the plan in its order."""

    def __init__(self, plan: dict[str, Any], record: Record, loop: Any = None) -> None:  # noqa: ANN401
        self._plan = plan
        self._record = record
        self._wanted: dict[str, int] = plan.get("benchmarks", {})
        self._reports: dict[str, list[Any]] = {}
        self._loop = loop or _loop_for(plan, record)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_load_initial_conftests(self, early_config: Any) -> Iterator[None]:  # noqa: ANN401
        """Come before the plugins that start with the options that were read so far."""
        prevent_tracing(early_config.known_args_namespace)
        yield

    @pytest.hookimpl(hookwrapper=True)
    def pytest_cmdline_main(self, config: Any) -> Iterator[None]:  # noqa: ANN401  hooks are typed by name
        """Take over the suite's options before any plugin acts on them."""
        for name in take_over(config.option, self._plan):
            self._record.write("option_overridden", option=name)
        yield

    def pytest_configure(self, config: Any) -> None:  # noqa: ANN401
        """Collect ``bench_*`` files and functions too, and stand around the measuring loop."""
        config.addinivalue_line("python_files", "bench_*.py")
        config.addinivalue_line("python_functions", "bench_")
        if not config.pluginmanager.hasplugin("benchmark"):
            self._record.write("unable", why="the suite's own options switch pytest-benchmark off (-p no:benchmark)")
            return
        from pytest_benchmark.fixture import BenchmarkFixture  # noqa: PLC0415  untouched where it is switched off

        self._loop.install(BenchmarkFixture)
        if config.pluginmanager.hasplugin("codspeed"):
            config.pluginmanager.register(CodspeedSuites())

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> Iterator[None]:  # noqa: ANN401
        """Keep the benchmarks, in the order of the plan where there is one."""
        yield
        kept = [one for one in items if "benchmark" in getattr(one, "fixturenames", ())]
        if self._plan["mode"] == "collect":
            marked = [one.nodeid for one in items if is_marked_alone(one)]
            if marked:
                self._record.write("codspeed_only", node_id=marked[0], number=len(marked))
        else:
            place = {node: index for index, node in enumerate(self._wanted)}
            kept = sorted((one for one in kept if one.nodeid in place), key=lambda one: place[one.nodeid])
        dropped = set(map(id, items)) - set(map(id, kept))
        config.hook.pytest_deselected(items=[one for one in items if id(one) in dropped])
        items[:] = kept
        self._report_loaded()

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
                "collected", node_id=one.nodeid, path=str(one.path), rootdir=str(session.config.rootpath)
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

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Write down which benchmark begins, so that a death has a name."""
        self._reports[nodeid] = []
        self._record.write("started", node_id=nodeid)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: Any) -> Iterator[None]:  # noqa: ANN401
        """Gather setup, call and teardown; write the benchmark down after the last."""
        report = (yield).get_result()  # type: ignore[attr-defined]
        self._reports[item.nodeid].append(report)
        if report.when == "teardown":
            self._finish(item)

    def _finish(self, item: Any) -> None:  # noqa: ANN401
        outcome, detail = _judge(self._reports.pop(item.nodeid))
        fields = self._loop.fields(item.nodeid)
        if outcome == "measured" and fields is None:
            outcome, detail = "not measured", "the test passed without calling its benchmark fixture"
        self._record.write(
            "finished", node_id=item.nodeid, outcome=outcome, detail=detail, params=_numeric(item), **(fields or {})
        )
        # pytest-benchmark would sort and print every round at the end of the session; nobody reads it.
        item.config._benchmarksession.benchmarks[:] = []


def _loop_for(plan: dict[str, Any], record: Record) -> Any:  # noqa: ANN401  each has the same two methods
    if plan["mode"] == "profile":
        from .profile import ProfileLoop  # noqa: PLC0415  only this mode needs it

        return ProfileLoop(plan, record)
    if plan["mode"] == "memory":
        from .memory import MemoryLoop  # noqa: PLC0415  only this mode needs it

        return MemoryLoop()
    if plan["mode"] == "instructions":
        from .instructions import InstructionsLoop  # noqa: PLC0415  only this mode needs it

        return InstructionsLoop(plan)
    return MeasuringLoop(plan.get("benchmarks", {}))


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
