"""``python -m hivegate``, and what the ``hivegate`` command calls."""

import sys

from hivegate import __version__


def main() -> int:
    """Run the command line; the version alone is answered before anything is imported for it."""
    if sys.argv[1:] == ["--version"]:
        from hivegate.cli.standard_output import guarded_output  # noqa: PLC0415  same

        with guarded_output() as output:
            sys.stdout.write(f"hivegate, version {__version__}\n")
            sys.stdout.flush()
        return 0 if output.fault is None else 2
    from hivegate.cli.main import main as run  # noqa: PLC0415  click takes longer to import than Python to start

    return run()


if __name__ == "__main__":
    sys.exit(main())
