"""The life of one program's process: forked ahead, closed in, then handed its program.

All that takes time happens before a program is there. What it may use comes with the program, so its limits and the
system call filter come last; only then does the process say that it is sealed, and no other runs a program.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from tools.sandbox.local.inside import kernel, landlock, program, seccomp

READY, SEALED = b"ready", b"sealed"
FAILED_EXIT = 125
"""Only a hint for people: what counts is whether the process said that it is sealed."""

_CHANNEL = 3


@dataclass(frozen=True)
class Cage:
    """What closes a program's process in."""

    readable: Sequence[str]
    scratch: str
    """The folder it may write to, empty at the start; "" for none."""
    scratch_mb: int
    landlock: int
    """The version of Landlock to use, 0 for none."""
    seccomp: bytes
    """The system call filter."""
    base_bytes: int
    """Address space that the process has before its program asks for any."""
    execute: program.Execute = program.execute
    """What runs a program's text."""


def live(cage: Cage, channel: socket.socket, namespaces: int) -> NoReturn:
    """Prepare, wait for a program on the channel, and run it; `namespaces` is a pidfd of whose mounts to use, or -1."""
    if namespaces == _CHANNEL:
        namespaces = os.dup(namespaces)
    os.dup2(channel.detach(), _CHANNEL)
    try:
        header, source = _prepare(cage, namespaces)
        program.set_limits(header["cpu_s"], header["memory_mb"], header["file_mb"], cage.base_bytes)
        gc.enable()
        seccomp.restrict(cage.seccomp, os.getpid())
        os.write(_CHANNEL, SEALED)
        os.close(_CHANNEL)
    except BaseException as error:  # noqa: BLE001  (nothing may go on from here without the seal)
        _give_up(error)
    program.run_program(source, cage.execute)


def _prepare(cage: Cage, namespaces: int) -> tuple[dict[str, Any], bytes]:
    kernel.die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if namespaces >= 0:
        kernel.setns(namespaces, kernel.CLONE_NEWNS)
        _empty_scratch(cage)
    os.dup2(os.pipe()[0], 0)  # at its end, and not the zygote's: flags and locks set on that would stay for others
    os.closerange(_CHANNEL + 1, 1 << 16)
    kernel.drop_privileges()
    kernel.die_with_parent(signal.SIGKILL)  # once more: giving up capabilities may have cleared it
    if cage.landlock:
        writable = ["/dev/null", *([cage.scratch] if cage.scratch else [])]
        landlock.confine(cage.readable, writable, cage.landlock)
    own = socket.socket(fileno=_CHANNEL)
    own.send(READY)
    descriptors = socket.recv_fds(own, 16, 3)[1]
    own.detach()
    if len(descriptors) != 3:
        os._exit(0)  # the zygote is gone, or has no more work
    request, *outputs = descriptors
    for place, descriptor in enumerate(outputs, start=1):
        os.dup2(descriptor, place)
        os.close(descriptor)
    os.lseek(request, 0, os.SEEK_SET)
    with open(request, "rb") as file:  # noqa: PTH123  (a descriptor, not a path)
        return json.loads(file.readline()), file.read()


def _empty_scratch(cage: Cage) -> None:
    """Give the program an empty folder; the one of the program before is thrown away as a whole, times included."""
    if os.path.ismount(cage.scratch):
        kernel.unmount(cage.scratch)
    kernel.mount_tmpfs(cage.scratch, f"size={cage.scratch_mb}m,nr_inodes=1024,mode=1777")
    os.chdir(cage.scratch)


def _give_up(error: BaseException) -> NoReturn:
    try:
        os.write(_CHANNEL, f"{type(error).__name__}: {error}".encode()[:500])
    finally:
        os._exit(FAILED_EXIT)
