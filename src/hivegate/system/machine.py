"""Facts about the host that travel with a result."""

import os
import platform
from pathlib import Path
from typing import TypedDict


class Facts(TypedDict):
    """What is known of a machine; None where unknown."""

    cpu: str | None
    cores: int | None
    os: str
    governor: str | None
    container: str | None
    runner: str | None


def facts() -> Facts:
    """Describe this machine."""
    return Facts(
        cpu=cpu_model(),
        cores=cores(),
        os=operating_system(),
        governor=governor(),
        container=container(),
        runner=runner(),
    )


def cpu_model() -> str | None:
    """Name the processor as the kernel does; None where it does not say."""
    for line in _read("/proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        if key.strip() in {"model name", "Model", "Hardware"}:
            return " ".join(value.split())
    return platform.processor() or None


def cores() -> int | None:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def boot() -> str:
    """Identify this machine, since it was started; containers of one machine have the same identity on Linux."""
    return _read("/proc/sys/kernel/random/boot_id").strip() or platform.node()


def operating_system() -> str:
    """Name the system and its release."""
    return f"{platform.system()} {platform.release()}"


def governor() -> str | None:
    """Read the frequency governor of the first core; None where there is none, as on most virtual machines."""
    return _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip() or None


def container() -> str | None:
    """Name the container engine that this process runs in, if any shows itself."""
    if Path("/.dockerenv").exists():
        return "docker"
    if Path("/run/.containerenv").exists():
        return "podman"
    return "kubernetes" if "KUBERNETES_SERVICE_HOST" in os.environ else None


def runner() -> str | None:
    """Name the continuous integration service that runs us, if any shows itself."""
    known = {
        "GITHUB_ACTIONS": "github-actions",
        "GITLAB_CI": "gitlab-ci",
        "BUILDKITE": "buildkite",
        "CIRCLECI": "circleci",
        "JENKINS_URL": "jenkins",
        "TF_BUILD": "azure-pipelines",
    }
    for variable, name in known.items():
        if os.environ.get(variable):
            return name
    return "ci" if os.environ.get("CI") else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
