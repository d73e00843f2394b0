"""Profiles of failing benchmarks: what to profile, py-spy and scalene around it, flame graphs of what they saw."""
