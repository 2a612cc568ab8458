"""Programs in E2B's cloud: a virtual machine for each place, without internet, thrown away at the first doubt.

Needs the extra `e2b` and E2B_API_KEY. A machine is reused from run to run; each program gets a process, a folder and
limits of its own there (see `e2b_driver`). After a timeout of the call, a lost connection or an odd answer the machine
is killed and the run is `unavailable`. Machines end by themselves a few minutes after a crash of ours.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tools.extras import install_command
from tools.sandbox.backend import Backend
from tools.sandbox.execution import Ending, Output, execution_of, unavailable
from tools.sandbox.local.inside import program
from tools.sandbox.port import Execution, Limits, SandboxError
from tools.sandbox.process import ENVIRONMENT

if TYPE_CHECKING:
    from e2b_code_interpreter import AsyncSandbox

DRIVER = Path(__file__).with_name("e2b_driver.py")
"""Read and sent, never imported here: it needs a POSIX system, and only the machine in the cloud must be one."""
LIFETIME_S = 600
"""How long a machine may live; one that would not outlive the next run is replaced before."""
GRACE_S = 5.0
"""How long a call may take beyond the program's wall limit."""
REPORT_BYTES = 4 << 20


class E2BSandbox(Backend):
    """Keeps at most `concurrency` machines, made when first needed, one program in each at a time."""

    name = "e2b"

    def __init__(self, limits: Limits, concurrency: int) -> None:
        super().__init__(limits, concurrency)
        self._idle: asyncio.Queue[tuple[AsyncSandbox, float] | None] = asyncio.Queue()
        for _ in range(concurrency):
            self._idle.put_nowait(None)

    async def __aenter__(self) -> Self:
        try:
            from e2b_code_interpreter import AsyncSandbox  # noqa: PLC0415  (the extra `e2b`)
        except ImportError as error:
            raise SandboxError(f"the sandbox 'e2b' needs its extra: {install_command('e2b')}") from error
        if not os.environ.get("E2B_API_KEY"):
            raise SandboxError("the sandbox 'e2b' needs E2B_API_KEY to be set")
        self._machines = AsyncSandbox
        self._runner = await asyncio.to_thread(Path(program.__file__).read_text)
        self._driver = await asyncio.to_thread(DRIVER.read_text)
        return self

    async def __aexit__(self, *exc: object) -> None:
        while not self._idle.empty():
            machine = self._idle.get_nowait()
            if machine is not None:
                await _throw_away(machine[0])

    async def execute(self, code: str, limits: Limits) -> Execution:
        """Run the program in a machine that is free, or in a new one."""
        place, kept = await self._idle.get(), None
        try:
            machine, born = await self._machine(place, limits)
            try:
                execution = await asyncio.wait_for(self._execute(machine, code, limits), limits.wall_s + GRACE_S)
                kept = machine, born
            finally:
                if kept is None:
                    await _throw_away(machine)
        except Exception as error:  # noqa: BLE001  (whatever the cloud does is the sandbox's fault, not the program's)
            return unavailable(code, self.name, f"E2B failed: {type(error).__name__}: {str(error)[:300]}")
        else:
            return execution
        finally:
            self._idle.put_nowait(kept)

    async def _machine(self, place: tuple[AsyncSandbox, float] | None, limits: Limits) -> tuple[AsyncSandbox, float]:
        now = asyncio.get_running_loop().time()
        if place is not None:
            if now - place[1] + limits.wall_s + GRACE_S < LIFETIME_S - 30:
                return place
            await _throw_away(place[0])
        made = await self._machines.create(timeout=LIFETIME_S, allow_internet_access=False)
        return made, now

    async def _execute(self, machine: AsyncSandbox, code: str, limits: Limits) -> Execution:
        nonce = secrets.token_hex(16)
        request = {
            "code": base64.b64encode(code.encode("utf-8", "surrogatepass")).decode(),
            "runner": self._runner,
            "limits": limits.model_dump(),
            "environment": ENVIRONMENT,
            "nonce": nonce,
        }
        call = f"{self._driver}\nprint(drive({request!r}), flush=True)"
        answer = await machine.run_code(call, timeout=limits.wall_s + GRACE_S)
        text = "".join(answer.logs.stdout)
        if len(text) > REPORT_BYTES or nonce not in text:
            raise SandboxError(f"no report came back: {answer.error or 'it was cut off'}")
        return self._read(json.loads(text.rpartition(nonce)[2]), code, limits)

    def _read(self, report: dict[str, Any], code: str, limits: Limits) -> Execution:
        output = Output(limits)
        for stream, (kept, seen) in zip((output.stdout, output.stderr), report.pop("streams"), strict=True):
            stream.feed(base64.b64decode(kept))
            stream.seen = int(seen)
        return execution_of(code, limits, self.name, Ending(**report), output)


async def _throw_away(machine: AsyncSandbox) -> None:
    """Kill a machine; one that cannot be reached ends by itself when its lifetime is over."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(machine.kill(), GRACE_S)
