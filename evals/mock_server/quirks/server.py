"""An OpenAI-compatible server with known truth and one quirk an address: `BASE/QUIRK/v1`."""

from __future__ import annotations

import inspect
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agents.records import SEATS, SeatName
from evals.mock_server.in_process import run_in_process
from evals.mock_server.quirks import kinds  # noqa: F401  # its import fills the table
from evals.mock_server.quirks.call import Call
from evals.mock_server.quirks.table import QUIRKS
from evals.mock_server.replies import Reply, UnanswerableError, answer, count_words, read_request
from evals.mock_server.script import Script


@dataclass
class QuirkServer:
    """The running server.

    Attributes:
        base: Its address, to which a quirk's name and `/v1` are added.
        calls: Chat calls by quirk and seat.
        statuses: Replies by quirk and status.
    """

    base: str = ""
    calls: Counter[tuple[str, SeatName]] = field(default_factory=Counter)
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    _began: dict[str, float] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        return Starlette(
            routes=[
                Route("/{quirk}/v1/chat/completions", self._chat, methods=["POST"]),
                Route("/{quirk}/v1/models", self._models),
                Route("/{quirk}/props", self._properties),
            ]
        )

    def url(self, quirk: str) -> str:
        """Return the base URL of a quirk."""
        return f"{self.base}/{quirk}/v1"

    async def _models(self, http: Request) -> Response:
        quirk = QUIRKS[http.path_params["quirk"]]
        if quirk.models is not None:
            return quirk.models
        data = [
            {"id": f"quirky-{seat}", "object": "model", "created": 0, "owned_by": "nanoflux", **quirk.listing}
            for seat in SEATS
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _properties(self, http: Request) -> Response:
        properties = QUIRKS[http.path_params["quirk"]].properties
        return JSONResponse(properties) if properties else Response(status_code=404)

    async def _chat(self, http: Request) -> Response:
        name, body = http.path_params["quirk"], await http.json()
        seat = next(seat for seat in SEATS if seat in body["model"])
        self.calls[name, seat] += 1
        began = self._began.setdefault(name, time.monotonic())
        number = self.calls[name, seat]
        try:
            true = completion(body, answer(Script(), read_request(body)), number)
        except UnanswerableError as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        played = QUIRKS[name].play(Call(http, body, seat, number, true, time.monotonic() - began))
        response = await played if inspect.isawaitable(played) else played
        self.statuses[name, response.status_code] += 1
        return response


def completion(body: dict[str, Any], reply: Reply, number: int) -> dict[str, Any]:
    """Write a reply as the API promises it."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text if reply.tool is None else None}
    if reply.tool is not None:
        function = {"name": reply.tool, "arguments": reply.text}
        message["tool_calls"] = [{"id": f"call_{number}", "type": "function", "function": function}]
    sent, written = count_words(body["messages"]), len(reply.text.split())
    return {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if reply.tool else "stop"}],
        "usage": {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written},
    }


@asynccontextmanager
async def serve_quirks() -> AsyncIterator[QuirkServer]:
    """Serve every quirk inside this process."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server = QuirkServer(base=f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        server.app(), log_level="critical", access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    async with run_in_process(config, listener):
        yield server
