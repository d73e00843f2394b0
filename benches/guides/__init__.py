"""The figures of the guides in docs/performance: one measured run, judged twice, and the tables made of it."""
