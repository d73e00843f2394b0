"""Measure a suite on several machines and join what they measured."""
