"""Names that leave the machine."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.profile.names import artifact_name, origin, short_path, visible


@given(st.text(), st.text())
def test_artifact_names_are_safe_and_tell_apart(one: str, other: str) -> None:
    """Letters, digits and dashes only, never empty, short, and different for different benchmarks."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", artifact_name(one))
    assert len(artifact_name(one)) <= 70
    assert (artifact_name(one) == artifact_name(other)) == (one == other)


@pytest.mark.parametrize(
    ("path", "short", "whose"),
    [
        ("/home/me/project/src/work.py", "src/work.py", "project"),
        ("/home/me/project/.venv/lib/python3.12/site-packages/numpy/core.py", "site-packages/numpy/core.py", "package"),
        ("/usr/lib/python3/dist-packages/yaml/x.py", "site-packages/yaml/x.py", "package"),
        ("/usr/lib/python3.13t/json/encoder.py", "python/json/encoder.py", "python"),
        ("/home/me/elsewhere/secret.py", "secret.py", "project"),
        ("C:\\me\\project\\work.py", "work.py", "project"),
        ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap>", "python"),
        ("", "", "native"),
    ],
)
def test_paths_lose_the_folders_of_the_machine(path: str, short: str, whose: str) -> None:
    """What is left tells whose code it is and where it is in there."""
    assert short_path(path, project="/home/me/project") == short
    assert origin(short) == whose


@given(st.text(st.characters()))
def test_visible_text_is_printable(text: str) -> None:
    """No control or direction character is left; printable text is unchanged."""
    assert visible(text).isprintable()
    assert visible(visible(text)) == visible(text)
