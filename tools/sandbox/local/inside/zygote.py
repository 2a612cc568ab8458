"""The warm interpreter that programs' processes are forked from.

Talks to the host over one socket that keeps message borders. To the host: a greeting (`ready` or `fault`), then one
result a run. From the host: runs (a line of JSON and three descriptors: a file with the program, its two output pipes)
and kills. The host closing the socket, or dying, ends the zygote, and every process below dies with it.

Whatever the zygote holds when it forks is in the memory of the program to come, freed memory included. So it never
reads a program: it passes the descriptor on. And a forked process drops all that is known of the others.

Every slot has a process that was prepared ahead. In the `namespace` tier a slot also has PID and mount namespaces of
its own, held open by a tiny first process that was forked before anything large was imported.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tools.sandbox.local.inside import child, kernel


@dataclass
class Job:
    """A request on its way: the file with its program and the write ends of its output pipes."""

    number: int
    wall_s: float
    descriptors: Sequence[int]


@dataclass(frozen=True)
class Newborn:
    """All that a forked process knows: where its program will come from, and whose mounts to use (-1 for none)."""

    channel: socket.socket
    namespaces: int


@dataclass
class Slot:
    """A place for one program at a time."""

    init: int = -1
    """pidfd of the first process of the slot's namespaces; -1 where the tier has none."""
    pid: int = 0
    pidfd: int = -1
    channel: socket.socket | None = None
    ready: bool = False
    sealed: bool = False
    complaint: str = ""
    job: Job | None = None
    started: float = 0.0
    timed_out: bool = False


@dataclass
class Zygote:
    """The loop: hand out programs, watch the clocks, report endings, prepare the next process."""

    control: socket.socket
    slots: list[Slot]
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    waiting: deque[Job] = field(default_factory=deque)
    failures: int = 0
    """Processes in a row that could not be prepared; the host is told, and nothing runs in them."""

    def serve(self) -> Newborn | None:
        """Work until the host closes the socket, or no process can be prepared any more; forked processes return too.

        Returning takes the frames, and with them what they know of other programs, out of a program's reach.
        """
        self.selector.register(self.control, selectors.EVENT_READ, None)
        for slot in self.slots:
            newborn = self._prepare(slot)
            if newborn:
                return newborn
        while self.failures < 3 * len(self.slots):
            for key, _ in self.selector.select(self._patience()):
                if key.data is None:
                    if not self._receive():
                        return None
                elif isinstance(key.fileobj, socket.socket):
                    self._hear(key.data)
            self._stop_late()
            self._reap()
            self._hand_out()
            empty = next((slot for slot in self.slots if not slot.pid), None)
            newborn = self._prepare(empty) if empty else None
            if newborn:
                return newborn
        return None

    def _patience(self) -> float | None:
        if any(not slot.pid for slot in self.slots):
            return 0
        ends = [slot.started + slot.job.wall_s for slot in self.slots if slot.job and not slot.timed_out]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _receive(self) -> bool:
        """Take one message of the host; False where it has gone."""
        message, descriptors, _, _ = socket.recv_fds(self.control, 4096, 3)
        if not message:
            return False
        header = json.loads(message)
        if "kill" in header:
            self.waiting = deque(job for job in self.waiting if job.number != header["kill"] or _close(job.descriptors))
            for slot in self.slots:
                if slot.job and slot.job.number == header["kill"]:
                    signal.pidfd_send_signal(slot.pidfd, signal.SIGKILL)
        else:
            self.waiting.append(Job(header["number"], header["wall_s"], descriptors))
        return True

    def _hand_out(self) -> None:
        for slot in self.slots:
            if not self.waiting:
                return
            if slot.ready and slot.job is None and slot.channel is not None:
                slot.job = self.waiting.popleft()
                slot.started = time.monotonic()
                try:
                    socket.send_fds(slot.channel, [b"run"], slot.job.descriptors)
                except OSError as error:
                    slot.complaint = str(error)  # it died while it waited; its end is about to be reaped
                _close(slot.job.descriptors)

    def _hear(self, slot: Slot) -> None:
        said = b""
        if slot.channel is not None:
            with contextlib.suppress(ConnectionResetError):  # it ended with a message unread
                said = slot.channel.recv(512)
        if said == child.READY:
            slot.ready, self.failures = True, 0
        elif said == child.SEALED:
            slot.sealed = True
        elif said:
            slot.complaint = said.decode("utf-8", "replace")
        elif slot.channel is not None:  # closed: it runs its program, or has ended
            self.selector.unregister(slot.channel)
            slot.channel.close()
            slot.channel = None

    def _stop_late(self) -> None:
        now = time.monotonic()
        for slot in self.slots:
            if slot.job and not slot.timed_out and now - slot.started >= slot.job.wall_s:
                slot.timed_out = True
                signal.pidfd_send_signal(slot.pidfd, signal.SIGKILL)

    def _reap(self) -> None:
        for slot in self.slots:
            pid, status, usage = os.wait4(slot.pid, os.WNOHANG) if slot.pid else (0, 0, None)
            if not pid or usage is None:
                continue
            while slot.channel is not None:
                self._hear(slot)
            if slot.job:
                self._report(slot, status, usage)
            else:
                self.failures += 1
                self._tell({"fault": slot.complaint or "a waiting process ended"})
            self.selector.unregister(slot.pidfd)
            os.close(slot.pidfd)
            slot.pid, slot.job, slot.complaint = 0, None, ""
            slot.ready = slot.sealed = slot.timed_out = False

    def _report(self, slot: Slot, status: int, usage: resource.struct_rusage) -> None:
        if slot.job is None:
            return
        self._tell(
            {
                "number": slot.job.number,
                "sealed": slot.sealed,
                "complaint": slot.complaint,
                "wait_status": status,
                "timed_out": slot.timed_out,
                "wall_ms": 1000 * (time.monotonic() - slot.started),
                "cpu_ms": 1000 * (usage.ru_utime + usage.ru_stime),
                "max_rss_kb": usage.ru_maxrss,
            }
        )

    def _tell(self, message: dict[str, Any]) -> None:
        self.control.send(json.dumps(message).encode())

    def _prepare(self, slot: Slot) -> Newborn | None:
        """Fork a process for the slot; only that process gets something back."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if slot.init >= 0:
            kernel.setns(slot.init, kernel.CLONE_NEWPID)
        slot.pid = os.fork()
        if not slot.pid:
            ours.close()
            newborn = Newborn(theirs, slot.init)
            self._forget()
            return newborn
        theirs.close()
        slot.pidfd = os.pidfd_open(slot.pid)
        slot.channel = ours
        self.selector.register(ours, selectors.EVENT_READ, slot)
        self.selector.register(slot.pidfd, selectors.EVENT_READ, slot)
        return None

    def _forget(self) -> None:
        """Drop all that is known of programs, in a process that will run one of them."""
        for slot in self.slots:
            if slot.channel is not None:
                slot.channel.close()
        self.selector.close()
        self.slots.clear()
        self.waiting.clear()


def _close(descriptors: Sequence[int]) -> bool:
    for descriptor in descriptors:
        os.close(descriptor)
    return False
