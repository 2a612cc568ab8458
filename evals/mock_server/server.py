"""An OpenAI-compatible chat server that plays Attacker, Defender and Judge from a script with known truth.

For tests, benchmarks and demos of everything that talks to a model over HTTP, faults included. Models are named by
seat: any name that contains "attacker", "defender" or "judge". `GET /_calls` lists the requests. In process:
`async with serve(...)`; as a command: `python -m evals.mock_server`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agents.records import SEATS
from evals.mock_server.batches import BatchApi
from evals.mock_server.in_process import run_in_process
from evals.mock_server.replies import Reply, Request, UnanswerableError, answer, count_words, read_request
from evals.mock_server.script import Script

__all__ = ["Call", "Script", "ScriptedServer", "serve"]

MODELS = tuple(f"scripted-{seat}" for seat in SEATS)
BACKLOG = 2048
"""Connections that may wait to be accepted: a pool of hundreds of clients opens them all at once."""


@dataclass
class Call:
    """One chat call; `order` counts arrivals, times are in seconds since the server started."""

    order: int
    model: str = ""
    seat: str = ""
    task: str = ""
    content: str = ""
    """Hash of the model, the messages and the sampling seed: a finished call that is repeated has the same."""
    cached: int = 0
    """Words of the leading messages that the model was sent before: what a provider would read from its cache."""
    tries: int = 0
    batched: bool = False
    """Whether it came in a batch."""
    status: int = 0
    finished: bool = False
    """Whether the client was still there to take the reply."""
    started_s: float = 0.0
    ended_s: float | None = None


class Refused(Exception):  # becomes an HTTP status, so no Error in its name
    """A call that ends in an HTTP error."""

    def __init__(self, status: int, message: str, code: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers or {}

    def response(self) -> Response:
        """Write the error the way OpenAI's API does."""
        kind = "invalid_request_error" if self.status < 429 else "server_error"
        error = {"message": str(self), "type": kind, "param": None, "code": self.code}
        return JSONResponse({"error": error}, self.status, self.headers)


@dataclass
class ScriptedServer:
    """The running server; `calls` lists every chat call in order of arrival."""

    script: Script
    log: Path | None = None
    base_url: str = ""
    calls: list[Call] = field(default_factory=list)
    batch_api: BatchApi = field(init=False)
    _tries: Counter[str] = field(default_factory=Counter)
    _prefixes: set[str] = field(default_factory=set)
    _began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.batch_api = BatchApi(self.script, self._batched)

    def app(self) -> Starlette:
        """Return the ASGI application."""
        routes = [
            Route("/v1/chat/completions", self._chat, methods=["POST"]),
            Route("/v1/models", self._models),
            Route("/_calls", self._list_calls),
        ]
        return Starlette(routes=routes + (self.batch_api.routes() if self.script.batches else []))

    async def _models(self, http: HttpRequest) -> Response:
        try:
            self._check_key(http.headers)
        except Refused as refused:
            return refused.response()
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "nanoflux"} for name in MODELS]
        return JSONResponse({"object": "list", "data": data})

    async def _list_calls(self, _: HttpRequest) -> Response:
        return JSONResponse([asdict(call) for call in self.calls])

    async def _chat(self, http: HttpRequest) -> Response:
        call = Call(order=len(self.calls), started_s=self._now())
        self.calls.append(call)
        try:
            response = await self._reply(await _json(http), http.headers, call)
        except Refused as refused:
            response = refused.response()
        call.status, call.ended_s = response.status_code, self._now()
        call.finished = not await http.is_disconnected()
        if call.finished and self.log is not None:
            with self.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(call)) + "\n")
        return response

    async def _batched(self, body: dict[str, Any], headers: Mapping[str, str]) -> Response:
        """Reply to a call out of a batch; its file is there for whoever fetches it."""
        call = Call(order=len(self.calls), started_s=self._now(), batched=True, finished=True)
        self.calls.append(call)
        try:
            response = await self._reply(body, headers, call)
        except Refused as refused:
            response = refused.response()
        call.status, call.ended_s = response.status_code, self._now()
        return response

    async def _reply(self, body: dict[str, Any], headers: Mapping[str, str], call: Call) -> Response:
        call.model = str(body.get("model", ""))
        content = [body.get(name) for name in ("model", "messages", "seed")]
        call.content = hashlib.sha256(json.dumps(content).encode()).hexdigest()
        self._tries[call.content] += 1
        call.tries = self._tries[call.content]
        self._check_key(headers)
        if not any(seat in call.model for seat in SEATS):
            raise Refused(404, f"The model {call.model!r} does not exist; try {', '.join(MODELS)}.", "model_not_found")
        try:
            request = read_request(body)
            call.seat, call.task = request.seat, request.task
            self._check_form(body, request)
            call.cached = self._count_cached(call.model, body["messages"])
            await self._delay(call)
            self._fail_first_try(call)
            return _completion(body, answer(self.script, request), call)
        except UnanswerableError as error:
            raise Refused(400, str(error), "invalid_value") from error

    def _check_key(self, headers: Mapping[str, str]) -> None:
        if self.script.key and headers.get("authorization") != f"Bearer {self.script.key}":
            raise Refused(401, "Incorrect API key provided.", "invalid_api_key")

    def _check_form(self, body: dict[str, Any], request: Request) -> None:
        if self.script.refuse_json_schema and body.get("response_format"):
            raise Refused(400, "This model does not support 'response_format'.", "unsupported_parameter")
        if self.script.refuse_tools and request.record_tool:
            raise Refused(400, "This model does not support 'tools' of that kind.", "unsupported_parameter")

    def _count_cached(self, model: str, messages: list[dict[str, Any]]) -> int:
        """Count the words of the leading messages that the model was sent before; remember the others."""
        digest, words, known = hashlib.sha256(model.encode()), 0, True
        for message in messages:
            digest.update(json.dumps(message).encode())
            known = known and digest.hexdigest() in self._prefixes
            words += count_words([message]) if known else 0
            self._prefixes.add(digest.hexdigest())
        return words

    async def _delay(self, call: Call) -> None:
        hangs = call.tries == 1 and self.script.draw("hang", call.content) < self.script.hangs
        await asyncio.sleep(self.script.latency_s + (self.script.hang_s if hangs else 0.0))

    def _fail_first_try(self, call: Call) -> None:
        """Fail the first try of some requests; the second try of the same request succeeds."""
        if call.tries > 1:
            return
        chance = self.script.draw("http", call.content)
        if chance < self.script.http_500:
            raise Refused(500, "The server had an error while processing your request.", "server_error")
        if chance < self.script.http_500 + self.script.http_429:
            wait = {"Retry-After": f"{self.script.retry_after_s:g}"}
            raise Refused(429, "Rate limit reached; please try again later.", "rate_limit_exceeded", wait)

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 6)


