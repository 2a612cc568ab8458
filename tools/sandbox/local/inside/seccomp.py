"""The system calls that a program may make: a list of what is allowed, everything else fails with EPERM.

One process without sockets, children or reach into others: then its own limits are the sandbox's limits. The kernel
is entered by the machine's own convention only; another one (i386, x32) ends the process.
"""

from __future__ import annotations

import errno
import struct
import sys

from tools.sandbox.local.inside import kernel
from tools.sandbox.local.inside.syscalls import ALLOWED, ARCHITECTURES, ATTRIBUTE_LISTS, CHANGES_FILE_ATTRIBUTES

_LOAD, _EQUAL, _NOT_BELOW, _AND, _RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_X32 = 0x40000000

_THREAD_FLAGS = (0x3D0F00, 0x7D0F00)
"""What glibc and musl pass to clone for a thread; a process is made with anything else."""
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)
"""Duplicate, flags and locks. Not F_SETOWN and F_SETSIG (a signal to any process), nor leases and pipe sizes."""
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""Is it a terminal, how wide, how much to read, and the descriptor's own flags."""
_PRCTL = (15, 16)
"""The thread's name."""
_UNIX, _STREAM = 1, 1
_SOME_PID = 0x7A5C3B1D
"""Stands for the process's own number; no process has it, as numbers end at 2**22."""

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, constant."""


def restrict(template: bytes, pid: int) -> None:
    """Install the filter for good.

    Args:
        template: what `build` made.
        pid: this process's own number, as it sees it itself; the only one that it may signal.

    Raises:
        OSError: the kernel has no seccomp, or refused.
    """
    kernel.install_filter(template.replace(_SOME_PID.to_bytes(4, sys.byteorder), pid.to_bytes(4, sys.byteorder)))


def build(machine: str, *, may_change_attributes: bool) -> bytes:
    """Return the filter's instructions for any process; made once, since each process would pay for it.

    Args:
        machine: as `platform.machine()` says.
        may_change_attributes: whether chmod and utime are allowed; only where no file of the host can be named.

    Raises:
        OSError: the machine's system calls are not known here.
    """
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine!r}; known: {', '.join(ARCHITECTURES)}")
    architecture, numbers = ARCHITECTURES[machine]
    filters = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL)]
    filters += [(_LOAD, 0, 0, _NUMBER), (_NOT_BELOW, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    names = ALLOWED + (CHANGES_FILE_ATTRIBUTES if may_change_attributes else ())
    for name in names:
        if name in numbers:
            filters += [(_EQUAL, 0, 1, numbers[name]), (_RETURN, 0, 0, _ALLOW)]
    for name, check in _checks(_SOME_PID).items():
        if name in numbers:
            filters += [(_EQUAL, 0, len(check), numbers[name]), *check]
    filters.append((_RETURN, 0, 0, _fail(errno.EPERM)))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in filters)


def _checks(pid: int) -> dict[str, list[Instruction]]:
    """What is allowed for some arguments only."""
    return {
        "clone": _among(0, _THREAD_FLAGS),
        "clone3": [(_RETURN, 0, 0, _fail(errno.ENOSYS))],  # its arguments cannot be seen; the C library falls back
        **{name: [(_RETURN, 0, 0, _fail(errno.ENOTSUP))] for name in ATTRIBUTE_LISTS},  # shutil takes that well
        "kill": _among(0, (pid,)),
        "tgkill": _among(0, (pid,)),
        "fcntl": _among(1, _FCNTL),
        "ioctl": _among(1, _IOCTL),
        "prctl": _among(0, _PRCTL),
        "prlimit64": [*_require(0, (0, pid)), *_require(2, (0,)), *_require(2, (0,), upper=True), *_end()],
        "sendto": [*_require(4, (0,)), *_require(4, (0,), upper=True), *_end()],
        "socketpair": [*_require(0, (_UNIX,)), *_require(1, (_STREAM,), mask=0xF), *_end()],
    }


def _among(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    return [*_require(argument, values), *_end()]


def _require(argument: int, values: tuple[int, ...], *, upper: bool = False, mask: int = 0) -> list[Instruction]:
    """Refuse unless the argument's lower (or upper) half is one of the values."""
    steps: list[Instruction] = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument + (4 if upper else 0))]
    if mask:
        steps.append((_AND, 0, 0, mask))
    steps += [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [*steps, (_RETURN, 0, 0, _fail(errno.EPERM))]


def _end() -> list[Instruction]:
    return [(_RETURN, 0, 0, _ALLOW)]


def _fail(number: int) -> int:
    return 0x00050000 | number
