"""Who may call the server: programs on this machine, Studio, and pages of this machine; no other web page.

CORS alone keeps a page from reading an answer, and from nothing else: a form, an image or a `text/plain` request is
sent without asking first, a WebSocket knows no CORS, and a name that an attacker points at 127.0.0.1 makes the page
same-origin. So each request is looked at before LangGraph gets it: the name it was sent to, the page it comes from,
and the type of its body. `langgraph.json` names `app`, and lists the origins once, for CORS and for this.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.serving.addresses import is_loopback
from graph.serving.allowed import Allowed
from graph.setting_values import split

IN_PROCESS = "/noauth"
"""Root path of the calls that LangGraph makes to itself, such as from `/mcp`; no request from outside has one."""


class Guard:
    """ASGI middleware that refuses what a foreign web page could send.

    Args:
        app: What is guarded.
        origins: Pages that may call, beside those that `pattern` matches.
        pattern: Regular expression of origins that may call.
        hosts: Names that the server is called by, beside those of loopback.
    """

    def __init__(self, app: ASGIApp, origins: Iterable[str] = (), pattern: str = "", hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.origins, self.pattern, self.hosts = frozenset(origins), re.compile(pattern), frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not."""
        outside = scope["type"] in ("http", "websocket") and scope.get("root_path") != IN_PROCESS
        fault = self.fault(Headers(scope=scope)) if outside else None
        if fault is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": fault[1]})
        else:
            status, detail = fault
            await JSONResponse({"detail": detail}, status_code=status)(scope, receive, send)

    def fault(self, headers: Headers) -> tuple[int, str] | None:
        """Say what is wrong with a request: a status, and one line."""
        host = _name_of(headers.get("host", ""))
        if not (is_loopback(host) or host in self.hosts):
            return 403, f"this server is not called {host!r}; its owner lists other names in NANOFLUX_CALLERS_HOSTS"
        origin = headers.get("origin")
        if origin is not None and not self._known(origin):
            return (
                403,
                f"pages of {origin!r} may not call this server; http.cors in langgraph.json lists those that may",
            )
        if origin is None and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, "pages of other sites may not call this server"
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if has_body and _media_type(headers) != "application/json":
            return (
                415,
                f"the body is {_media_type(headers)!r}; send JSON, with the header Content-Type: application/json",
            )
        return None

    def _known(self, origin: str) -> bool:
        return origin in self.origins or self.pattern.fullmatch(origin) is not None


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


app = Starlette(middleware=[Middleware(Guard, **_from_langgraph_json(), hosts=split(Allowed().hosts))])
