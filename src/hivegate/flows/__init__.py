"""The flows: a package for each trip, which the command, the Nox session and the Python API all call."""
