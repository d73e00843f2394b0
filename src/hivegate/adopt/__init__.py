"""The way in: what a project, and the machine that it is on, need before the first verdict."""
