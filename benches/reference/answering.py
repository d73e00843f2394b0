"""Work that stages really do: ask another process for a file over a socket, and compute with what it answers."""

import asyncio
import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import msgspec

from hivemind.queen import Pack
from hivemind.swarm import StageContext

FOLDER = Path(__file__).parent.parent / "vocabularies"
ASKED = ("doap", "foaf", "gr", "org", "prov", "sioc", "skos", "time", "vcard", "dcterms")


def expected(stage: str) -> str:
    """Return what a stage of this name must come to."""
    return hashlib.sha256((FOLDER / f"{_asked(stage)}.json").read_bytes()).hexdigest()


def _asked(stage: str) -> str:
    return ASKED[crc32(stage.encode()) % len(ASKED)]


def asking(path: str) -> Callable[[StageContext], Awaitable[str]]:
    """Return the work of a stage: have a vocabulary answered at `path`, parse and check it, and return its digest."""

    async def ask(context: StageContext) -> str:
        name = _asked(context.stage)
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(f"{name}\n".encode())
        content = await reader.read()
        writer.close()
        await writer.wait_closed()
        if msgspec.json.decode(content, type=Pack).name != name:
            raise ValueError(f"asked for {name}, and was answered something else")
        return hashlib.sha256(content).hexdigest()

    return ask


@contextmanager
def answering() -> Iterator[str]:
    """Run the answering process, and give the path of the socket that it listens on."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/answers"
        command = [sys.executable, "-P", __file__, path]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 -- this file
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("the answering process did not start")
            try:
                yield path
            finally:
                process.terminate()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    name = (await reader.readline()).decode().strip()
    if name in ASKED:
        writer.write((FOLDER / f"{name}.json").read_bytes())
        await writer.drain()
    writer.close()


async def _serve(path: str) -> None:
    async with await asyncio.start_unix_server(_answer, path) as server:
        print("ready", flush=True)  # noqa: T201 -- how the other process learns of it
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
