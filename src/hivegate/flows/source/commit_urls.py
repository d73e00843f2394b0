"""Addresses that reports may link, and those of a project's commits, from its remote: https, without a password."""

from __future__ import annotations

import re

from hivegate.errors import UsageError
from hivegate.report.dashboard.site import Links

# https://host/path, ssh://git@host/path, git@host:path
_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]*@)?(?P<host>[A-Za-z0-9.-]+)(?::\d+)?/"
    r"|(?:[\w.-]+@)(?P<scp>[A-Za-z0-9.-]+):)(?P<path>[\w.~/-]+?)(?:\.git)?/?"
)
# Nothing in it can end a link of Markdown or an attribute of HTML.
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~%/?#=&+,:@-]*)?")
_LONGEST = 2000
_COMMIT = {"gitlab": "/-/commit/{sha}", "bitbucket": "/commits/{sha}"}
_COMPARE = {"gitlab": "/-/compare/{old}...{new}", "bitbucket": "/branches/compare/{new}..{old}"}


def is_address(text: str) -> bool:
    """Tell whether a text is a plain https address, which alone becomes a link."""
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None


def check_address(address: str) -> None:
    """Raise `UsageError` for what is no plain https address."""
    if not is_address(address):
        hint = "write https://HOST/PATH, other characters than letters, digits and ._~%/?#=&+,:@- in percent code"
        raise UsageError(f"{address!r} is not a valid https address", hint=hint)


def links_of(remote: str | None) -> Links:
    """Derive the addresses from a remote's URL: GitHub's and Gitea's form, or GitLab's or Bitbucket's by the host.

    Nothing is known of a remote on a disk, nor of one whose URL has other characters than addresses have.
    """
    found = _REMOTE.fullmatch(remote or "")
    if found is None or ".." in found["path"]:
        return Links()
    host = (found["host"] or found["scp"]).lower()
    root = f"https://{host}/{found['path'].strip('/')}"
    kind = next((kind for kind in _COMMIT if kind in host), "")
    return Links(
        commit=root + _COMMIT.get(kind, "/commit/{sha}"), compare=root + _COMPARE.get(kind, "/compare/{old}...{new}")
    )


def link_given(template: str) -> Links:
    """Take the address of a commit as it was given; raises `UsageError` where it is not https with {sha} in it."""
    before, sha, after = template.partition("{sha}")
    if not sha or not _ADDRESS.fullmatch(before) or "/" not in before[8:] or not _ADDRESS.fullmatch(before + after):
        hint = "write it as in https://github.com/OWNER/NAME/commit/{sha}"
        raise UsageError(f"{template!r} is not an https address of a commit", hint=hint)
    return Links(commit=template)
