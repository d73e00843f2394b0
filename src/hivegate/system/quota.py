"""How much of the processor this process may use: the quota of its control group."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")


def processor_quota(root: Path = _ROOT, membership: Path = _MEMBERSHIP) -> float | None:
    """Read the number of cores that the tightest quota above us allows; None without one, or where none can be read.

    A container sees its own group as the root; elsewhere the group and each above it may have a quota.
    """
    quotas = [quota for folder in _folders(root, membership) if (quota := _quota(folder)) is not None]
    return min(quotas, default=None)


def _folders(root: Path, membership: Path) -> list[Path]:
    found = [root, root / "cpu", root / "cpu,cpuacct"]
    for line in _read(membership).splitlines():
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers not in {"", "cpu", "cpu,cpuacct", "cpuacct,cpu"} or ".." in path:
            continue
        below = Path(path.lstrip("/"))
        base = root / controllers if controllers else root
        found += [base / one for one in (below, *below.parents) if one != Path()]
    return found


def _quota(folder: Path) -> float | None:
    words = _read(folder / "cpu.max").split()  # version 2: quota and period, or max
    if not words:
        words = [_read(folder / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
    try:
        quota, period = (float(word) for word in words)
    except ValueError:
        return None
    return quota / period if quota > 0 and period > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
