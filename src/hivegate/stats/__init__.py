"""Numbers -> estimates: pure, and honest about what too little data cannot say."""

from hivegate.stats.estimates import estimate_targets

__all__ = ["estimate_targets"]
