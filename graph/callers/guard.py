"""Who may call the server, at both of its doors: LangGraph's server, and the service of `python -m graph.serve`.

Programs on this machine may, Studio, and pages of this machine; no other web page. CORS alone keeps a page from reading
an answer, and from nothing else: a form, an image or a `text/plain` request is sent without asking first, a WebSocket
knows no CORS, and a name that an attacker points at 127.0.0.1 makes the page same-origin. So each request is looked at
before anything else gets it: the name it was sent to, the page it comes from, the token it bears, the type and the
size of its body. `langgraph.json` lists the origins once, for CORS and for this.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.callers.addresses import is_loopback
from graph.callers.allowed import PREFIX, Allowed
from graph.callers.bodies import BoundedBody
from graph.callers.tokens import SIGN_IN, WITHOUT_TOKEN, bears_token
from graph.setting_values import split

IN_PROCESS = "/noauth"
"""Root path of the calls that LangGraph makes to itself, such as from `/mcp`; no request from outside has one."""
FORM = "application/x-www-form-urlencoded"

Fault = tuple[int, str]
"""A status, and one line."""


class Guard:
    """ASGI middleware that refuses what a foreign web page, or somebody without the token, could send.

    Args:
        app: What is guarded.
        allowed: The owner's allow-list.
        origins: Pages that may call, beside the server's own and those that `pattern` matches.
        pattern: Regular expression of origins that may call.
    """

    def __init__(self, app: ASGIApp, allowed: Allowed, origins: Iterable[str] = (), pattern: str = "") -> None:
        self.app = app
        self.origins, self.pattern = frozenset(origins), re.compile(pattern)
        self.hosts, self.token = frozenset(split(allowed.hosts)), allowed.token.get_secret_value()
        self.body_kb = allowed.body_kb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not."""
        if scope["type"] not in ("http", "websocket") or scope.get("root_path") == IN_PROCESS:
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        fault = self.fault(headers) or self._unknown_caller(scope, headers)
        if fault is None:
            body = BoundedBody(receive, send, most=1024 * self.body_kb)
            return await body.guarding(self.app, scope)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008, "reason": fault[1]})
        return await self._refusal(fault, scope, headers)(scope, receive, send)

    def fault(self, headers: Headers) -> Fault | None:
        """Say what is wrong with a request, whoever sends it."""
        host = _name_of(headers.get("host", ""))
        if not (is_loopback(host) or host in self.hosts):
            return 403, f"this server is not called {host!r}; its owner lists other names in {PREFIX}HOSTS"
        origin = headers.get("origin")
        if origin is not None and not self._known(origin) and not _own_page(headers):
            return (
                403,
                f"pages of {origin!r} may not call this server; http.cors in langgraph.json lists those that may",
            )
        if origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "pages of other sites may not call this server"
        return self._body_fault(headers)

    def _body_fault(self, headers: Headers) -> Fault | None:
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit()):
            return 400, f"the header Content-Length is {length!r}; give a whole number"
        if int(length) > 1024 * self.body_kb:
            return 413, f"the body has {length} bytes; at most {self.body_kb} KiB are taken ({PREFIX}BODY_KB)"
        has_body = int(length) > 0 or "transfer-encoding" in headers
        kinds = ("application/json", FORM) if _own_page(headers) else ("application/json",)
        if has_body and _media_type(headers) not in kinds:
            return (
                415,
                f"the body is {_media_type(headers)!r}; send JSON, with the header Content-Type: application/json",
            )
        return None

    def _unknown_caller(self, scope: Scope, headers: Headers) -> Fault | None:
        """Ask for the token where there is one, and for there being one where the request came from elsewhere."""
        if scope["path"] in WITHOUT_TOKEN or scope["path"].startswith("/static/"):
            return None
        if self.token and not bears_token(headers, self.token):
            return 401, "send the server's token, with the header Authorization: Bearer TOKEN"
        address, port = scope.get("server") or ("", None)
        if not self.token and port is not None and not is_loopback(address):
            return 403, f"{address} is not loopback, where a server needs a token; its owner sets {PREFIX}TOKEN"
        return None

    def _refusal(self, fault: Fault, scope: Scope, headers: Headers) -> Response:
        """Write the answer; a person's browser without the token is led to where it can be given."""
        status, detail = fault
        if status == 401 and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(SIGN_IN, status_code=303)
        more = {"WWW-Authenticate": "Bearer"} if status == 401 else None
        return JSONResponse({"detail": detail}, status_code=status, headers=more)

    def _known(self, origin: str) -> bool:
        return origin in self.origins or self.pattern.fullmatch(origin) is not None


def _own_page(headers: Headers) -> bool:
    """Whether a page of this very server sends the request, which a browser says itself."""
    origin, host = headers.get("origin", ""), headers.get("host", "")
    return bool(host) and origin in (f"http://{host}", f"https://{host}")


def _name_of(host: str) -> str:
    """Return a host without its port; empty where it cannot be read."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _from_langgraph_json() -> dict[str, Any]:
    """Return the origins of `http.cors`, which LangGraph hands on in this variable."""
    cors = (json.loads(os.environ.get("LANGGRAPH_HTTP") or "{}") or {}).get("cors") or {}
    return {"origins": cors.get("allow_origins", ()), "pattern": cors.get("allow_origin_regex", "")}


def guarded(allowed: Allowed) -> Middleware:
    """Return the guard, for the head of an application's middleware."""
    return Middleware(Guard, allowed=allowed, **_from_langgraph_json())
