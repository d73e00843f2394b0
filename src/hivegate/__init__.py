"""A performance regression gate for Python projects that decides right on noisy machines."""

__version__ = "0.1.0"
