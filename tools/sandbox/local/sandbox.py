"""The local sandbox of Linux: two tiers, each proven by hostile probes before it takes a program.

`namespace` is bubblewrap with namespaces of its own for every program, Landlock, seccomp and limits; `landlock` does
without namespaces, for machines that forbid them. Both fork programs from a warm interpreter. Nothing falls back to
less than was proven: where no tier works, no program runs.
"""

from __future__ import annotations

import asyncio
from typing import Self

from tools.sandbox.local.box import Tier, plan
from tools.sandbox.local.pool import Pool
from tools.sandbox.local.probes import prove
from tools.sandbox.outcome import too_long, unavailable
from tools.sandbox.port import Execution, Guarantees, Limits, SandboxError

SPARE_SLOTS = 1
"""Prepared beyond the concurrency, so that a program need not wait for the place that another just left."""
SCRATCH_MB = 16


class LocalSandbox:
    """Programs in one tier, once that has proven itself on this machine."""

    def __init__(self, tier: Tier, limits: Limits, concurrency: int) -> None:
        self.name: Tier = tier
        self._limits, self._concurrency = limits, concurrency
        self._turns = asyncio.Semaphore(concurrency)
        self._starting = asyncio.Lock()
        self._pool: Pool | None = None

    async def __aenter__(self) -> Self:
        self._pool = await self._start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in a process of its own, forked ahead and closed in before the program came."""
        limits = limits or self._limits
        refusal = too_long(code, limits, self.name)
        if refusal is not None:
            return refusal
        async with self._turns:
            try:
                pool = await self._living()
            except SandboxError as error:
                return unavailable(code, self.name, str(error))
            return await pool.run(code, limits)

    def guarantees(self) -> Guarantees:
        """Say what was proven; without namespaces a program can learn that a path exists, but not read it."""
        boxed = self.name == "namespace"
        return Guarantees(
            files_hidden=True,
            network_blocked=True,
            processes_isolated=True,
            memory_capped=True,
            state_fresh=True,
            scratch_folder=boxed,
            exact_cpython=True,
            packages=self._pool.packages if self._pool else (),
        )

    async def _living(self) -> Pool:
        """Return the pool; one that died is replaced, and its replacement is proven like the first."""
        async with self._starting:
            if self._pool is None:
                raise SandboxError("the sandbox is not open; use `async with`")
            if not self._pool.alive:
                await self._pool.close()
                self._pool = await self._start()
            return self._pool

    async def _start(self) -> Pool:
        planned = await asyncio.to_thread(plan, self.name, self._concurrency + SPARE_SLOTS, SCRATCH_MB)
        pool = await Pool.start(planned)
        try:
            await prove(pool)
        except BaseException:
            await pool.close()
            raise
        return pool


def open_namespace(limits: Limits, concurrency: int) -> LocalSandbox:
    """Take the tier with namespaces."""
    return LocalSandbox("namespace", limits, concurrency)


def open_landlock(limits: Limits, concurrency: int) -> LocalSandbox:
    """Take the tier without namespaces."""
    return LocalSandbox("landlock", limits, concurrency)
