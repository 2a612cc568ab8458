"""The live clients that the nodes work with: models, sandbox, novelty gate; opened once, shared by all candidates.

Clients are never in the graph's state: nodes ask the resources for what their settings name, and it opens each
thing on first use. The command line owns one for a run; under a LangGraph server one lives as long as the loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from weakref import WeakKeyDictionary

from agents.models.forms.dialect import Dialect
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.seat import Seat
from agents.models.spec import SeatSpec
from agents.records import SEATS, SeatName
from graph.setting_values import split
from graph.settings import Settings
from graph.storage.journal import Admission
from prompts.domain import Domain, load_domain
from tools.files.lines import RowFileError
from tools.novelty.audit import benchmark_names, read_items
from tools.novelty.port import Novelty, NoveltyError, NoveltyItem
from tools.novelty.registry import open_novelty
from tools.sandbox.port import Sandbox
from tools.sandbox.registry import open_sandbox
from tools.tracing import start_tracing

T = TypeVar("T")


class Resources:
    """Opens each client once and closes them all at the end; an async context manager."""

    def __init__(self) -> None:
        self._stack = AsyncExitStack()
        self._clients: dict[object, asyncio.Task[Any]] = {}
        self._domains: dict[str, Domain] = {}
        self._limiters: dict[object, RateLimiter] = {}
        self._dialects: dict[object, Dialect] = {}
        self._benchmarks: dict[Path, list[NoveltyItem]] = {}
        self.ledgers: dict[Path, Admission] = {}
        """By run folder; a campaign puts its own here while it goes. A candidate without a campaign has no cap."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*self._clients.values(), return_exceptions=True)  # what is half open could not be closed
        self._clients.clear()
        await self._stack.aclose()

    async def seat(self, settings: Settings, name: SeatName, index: int) -> Seat:
        """Open the model that plays this role for this candidate."""
        spec = seat_specs(settings, index)[name]
        limiter = self._limiters.setdefault(
            spec.endpoint,
            RateLimiter(spec.model, retries=settings.max_retries, patience_s=60 * settings.outage_minutes),
        )
        dialect = self._dialects.setdefault(spec.endpoint, Dialect())
        return await self._open(spec, lambda: open_seat(spec, limiter, dialect))

    def dialects(self, settings: Settings) -> dict[str, Dialect]:
        """Return what the servers of all seats take, by model and address."""
        specs = [spec for index in (0, 1) for spec in seat_specs(settings, index).values()]
        return {
            f"{spec.model} at {spec.base_url or 'its own server'}": self._dialects.setdefault(spec.endpoint, Dialect())
            for spec in specs
        }

    async def sandbox(self, settings: Settings) -> Sandbox:
        """Open the sandbox."""
        key = ("sandbox", settings.sandbox, settings.limits)
        cores = os.cpu_count() or 1
        return await self._open(key, lambda: open_sandbox(settings.sandbox, limits=settings.limits, concurrency=cores))

    async def novelty(self, settings: Settings) -> Novelty:
        """Open the novelty store, in the run's folder or on a server, with the benchmarks it protects."""
        knobs = dict(gate_knobs(settings), threads=None, protect=settings.protect)  # threads change no verdict
        return await self._open(("novelty", tuple(knobs.items())), lambda: self._open_gate(settings))

    @asynccontextmanager
    async def _open_gate(self, settings: Settings) -> AsyncIterator[Novelty]:
        async with open_novelty(settings.novelty_store, **dict(gate_knobs(settings))) as gate:
            for name, items in (await self.protected(settings)).items():
                await gate.protect(name, items)
            yield gate

    async def protected(self, settings: Settings) -> dict[str, list[NoveltyItem]]:
        """Read the benchmarks whose items no question may be near, by name."""
        files = [Path(name) for name in split(settings.protect)]
        for file in files:
            if file not in self._benchmarks:
                try:
                    self._benchmarks[file] = await asyncio.to_thread(read_items, file)
                except (NoveltyError, RowFileError) as error:
                    raise NoveltyError(f"--protect: {error}") from error
        return {name: self._benchmarks[file] for file, name in benchmark_names(files).items()}

    async def domain(self, name: str) -> Domain:
        """Read a domain pack."""
        if name not in self._domains:
            self._domains[name] = await asyncio.to_thread(load_domain, name)
        return self._domains[name]

    async def _open(self, key: object, opener: Callable[[], AbstractAsyncContextManager[T]]) -> T:
        """Open once per key, also when several candidates ask at the same time; a failed opening is not kept."""
        if key not in self._clients:
            self._clients[key] = asyncio.ensure_future(self._stack.enter_async_context(opener()))
        task = self._clients[key]
        try:
            client: T = await asyncio.shield(task)
        except BaseException:
            if task.done():
                self._clients.pop(key, None)
            raise
        return client


def seat_specs(settings: Settings, index: int) -> dict[SeatName, SeatSpec]:
    """Say which model plays which role; with `alternate`, odd candidates swap attacker and defender."""
    return _seat_specs(settings, swapped=settings.alternate and index % 2 == 1)


@lru_cache
def _seat_specs(settings: Settings, *, swapped: bool) -> dict[SeatName, SeatSpec]:
    swap: dict[SeatName, SeatName] = {"attacker": "defender", "defender": "attacker", "judge": "judge"}
    specs: dict[SeatName, SeatSpec] = {}
    for name in SEATS:
        player = swap[name] if swapped else name
        specs[name] = SeatSpec(
            name=name,
            model=getattr(settings, player),
            base_url=getattr(settings, f"{player}_base_url"),
            key_env=settings.key_env(player),
            timeout_s=settings.call_timeout_s,
            max_output=settings.max_output_tokens,
            prices=settings.price_table,
            seed=settings.seed,
            batch=settings.batch and name != "judge",
            batch_collect_s=settings.batch_collect_s,
        )
    return specs


def gate_knobs(settings: Settings, *, temporary: bool = False) -> tuple[tuple[str, Any], ...]:
    """Return the knobs of the novelty store, as `open_novelty` takes them; a temporary one forgets at its end."""
    knobs: dict[str, Any] = {
        "embedder": settings.embedder,
        "threads": settings.embedder_threads,
        "strict": settings.novelty_strict,
    }
    if settings.novelty_store != "edge":
        knobs["api_key"] = os.environ.get("QDRANT_API_KEY")
    elif not temporary:
        knobs["path"] = settings.folder / "novelty"
    return tuple(knobs.items())


ResourcesSource = Callable[[], Awaitable[Resources]]
"""Where a graph's nodes get their resources."""

_shared: WeakKeyDictionary[asyncio.AbstractEventLoop, Resources] = WeakKeyDictionary()


async def shared_resources() -> Resources:
    """Return the resources of the running loop, for graphs that a server runs; it lives as long as the loop."""
    start_tracing()
    return _shared.setdefault(asyncio.get_running_loop(), Resources())
