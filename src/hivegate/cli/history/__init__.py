"""hivegate history."""

from __future__ import annotations

import click

from hivegate.cli.history.dashboard import dashboard
from hivegate.cli.history.documents import get
from hivegate.cli.history.queries import show, trend
from hivegate.cli.history.runs import add, export, import_, prune

_COMMANDS = (add, show, trend, dashboard, import_, export, prune, get)


class _InOrder(click.Group):
    """List the commands in the order in which they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return [str(subcommand.name) for subcommand in _COMMANDS]


@click.group(cls=_InOrder)
def command() -> None:
    """Store runs, and find what changed since when.

    Where that is: history under [tool.hivegate], the path of an SQLite file or a postgresql:// URL. It needs the
    extra: pip install 'hivegate[history]'.
    """


for _subcommand in _COMMANDS:
    command.add_command(_subcommand)
