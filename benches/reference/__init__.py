"""The textbook versions: partners of the benchmarks, and the oracle of the property tests.

Each is written as a competent engineer would without the optimisation under test, with the same validation and
the same typed results.
"""
