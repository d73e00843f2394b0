"""The proof of detection: how often hivegate and its peers are right about revisions whose change is known."""
