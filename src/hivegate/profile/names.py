"""Names that leave the machine: of artifacts, and of source files without the folders around them. Pure."""

import hashlib
import re

_LONGEST = 60  # characters of a slug; file systems take 255 bytes with folder and suffix


def artifact_name(benchmark: str) -> str:
    """Name a benchmark's folder: a slug to be read, and a hash that keeps apart what the slug cannot."""
    slug = re.sub(r"[^a-z0-9]+", "-", benchmark.lower()).strip("-")[:_LONGEST].rstrip("-")
    digest = hashlib.sha256(benchmark.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


PYTHON = "python"
PACKAGES = "site-packages"


def short_path(path: str, *, project: str) -> str:
    """Shorten a source path: from the project's root, ``site-packages/…``, ``python/…``, or its last name.

    The folders of the machine that profiled are nobody's business, and two machines must agree on names.
    """
    if not path or path.startswith("<"):
        return path
    posix = path.replace("\\", "/")
    root = project.replace("\\", "/").rstrip("/") + "/"
    for folder in ("/site-packages/", "/dist-packages/"):
        if folder in posix:
            return f"{PACKAGES}/{posix.rpartition(folder)[2]}"
    if posix.startswith(root):
        return posix.removeprefix(root)
    library = re.search(r"/python3\.\d+t?/(.+)$", posix)
    return f"{PYTHON}/{library[1]}" if library else posix.rpartition("/")[2]


def origin(file: str) -> str:
    """Return whose code a short path is: project, package, python, or native where there is no file."""
    if not file:
        return "native"
    if file.startswith((f"{PYTHON}/", "<")):
        return "python"
    return "package" if file.startswith(f"{PACKAGES}/") else "project"


def visible(text: str) -> str:
    """Show what is not printable, as a newline or a direction mark, by its escape."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)
