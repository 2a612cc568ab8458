"""The host's end of one zygote: start it, hand it programs, read what they print, notice when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import time
from dataclasses import dataclass
from typing import Any

from tools.sandbox.execution import Ending, Output, Stream, execution_of, unavailable
from tools.sandbox.local.box import ENVIRONMENT, Plan
from tools.sandbox.port import Execution, Limits, SandboxError

START_S = 30.0
"""How long a zygote may take to import everything; a cold disk is slow."""
GRACE_S = 3.0
"""How long after its wall limit a run may be unanswered before the whole zygote is killed."""


@dataclass
class PendingRun:
    """A run that the zygote works on."""

    ending: asyncio.Future[dict[str, Any]]
    output: Output


class ZygoteClient:
    """One zygote and the runs in it; when it dies they end as `unavailable`, and `alive` says so."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, control: socket.socket, stderr_fd: int) -> None:
        self.name, self.alive = name, True
        self.landlock, self.packages = 0, ()
        self._process, self._control, self._stderr_fd = process, control, stderr_fd
        self._pending: dict[int, PendingRun] = {}
        self._number, self._failure = 0, "the zygote has ended"
        self._greeting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().add_reader(control, self._on_message)
        self._exit = asyncio.create_task(self._await_exit())

    landlock: int
    """Version of Landlock in use, 0 for none."""
    packages: tuple[str, ...]

    @classmethod
    async def start(cls, plan: Plan) -> ZygoteClient:
        """Start the zygote and wait until it can take programs.

        Raises:
            SandboxError: it could not start; the message says why.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        stderr_fd = os.memfd_create("zygote's standard error")
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *plan.command(theirs.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=stderr_fd,  # no pipe: `Process.wait` would wait for whoever else holds its end
                pass_fds=(theirs.fileno(),),
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        pool = cls(plan.name, process, ours, stderr_fd)
        try:
            greeting = await asyncio.wait_for(asyncio.shield(pool._greeting), START_S)
        except BaseException as error:
            await pool.close()
            if isinstance(error, TimeoutError):
                raise SandboxError(f"the sandbox {plan.name!r} was not ready after {START_S:.0f} s") from error
            raise
        if "ready" not in greeting:
            pool.kill()
            await pool._exit
            reason = greeting.get("fault") or pool._last_error_output()
            await pool.close()
            raise SandboxError(f"the sandbox {plan.name!r} cannot start: {reason}")
        pool.landlock, pool.packages = greeting["landlock"], tuple(greeting["packages"])
        return pool

    async def run(self, code: str, limits: Limits) -> Execution:
        """Run one program; the zygote keeps more runs than it has slots waiting."""
        self._number += 1
        number, started, loop = self._number, time.monotonic(), asyncio.get_running_loop()
        pending = PendingRun(loop.create_future(), Output(limits))
        with contextlib.ExitStack() as readers:
            closed = await self._launch(number, code, limits, pending, readers)
            if closed is None:
                return unavailable(code, self.name, self._failure)
            try:
                result = await asyncio.wait_for(pending.ending, limits.wall_s + GRACE_S)
                with contextlib.suppress(TimeoutError):  # the program is dead: what it wrote is in the pipes
                    await asyncio.wait_for(asyncio.gather(*closed), GRACE_S)
            except TimeoutError:
                self.kill()
                result = {"fault": "the zygote did not answer in time"}
            except asyncio.CancelledError:
                self._send({"kill": number})
                raise
            finally:
                self._pending.pop(number, None)
        if not result.get("sealed"):
            reason = result.get("fault") or result.get("complaint") or "the process was not sealed"
            return unavailable(code, self.name, reason, 1000 * (time.monotonic() - started))
        known = ("wait_status", "timed_out", "wall_ms", "cpu_ms", "max_rss_kb")
        return execution_of(code, limits, self.name, Ending(**{key: result[key] for key in known}), pending.output)

    def kill(self) -> None:
        """Kill the zygote, and with it all that runs; what is in flight ends as `unavailable`."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._end("the zygote was killed")

    async def close(self) -> None:
        """Kill the zygote and wait until it is gone."""
        self.kill()
        await self._exit
        os.close(self._stderr_fd)

    async def _await_exit(self) -> None:
        """Notice the end of the process also where one that it started, and that it left behind, holds the socket."""
        await self._process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._end(self._failure)

    async def _launch(
        self, number: int, code: str, limits: Limits, pending: PendingRun, readers: contextlib.ExitStack
    ) -> list[asyncio.Future[None]] | None:
        """Send the program off, by its descriptor, with the write ends of its pipes; None where the zygote is gone."""
        writers, closed = [], []
        for stream in (pending.output.stdout, pending.output.stderr):
            read_end, write_end = os.pipe()
            readers.callback(os.close, read_end)
            writers.append(write_end)
            closed.append(self._listen(read_end, stream, number, readers))
        passed = writers
        try:
            self._pending[number] = pending
            passed = [_request(limits, code), *writers]
            sent = await self._send_run({"number": number, "wall_s": limits.wall_s}, passed)
        finally:
            for descriptor in passed:
                os.close(descriptor)
        return closed if sent else None

    def _listen(
        self, read_end: int, stream: Stream, number: int, readers: contextlib.ExitStack
    ) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()
        os.set_blocking(read_end, False)

        def read() -> None:
            data = os.read(read_end, 1 << 16)
            flooded = stream.flooded
            stream.feed(data)
            if stream.flooded and not flooded:
                self._send({"kill": number})
            if not data:
                loop.remove_reader(read_end)
                closed.set_result(None)

        loop.add_reader(read_end, read)
        readers.callback(loop.remove_reader, read_end)
        return closed

    async def _send_run(self, header: dict[str, Any], descriptors: list[int]) -> bool:
        while self.alive:
            try:
                socket.send_fds(self._control, [json.dumps(header).encode()], descriptors)
            except BlockingIOError:
                await asyncio.sleep(0.002)  # many programs at once: the zygote takes them one by one
            except OSError:
                break
            else:
                return True
        return False

    def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # dead, or so busy that its own wall limit will do
            self._control.send(json.dumps(message).encode())

    def _on_message(self) -> None:
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._end(self._failure)
            return
        message = json.loads(data)
        self._failure = message.get("fault", self._failure)
        if not self._greeting.done():
            self._greeting.set_result(message)
        elif message.get("number") in self._pending:
            ending = self._pending[message["number"]].ending
            if not ending.done():
                ending.set_result(message)

    def _end(self, reason: str) -> None:
        if not self.alive:
            return
        self.alive = False
        asyncio.get_running_loop().remove_reader(self._control)
        self._control.close()
        if not self._greeting.done():
            self._greeting.set_result({})
        for pending in self._pending.values():
            if not pending.ending.done():
                pending.ending.set_result({"fault": reason})

    def _last_error_output(self) -> str:
        text = os.pread(self._stderr_fd, 1 << 16, 0).decode("utf-8", "replace").strip()
        return text.splitlines()[-1] if text else "it ended at once"


def _request(limits: Limits, code: str) -> int:
    """Put a program and its limits into a file in memory: the zygote passes it on and never has its text."""
    header = limits.model_dump(include={"cpu_s", "memory_mb", "file_mb"})
    request = os.memfd_create("program")
    os.set_blocking(request, False)
    os.write(request, json.dumps(header).encode() + b"\n" + code.encode("utf-8", "surrogatepass"))
    return request
