"""The tables as queries see them; `migrations` makes them."""

from sqlalchemy import Column, Double, ForeignKey, Integer, MetaData, Table, Text

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

environments = Table(
    "hivegate_environments",
    METADATA,
    Column("hash", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("content", Text, nullable=False),
)

runs = Table(
    "hivegate_runs",
    METADATA,
    Column("id", Integer, primary_key=True),  # the database numbers them
    Column("hash", Text, nullable=False, unique=True),
    Column("source", Text, nullable=False),
    Column("created", Text),
    Column("committed", Text),
    Column("moment", Text, nullable=False),
    Column("commit_sha", Text),
    Column("branch", Text),
    Column("subject", Text),
    Column("dirty", Integer, nullable=False),
    Column("environment_hash", Text, ForeignKey("hivegate_environments.hash"), nullable=False),
    Column("outcome", Text),
    Column("report", Text),
)

benchmarks = Table(
    "hivegate_benchmarks",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("node_id", Text),
)

series = Table(
    "hivegate_series",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("environment_key", Text, nullable=False),
    Column("benchmark_id", Integer, ForeignKey("hivegate_benchmarks.id"), nullable=False),
    Column("metric", Text, nullable=False),
    Column("metric_told", Text, nullable=False),
)

estimates = Table(
    "hivegate_estimates",
    METADATA,
    Column("series_id", Integer, ForeignKey("hivegate_series.id"), primary_key=True, autoincrement=False),
    Column("run_id", Integer, ForeignKey("hivegate_runs.id"), primary_key=True, autoincrement=False),
    Column("value", Double, nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("n", Integer, nullable=False),
)

verdicts = Table(
    "hivegate_verdicts",
    METADATA,
    Column("run_id", Integer, ForeignKey("hivegate_runs.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("benchmark", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("tier", Text),
    Column("metric", Text),
    Column("value", Double),
    Column("limit_text", Text),
    Column("reason", Text, nullable=False),
    Column("per_operation", Integer),
    Column("relative_to", Text),
    Column("place", Text),
    Column("code", Text),
)
