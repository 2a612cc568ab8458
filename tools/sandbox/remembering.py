"""A sandbox that gives a finished run again instead of running the same program twice.

Programs run with a fixed hash seed, clock zone and random seed, so the same program under the same limits prints the
same; the Judge and the Attacker often run one program several times.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Self

from tools.sandbox.port import Execution, Guarantees, Limits, Sandbox, code_hash


class RememberingSandbox:
    """Remember the last `size` runs that ended by themselves; those stopped by a limit depend on the machine's load."""

    def __init__(self, inner: Sandbox, limits: Limits, size: int) -> None:
        self.name = inner.name
        self._inner, self._limits, self._size = inner, limits, size
        self._runs: OrderedDict[tuple[str, Limits], Execution] = OrderedDict()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        self.name = self._inner.name
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._runs.clear()
        await self._inner.__aexit__(*exc)

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Give the remembered run of this program under these limits, or run it."""
        key = code_hash(code), limits or self._limits
        if key in self._runs:
            self._runs.move_to_end(key)
            return self._runs[key]
        execution = await self._inner.run(code, limits=limits)
        if execution.status in ("ok", "error"):
            self._runs[key] = execution
            if len(self._runs) > self._size:
                self._runs.popitem(last=False)
        return execution

    def guarantees(self) -> Guarantees:
        """Say what the sandbox behind it promises."""
        return self._inner.guarantees()
