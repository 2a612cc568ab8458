"""Open the model behind each seat.

A seat is named by a provider string of LangChain's `init_chat_model` (`openai:gpt-5-mini`, `anthropic:...`), or by
a row of `OFFLINE_MODELS` (`offline:attacker`). Adding a provider that LangChain knows needs no code.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import openai
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from agents.errors import SetupError
from agents.models.failures import translate
from agents.models.forms.dialect import Dialect, Mode
from agents.models.forms.strict_schema import Caps
from agents.models.listing import MOST_OUTPUT, Listing, read_listing
from agents.models.local_server import open_smollm2
from agents.models.rate_limiter import RateLimiter
from agents.models.seat import Seat
from agents.models.spec import SeatSpec
from agents.models.transport.batches import Batches
from agents.models.transport.http_client import TolerantClient
from agents.offline.attacker import OfflineAttacker
from agents.offline.judge import OfflineJudge
from agents.records import SeatName


@asynccontextmanager
async def _open_attacker(_: SeatSpec) -> AsyncIterator[BaseChatModel]:
    yield OfflineAttacker()


@asynccontextmanager
async def _open_judge(_: SeatSpec) -> AsyncIterator[BaseChatModel]:
    yield OfflineJudge()


@asynccontextmanager
async def _open_smollm2(spec: SeatSpec) -> AsyncIterator[BaseChatModel]:
    async with open_smollm2() as server:
        sampling: dict[str, Any] = {"temperature": 0.3, "seed": spec.seed, "max_tokens": SMOLLM2_OUTPUT}
        local = spec.model_copy(update={"base_url": server.base_url})
        name = "openai:SmolLM2-135M-Instruct"
        async with _open_chat_model(local, name, server.api_key, sampling, TolerantClient(Dialect())) as model:
            yield model


SMOLLM2_OUTPUT = 200
"""Few answers in prose that end by themselves are longer; the others repeat themselves (docs/curriculum.md)."""
SMOLLM2_CAPS = Caps(items=3, characters=80)
"""Of an answer as a record: left to itself this model fills any list that it is given until its tokens run out."""

OFFLINE_MODELS: dict[str, tuple[SeatName, Callable[[SeatSpec], AbstractAsyncContextManager[BaseChatModel]]]] = {
    "offline:attacker": ("attacker", _open_attacker),
    "offline:judge": ("judge", _open_judge),
    "offline:smollm2": ("defender", _open_smollm2),
}
"""Models that need no key and no network, each with the one role it can play."""


@asynccontextmanager
async def open_seat(spec: SeatSpec, limiter: RateLimiter, dialect: Dialect | None = None) -> AsyncIterator[Seat]:
    """Open one seat and make sure that it answers.

    Args:
        spec: Which model, where.
        limiter: The way to it; see `SeatSpec.endpoint` for who shares one.
        dialect: What its server takes, shared likewise; learned anew where none is given.

    Raises:
        SetupError: The provider string, the key or the server is not as it should be; the message says which.
    """
    if spec.model.startswith("offline:"):
        if spec.model not in OFFLINE_MODELS:
            raise SetupError(f"unknown model {spec.model!r} for {spec.name}; offline: {', '.join(OFFLINE_MODELS)}")
        role, opener = OFFLINE_MODELS[spec.model]
        if role != spec.name:
            raise SetupError(f"{spec.model} plays the {role} only; choose another model for {spec.name}")
        small = role == "defender"
        async with opener(spec) as model:
            yield Seat(
                spec.name, spec.model, model, limiter=limiter, modes=["json_schema"], timeout_s=spec.timeout_s,
                max_output=SMOLLM2_OUTPUT if small else spec.max_output or MOST_OUTPUT, price=lambda *_: 0.0,
                translate=partial(translate, spec), caps=SMOLLM2_CAPS if small else None,
            )  # fmt: skip
        return
    if spec.model.endswith(":"):
        raise SetupError(f"{spec.name}: {spec.model!r} names no model; write it as provider:name")
    dialect = dialect or Dialect()
    listing = Listing()
    batches = Batches(spec.batch_collect_s) if spec.batch and spec.model.startswith("openai:") else None
    async with _open_chat_model(spec, spec.model, _key(spec), {}, TolerantClient(dialect, batches)) as model:
        modes: list[Mode] = ["tool", "prompt"]
        if spec.model.startswith("openai:"):
            modes = ["json_schema", *modes]
            listing = await _greet(spec, model)
        doubts = listing.doubts(spec.name, spec.model.partition(":")[2], spec.max_output)
        if spec.batch and not (batches and await _takes_batches(model)):
            doubts.append(f"the {spec.name}'s server takes no batches: --batch changes nothing for it")
            batches = None
        bound = spec.max_output or listing.output_bound
        yield Seat(
            spec.name, spec.model, _bounded(model, bound), limiter=limiter, modes=modes, timeout_s=spec.timeout_s,
            max_output=bound, price=_price(spec), dialect=dialect,
            translate=partial(translate, spec.model_copy(update={"max_output": bound})),
            doubts=doubts, batches=batches,
        )  # fmt: skip


NO_KEY = "none"
"""A server of one's own usually wants no key, but the client insists on one."""


