"""What a server says of itself before anything is asked of it: its models, and how long their context is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import httpx2
import openai

CONTEXT_NAMES = ("max_model_len", "context_length", "max_context_length", "context_window")
"""What vLLM, OpenRouter, LM Studio and others call a model's context in their listing."""
MOST_OUTPUT = 16_384
"""Tokens of one reply at most, where a server says nothing of a shorter context."""
PROPERTIES_WAIT_S = 3.0


@dataclass(frozen=True)
class Listing:
    """What a server lists.

    Attributes:
        models: Their names; empty where it lists none.
        context: Tokens that the asked model's context holds, None where nobody says.
    """

    models: tuple[str, ...] = ()
    context: int | None = None

    @property
    def output_bound(self) -> int:
        """Tokens of one reply that leave half of the context to what is asked."""
        return min(MOST_OUTPUT, self.context // 2) if self.context else MOST_OUTPUT

    def doubts(self, seat: str, model: str, asked_output: int | None) -> list[str]:
        """Say what may be wrong with a seat's settings.

        Args:
            seat: Its role, as its flag is called.
            model: The model's name, as the server takes it.
            asked_output: The user's own `--max-output-tokens`.
        """
        doubts = []
        if self.models and model not in self.models:
            near = get_close_matches(model, self.models, n=3, cutoff=0.4) or self.models[:3]
            doubts.append(f"the {seat}'s server does not list {model!r}; it lists {', '.join(near)} (--{seat})")
        if self.context and asked_output and asked_output >= self.context:
            doubts.append(
                f"the {seat}'s server has a context of {self.context} tokens: --max-output-tokens {asked_output} "
                "leaves nothing to the question; leave the flag out, or give less than half of it"
            )
        return doubts


async def read_listing(client: openai.AsyncOpenAI, model: str) -> Listing:
    """Ask a server for its models, and for the context of one.

    Raises:
        openai.AuthenticationError: It refused the key. A key that may chat and not list is refused with 403.
        openai.APIConnectionError: It cannot be reached.
    """
    try:
        page = await client.models.list()
        listed = {entry.id: entry.to_dict() for entry in page.data}
    except openai.AuthenticationError:
        raise
    except openai.APIConnectionError as error:
        if not isinstance(error.__cause__, httpx2.DecodingError):
            raise
        listed = {}
    except (openai.OpenAIError, ValueError, TypeError, AttributeError):
        listed = {}  # some servers list no models, or in a shape of their own, and still answer
    entry = listed.get(model) or (next(iter(listed.values())) if len(listed) == 1 else {})
    context = next(filter(None, (_count(entry.get(name)) for name in CONTEXT_NAMES)), None)
    return Listing(tuple(listed), context or await _context_of_llama_cpp(client, listed))


async def _context_of_llama_cpp(client: openai.AsyncOpenAI, listed: Mapping[str, Mapping[str, Any]]) -> int | None:
    """Read how llama.cpp's server was started: it lists the context that a model was trained for, not its own."""
    if not any("llamacpp" in str(entry.get("owned_by")) or "meta" in entry for entry in listed.values()):
        return None
    root = client.with_options(base_url=str(client.base_url).removesuffix("/").removesuffix("/v1"))
    try:
        properties = await root.with_options(timeout=PROPERTIES_WAIT_S, max_retries=0).get("/props", cast_to=object)
    except openai.OpenAIError:
        return None
    settings = properties.get("default_generation_settings") if isinstance(properties, dict) else None
    return _count(settings.get("n_ctx")) if isinstance(settings, dict) else None


def _count(value: Any) -> int | None:
    """Return a count of tokens that can be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**8 else None
