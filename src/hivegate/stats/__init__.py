"""Numbers -> estimates: pure, and honest about what too little data cannot say."""

from hivegate.stats.estimates import answer_targets

__all__ = ["answer_targets"]
