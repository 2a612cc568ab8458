"""A server on loopback that speaks as much of E2B's protocol as the SDK uses, and can fail in the ways E2B does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class StandIn:
    """What it was asked, and how it is to misbehave."""

    fault: str = ""
    """"" or one of: 401, 429, 502 (on making a machine), hang, cut, keepalives, flood, late (on running)."""
    url: str = ""
    living: set[str] = field(default_factory=set)
    made: int = 0
    bodies: list[str] = field(default_factory=list)

    async def make(self, request: Request) -> Response:
        self.bodies.append((await request.body()).decode())
        if self.fault.isdigit():
            return JSONResponse({"code": int(self.fault), "message": "no"}, status_code=int(self.fault))
        self.made += 1
        name = f"machine{self.made}"
        self.living.add(name)
        words = {"sandboxID": name, "templateID": "code-interpreter-v1", "clientID": "here", "envdVersion": "0.4.0"}
        return JSONResponse(words | {"envdAccessToken": "x"}, status_code=201)

    async def kill(self, request: Request) -> Response:
        self.living.discard(request.path_params["name"])
        return Response(status_code=204)

    async def execute(self, request: Request) -> Response:
        body = await request.body()
        self.bodies.append(body.decode())
        return StreamingResponse(self.events(json.loads(body)["code"]), media_type="application/x-ndjson")

    async def events(self, code: str) -> AsyncIterator[bytes]:
        def event(kind: str, **rest: Any) -> bytes:
            return json.dumps({"type": kind, **rest}).encode() + b"\n"

        yield event("number_of_executions", execution_count=1)
        if self.fault == "hang":
            await asyncio.sleep(60)
        if self.fault == "cut":
            raise ConnectionError("cut")
        if self.fault == "late":
            yield event("error", name="KeyboardInterrupt", value="", traceback="")
            return
        if self.fault == "keepalives":
            for _ in range(5):
                yield event("keepalive")
        if self.fault == "flood":
            for _ in range(100):
                yield event("stdout", text="x" * 3000, timestamp=0)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=-1, stderr=-1, env={"PATH": os.environ["PATH"]}, limit=1 << 24
        )
        stdout, stderr = await process.communicate()
        for start in range(0, len(stdout), 8192):
            yield event("stdout", text=stdout[start : start + 8192].decode(), timestamp=0)
        if stderr:
            yield event("stderr", text=stderr.decode(), timestamp=0)
        yield event("end_of_execution")


@contextlib.contextmanager
def serve() -> Iterator[StandIn]:
    """Run it in a thread of its own until the block ends."""
    stand_in = StandIn()
    routes = [
        Route("/v2/sandboxes", stand_in.make, methods=["POST"]),
        Route("/sandboxes", stand_in.make, methods=["POST"]),
        Route("/sandboxes/{name}", stand_in.kill, methods=["DELETE"]),
        Route("/execute", stand_in.execute, methods=["POST"]),
    ]
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stand_in.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield stand_in
        finally:
            server.should_exit = True
            thread.join(10)
