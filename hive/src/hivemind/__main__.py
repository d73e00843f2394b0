"""`python -m hivemind compose PACK…`: show a person the conflicts, the votes and the result."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

from hivemind.primitives import HiveError
from hivemind.queen import (
    HiveConfiguration,
    HiveQueen,
    Pack,
    PackError,
    Role,
    Strategy,
    read_any,
    render_lock,
)
from hivemind.queen.display import render_text

FAILED = 1
USAGE = 2
SHOWN = 10


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Compose vocabularies with the HiveQueen."""


@main.command()
@click.argument("files", metavar="PACK…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--strategy", type=click.Choice([str(each) for each in Strategy]), help="Default: union.")
@click.option("--quorum", type=float, help="Share of the votes' weight that decides. Default: 0.5.")
@click.option("--weight", "weights", metavar="ROLE=NUMBER", multiple=True, help="Weight of a role's votes.")
@click.option("--timeout", type=float, default=30.0, show_default=True, help="Seconds that an agent has.")
@click.option("--lock", type=click.Path(path_type=Path, dir_okay=False), help="Write the lock file here.")
@click.option("--all", "everything", is_flag=True, help=f"Show every conflict, not {SHOWN} of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the lock file instead.")
def compose(
    *,
    files: tuple[Path, ...],
    strategy: str | None,
    quorum: float | None,
    weights: tuple[str, ...],
    timeout: float,
    lock: Path | None,
    everything: bool,
    as_json: bool,
) -> None:
    r"""Compose packs and print the conflicts, the votes and the result.

    Each PACK is a pack file (.json .toml .yaml .ttl .nq .nt .rdf .owl .xml) or a configuration that lists packs.

    \b
    Exit status: 0 composed, 1 not composed, 2 bad input.
    Example: python -m hivemind compose foaf.json schema.ttl --weight validator=2 --lock hive.lock
    """
    try:
        configuration = configured(files, strategy, quorum)
        queen = HiveQueen(weights=weighed(weights), timeout=timeout)
        composition = queen.compose(configuration)
        text = render_lock(composition)
        if lock:
            lock.write_text(text, encoding="utf-8")
    except ValueError as error:
        stop(error, USAGE)
    except (HiveError, OSError) as error:
        stop(error, FAILED)
    click.echo(text.rstrip() if as_json else render_text(composition, limit=None if everything else SHOWN))


def configured(files: tuple[Path, ...], strategy: str | None, quorum: float | None) -> HiveConfiguration:
    """Return one configuration of all files, the options going before what a file says."""
    parts = [read_any(file) for file in files]
    settings = [part for part in parts if isinstance(part, HiveConfiguration)]
    if len(settings) > 1:
        raise PackError("more than one configuration file is given; list their packs in one")
    packs: list[Pack] = []
    for part in parts:
        packs.extend(part.packs if isinstance(part, HiveConfiguration) else [part])
    base = settings[0] if settings else HiveConfiguration(packs=tuple(packs))
    return HiveConfiguration(
        packs=tuple(packs),
        strategy=Strategy(strategy) if strategy else base.strategy,
        rules=base.rules,
        quorum=base.quorum if quorum is None else quorum,
    )


def weighed(entries: tuple[str, ...]) -> dict[Role, float]:
    """Return the weights that `ROLE=NUMBER` entries give."""
    weights: dict[Role, float] = {}
    for entry in entries:
        name, _, number = entry.partition("=")
        try:
            weights[Role(name)] = float(number)
        except ValueError as error:
            raise PackError(f"--weight {entry!a} is not ROLE=NUMBER; the roles are {', '.join(Role)}") from error
    return weights


def stop(error: Exception, status: int) -> NoReturn:
    """Say what is wrong on standard error and leave with a status."""
    click.echo(f"Error: {error}", err=True)
    raise SystemExit(status)


if __name__ == "__main__":
    main(prog_name="python -m hivemind")
