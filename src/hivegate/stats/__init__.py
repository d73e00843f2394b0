"""Numbers -> estimates: pure, and honest about what too little data cannot say."""

from hivegate.stats.answers import Answer, answer_targets

__all__ = ["Answer", "answer_targets"]
