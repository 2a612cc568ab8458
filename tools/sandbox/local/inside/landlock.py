"""Landlock: the files that a process may open from now on (Linux 5.13 and later).

Calls and structures: linux/landlock.h. Reading a file's status is not covered; changing its mode, owner or times is
not either, and is left to the seccomp filter.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
from collections.abc import Iterable

from tools.sandbox.local.inside import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same number on every architecture
_VERSION, _PATH_BENEATH = 1, 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_MAKE_CHAR, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


def version() -> int:
    """Return the version that the kernel offers, 0 where Landlock is missing or switched off."""
    try:
        return kernel.call("syscall", _CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def confine(readable: Iterable[str], writable: Iterable[str], abi: int) -> None:
    """Keep this process, and its threads to come, to these files and folders; the network stays closed too.

    Needs no_new_privs. Paths that do not exist are left out.

    Raises:
        OSError: the kernel refused.
    """
    handled = (1 << 13) - 1
    handled |= (_REFER if abi >= 2 else 0) | (_TRUNCATE if abi >= 3 else 0) | (_IOCTL_DEV if abi >= 5 else 0)
    network = 3 if abi >= 4 else 0  # bind and connect
    scope = 3 if abi >= 6 else 0  # abstract sockets and signals stay among processes of this ruleset
    attributes = struct.pack("=QQQ", handled, network, scope)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = kernel.call("syscall", _CREATE_RULESET, attributes[:size], size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, handled & (_READ_FILE | _READ_DIR | _EXECUTE))
        special = _MAKE_CHAR | _MAKE_SOCK | _MAKE_FIFO | _MAKE_BLOCK | _EXECUTE | _IOCTL_DEV
        for path in writable:
            _allow(ruleset, path, handled & ~special)
        kernel.call("syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= _OF_A_FILE
            kernel.call("syscall", _ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", access, descriptor), 0)
        finally:
            os.close(descriptor)
