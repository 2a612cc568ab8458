"""The server's token: programs send it as a header, and a browser as a cookie that the sign-in page sets.

The cookie holds a hash of the token, so that what a browser stores opens no other door.
"""

from __future__ import annotations

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

SIGN_IN = "/sign-in"
COOKIE = "nanoflux"
WITHOUT_TOKEN = frozenset({SIGN_IN, "/healthz", "/ok"})
"""Paths that tell nothing of the runs."""


def bears_token(headers: Headers, token: str) -> bool:
    """Whether a request has the token, in its header or as the cookie of one who signed in."""
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return same(sent.strip(), token)
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return found is not None and same(found.value, cookie_of(token))


def cookie_of(token: str) -> str:
    """Return what the cookie of one who knows the token holds."""
    return hmac.new(token.encode(), b"nanoflux page", hashlib.sha256).hexdigest()


def same(sent: str, wanted: str) -> bool:
    """Compare without telling by the time taken how much was right."""
    return hmac.compare_digest(sent.encode(), wanted.encode())
