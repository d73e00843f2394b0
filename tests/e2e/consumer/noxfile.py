"""Another project's sessions."""

from hivegate.sessions import register

register(paths=["benches"], extras=["fast"], python=["3.12", "3.13"])
