"""scalene around one benchmark: which lines take CPU time and which allocate.

Scalene explains and never gates: the peak that it reports for one unchanged benchmark varies threefold, its MiB
allocated per call by one or two percent (docs/explanation). It must be the one that starts the process, with the
subject's own interpreter.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from hivegate.decode import decode_json
from hivegate.errors import ProfilerError
from hivegate.profile.flame import MARKER
from hivegate.profile.loop import LoopRun, Setting, has_module, run_loop, scratch_folder
from hivegate.profile.names import short_path
from hivegate.system import process
from hivegate.system.files import MEBIBYTE, read_bytes

if TYPE_CHECKING:
    from hivegate.profile.plan import ProfileTask

_LARGEST = 64 * MEBIBYTE
_KEPT = MEBIBYTE // 2  # of JSON, which is kept with and without the viewer's 1.7 MB, and for base
_LONGER = 2.5
_FEW = 8  # calls; with fewer, lines cannot be told apart by what they allocate a call
_VIEW_PATIENCE = 60.0
_WORKER = "hivegate/worker/"
# The page needs eval for its charts, and nothing from anywhere.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="'
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'\">"
)
# It would ask for keys and language models, which the policy forbids aloud; this says no in silence.
_OFFLINE = "<script>window.fetch = () => Promise.reject(new TypeError('this page asks nobody'))</script>"
_THEIR_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')


class Line(msgspec.Struct, frozen=True):
    """One line as scalene tells it: percentages of the CPU samples, MiB allocated over the whole loop."""

    lineno: int
    line: str = ""
    start_function_line: int = 0
    n_cpu_percent_python: float = 0.0
    n_cpu_percent_c: float = 0.0
    n_sys_percent: float = 0.0
    n_malloc_mb: float = 0.0

    @property
    def source(self) -> str:
        """The line's text, without the escapes that scalene puts in for its page."""
        text = self.line.strip()
        for char in "<>&":
            text = text.replace(f"\\u{ord(char):04x}", char)
        return text

    @property
    def cpu(self) -> float:
        """The line's share of the CPU samples."""
        return (self.n_cpu_percent_python + self.n_cpu_percent_c + self.n_sys_percent) / 100


class _File(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...] = ()
    functions: tuple[Line, ...] = ()
    percent_cpu_time: float = 0.0


class _Document(msgspec.Struct, frozen=True):
    files: dict[str, _File] = {}


class LineProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What scalene saw: the files by their short names, its JSON without our machine in it, and its page."""

    looped: LoopRun
    files: dict[str, tuple[Line, ...]]
    functions: dict[tuple[str, int], str]
    json: bytes
    html: str

    def function_at(self, file: str, line: Line) -> str:
        """Name the function that a line is in."""
        return self.functions.get((file, line.start_function_line), "<module>")


def profile_lines(task: ProfileTask, setting: Setting, title: str, *, page: bool = True) -> LineProfile:
    """Profile one benchmark; once more and longer where that was too short to see anything, or saw a few calls only.

    Without `page` its HTML stays empty.

    Raises `BenchmarkError` when it did not run, and `ProfilerError` when scalene is missing or saw nothing.
    """
    if not has_module("scalene", setting):
        hint = f"Install it: {setting.python} -m pip install scalene"
        raise ProfilerError(f"scalene is not installed for {setting.python}", hint=hint)
    looped, data = _run(task, setting)
    longer = setting.seconds * _LONGER
    if not _is_seen(data) or (looped.calls < _FEW and looped.seconds_per_call < longer):
        looped, data = _run(task, msgspec.structs.replace(setting, seconds=longer))
    if not _is_seen(data):
        raise ProfilerError(
            "scalene recorded no line of the project",
            hint="It samples a hundred times a second and reports the project's files only.",
        )
    clean = _clean(data, setting, title)
    document = decode_json(clean, _Document, where="scalene's profile", error=ProfilerError)
    return LineProfile(
        looped=looped,
        files={name: file.lines for name, file in document.files.items()},
        functions={(name, one.lineno): one.line for name, file in document.files.items() for one in file.functions},
        json=clean,
        html=_page(clean, setting) if page else "",
    )


def _run(task: ProfileTask, setting: Setting) -> tuple[LoopRun, bytes]:
    with scratch_folder() as folder:
        output = folder / "scalene.json"
        flags = ("--off", "--memory", "--no-stacks", "--program-path", str(setting.project), "--outfile", str(output))
        # It leaves a folder of its own wherever temporary files are.
        environment = {**(setting.environment or os.environ), "TMPDIR": str(folder)}
        looped = run_loop(
            task,
            msgspec.structs.replace(setting, environment=environment),
            launch=lambda command: [command[0], "-m", "scalene", "run", *flags, command[1], "---", *command[2:]],
            profiler="scalene",
        )
        return looped, read_bytes(output, limit=_LARGEST, error=ProfilerError) if output.exists() else b"{}"


def _is_seen(data: bytes) -> bool:
    document = decode_json(data, _Document, where="scalene's profile", error=ProfilerError)
    return any(
        line.cpu > 0 or line.n_malloc_mb > 0
        for name, file in document.files.items()
        if _WORKER not in name
        for line in file.lines
    )


def _clean(data: bytes, setting: Setting, title: str) -> bytes:
    """Drop what is not the benchmark and not the reader's business: our worker, this machine's folders, idle files."""
    document = decode_json(data, dict[str, Any], where="scalene's profile", error=ProfilerError)
    own = {name: file for name, file in document["files"].items() if _WORKER not in name}
    files: dict[str, Any] = {}
    room = _KEPT
    for name, file in sorted(own.items(), key=lambda item: -item[1]["percent_cpu_time"]):
        room -= len(msgspec.json.encode(file))
        if room > 0:
            files[_short(name, setting)] = file
    document.update(
        files=files,
        memory_stacks=[one for stack in document.get("memory_stacks", []) if (one := _trimmed(stack, setting))],
        program=title,
        args=[],
        filename="",
        entrypoint_dir="",
        max_footprint_fname=_short(document.get("max_footprint_fname") or "", setting),
    )
    return msgspec.json.encode(document)


def _trimmed(stack: list[Any], setting: Setting) -> list[Any] | None:
    frames, mebibytes = stack
    below = [index + 1 for index, frame in enumerate(frames) if frame["display_name"] == MARKER]
    if not below or below[0] == len(frames):
        return None
    shown = [
        {**frame, "filename_or_module": _short(frame["filename_or_module"], setting)} for frame in frames[below[0] :]
    ]
    return [shown, mebibytes]


def _short(path: str, setting: Setting) -> str:
    return short_path(path, project=str(setting.project))


def _page(clean: bytes, setting: Setting) -> str:
    """Make scalene's own page of a profile, everything in it and nothing from the network."""
    with scratch_folder() as folder:
        (folder / "scalene.json").write_bytes(clean)
        finished = process.run(
            [setting.python, "-m", "scalene", "view", "--standalone", "scalene.json"],
            cwd=folder,
            env=setting.environment,
            overdue=process.deadline(_VIEW_PATIENCE),
        )
        page = folder / "scalene-profile.html"
        if not page.exists():
            raise ProfilerError(f"scalene made no page: {finished.output.strip()[-600:]}")
        text = page.read_text(encoding="utf-8", errors="replace")
    # Its own policy allows everything from everywhere.
    return _THEIR_POLICY.sub("", text).replace("<head>", f"<head>{_POLICY}{_OFFLINE}", 1)
