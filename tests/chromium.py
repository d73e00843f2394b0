"""The browser that tests drive: the machine's own, never a download."""

from __future__ import annotations

import os
import shutil

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str:
    """Find the browser; without one tests are skipped, but in continuous integration that is a failure."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    if os.environ.get("CI"):
        pytest.fail("no Chromium is installed, so the pages were not tried", pytrace=False)
    pytest.skip("no Chromium is installed")
