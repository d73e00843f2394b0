"""Measure a suite and judge it against targets.yaml."""
