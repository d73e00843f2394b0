"""The tables as queries see them; `migrations` makes them."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text

METADATA = MetaData()

schema = Table("hivegate_schema", METADATA, Column("version", Integer, primary_key=True, autoincrement=False))

contents = Table(
    "hivegate_contents",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", Text, nullable=False),
)

documents = Table(
    "hivegate_documents",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("media_type", Text, nullable=False),
    Column("created", Text, nullable=False),
    Column("commit_sha", Text),
    Column("content_hash", Text, ForeignKey("hivegate_contents.hash"), nullable=False),
)
