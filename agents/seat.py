"""A seat: one model in one of the three roles, asked for records and remembered in a journal.

Why the reply is parsed here and not by the client library: with the library's own parsing a reply cut short or
malformed raises, and the usage of a call that was paid for is lost. Here usage is journalled first, then the
text is validated, then the model is asked again with what was wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, message_to_dict, messages_from_dict
from pydantic import ValidationError

from agents.errors import NanoFluxError, Refused, Unreadable
from agents.schema import Caps, Record, SeatName, SeatUsage, wire_schema
from prompts.render import fence, render

Mode = Literal["json_schema", "tool", "prompt"]
R = TypeVar("R", bound=Record)


class Journal(Protocol):
    """Remembers finished calls of one candidate, so that none is paid for twice."""

    async def recall(self, key: str) -> dict[str, Any] | None:
        """Return the reply recorded under this key, or None."""
        ...

    async def record(self, key: str, seat: SeatName, usage: SeatUsage, reply: dict[str, Any]) -> None:
        """Write the reply down before anything acts on it."""
        ...


class Seat:
    """A model, its label, and the forms of structured output that its server still takes.

    Args:
        name: The role it plays.
        label: The provider string, as the user wrote it.
        model: Any LangChain chat model.
        modes: Forms of structured output to try, best first; a refused one is not tried again.
        price: Dollars for (input tokens, output tokens), None where unknown.
        caps: Bounds for a small model's structured output, None for none.
        translate: Turns a vendor's exception into ours, or returns None for one that is not its own.
    """

    def __init__(
        self,
        name: SeatName,
        label: str,
        model: BaseChatModel,
        *,
        modes: Sequence[Mode],
        price: Callable[[int, int], float | None],
        translate: Callable[[Exception], NanoFluxError | None],
        caps: Caps | None = None,
    ) -> None:
        self.name = name
        self.label = label
        self.model = model
        self.modes = list(modes)
        self.price = price
        self.translate = translate
        self.caps = caps

    async def say(
        self, messages: Sequence[BaseMessage], journal: Journal, *, tools: Sequence[dict[str, Any]] = ()
    ) -> AIMessage:
        """Let the model speak freely, with tools it may call."""
        model = self.model.bind_tools(list(tools)) if tools else self.model
        return await self._call(model, messages, journal, salt=["say", list(tools)])

    async def ask(
        self, messages: Sequence[BaseMessage], record: type[R], journal: Journal, *, sample: int = 0, reasks: int = 2
    ) -> R:
        """Ask for a record; a reply that does not validate is asked for again with the reason.

        Args:
            messages: The conversation so far.
            record: What to return; its class name is the schema's title.
            journal: Where finished calls of this candidate are written.
            sample: Tells apart independent answers to the same messages.
            reasks: How often to ask again.

        Raises:
            Unreadable: No reply validated.
            CallFailed, SeatFault: The call itself failed.
        """
        conversation = list(messages)
        problem = ""
        for _ in range(reasks + 1):
            text = _json_text(await self._structured(conversation, record, journal, sample))
            try:
                return record.model_validate_json(text)
            except ValidationError as error:
                problem = describe(error)
            schema = json.dumps(wire_schema(record, self.caps))
            complaint = render("reask", problem=fence("problem", problem), schema=schema)
            conversation += [AIMessage(text or "(no content)"), HumanMessage(complaint)]
        raise Unreadable(f"the {self.name} ({self.label}) returned no valid {record.__name__}: {problem}")

    async def _structured(
        self, messages: Sequence[BaseMessage], record: type[Record], journal: Journal, sample: int
    ) -> AIMessage:
        """Ask in the best form that the server takes; a form is dropped only once another one has worked."""
        refusal: Refused | None = None
        for mode in list(self.modes):
            model, asked = _bind(self.model, mode, record.__name__, wire_schema(record, self.caps), messages)
            try:
                reply = await self._call(model, asked, journal, salt=[mode, record.__name__, sample])
            except Refused as error:
                refusal = error
                continue
            self.modes = self.modes[self.modes.index(mode) :] if mode in self.modes else self.modes
            return reply
        raise refusal or AssertionError("a seat has at least one mode")

    async def _call(self, model: Any, messages: Sequence[BaseMessage], journal: Journal, salt: list[Any]) -> AIMessage:
        content = [[message.type, message.content, getattr(message, "tool_calls", None)] for message in messages]
        key = hashlib.sha256(json.dumps([self.name, self.label, salt, content]).encode()).hexdigest()[:32]
        known = await journal.recall(key)
        if known is None:
            try:
                reply: AIMessage = await model.ainvoke(list(messages))
            except Exception as error:
                ours = self.translate(error)
                if ours is None:
                    raise
                raise ours from error
            known = message_to_dict(reply)
            await journal.record(key, self.name, self._usage(reply), known)
        message = messages_from_dict([known])[0]
        if not isinstance(message, AIMessage):
            raise TypeError(f"journal entry {key} is a {message.type} message, not the model's")
        return message

    def _usage(self, reply: AIMessage) -> SeatUsage:
        usage = reply.usage_metadata
        tokens = (usage["input_tokens"], usage["output_tokens"]) if usage else (0, 0)
        return SeatUsage(calls=1, input_tokens=tokens[0], output_tokens=tokens[1], usd=self.price(*tokens))


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


def _json_text(reply: AIMessage) -> str:
    """Return the JSON of a reply, whichever form it came in."""
    if reply.tool_calls:
        return json.dumps(reply.tool_calls[0]["args"])
    if reply.invalid_tool_calls:
        return reply.invalid_tool_calls[0]["args"] or ""
    text = reply.text.strip()
    braces = re.search(r"\{.*\}", text, re.DOTALL)
    return braces[0] if braces else text


def describe(error: ValidationError) -> str:
    """Say in one line what did not validate, without the library's links."""
    faults = [f"{'.'.join(str(part) for part in fault['loc']) or 'reply'}: {fault['msg']}" for fault in error.errors()]
    return "; ".join(faults[:5])
