"""HTTP as an API's client speaks it: bounded answers, retries where they are safe, secrets for one host only."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from hivegate.errors import GithubError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

_PATIENCE = 30.0  # seconds for each answer
_WAITS = (1.0, 4.0)  # seconds before the second and the third try
_LONGEST_WAIT = 60.0  # seconds, whatever the server asks for
_PASSING = frozenset({429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_REPEATABLE = frozenset({"GET", "PATCH"})  # a repeated POST would post twice
_TOLD = 300  # characters of a refusal that are told


class Answer(NamedTuple):
    """What a server answered."""

    headers: Message
    body: bytes


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    secret: Mapping[str, str],
    body: bytes | None = None,
    limit: int,
) -> Answer:
    """Send a request and read an answer of at most `limit` bytes.

    `secret` headers go to this URL alone, never to where it redirects. Raises `GithubError` for an answer that is a
    refusal or too large, and for a server that cannot be reached; passing troubles are tried three times.
    """
    _check_scheme(url)
    request = urllib.request.Request(url, data=body, headers=dict(headers), method=method)  # noqa: S310  checked above
    for name, value in secret.items():
        request.add_unredirected_header(name, value)
    waits = _WAITS if method in _REPEATABLE else ()
    for wait in (*waits, None):
        try:
            return _once(request, limit)
        except urllib.error.HTTPError as fault:
            asked = fault.headers.get("Retry-After", "")
            passing = fault.code in _PASSING or bool(asked)
            if wait is None or not passing:
                raise GithubError(_refusal(fault), where=f"{method} {url}") from fault
            wait = float(asked) if asked.isdecimal() else wait  # noqa: PLW2901  the server knows better
        except (urllib.error.URLError, http.client.HTTPException, OSError) as fault:
            if wait is None:
                reason = getattr(fault, "reason", None) or fault
                raise GithubError(f"cannot be reached: {reason}", where=f"{method} {url}") from fault
        time.sleep(min(wait, _LONGEST_WAIT))
    raise AssertionError  # the last turn of the loop returns or raises


def _once(request: urllib.request.Request, limit: int) -> Answer:
    with _OPENER.open(request, timeout=_PATIENCE) as response:
        body = response.read(limit + 1)
        if len(body) > limit:
            raise GithubError(f"answers with more than {limit} bytes", where=request.full_url)
        return Answer(response.headers, body)


def _refusal(fault: urllib.error.HTTPError) -> str:
    with fault:
        told = fault.read(_TOLD).decode(errors="replace")
    return f"answers {fault.code} {fault.reason}: {' '.join(told.split())!r}"


def _check_scheme(url: str) -> None:
    """Refuse what could show a token to the network, and what is no HTTP at all."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise GithubError("is not https", where=url, hint="set GITHUB_API_URL to the API's https:// address")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow a redirect of a question only, and only to https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: object,
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Make the next request; None is the refusal that urllib reports."""
        if req.get_method() != "GET":
            return None
        _check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]  # passed through


_OPENER = urllib.request.build_opener(_Redirects)