def _key(spec: SeatSpec) -> str | None:
    """Read the key from the variable that the seat names, else from the provider's own."""
    if spec.key_env == "":
        return NO_KEY
    if spec.key_env is not None:
        key = os.environ.get(spec.key_env)
        if not key:
            raise SetupError(
                f"{spec.name}: the variable {spec.key_env} is not set; put the API key of {spec.model} in it"
            )
        return key
    if not spec.model.startswith("openai:"):
        return None  # the provider's own package reads its own variable
    key = os.environ.get("OPENAI_API_KEY")
    if key:
        return key
    if spec.base_url or os.environ.get("OPENAI_BASE_URL"):
        return NO_KEY
    raise SetupError(
        f"{spec.name}: {spec.model} needs a key: set OPENAI_API_KEY, or name a variable with --{spec.name}-key-env"
    )


@asynccontextmanager
async def _open_chat_model(
    spec: SeatSpec, model: str, key: str | None, options: dict[str, Any], client: TolerantClient
) -> AsyncIterator[BaseChatModel]:
    """Open a model of LangChain's; its client for OpenAI would outlive the event loop, so that one is ours."""
    async with AsyncExitStack() as stack:
        if model.startswith("openai:"):
            options = {**options, "http_async_client": await stack.enter_async_context(client)}
        yield await asyncio.to_thread(_chat_model, spec, model, key, options)


def _chat_model(spec: SeatSpec, model: str, key: str | None, extra: dict[str, Any]) -> BaseChatModel:
    # The rate limiter retries, and nobody else.
    options: dict[str, Any] = {
        "timeout": spec.timeout_s,
        "max_retries": 0,
        "max_tokens": spec.max_output or MOST_OUTPUT,
        **extra,
    }
    if key is not None:
        options["api_key"] = SecretStr(key)
    if spec.base_url is not None:
        options["base_url"] = spec.base_url
    form = "write it as provider:name, such as openai:gpt-5-mini"
    try:
        opened = init_chat_model(model, **options)
    except ImportError as error:
        raise SetupError(f"{spec.name}: {model!r} needs another package: {error}") from error
    except (ValueError, openai.OpenAIError) as error:
        if "model provider" in str(error):  # LangChain's advice is to set a parameter that no user of ours has
            raise SetupError(f"{spec.name}: {model!r} names no provider that LangChain knows; {form}") from error
        raise SetupError(f"{spec.name}: cannot open {model!r}: {str(error).splitlines()[0]}; {form}") from error
    if not isinstance(opened, BaseChatModel):
        raise SetupError(f"{spec.name}: {model!r} names no model; {form}")
    return opened


def _bounded(model: BaseChatModel, tokens: int) -> BaseChatModel:
    """Bound a model's replies by what its server turned out to hold."""
    same = getattr(model, "max_tokens", tokens) == tokens
    return model if same else model.model_copy(update={"max_tokens": tokens})


async def _greet(spec: SeatSpec, model: Any) -> Listing:
    """Read what the server lists: an absent server or a bad key shows before anything is written."""
    client: openai.AsyncOpenAI = model.root_async_client.with_options(timeout=10.0, max_retries=1)
    where = str(client.base_url)
    try:
        return await read_listing(client, spec.model.partition(":")[2])
    except openai.AuthenticationError as error:
        if spec.key_env == "":
            raise SetupError(f"{spec.name}: {where} wants a key, and none may be sent to this server") from error
        raise SetupError(
            f"{spec.name}: {where} refused the key ({error.status_code}); check {spec.key_env or 'OPENAI_API_KEY'}, or "
            f"name the key's variable with --{spec.name}-key-env"
        ) from error
    except openai.APIConnectionError as error:
        raise SetupError(
            f"{spec.name}: cannot reach {where}; is the server running, is the base URL (--{spec.name}-base-url) right?"
        ) from error


async def _takes_batches(model: Any) -> bool:
    """Whether the server lists batches; nothing is sent to one that does not."""
    client: openai.AsyncOpenAI = model.root_async_client.with_options(timeout=10.0, max_retries=1)
    try:
        await client.batches.list(limit=1)
    except (openai.OpenAIError, ValueError):
        return False
    return True


def _price(spec: SeatSpec) -> Callable[[int, int, int], float | None]:
    """Return a pricing function; a server of one's own has no known price."""
    provider, _, name = spec.model.partition(":")
    own = spec.base_url or (provider == "openai" and os.environ.get("OPENAI_BASE_URL"))
    stated = {price.model: price for price in spec.prices}.get(spec.model)

    def price(input_tokens: int, output_tokens: int, cached: int) -> float | None:
        if stated:
            fresh = input_tokens - cached
            return (fresh * stated.input + cached * stated.cached + output_tokens * stated.output) / 1e6
        if own:
            return None
        from genai_prices import Usage, calc_price  # noqa: PLC0415  # loads a large table, only when paying

        try:
            usage = Usage(input_tokens=input_tokens, cache_read_tokens=cached, output_tokens=output_tokens)
            return float(calc_price(usage, model_ref=name, provider_id=provider).total_price)
        except LookupError:
            return None

    return price
