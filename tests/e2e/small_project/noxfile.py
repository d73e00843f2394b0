"""The sessions that the workflows call, in the environment that the tests run in."""

import nox


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """Measure and judge; print what a hostile pull request would."""
    print("::warning file=totals.py::injected", flush=True)  # noqa: T201  it is what the test looks for
    session.run("hivegate", "bench", *session.posargs)


@nox.session(python=False)
def compare(session: nox.Session) -> None:
    """Measure against the base and judge the change."""
    session.run("hivegate", "compare", *session.posargs)


@nox.session(python=False)
def profile(session: nox.Session) -> None:
    """Show why benchmarks failed."""
    session.run("hivegate", "profile", "--seconds", "1", "--tool", "py-spy", *session.posargs)


@nox.session(python=False)
def report(session: nox.Session) -> None:
    """Render results."""
    session.run("hivegate", "report", *session.posargs)


@nox.session(python=False)
def verdict(session: nox.Session) -> None:
    """Tell the worst of several results."""
    session.run("hivegate", "verdict", *session.posargs)


@nox.session(python=False)
def history(session: nox.Session) -> None:
    """Keep runs and draw them."""
    session.run("hivegate", "history", *session.posargs)
