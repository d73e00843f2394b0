"""Measuring: start benchmark processes, join what they showed into a Run."""
