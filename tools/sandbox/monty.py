"""Programs in Monty, a small Python of its own in worker processes: started in a millisecond, on any platform.

Needs the extra `monty`. It is not CPython: no classes with parents, no numpy, scipy or sympy, and `round` differs in
about one of twenty cases (`round(2.675, 2)` is 2.68, CPython gives 2.67). So it must be asked for by name.
Sleeping takes no time there, and processor time is not counted: the wall limit holds alone.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Self

from tools.sandbox.local.inside.program import NAME
from tools.sandbox.outcome import Output, too_long, unavailable
from tools.sandbox.port import Execution, Guarantees, Limits, SandboxError, Status, code_hash

if TYPE_CHECKING:
    from pydantic_monty import Monty

GRACE_S = 0.2
"""How long after its wall limit a worker that does not stop by itself is killed."""
_SAME_EACH_TIME = {"timezone": "utc", "sleep": "zero", "random_start": {"seed": 0}}


class _TooMuchOutput(Exception):
    """Raised into the interpreter to stop a program that floods its output."""


class MontySandbox:
    """At most `concurrency` workers, a fresh session for each program; threads wait for them."""

    name = "monty"

    def __init__(self, limits: Limits, concurrency: int) -> None:
        self._limits, self._concurrency = limits, concurrency
        self._opened = ExitStack()
        self._pool: Monty | None = None

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(self._opened.close)

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in a session of its own."""
        limits = limits or self._limits
        refusal = too_long(code, limits, self.name)
        if refusal is not None:
            return refusal
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, code, limits)

    def guarantees(self) -> Guarantees:
        """Say what an interpreter without any access to its machine gives."""
        return Guarantees(
            files_hidden=True,
            network_blocked=True,
            processes_isolated=True,
            memory_capped=True,
            state_fresh=True,
            scratch_folder=False,
            exact_cpython=False,
            packages=(),
        )

    def _open(self) -> None:
        try:
            from pydantic_monty import Monty  # noqa: PLC0415  (the extra `monty`)
        except ImportError as error:
            raise SandboxError("the sandbox 'monty' needs its extra: pip install 'nanoflux[monty]'") from error
        pool = Monty(max_processes=self._concurrency, feed_duration_limit_grace=GRACE_S)
        try:
            self._pool = self._opened.enter_context(pool)
        except Exception as error:
            raise SandboxError(f"the sandbox 'monty' cannot start: {error}") from error
        self._threads = self._opened.enter_context(
            ThreadPoolExecutor(self._concurrency, thread_name_prefix="program"),
        )

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
        return Execution(
            status=status,
            stdout=output.stdout.text(),
            stderr=output.stderr.text(),
            exit_code={"ok": 0, "error": 1}.get(status),
            truncated=output.truncated,
            wall_ms=round(1000 * wall_s, 1),
            backend=self.name,
            code_sha256=code_hash(code),
        )

    def _feed(self, code: str, limits: Limits, keep: Any) -> None:
        if self._pool is None:
            raise SandboxError("the sandbox is not open; use `async with`")
        bounds: Any = {"max_feed_duration_secs": limits.wall_s, "max_memory": limits.memory_mb << 20}
        policy: Any = _SAME_EACH_TIME
        with self._pool.checkout(limits=bounds, os_policy=policy) as session:
            session.feed_run(code, print_callback=keep)
