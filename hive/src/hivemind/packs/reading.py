"""Read packs and configurations from files; every error names the file and, where there is one, the key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from hivemind.packs.documents import parse_json, parse_toml, parse_yaml
from hivemind.packs.errors import PackError
from hivemind.packs.pack import DEFAULT_QUORUM, HiveConfiguration, Pack, Resolution, Strategy
from hivemind.packs.rdf import FORMATS, read_rdf
from hivemind.packs.terms import spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MEBIBYTE = 2**20
# YAML and TOML are written by hand and parsed slowly; JSON and RDF are also made by programs.
LIMITS = {".yaml": 4, ".yml": 4, ".toml": 4}
DEFAULT_LIMIT = 32
PARSERS: Mapping[str, Callable[[str], object]] = {
    ".json": parse_json,
    ".toml": parse_toml,
    ".yaml": parse_yaml,
    ".yml": parse_yaml,
}

T = TypeVar("T")


class ConfigurationDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A configuration as written: packs in place, or the paths of pack files relative to it."""

    packs: list[Pack | str]
    strategy: Strategy = Strategy.UNION
    rules: dict[str, Resolution] = {}
    quorum: float = DEFAULT_QUORUM


def read_pack(
    path: Path | str, *, name: str = "", version: str = "latest", namespace: str = "", source: str = ""
) -> Pack:
    """Return the pack in a JSON, TOML, YAML or RDF file (.json .toml .yaml .yml .ttl .nq .nt .rdf .owl .xml).

    The keywords say what RDF does not; the name is otherwise the file's. Raises PackError naming the file: it
    cannot be read, is larger than 32 MiB (YAML and TOML: 4), is malformed, or holds what no pack may hold.
    """
    file = Path(path)
    text = _text(file)
    if file.suffix.lower() not in FORMATS:
        return _decoded(_parsed(file, text), Pack, file)
    try:
        return read_rdf(
            text,
            file.suffix.lower(),
            name=name or file.stem,
            version=version,
            namespace=namespace,
            source=source,
        )
    except PackError as error:
        raise type(error)(f"{_shown(file)}: {error}") from error


def read_configuration(path: Path | str) -> HiveConfiguration:
    """Return the configuration in a JSON, TOML or YAML file, its pack files read; raises PackError naming the file."""
    file = Path(path)
    if file.suffix.lower() in FORMATS:
        raise PackError(f"{_shown(file)}: RDF describes a pack, not a configuration; list the file under packs")
    return _configured(_parsed(file, _text(file)), file)


def read_any(path: Path | str) -> HiveConfiguration | Pack:
    """Return what a file holds: a configuration if it has the key `packs`, else a pack."""
    file = Path(path)
    if file.suffix.lower() in FORMATS:
        return read_pack(file)
    data = _parsed(file, _text(file))
    return _configured(data, file) if isinstance(data, dict) and "packs" in data else _decoded(data, Pack, file)


def _configured(data: object, file: Path) -> HiveConfiguration:
    document = _decoded(data, ConfigurationDocument, file)
    packs = tuple(read_pack(file.parent / entry) if isinstance(entry, str) else entry for entry in document.packs)
    try:
        return HiveConfiguration(packs=packs, strategy=document.strategy, rules=document.rules, quorum=document.quorum)
    except ValueError as error:
        raise PackError(f"{_shown(file)}: {error}") from error


def _text(file: Path) -> str:
    limit = LIMITS.get(file.suffix.lower(), DEFAULT_LIMIT)
    try:
        with file.open("rb") as stream:
            content = stream.read(limit * MEBIBYTE + 1)
        size = file.stat().st_size
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PackError(f"{_shown(file)}: cannot be read: {reason}") from error
    if len(content) > limit * MEBIBYTE:
        raise PackError(
            f"{_shown(file)}: has {size / MEBIBYTE:.1f} MiB; a {file.suffix} file may have {limit} MiB. "
            "Keep only terms and value types, or split the pack"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackError(f"{_shown(file)}: is not UTF-8 at byte {error.start}") from error


def _parsed(file: Path, text: str) -> object:
    parse = PARSERS.get(file.suffix.lower())
    if parse is None:
        allowed = " ".join((*PARSERS, *FORMATS))
        raise PackError(f"{_shown(file)}: the ending {file.suffix!a} is not known; allowed are {allowed}")
    try:
        data = parse(text)
    except PackError as error:
        raise type(error)(f"{_shown(file)}: {error}") from error
    if not data:
        raise PackError(f"{_shown(file)}: is empty; a pack needs a name, a configuration a list of packs")
    return data


def _decoded(data: object, kind: type[T], file: Path) -> T:
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        # Typed errors of our own are wrapped by the decoder, with the key path where they arose.
        error_type = type(error.__cause__) if isinstance(error.__cause__, PackError) else PackError
        raise error_type(f"{_shown(file)}: {error}") from error
    except RecursionError as error:
        raise PackError(f"{_shown(file)}: is nested too deeply") from error


def _shown(file: Path) -> str:
    return spoken(file)[1:-1]
