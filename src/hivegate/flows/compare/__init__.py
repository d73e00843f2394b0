"""Measure two revisions in pairs and judge the change."""
