"""The span of one model call, by OpenTelemetry's GenAI conventions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from langchain_core.messages import AIMessage, BaseMessage
from opentelemetry.trace import SpanKind

from agents.records import SeatUsage
from tools.tracing import known, span, with_content

ROLES = {"human": "user", "ai": "assistant"}


@contextmanager
def chat_span(label: str, sent: Sequence[BaseMessage]) -> Iterator[Callable[[SeatUsage, AIMessage], None]]:
    """Measure a call; what is given is called with what it came to.

    Args:
        label: The model's provider string.
        sent: What it is asked; written into the span only where the variables want content.
    """
    provider, _, model = label.partition(":")
    about = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": model,
        "gen_ai.input.messages": _written(sent) if with_content() else None,
    }
    with span(f"chat {model}", about, kind=SpanKind.CLIENT) as opened:

        def came(usage: SeatUsage, reply: AIMessage) -> None:
            details = reply.usage_metadata.get("input_token_details", {}) if reply.usage_metadata else {}
            opened.set_attributes(
                known(
                    {
                        "gen_ai.usage.input_tokens": usage.input_tokens,
                        "gen_ai.usage.output_tokens": usage.output_tokens,
                        "gen_ai.usage.cache_read.input_tokens": details.get("cache_read"),
                        "gen_ai.response.model": reply.response_metadata.get("model_name"),
                        "nanoflux.usd": usage.usd,
                        "gen_ai.output.messages": _written([reply]) if with_content() else None,
                    }
                )
            )

        yield came


def _written(messages: Sequence[BaseMessage]) -> str:
    parts = [
        {"role": ROLES.get(one.type, one.type), "parts": [{"type": "text", "content": one.text}]} for one in messages
    ]
    return json.dumps(parts, ensure_ascii=False)
