"""A seat: one model in one of the three roles, asked for records and remembered in a journal.

Why the reply is parsed here and not by the client library: with the library's own parsing a reply cut short or
malformed raises, and the usage of a call that was paid for is lost. Here usage is journalled first, then the
text is validated, then the model is asked again with what was wrong.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, message_to_dict, messages_from_dict
from pydantic import ValidationError

from agents.errors import CallFailed, NanoFluxError, Refused, Unreadable
from agents.models.rate_limiter import RateLimiter
from agents.models.strict_schema import Caps, strict_schema
from agents.records import Record, SeatName, SeatUsage, describe
from prompts.render import fence, render

Price = Callable[[int, int, int], float | None]
"""Dollars for (input tokens, output tokens, input tokens out of the server's cache), None where unknown."""
Mode = Literal["json_schema", "tool", "prompt"]
R = TypeVar("R", bound=Record)


@dataclass
class CallCost:
    """What an admitted call came to; None while nobody knows."""

    usage: SeatUsage | None = None


class Journal(Protocol):
    """Remembers finished calls of one candidate, so that none is paid for twice, and says whether one may start."""

    @property
    def closing(self) -> asyncio.Event | None:
        """Set once no call may start any more, so that nobody waits for a turn; None where that never comes."""
        ...

    async def recall(self, key: str) -> dict[str, Any] | None:
        """Return the reply recorded under this key, or None."""
        ...

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        """Hold the worst case of a call while it is made; raises `NotAdmitted` where none may start."""
        ...

    async def record(self, key: str, seat: SeatName, usage: SeatUsage, reply: dict[str, Any]) -> None:
        """Write the reply down before anything acts on it."""
        ...


@dataclass(eq=False)
class Seat:
    """A model, the way to it, and the forms of structured output that its server still takes."""

    name: SeatName
    """The role it plays."""
    label: str
    """The provider string, as the user wrote it."""
    model: BaseChatModel
    limiter: RateLimiter
    """The way to its server."""
    modes: list[Mode]
    """Forms of structured output to try, best first; a refused one is not tried again."""
    price: Price
    translate: Callable[[Exception, bool], NanoFluxError | None]
    """Turns a vendor's exception into ours, or returns None for one that is not its own; told whether the seat has
    ever answered, since what it forbids then is one request and not all."""
    timeout_s: float
    """Seconds after which a call is given up as hung."""
    max_output: int
    """Most tokens of one reply, as the server was told."""
    caps: Caps | None = None
    """Bounds for a small model's structured output, None for none."""
    answered: bool = False
    """Whether a call has succeeded."""
    takes_tools: bool = True
    """Whether the server takes tools that the model may call."""

    async def say(
        self,
        messages: Sequence[BaseMessage],
        journal: Journal,
        *,
        tools: Sequence[dict[str, Any]] = (),
        sample: int = 0,
    ) -> AIMessage:
        """Let the model speak freely, with tools it may call; where its server takes no tools, without."""
        key = self._key(messages, "say", list(tools), sample)
        if tools and self.takes_tools:
            try:
                return await self._call(self.model.bind_tools(list(tools)), messages, journal, key)
            except Refused:
                reply = await self._call(self.model, messages, journal, key)
                self.takes_tools = False  # the request without them went through
                return reply
        return await self._call(self.model, messages, journal, key)

    async def ask(
        self,
        messages: Sequence[BaseMessage],
        record: type[R],
        journal: Journal,
        *,
        sample: int = 0,
        parse_retries: int = 2,
    ) -> R:
        """Ask for a record; a reply that does not validate is asked for again with the reason.

        Args:
            messages: The conversation so far.
            record: What to return; its class name is the schema's title.
            journal: Where finished calls of this candidate are written.
            sample: Tells apart independent answers to the same messages.
            parse_retries: How often to ask again.

        Raises:
            Unreadable: No reply validated.
            CallFailed, SeatFault: The call itself failed.
        """
        conversation = list(messages)
        problem = ""
        for _ in range(parse_retries + 1):
            text = _json_text(await self._structured(conversation, record, journal, sample))
            try:
                return record.model_validate_json(text)
            except ValidationError as error:
                problem = describe(error)
            schema = json.dumps(strict_schema(record, self.caps))
            complaint = render("parse_retry", problem=fence("problem", problem), schema=schema)
            conversation += [AIMessage(text or "(no content)"), HumanMessage(complaint)]
        raise Unreadable(f"the {self.name} ({self.label}) returned no valid {record.__name__}: {problem}")

    async def _structured(
        self, messages: Sequence[BaseMessage], record: type[Record], journal: Journal, sample: int
    ) -> AIMessage:
        """Ask in the best form that the server takes; a form is dropped only once another one has worked."""
        key = self._key(messages, record.__name__, sample)  # a reply counts, in whichever form it was asked for
        refusal: Refused | None = None
        for mode in list(self.modes):
            model, asked = _bind(self.model, mode, record.__name__, strict_schema(record, self.caps), messages)
            try:
                reply = await self._call(model, asked, journal, key)
            except Refused as error:
                refusal = error
                continue
            self.modes = self.modes[self.modes.index(mode) :] if mode in self.modes else self.modes
            return reply
        raise refusal or AssertionError("a seat has at least one mode")

    def _key(self, messages: Sequence[BaseMessage], *salt: Any) -> str:
        """Name a request; equal ones of a candidate are made once."""
        text = json.dumps([self.name, self.label, salt, _content(messages)])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    async def _call(self, model: Any, messages: Sequence[BaseMessage], journal: Journal, key: str) -> AIMessage:
        entry = await journal.recall(key)
        if entry is None:
            worst = self._worst(_content(messages), getattr(model, "kwargs", {}))

            async def attempt() -> tuple[dict[str, Any], SeatUsage]:
                async with journal.admit(worst) as cost:
                    reply = await self._invoke(model, messages)
                    usage, told = self._usage(reply) or worst, _storable(message_to_dict(reply))
                    await journal.record(key, self.name, usage, told)
                    cost.usage = usage  # not before: a reply that is not on disk is one whose end nobody saw
                return told, usage

            entry, _ = await self.limiter.call(attempt, lambda made: made[1].output_tokens, journal.closing)
        message = messages_from_dict([cast(dict[str, Any], entry)])[0]
        if not isinstance(message, AIMessage):
            raise TypeError(f"journal entry {key} is a {message.type} message, not the model's")
        return message

    async def _invoke(self, model: Any, messages: Sequence[BaseMessage]) -> AIMessage:
        try:
            async with asyncio.timeout(self.timeout_s):
                reply: AIMessage = await model.ainvoke(list(messages))
                self.answered = True
                return reply
        except TimeoutError as error:
            told = f"the {self.name} ({self.label}) gave no reply in {self.timeout_s:g} s"
            raise CallFailed(told, hung=True) from error
        except Exception as error:  # each vendor has a tree of its own; what is in none of them goes on as it is
            ours = self.translate(error, self.answered)
            if ours is None:
                raise
            raise ours from error

    def _usage(self, reply: AIMessage) -> SeatUsage | None:
        """Return what the server reported, or None where it reports nothing."""
        if not (usage := reply.usage_metadata):
            return None
        tokens = (usage["input_tokens"], usage["output_tokens"])
        cached = min(usage.get("input_token_details", {}).get("cache_read", 0), tokens[0])
        return SeatUsage(calls=1, input_tokens=tokens[0], output_tokens=tokens[1], usd=self.price(*tokens, cached))

    def _worst(self, content: list[Any], options: dict[str, Any]) -> SeatUsage:
        """Bound what a call can cost: no tokeniser makes more tokens than there are bytes."""
        sent = len(json.dumps([content, options], default=str)) + 32 * len(content)
        return SeatUsage(
            calls=1, input_tokens=sent, output_tokens=self.max_output, usd=self.price(sent, self.max_output, 0)
        )


def _content(messages: Sequence[BaseMessage]) -> list[Any]:
    return [[message.type, message.content, getattr(message, "tool_calls", None)] for message in messages]


def _bind(
    model: BaseChatModel, mode: Mode, name: str, schema: dict[str, Any], messages: Sequence[BaseMessage]
) -> tuple[Any, list[BaseMessage]]:
    """Prepare model and messages for one form of structured output."""
    asked = list(messages)
    if mode == "json_schema":
        # Through extra_body, since a response_format of its own makes the client parse, and raise, by itself.
        form = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}}
        return model.bind(extra_body={"response_format": form}), asked
    if mode == "tool":
        function = {"name": name, "description": schema.get("description", name), "parameters": schema}
        return model.bind_tools([{"type": "function", "function": function}], tool_choice=name), asked
    asked.append(HumanMessage(render("json_only", schema=json.dumps(schema))))
    return model, asked


def _storable(reply: dict[str, Any]) -> dict[str, Any]:
    """Put question marks where a reply has halves of characters, which JSON can say and no file can hold."""
    text = json.dumps(reply, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        mended: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
        return mended
    return reply


def _json_text(reply: AIMessage) -> str:
    """Return the JSON of a reply, whichever form it came in."""
    if reply.tool_calls:
        return json.dumps(reply.tool_calls[0]["args"])
    if reply.invalid_tool_calls:
        return reply.invalid_tool_calls[0]["args"] or ""
    text = reply.text.strip()
    braces = re.search(r"\{.*\}", text, re.DOTALL)
    return braces[0] if braces else text
