"""The kernel calls that Python 3.11 has no name for, through the C library that is loaded anyway."""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MNT_DETACH = 2

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT = 1, 4, 22, 38, 47
_SECCOMP_MODE_FILTER, _PR_CAP_AMBIENT_CLEAR_ALL = 2, 4
_CAPABILITY_VERSION_3 = 0x20080522

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


def call(function: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """Call a function of the C library; whole words are passed, as system calls want them.

    Raises:
        OSError: the call failed; its text names the function.
    """
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    result: int = getattr(_LIBC, function)(*words)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave some namespaces for new ones."""
    call("unshare", flags)


def setns(pidfd: int, flags: int) -> None:
    """Enter some namespaces of the process behind the descriptor; for CLONE_NEWPID it is the next child that does."""
    call("setns", pidfd, flags)


def mount_tmpfs(target: str, options: str) -> None:
    """Mount an empty file system in memory; nothing on it can be executed."""
    call("mount", b"tmpfs", target.encode(), b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options.encode())


def unmount(target: str) -> None:
    """Take a mount away, even one in use."""
    call("umount2", target.encode(), MNT_DETACH)


def die_with_parent(signal: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    call("prctl", _PR_SET_PDEATHSIG, signal, 0, 0, 0)


def drop_privileges() -> None:
    """Give up every capability, for good, and close this process to tracing."""
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    call("prctl", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = ctypes.create_string_buffer(_CAPABILITY_VERSION_3.to_bytes(4, "little") + bytes(4), 8)
    call("capset", header, ctypes.create_string_buffer(24))
    call("prctl", _PR_SET_DUMPABLE, 0, 0, 0, 0)


def install_filter(program: bytes) -> None:
    """Install a seccomp filter; `program` holds its instructions, eight bytes each."""
    code = ctypes.create_string_buffer(program, len(program))
    count = (len(program) // 8).to_bytes(8, "little")  # the count and the padding before the pointer
    header = ctypes.create_string_buffer(count + ctypes.addressof(code).to_bytes(8, "little"), 16)
    call("prctl", _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(header), 0, 0)
