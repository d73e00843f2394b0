"""Write anew what the documents show of hivegate's output: run it as ``python -m tests.refresh_documents``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click
from tests import results
from tests.api_reference import render_api
from tests.documents import ROOT
from tests.hive_reference import HIVE_PAGES, render_page

from hivegate.cli.main import hivegate
from hivegate.flows.report.render import render
from hivegate.flows.workspace import load_result
from hivegate.instruments import METRICS, definition_of
from hivegate.model.metric import ROUNDS, SINGLE_CALLS
from hivegate.report.terminal import render_terminal
from hivegate.targets.metrics import plain_grammar
from hivegate.targets.schema import json_schema

if TYPE_CHECKING:
    from collections.abc import Callable

_REPORT = re.compile(r"(<!-- report: (\S+) -->\n```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)
_FORMAT = re.compile(r"(<!-- format: (\S+) -->\n```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)
_API = re.compile(r"(<!-- api -->\n).*?(<!-- end of api -->)", re.DOTALL)
_METRICS = re.compile(r"(<!-- metrics -->\n).*?(<!-- end of metrics -->)", re.DOTALL)
_HELP = re.compile(r"(<!-- help -->\n).*?(<!-- end of help -->)", re.DOTALL)


def _report(found: re.Match[str]) -> str:
    return found[1] + render_terminal(load_result(ROOT / found[2]), width=80) + found[3]


def _format(found: re.Match[str]) -> str:
    return found[1] + example(found[2]) + found[3]


def example(form: str) -> str:
    """Render what the reference shows of a format."""
    if form == "text":
        return "\n".join(render_terminal(one, width=80) for one in results.example().results)
    return render(results.example(), form)


def _api(found: re.Match[str]) -> str:
    return f"{found[1]}{render_api()}\n{found[2]}"


def metrics_table() -> str:
    """Describe the built-in metrics as their instruments define them."""
    rows = ["| metric | what it is | of | measured in |", "|---|---|---|---|"]
    for metric in METRICS.values():
        readings = metric.readings if metric.readings in {ROUNDS, SINGLE_CALLS} else ""
        unit = plain_grammar(metric).what.split()[-1]
        rows.append(f"| `{metric.name}` | {definition_of(metric).meaning} | {readings} | {unit} |")
    return "\n".join(rows)


def _metrics(found: re.Match[str]) -> str:
    return f"{found[1]}{metrics_table()}\n{found[2]}"


def _help(found: re.Match[str]) -> str:
    parts = [_block("hivegate"), *(f"## {' '.join(words)}\n\n{_block(*words)}" for words in commands())]
    return "\n".join([found[1], *parts, found[2]])


def commands() -> list[tuple[str, ...]]:
    """List the commands of hivegate, those of a group behind it."""
    context = click.Context(hivegate)
    listed: list[tuple[str, ...]] = []
    for name in hivegate.list_commands(context):
        listed.append(("hivegate", name))
        group = hivegate.get_command(context, name)
        if isinstance(group, click.Group):
            listed += [("hivegate", name, one) for one in group.list_commands(context)]
    return listed


def _block(*command: str) -> str:
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1"}
    words = [*command, "--help"]
    shown = subprocess.run(
        [sys.executable, "-m", *words], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return f"```console\n$ {' '.join(words)}\n{shown.stdout}```\n"


def _rewrite(name: str, pattern: re.Pattern[str], made: Callable[[re.Match[str]], str]) -> None:
    file = ROOT / name
    file.write_text(pattern.sub(made, file.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> None:
    """Replace the README's report, the references of commands and of the API, and the JSON Schema in their files."""
    _rewrite("README.md", _REPORT, _report)
    _rewrite("docs/reference/reports.md", _FORMAT, _format)
    _rewrite("docs/reference/cli.md", _HELP, _help)
    _rewrite("docs/reference/api.md", _API, _api)
    _rewrite("docs/reference/targets.md", _METRICS, _metrics)
    for name in HIVE_PAGES:
        (ROOT / name).write_text(render_page((ROOT / name).read_text(encoding="utf-8")), encoding="utf-8")
    schema = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    (ROOT / "docs" / "reference" / "targets.schema.json").write_text(schema, encoding="utf-8")


if __name__ == "__main__":
    main()
