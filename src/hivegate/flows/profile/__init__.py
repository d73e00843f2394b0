"""Profile what failed."""
