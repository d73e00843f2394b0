"""The texts of what `hivegate init` writes, apart from targets.yaml."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hivegate.adopt.origin import Origin
    from hivegate.adopt.requirements import Requirements

_TEMPLATES = Path(__file__).parent / "templates"
_REGISTER = "hivegate.sessions.register("
UNKNOWN_OWNER = "OWNER/hivegate"


def noxfile_text(origin: Origin, needs: Requirements) -> str:
    """Format a noxfile that installs hivegate itself, by its header, and registers the sessions."""
    text = _template("noxfile.py.txt").replace('"hivegate"', json.dumps(origin.requirement))
    return text.replace(f"{_REGISTER})", register_call(needs))


def noxfile_lines(origin: Origin, needs: Requirements) -> str:
    """Format what to add to an existing noxfile."""
    return "\n".join(
        (
            f"# before: pip install {shlex.quote(origin.requirement)}",
            "import hivegate.sessions",
            "",
            register_call(needs),
        )
    )


def register_call(needs: Requirements, **more: str) -> str:
    """Format the call of `hivegate.sessions.register` that installs what a suite needs."""
    arguments = {
        "install": None if needs.installable else "False",
        "extras": f"[{json.dumps(needs.extra)}]" if needs.extra else None,
        "groups": f"[{json.dumps(needs.group)}]" if needs.group else None,
        "requirements": f'["-r", {json.dumps(needs.file)}]' if needs.file else None,
        **{name: json.dumps(value) for name, value in more.items()},
    }
    return f"{_REGISTER}{', '.join(f'{name}={value}' for name, value in arguments.items() if value)})"


def gate_text(origin: Origin, needs: Requirements, *, python: str, place: str) -> str:
    """Format the workflow of pull requests for a project at `place` in its repository."""
    text = _pinned("hivegate.yml", origin)
    text = text.replace('python-version: "3.13"', f'python-version: "{python}"')
    newer = "'pip>=25.1' && python -m pip install --quiet " if needs.group else ""  # which knows --group
    text = text.replace("install --quiet -e . pytest-benchmark", f"install --quiet {newer}{shlex.join(needs.words())}")
    if place == ".":
        return text
    suffix = suffix_of(place)
    text = text.replace("name: hivegate\n", f"name: hivegate{suffix}\n")
    text = text.replace(
        "      - name: Install the project\n", f"{_INSTALL}        working-directory: {json.dumps(place)}\n"
    )
    return f"{text}        with:\n          working-directory: {json.dumps(place)}\n          suffix: {suffix}\n"


_INSTALL = "      - name: Install the project\n"


def comment_text(origin: Origin) -> str:
    """Format the workflow that posts the verdict on the pull request."""
    return _pinned("hivegate-comment.yml", origin)


def suffix_of(place: str) -> str:
    """Name a project that is not at the root of its repository, in workflows, artifacts and sessions."""
    return "" if place == "." else "-" + "-".join(part for part in place.split("/") if part)


def _pinned(name: str, origin: Origin) -> str:
    text = _template(name).replace(UNKNOWN_OWNER, origin.repository or UNKNOWN_OWNER)
    return text.replace("@COMMIT", f"@{origin.commit} # the hivegate that wrote this file")


def _template(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
