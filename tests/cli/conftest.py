"""The command as it is, without waiting for its imports each time."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.command_server import CommandServer
from tests.conftest import Answer, Project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ServedProject(Project):
    """A small project in which a server starts the commands."""

    def __init__(self, folder: Path, server: CommandServer) -> None:
        super().__init__(folder)
        self._server = server

    def hivegate(self, *arguments: str, env: dict[str, str] | None = None, timeout: float = 600) -> Answer:
        """Run the command in a process that is forked with everything imported."""
        del timeout
        answer = Answer(*self._server.run(arguments, self.folder, {**os.environ, "CI": "true", **(env or {})}))
        assert "Traceback" not in answer.err, answer.err
        return answer


@pytest.fixture(scope="session")
def command_server() -> Iterator[CommandServer]:
    """Start a server of commands, once for all tests."""
    server = CommandServer()
    yield server
    server.close()


@pytest.fixture
def project(tmp_path: Path, command_server: CommandServer) -> Project:
    """Give an empty project."""
    made = ServedProject(tmp_path, command_server)
    made.write("pyproject.toml", "[project]\nname = 'toy'\nversion = '0'\n")
    return made
