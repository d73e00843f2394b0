"""The company that is asked about, and what follows from its numbers alone."""

REPOSITORIES = 10_000
SERIES = 1_000_000
ESTIMATES = 100_000_000  # a year
DAYS = 365
RUNS = ESTIMATES // SERIES  # of a series, a year
GATES_A_DAY = REPOSITORIES * RUNS / DAYS
VERDICTS_A_DAY = ESTIMATES / DAYS
