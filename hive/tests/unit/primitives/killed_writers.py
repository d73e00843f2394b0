"""Start and kill writers of a snapshot file, one after the other, and check the file after each death.

Run as `killed_writers.py PATH KILLS SEED`; prints how many writers died in the middle of a publication.
"""

import os
import signal
import sys
import time
from pathlib import Path
from random import Random

from hivemind.primitives import SnapshotFile

WORDS = 32_768


def payload(version: int) -> bytes:
    """Return bytes that tell their version in every word, so that a mixture of two versions shows."""
    return version.to_bytes(8, "little") * WORDS


def publish_for_ever(path: Path) -> None:
    """Publish versions until killed."""
    file = SnapshotFile(path)
    version = file.read().version
    while True:
        version += 1
        file.publish(payload(version))


def kill_one(path: Path, delay: float) -> bool:
    """Start a writer, kill it `delay` seconds after it published; return whether it died in a publication."""
    file = SnapshotFile(path)
    before = file.read().version
    writer = os.fork()
    if writer == 0:
        publish_for_ever(path)
    while file.read().version == before:
        pass
    end = time.perf_counter() + delay
    while time.perf_counter() < end:
        pass
    os.kill(writer, signal.SIGKILL)
    os.waitpid(writer, 0)
    after = SnapshotFile(path).read()
    if after.version <= before or after.data != payload(after.version):
        raise SystemExit(f"the file is damaged at version {after.version}, after {before}")
    return path.with_name(f"{path.name}.next").exists()


if __name__ == "__main__":
    where, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    random = Random(seed)  # noqa: S311 - moments to kill at, no secret
    print(sum(kill_one(where, random.uniform(0, 0.002)) for _ in range(kills)))  # noqa: T201 - the answer
