"""Programs in Monty, a small Python of its own in worker processes: started in a millisecond, on any platform.

Needs the extra `monty`. It is not CPython: no classes with parents, no numpy, scipy or sympy, and `round` differs in
about one of twenty cases (`round(2.675, 2)` is 2.68, CPython gives 2.67). So it must be asked for by name.
Sleeping takes no time there, and processor time is not counted: the wall limit holds alone.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from tools.extras import install_command
from tools.sandbox.backend import Backend
from tools.sandbox.execution import Output, assemble, unavailable
from tools.sandbox.local.inside.program import NAME
from tools.sandbox.port import Execution, Limits, SandboxError, Status

if TYPE_CHECKING:
    from pydantic_monty import Monty

GRACE_S = 0.2
"""How long after its wall limit a worker that does not stop by itself is killed."""
_SAME_EACH_TIME = {"timezone": "utc", "sleep": "zero", "random_start": {"seed": 0}}


class _TooMuchOutput(Exception):
    """Raised into the interpreter to stop a program that floods its output."""


class MontySandbox(Backend):
    """At most `concurrency` workers, a fresh session for each program; threads wait for them."""

    name = "monty"

    def __init__(self, limits: Limits, concurrency: int) -> None:
        super().__init__(limits, concurrency)
        self._opened = ExitStack()
        self._pool: Monty | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await super().__aexit__(*exc)
        await asyncio.to_thread(self._opened.close)

    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run the program in a session of its own."""
        return await self.in_thread(self._run, code, limits)

    def _open(self) -> None:
        try:
            from pydantic_monty import Monty  # noqa: PLC0415  (the extra `monty`)
        except ImportError as error:
            raise SandboxError(f"the sandbox 'monty' needs its extra: {install_command('monty')}") from error
        pool = Monty(max_processes=self.concurrency, feed_duration_limit_grace=GRACE_S)
        try:
            self._pool = self._opened.enter_context(pool)
        except Exception as error:
            raise SandboxError(f"the sandbox 'monty' cannot start: {error}") from error

    def _run(self, code: str, limits: Limits) -> Execution:
        from pydantic_monty import MontyCrashedError, MontyRuntimeError, MontySyntaxError  # noqa: PLC0415

        output = Output(limits)

        def keep(stream: str, text: str) -> None:
            (output.stderr if stream == "stderr" else output.stdout).feed(text.encode("utf-8", "backslashreplace"))
            if output.flooded:
                raise _TooMuchOutput

        started = time.monotonic()
        status: Status = "ok"
        try:
            self._feed(code, limits, keep)
        except (MontyRuntimeError, MontySyntaxError) as error:
            status = "output_limit" if output.flooded else "error"
            text = "" if output.flooded else error.display().replace("<python-input-0>", NAME) + "\n"
            output.stderr.feed(text.encode("utf-8", "backslashreplace"))
        except MontyCrashedError:
            status = "crashed"
        except Exception as error:  # noqa: BLE001  (whatever else fails is the sandbox's fault, not the program's)
            return unavailable(code, self.name, f"Monty failed: {type(error).__name__}: {error}")
        wall_s = time.monotonic() - started
        if status in ("error", "crashed") and wall_s >= limits.wall_s:
            status = "timeout"
        exit_code, wall_ms = {"ok": 0, "error": 1}.get(status), round(1000 * wall_s, 1)
        return assemble(code, self.name, status, output, exit_code=exit_code, wall_ms=wall_ms)

    def _feed(self, code: str, limits: Limits, keep: Any) -> None:
        if self._pool is None:
            raise SandboxError("the sandbox is not open; use `async with`")
        bounds: Any = {"max_feed_duration_secs": limits.wall_s, "max_memory": limits.memory_mb << 20}
        policy: Any = _SAME_EACH_TIME
        with self._pool.checkout(limits=bounds, os_policy=policy) as session:
            session.feed_run(code, print_callback=keep)
