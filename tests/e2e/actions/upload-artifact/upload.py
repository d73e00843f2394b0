"""Pack an artifact; its names begin below the folder that all of the paths share."""

import os
import re
import sys
import zipfile
from pathlib import Path

name, hidden = os.environ["NAME"], os.environ["HIDDEN"] == "true"
paths = [Path(line.strip()).resolve() for line in os.environ["PATHS"].splitlines() if line.strip()]
root = Path(os.path.commonpath([*paths, paths[0] if paths[0].is_dir() else paths[0].parent]))
found = [one for path in paths for one in ([path] if path.is_file() else sorted(path.rglob("*"))) if one.is_file()]
around = Path.cwd() if root.is_relative_to(Path.cwd()) else root
kept = [one for one in dict.fromkeys(found) if hidden or "/." not in f"/{one.relative_to(around)}"]
if not kept:
    print(f"::warning::No files were found with the provided path: {os.environ['PATHS']}")  # noqa: T201  its message
    sys.exit()
target = Path(os.environ["ARTIFACTS"], f"{name}.zip")
target.parent.mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED) as archive:  # a second one of a name is an error there too
    for file in kept:
        inside = file.relative_to(root).as_posix()
        if re.search(r'[":<>|*?\r\n\\]', inside):
            sys.exit(f"the file name {inside} is not allowed in an artifact")
        archive.write(file, inside)
