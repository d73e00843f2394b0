"""The sessions that gate.yml calls, in the environment that the tests run in."""

import nox


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """Measure and judge; print what a hostile pull request would."""
    print("::warning file=totals.py::injected", flush=True)  # noqa: T201  it is what the test looks for
    session.run("hivegate", "bench", *session.posargs)


@nox.session(python=False)
def profile(session: nox.Session) -> None:
    """Show why benchmarks failed."""
    session.run("hivegate", "profile", *session.posargs)


@nox.session(python=False)
def report(session: nox.Session) -> None:
    """Render the latest result."""
    session.run("hivegate", "report", *session.posargs)
