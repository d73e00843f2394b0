"""What hivegate costs and how often it errs at the scale of a company: ``nox -s scale``."""