async def _json(http: HttpRequest) -> dict[str, Any]:
    try:
        body = await http.json()
    except ValueError as error:
        raise Refused(400, f"The body is not JSON: {error}", "invalid_json") from error
    if not isinstance(body, dict):
        raise Refused(400, "The body must be a JSON object.", "invalid_type")
    return body


def _completion(body: dict[str, Any], reply: Reply, call: Call) -> Response:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text if reply.tool is None else None}
    finish = reply.finish
    if reply.tool is not None:
        function = {"name": reply.tool, "arguments": reply.text}
        message["tool_calls"] = [{"id": f"call_{call.order}", "type": "function", "function": function}]
        finish = "tool_calls" if finish == "stop" else finish
    sent, written = count_words(body["messages"]), len(reply.text.split())
    usage = {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": call.cached},
    }
    head = {"id": f"chatcmpl-{call.order}", "created": int(time.time()), "model": call.model}
    if body.get("stream"):
        return _stream(head, message, finish, usage)
    choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
    return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": usage})


def _stream(head: dict[str, Any], message: dict[str, Any], finish: str, usage: dict[str, Any]) -> Response:
    """Write the whole message as one chunk of a stream, which is all that streaming clients need."""
    for index, tool in enumerate(message.get("tool_calls", ())):
        tool["index"] = index
    head = {**head, "object": "chat.completion.chunk"}
    chunks: list[dict[str, Any]] = [
        {**head, "choices": [{"index": 0, "delta": message, "finish_reason": None}]},
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        {**head, "choices": [], "usage": usage},
    ]
    lines = [*(json.dumps(chunk) for chunk in chunks), "[DONE]"]
    return Response("".join(f"data: {line}\n\n" for line in lines), media_type="text/event-stream")


@contextlib.asynccontextmanager
async def serve(
    script: Script, *, host: str = "127.0.0.1", port: int = 0, log: Path | None = None
) -> AsyncIterator[ScriptedServer]:
    """Serve the script inside this process; port 0 takes a free one.

    `log` gets one JSON line for every call whose client was there to take the reply. Raises `OSError` where the
    port is taken.
    """
    listener = socket.create_server((host, port), backlog=BACKLOG)
    server = ScriptedServer(script, log, base_url=f"http://{host}:{listener.getsockname()[1]}/v1")
    config = uvicorn.Config(
        server.app(), log_level="critical", access_log=False, lifespan="off", ws="none", backlog=BACKLOG,
        timeout_graceful_shutdown=1, timeout_keep_alive=60,
    )  # fmt: skip  # a call's arguments read better packed
    async with run_in_process(config, listener):
        yield server
