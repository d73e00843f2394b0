"""What is kept from run to run, in a database: SQLite in a file, or PostgreSQL.

Importing it needs the extra `history`; raises `HistoryError` where that is not installed.
"""

from hivegate.errors import HistoryError

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401  asked for here, so that no part of the package fails later
except ModuleNotFoundError as _fault:
    raise HistoryError(
        "the history needs SQLAlchemy, which is not installed", hint="install it: pip install 'hivegate[history]'"
    ) from _fault
