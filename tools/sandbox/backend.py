"""What every backend shares: limits and places, the refusal of a program that is too long, its row of guarantees."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Self

from tools.sandbox.port import Execution, Guarantees, Limits, code_hash
from tools.sandbox.registry import SANDBOXES


class Backend(ABC):
    """A sandbox of its own row; a subclass says in `execute` how one program runs."""

    name: str

    def __init__(self, limits: Limits, concurrency: int) -> None:
        self.limits, self.concurrency = limits, concurrency

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if "threads" in self.__dict__:
            await asyncio.to_thread(self.threads.shutdown)

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in a fresh process, unless it is above the size limit."""
        limits = limits or self.limits
        size = len(code.encode("utf-8", "surrogatepass"))
        if size > limits.code_kb * 1024:
            return Execution(
                status="error",
                stderr=f"the program has {size} bytes; the limit is {limits.code_kb} KiB",
                backend=self.name,
                code_sha256=code_hash(code),
            )
        return await self.execute(code, limits)

    @abstractmethod
    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run a program of admissible size."""

    def guarantees(self) -> Guarantees:
        """Say what holds on this machine: the backend's row of `SANDBOXES`."""
        return SANDBOXES[self.name].guarantees

    @cached_property
    def threads(self) -> ThreadPoolExecutor:
        """One thread a place, for backends that block; made when first used."""
        return ThreadPoolExecutor(self.concurrency, thread_name_prefix="program")

    async def in_thread(self, run: Callable[[str, Limits], Execution], code: str, limits: Limits) -> Execution:
        """Run a blocking function in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, run, code, limits)
