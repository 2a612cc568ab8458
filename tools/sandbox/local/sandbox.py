"""The local sandbox of Linux: two tiers, each proven by hostile probes before it takes a program.

`namespace` is bubblewrap with namespaces of its own for every program, Landlock, seccomp and limits; `landlock` does
without namespaces, for machines that forbid them. Both fork programs from a warm interpreter. Nothing falls back to
less than was proven: where no tier works, no program runs.
"""

from __future__ import annotations

import asyncio
from typing import Self

from tools.sandbox.backend import Backend
from tools.sandbox.execution import unavailable
from tools.sandbox.local.box import Tier, plan
from tools.sandbox.local.probes import prove
from tools.sandbox.local.zygote_client import ZygoteClient
from tools.sandbox.port import Execution, Guarantees, Limits, SandboxError

SPARE_SLOTS = 1
"""Prepared beyond the concurrency, so that a program need not wait for the place that another just left."""
SCRATCH_MB = 16


class LocalSandbox(Backend):
    """Programs in one tier, once that has proven itself on this machine."""

    def __init__(self, tier: Tier, limits: Limits, concurrency: int, *, repl: bool = False) -> None:
        super().__init__(limits, concurrency)
        self.name: str = "repl" if repl else tier
        self._tier, self._repl = tier, repl
        self._turns = asyncio.Semaphore(concurrency)
        self._starting = asyncio.Lock()
        self._pool: ZygoteClient | None = None

    async def __aenter__(self) -> Self:
        self._pool = await self._start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run the program in a process of its own, forked ahead and closed in before the program came."""
        async with self._turns:
            try:
                pool = await self._living()
            except SandboxError as error:
                return unavailable(code, self.name, str(error))
            return await pool.run(code, limits)

    def guarantees(self) -> Guarantees:
        """Say what was proven, and which packages are there."""
        packages = self._pool.packages if self._pool else ()
        more = {"packages": packages, "scratch_folder": self._tier == "namespace"}
        return super().guarantees().model_copy(update=more)

    async def _living(self) -> ZygoteClient:
        """Return the pool; one that died is replaced, and its replacement is proven like the first."""
        async with self._starting:
            if self._pool is None:
                raise SandboxError("the sandbox is not open; use `async with`")
            if not self._pool.alive:
                await self._pool.close()
                self._pool = await self._start()
            return self._pool

    async def _start(self) -> ZygoteClient:
        slots = self.concurrency + SPARE_SLOTS
        planned = await asyncio.to_thread(plan, self._tier, slots, SCRATCH_MB, repl=self._repl)
        pool = await ZygoteClient.start(planned)
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
