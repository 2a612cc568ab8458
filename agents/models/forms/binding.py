"""The forms in which a model is asked for a record, and where the record's text is in its reply."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agents.models.forms.dialect import Mode
from prompts.render import render


def bind(
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


def record_text(reply: AIMessage) -> str:
    """Return the text that holds the record, whichever form it came in."""
    if reply.tool_calls:
        return json.dumps(reply.tool_calls[0]["args"])
    if reply.invalid_tool_calls:
        return reply.invalid_tool_calls[0]["args"] or ""
    return reply.text.strip()


def content_of(messages: Sequence[BaseMessage]) -> list[Any]:
    """Return what names a conversation: who says what, and which tools are called."""
    return [[message.type, message.content, getattr(message, "tool_calls", None)] for message in messages]


def storable(reply: dict[str, Any]) -> dict[str, Any]:
    """Put question marks where a reply has halves of characters, which JSON can say and no file can hold."""
    text = json.dumps(reply, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError:
        mended: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
        return mended
    return reply
