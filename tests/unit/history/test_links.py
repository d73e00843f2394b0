"""Addresses of commits are derived from remotes and taken from options; nothing but plain https becomes one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hivegate.errors import UsageError
from hivegate.flows.source.commit_urls import check_address, link_given, links_of
from hivegate.report.dashboard.site import Links

GITHUB = Links(commit="https://github.com/o/r/commit/{sha}", compare="https://github.com/o/r/compare/{old}...{new}")


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/o/r.git",
        "https://github.com/o/r",
        "https://github.com/o/r/",
        "http://github.com/o/r.git",
        "https://name:secret@github.com/o/r.git",
        "git@github.com:o/r.git",
        "ssh://git@github.com:22/o/r.git",
        "git://GitHub.com/o/r",
    ],
)
def test_a_remote_becomes_the_address_of_its_commits(remote: str) -> None:
    """Whatever way git goes there, the page is https, and no name or password comes along."""
    assert links_of(remote) == GITHUB


@pytest.mark.parametrize(
    ("remote", "commit"),
    [
        ("git@gitlab.com:group/sub/r.git", "https://gitlab.com/group/sub/r/-/commit/{sha}"),
        ("https://gitlab.example.org/o/r.git", "https://gitlab.example.org/o/r/-/commit/{sha}"),
        ("git@bitbucket.org:o/r.git", "https://bitbucket.org/o/r/commits/{sha}"),
        ("https://codeberg.org/o/r.git", "https://codeberg.org/o/r/commit/{sha}"),
    ],
)
def test_hosts_have_their_own_forms(remote: str, commit: str) -> None:
    """GitLab and Bitbucket write their addresses another way."""
    assert links_of(remote).commit == commit


@pytest.mark.parametrize(
    "remote",
    [
        None,
        "",
        "/srv/git/r.git",
        "../r.git",
        "file:///srv/r.git",
        "javascript:alert(1)",
        "https://github.com/o/r\n.git",
        'https://github.com/o/"><script>',
        "https://github.com/../../etc",
        "https://github.com/o/{sha}",
    ],
)
def test_what_is_no_page_has_no_address(remote: str | None) -> None:
    """A folder, another scheme and what could break out of an attribute are no links."""
    assert links_of(remote) == Links()


@given(st.text(max_size=80))
def test_addresses_hold_nothing_that_ends_an_attribute(remote: str) -> None:
    """Whatever git says, an address is https with plain characters."""
    for given_ in (remote, f"https://github.com/{remote}", f"git@github.com:{remote}"):
        found = links_of(given_)
        for address in (found.commit, found.compare):
            if address is not None:
                assert address.startswith("https://")
                assert not set(address) & set("\"'<>` \n\t\\")


@pytest.mark.parametrize("template", ["https://h/{sha}", "https://h:8443/x/commit/{sha}?view=1"])
def test_an_address_is_given(template: str) -> None:
    """The place of {sha} is free."""
    assert link_given(template) == Links(commit=template)


@pytest.mark.parametrize(
    "template",
    [
        "https://h/",
        "http://h/{sha}",
        "javascript:{sha}",
        "https://h/{sha}{sha}",
        "https://h/{x}{sha}",
        'https://h/"{sha}',
    ],
)
def test_other_templates_are_refused(template: str) -> None:
    """Without {sha}, twice, with another name, or not https: a usage error that shows how to write it."""
    with pytest.raises(UsageError, match="is not an https address") as refused:
        link_given(template)
    assert "https://github.com/OWNER/NAME/commit/{sha}" in refused.value.hint


@pytest.mark.parametrize(
    "address", ["http://h/x", "javascript:alert(1)", "https://h/{sha}", "https://h/ x", "https://"]
)
def test_other_reports_are_refused(address: str) -> None:
    """The address of a report is plain https too."""
    with pytest.raises(UsageError, match="is not a valid https address"):
        check_address(address)
