"""How pytest is started: our arguments, and the options of the suite that would spoil a measurement switched off."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from typing import Any

# What hivegate takes over, by the name that pytest and its plugins give it in ``config.option``.
_OFF: dict[str, Any] = {
    # xdist: pytest-benchmark refuses to measure under it
    "numprocesses": 0,
    "dist": "no",
    "distload": False,
    "tx": [],
    # what keeps benchmarks out of a run of the tests
    "markexpr": "",
    "keyword": "",
    "deselect": None,
    # what runs only a part of them, by how they ended before
    "lf": False,
    "failedfirst": False,
    "newfirst": False,
    "stepwise": False,
    "stepwise_skip": False,
    # one failing benchmark must not hide the others
    "maxfail": 0,
    # retry until green is no measurement
    "reruns": 0,
    "force_reruns": 0,
    # a benchmark in a child of the process that measures shows nothing
    "forked": False,
    # a profiler would be measured with the code, and a debugger waits for nobody
    "memray": False,
    "usepdb": False,
    "trace": False,
    # a test is open for as long as its benchmark is measured
    "timeout": 0,
    # pytest-randomly: both revisions, and every pass, meet one order and what the benchmarks themselves seed
    "randomly_reorganize": False,
    "randomly_reset_seed": False,
    # reports of the suite's own, which would overwrite those of its tests
    "xmlpath": None,
    # pytest-benchmark's own verdicts and files
    "benchmark_disable": False,
    "benchmark_enable": True,
    "benchmark_skip": False,
    "benchmark_only": False,
    "benchmark_json": None,
    "benchmark_save": None,
    "benchmark_autosave": None,
    "benchmark_compare": None,
    "benchmark_compare_fail": None,
    "benchmark_histogram": None,
    "benchmark_cprofile": None,
    "benchmark_quiet": True,
    # it would put its own fixture in the place of pytest-benchmark's
    "codspeed": False,
}
_TOLD = {
    "numprocesses",
    "reruns",
    "timeout",
    "forked",
    "memray",
    "markexpr",
    "keyword",
    "deselect",
    "lf",
    "stepwise",
    "benchmark_disable",
    "benchmark_skip",
    "codspeed",
}
# Plugins that run a test again until it passes, elsewhere or under a profiler, or end it by their own clock, by the
# option that takes them over: as pytest loads them, and by their modules, as `-p` and `pytest_plugins` do.
PROFILE = "profile"  # pytest-profiling's; the name is too common to be switched off for everybody
_PLUGINS = {
    "rerunfailures": "reruns",
    "pytest_rerunfailures": "reruns",
    "flaky": "reruns",
    "flaky.flaky_pytest_plugin": "reruns",
    "pytest-retry": "reruns",
    "pytest_retry": "reruns",
    "pytest_retry.retry_plugin": "reruns",
    "pytest_forked": "forked",
    "profiling": PROFILE,
    "pytest_profiling": PROFILE,
    "timeout": "timeout",
    "pytest_timeout": "timeout",
}
_UNDECODED = re.compile(r"\\u(dc[89a-f][0-9a-f])")
_NOTING = ("lfplugin", "nfplugin", "stepwiseplugin")
_MARKERS = ("flaky", "timeout", "forked")
_TIMEOUT = "PYTEST_TIMEOUT"  # pytest-timeout's variable
_CODSPEED = "CODSPEED_ENV"  # the same, where it is set
_NO_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
_LOAD = 'load it by name: pytest-args = ["-p", "pytest_benchmark.plugin"] under [tool.hivegate]'
_REMOVE = 'load it again: pytest-args = ["-p", "pytest_benchmark.plugin"] under [tool.hivegate], or remove the option'

# pytest-benchmark's defaults aim at one long session; here many short ones follow each other. A value that the project
# chose itself differs from the default and stays.
_SHORT = {
    "benchmark_max_time": ("1.0", "max_time"),
    "benchmark_min_time": ("0.000005", "min_time"),
    "benchmark_min_rounds": ("5", "min_rounds"),
}


# Arguments that the settings hand on to pytest, quoted as for a shell; what they select stays selected.
_HANDED_ON = "HIVEGATE_PYTEST_ARGS"
_SELECTING = {"markexpr": ("-m",), "keyword": ("-k",), "deselect": ("--deselect",)}


def arguments(plan: dict[str, Any]) -> list[str]:
    """List pytest's arguments for a plan: none of ours exists only where a plugin is loaded."""
    given = [*map(_path, plan["paths"]), "-q", "--no-header", *_handed_on()]
    if plan.get("rootdir"):
        given.append(f"--rootdir={plan['rootdir']}")
    return given


