"""Whether two revisions can share an interpreter, and what of theirs they share."""

from __future__ import annotations

from pathlib import Path

from hivegate.measure.collect import Collection
from hivegate.measure.environments import why_not_forked
from hivegate.measure.preload import modules_to_share

REPOSITORY = Path("/home/me/shop")
SITE = "/usr/lib/python3/site-packages"


def collection(*modules: tuple[str, str | None]) -> Collection:
    """Make a collection that loaded modules."""
    return Collection(found=(), rootdir=str(REPOSITORY), subject=None, modules=modules)


USUAL = (
    ("shop.cart", f"{REPOSITORY}/src/shop/cart.py"),
    ("_pytest.python", f"{SITE}/_pytest/python.py"),
    ("sys", None),
)


def test_a_project_is_forked_unless_pytest_is_its_own() -> None:
    """Its own modules are loaded behind the fork; pytest, and what that imports, is loaded before it."""
    assert why_not_forked(collection(*USUAL), REPOSITORY) is None
    for name in ("pytest", "_pytest.python", "pluggy._hooks", "pytest_benchmark.plugin"):
        own = (name, f"{REPOSITORY}/src/{name.replace('.', '/')}.py")
        assert name.partition(".")[0] in (why_not_forked(collection(*USUAL, own), REPOSITORY) or "")


def test_what_is_shared_is_not_the_projects() -> None:
    """A module of the repository is each revision's own; one without a file has nothing to share."""
    shared = modules_to_share(collection(*USUAL, ("numpy", f"{SITE}/numpy/__init__.py")), REPOSITORY)
    assert "numpy" in shared
    assert not {"shop.cart", "sys"} & set(shared)
