"""Pairs: two revisions measured side by side, in children of one parent."""
