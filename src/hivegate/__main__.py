"""``python -m hivegate``, and what the ``hivegate`` command calls."""

import sys

from hivegate import __version__


def main() -> int:
    """Run the command line; the version alone is answered before anything is imported for it."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"hivegate, version {__version__}\n")
        return 0
    from hivegate.cli.main import main as run  # noqa: PLC0415  click takes longer to import than Python to start

    return run()


if __name__ == "__main__":
    sys.exit(main())
