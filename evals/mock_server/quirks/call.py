"""One chat call to a server with a quirk: what was asked, the true reply, and ways to change it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agents.records import SeatName

JsonObject = dict[str, Any]


@dataclass
class Call:
    """A call as a quirk sees it.

    Attributes:
        http: The request.
        body: Its JSON.
        seat: Who is asked.
        number: How many calls this seat has had, this one included.
        completion: The true reply, free to be changed.
        seconds: Since the quirk was first met.
    """

    http: Request
    body: JsonObject
    seat: SeatName
    number: int
    completion: JsonObject
    seconds: float

    @property
    def form(self) -> str:
        """How a reply is asked for: `schema`, `forced` (a function that returns a record), `tools` or `plain`."""
        if self.body.get("response_format"):
            return "schema"
        if self.body.get("tool_choice") not in (None, "auto"):
            return "forced"
        return "tools" if self.body.get("tools") else "plain"

    @property
    def odd(self) -> bool:
        """Whether this is the first, third, ... call of its seat."""
        return self.number % 2 == 1

    @property
    def choice(self) -> JsonObject:
        """The only choice of the true reply."""
        choice: JsonObject = self.completion["choices"][0]
        return choice

    @property
    def message(self) -> JsonObject:
        """The message of the true reply."""
        message: JsonObject = self.choice["message"]
        return message

    @property
    def functions(self) -> list[JsonObject]:
        """The functions that the true reply calls."""
        return [call["function"] for call in self.message.get("tool_calls") or []]

    def true(self) -> Response:
        """Answer as the API promises, with whatever was changed."""
        return JSONResponse(self.completion)

    def with_text(self, change: Callable[[str], str]) -> Response:
        """Answer with the text changed."""
        if self.message.get("content"):
            self.message["content"] = change(self.message["content"])
        return self.true()

    def with_record(self, change: Callable[[JsonObject], Any]) -> Response:
        """Answer with the record changed, where the text is one."""

        def changed(text: str) -> str:
            try:
                record = json.loads(text)
            except ValueError:
                return text
            return json.dumps(change(record))

        return self.with_text(changed)

    def with_arguments(self, change: Callable[[str], Any]) -> Response:
        """Answer with the arguments of each tool call changed."""
        for function in self.functions:
            function["arguments"] = change(function["arguments"])
        return self.true()

    def copy(self) -> JsonObject:
        """Return the true reply once more."""
        return copy.deepcopy(self.completion)


def refuse(
    status: int, words: str, *, code: Any = None, param: str | None = None, headers: dict[str, str] | None = None
) -> Response:
    """Answer with an error in the API's form."""
    error = {"message": words, "type": "invalid_request_error", "param": param, "code": code}
    return JSONResponse({"error": error}, status, headers)
