"""``python -m hivegate``, and what the ``hivegate`` command calls."""

import sys

from hivegate.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    sys.exit(main())
