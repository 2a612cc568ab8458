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

MESSAGE_BYTES = 160 << 10
"""A request never gets longer; the largest program is 128 KiB."""

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


def live(cage: Cage, channel: socket.socket, namespaces: int) -> NoReturn:
    """Prepare, wait for a program on the channel, and run it; `namespaces` is a pidfd of whose mounts to use, or -1."""
    try:
        header, source = _prepare(cage, channel, namespaces)
        program.set_limits(header["cpu_s"], header["memory_mb"], header["file_mb"], cage.base_bytes)
        gc.enable()
        seccomp.restrict(cage.seccomp, os.getpid())
        os.write(_CHANNEL, SEALED)
        os.close(_CHANNEL)
    except BaseException as error:  # noqa: BLE001  (nothing may go on from here without the seal)
        _give_up(error)
    program.run_program(source)


def _prepare(cage: Cage, channel: socket.socket, namespaces: int) -> tuple[dict[str, Any], bytes]:
    kernel.die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if namespaces >= 0:
        kernel.setns(namespaces, kernel.CLONE_NEWNS)
        _empty_scratch(cage)
    os.dup2(channel.fileno(), _CHANNEL)
    channel.detach()
    os.closerange(_CHANNEL + 1, 1 << 16)
    kernel.drop_privileges()
    kernel.die_with_parent(signal.SIGKILL)  # once more: giving up capabilities may have cleared it
    if cage.landlock:
        writable = ["/dev/null", *([cage.scratch] if cage.scratch else [])]
        landlock.confine(cage.readable, writable, cage.landlock)
    own = socket.socket(fileno=_CHANNEL)
    own.send(READY)
    message, descriptors, _, _ = socket.recv_fds(own, MESSAGE_BYTES, 2)
    own.detach()
    if len(descriptors) != 2:
        os._exit(0)  # the zygote is gone, or has no more work
    for place, descriptor in enumerate(descriptors, start=1):
        os.dup2(descriptor, place)
        os.close(descriptor)
    head, _, source = message.partition(b"\n")
    return json.loads(head), source


def _empty_scratch(cage: Cage) -> None:
    """Give the program an empty folder; what an earlier one left is not removed but thrown away as a whole."""
    if os.path.ismount(cage.scratch):
        if os.stat(cage.scratch).st_mode & 0o7777 == 0o1777 and not os.listdir(cage.scratch):  # noqa: PTH116, PTH208
            os.chdir(cage.scratch)
            return
        kernel.unmount(cage.scratch)
    kernel.mount_tmpfs(cage.scratch, f"size={cage.scratch_mb}m,nr_inodes=1024,mode=1777")
    os.chdir(cage.scratch)


def _give_up(error: BaseException) -> NoReturn:
    try:
        os.write(_CHANNEL, f"{type(error).__name__}: {error}".encode()[:500])
    finally:
        os._exit(FAILED_EXIT)
