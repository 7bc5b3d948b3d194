"""What a request met in the server's place: a network that has cut a SIM off often answers itself.

    link-other   somebody else spoke: a redirect, a page of HTML, a certificate of another name, HTTP 511 (RFC 6585)
    link-mute    a connection was made and nobody spoke

Where no connection is made at all nothing tells an empty SIM from a cable that was pulled: no code.
"""

from __future__ import annotations

OTHER, MUTE = "link-other", "link-mute"
LOGIN_WANTED = 511  # Network Authentication Required
_OF_ERRORS = {"SSLError": OTHER, "ReadTimeout": MUTE, "ReadTimeoutError": MUTE}  # of `requests`, and what it wraps


def of_answer(status: int, kind: str) -> str:
    """The code, or empty: what we ask for is never a page. `kind`: Content-Type; a page that says 404 is usual."""
    elsewhere = 300 <= status < 400 or status == LOGIN_WANTED
    return OTHER if elsewhere or (status == 200 and kind.startswith("text/html")) else ""


def of_error(error: Exception) -> str:
    """The code, or empty; by names, since one module alone imports `requests`."""
    seen: BaseException | None = error
    while seen is not None:
        for one in (seen, getattr(seen, "reason", None)):
            if code := _OF_ERRORS.get(type(one).__name__):
                return code
        seen = seen.__context__
    return ""
