"""The scripted server's batch API: files of requests in, files of replies out, as OpenAI's has it."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from evals.mock_server.script import Script

Answer = Callable[[dict[str, Any], Mapping[str, str]], Awaitable[Response]]
"""Replies to the body and the headers of one chat call."""


class BatchApi:
    """Keeps files and batches; a batch is worked when it is first asked for after its time.

    Args:
        script: How long a batch takes at first, and what share of its requests expires.
        answer: Plays the models.
    """

    def __init__(self, script: Script, answer: Answer) -> None:
        self._script, self._answer = script, answer
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self.looks = 0
        """How often a batch was asked for."""
        self.takes_s = script.batch_s
        """How long a batch takes, from when it was made."""

    def __len__(self) -> int:
        """Return how many batches were made."""
        return len(self._batches)

    def routes(self) -> list[Route]:
        """Return what is served under `/v1`."""
        return [
            Route("/v1/files", self._upload, methods=["POST"]),
            Route("/v1/files/{name}/content", self._content),
            Route("/v1/batches", self._make, methods=["POST"]),
            Route("/v1/batches", self._list),
            Route("/v1/batches/{name}", self._look),
        ]

    async def _upload(self, http: HttpRequest) -> Response:
        async with http.form() as form:
            file = form["file"]
            content = await file.read() if not isinstance(file, str) else file.encode()
        return JSONResponse({"id": self._keep(content), "object": "file", "purpose": "batch"})

    def _keep(self, content: bytes) -> str:
        name = f"file-{len(self._files)}"
        self._files[name] = content
        return name

    async def _content(self, http: HttpRequest) -> Response:
        return Response(self._files[http.path_params["name"]])

    async def _make(self, http: HttpRequest) -> Response:
        name = f"batch_{len(self._batches)}"
        wanted = await http.json()
        self._batches[name] = {
            "id": name,
            "object": "batch",
            "status": "in_progress",
            "made": time.monotonic(),
            **wanted,
        }
        return JSONResponse(self._batches[name])

    async def _list(self, _: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": list(self._batches.values()), "has_more": False})

    async def _look(self, http: HttpRequest) -> Response:
        self.looks += 1
        batch = self._batches[http.path_params["name"]]
        if batch["status"] == "in_progress" and time.monotonic() - batch["made"] >= self.takes_s:
            batch["status"] = "finalizing"
            await self._work(batch, http.headers)
        return JSONResponse(batch)

    async def _work(self, batch: dict[str, Any], headers: Mapping[str, str]) -> None:
        done, expired = [], []
        for line in self._files[batch["input_file_id"]].decode().splitlines():
            asked = json.loads(line)
            if self._script.draw("expires", asked["custom_id"]) < self._script.batch_expires:
                error = {"code": "batch_expired", "message": "This request could not be executed in time."}
                expired.append({"custom_id": asked["custom_id"], "response": None, "error": error})
                continue
            reply = await self._answer(asked["body"], headers)
            response = {"status_code": reply.status_code, "body": json.loads(bytes(reply.body))}
            done.append({"custom_id": asked["custom_id"], "response": response, "error": None})
        for name, lines in (("output_file_id", done), ("error_file_id", expired)):
            batch[name] = self._keep("\n".join(map(json.dumps, lines)).encode()) if lines else None
        batch["status"] = "expired" if expired else "completed"