def _path(written: str) -> str:
    """Read a path as the record wrote it: bytes that nobody can decode travel as escapes."""
    path, place, rest = written.partition("::")
    if os.path.lexists(path):
        return written
    return _UNDECODED.sub(lambda escape: chr(int(escape[1], 16)), path) + place + rest


def _handed_on() -> list[str]:
    return shlex.split(os.environ.get(_HANDED_ON, ""))


def prevent_tracing(known: Any) -> None:  # noqa: ANN401  pytest's untyped namespace
    """Switch pytest-cov off before it starts: its tracing would be measured with the code."""
    if hasattr(known, "cov_source"):
        known.cov_source = []


def is_loaded(config: Any, module: str) -> bool:  # noqa: ANN401  pytest's untyped config
    """Tell whether a plugin of this module is there, by whatever name it was loaded."""
    return any(getattr(plugin, "__name__", "") == module for plugin in config.pluginmanager.get_plugins())


def why_not_loaded(config: Any) -> tuple[str, str]:  # noqa: ANN401  the same
    """Say what keeps pytest-benchmark away, and what to do about it."""
    if os.environ.get(_NO_AUTOLOAD):
        return f"{_NO_AUTOLOAD} keeps pytest from loading pytest-benchmark", _LOAD
    if getattr(config.option, "disable_plugin_autoload", False):
        return "the suite's --disable-plugin-autoload keeps pytest from loading pytest-benchmark", _LOAD
    return "the suite's own options switch pytest-benchmark off (-p no:benchmark)", _REMOVE


def take_over_plugins(config: Any) -> list[str]:  # noqa: ANN401  pytest's untyped config
    """Unregister plugins that act on a whole test, before they start; returns the names of their options.

    Their markers stay known, whatever a suite says of unknown ones. What pytest's configuration or the environment sets
    is set as an option, so that it is reported as one.
    """
    manager, options = config.pluginmanager, set()
    for name, option in _PLUGINS.items():
        plugin = manager.get_plugin(name)
        if plugin is not None:
            manager.unregister(plugin)
            options.add(option)
            with contextlib.suppress(ValueError, KeyError):  # an old version has no such key
                asked = getattr(config.option, option, None) or config.getini(option)
                setattr(config.option, option, asked or (option == "timeout" and os.environ.get(_TIMEOUT)))
    if options:
        for marker in _MARKERS:
            config.addinivalue_line("markers", f"{marker}: taken over by hivegate")
    return sorted(options)


def forget_earlier_runs(config: Any) -> None:  # noqa: ANN401  pytest's untyped config
    """Unregister what notes down for the next run which tests there were, and which of them failed.

    That is for who runs the tests; and it fails on names that cannot be encoded, when all is measured.
    """
    for name in _NOTING:
        plugin = config.pluginmanager.get_plugin(name)
        if plugin is not None:
            config.pluginmanager.unregister(plugin)


def take_over(option: Any, plan: dict[str, Any]) -> list[str]:  # noqa: ANN401  pytest's untyped namespace
    """Switch off what spoils measuring; returns the names of options that were on."""
    changed = []
    handed_on = _handed_on()
    for name, value in _OFF.items():
        selects = any(argument.startswith(_SELECTING.get(name, ())) for argument in handed_on)
        if hasattr(option, name) and not selects:
            if name in _TOLD and getattr(option, name):
                changed.append(name)
            setattr(option, name, value)
    if os.environ.pop(_CODSPEED, None) is not None and hasattr(option, "codspeed"):
        changed.append("codspeed")
    for name, (default, key) in _SHORT.items():
        if plan.get(key) is not None and _same(getattr(option, name, None), default):
            setattr(option, name, plan[key])
    return changed


def _same(value: Any, default: str) -> bool:  # noqa: ANN401  a Decimal, a string or a float by version
    try:
        return float(value) == float(default)
    except (TypeError, ValueError):
        return False
