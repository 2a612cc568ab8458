"""How the zygote comes to be: namespaces while it is small, then the imports, then the greeting."""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import mmap
import os
import resource
import signal
import site
import socket
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from tools.sandbox.local.inside import child, kernel, landlock, program, seccomp
from tools.sandbox.local.inside.zygote import Slot, Zygote


def _open_slots(count: int, *, namespaces: bool) -> list[Slot]:
    if not namespaces:
        return [Slot() for _ in range(count)]
    own = os.pidfd_open(os.getpid())
    slots = []
    for _ in range(count):
        kernel.unshare(kernel.CLONE_NEWPID)
        done, tell = os.pipe()
        pid = os.fork()
        if not pid:
            _hold_namespaces(tell)
        os.close(tell)
        if not os.read(done, 1):
            raise OSError("a slot's mount namespace could not be made")
        os.close(done)
        slots.append(Slot(init=os.pidfd_open(pid)))
        kernel.setns(own, kernel.CLONE_NEWPID)
    os.close(own)
    return slots


def _hold_namespaces(tell: int) -> NoReturn:
    """Be the first process of a slot; signals from within its namespace do not reach it."""
    try:
        kernel.die_with_parent(signal.SIGKILL)
        kernel.unshare(kernel.CLONE_NEWNS)
        os.write(tell, b".")
        os.closerange(0, 1 << 16)
        while True:
            signal.pause()
    finally:
        os._exit(1)


def _address_space() -> int:
    """Find how much address space this process uses, without /proc: the lowest limit under which a page still fits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, 1 << 46
    while high - low > 1 << 20:
        middle = (low + high) // 2
        try:
            resource.setrlimit(resource.RLIMIT_AS, (middle, hard))
            mmap.mmap(-1, mmap.PAGESIZE).close()
            high = middle
        except (OSError, ValueError, MemoryError):
            low = middle
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    return high


def _warm(packages: Sequence[str]) -> list[str]:
    """Import what programs use; run what imports more when first used. Return what is there."""
    found = []
    for package in packages:
        try:
            importlib.import_module(package)
            found.append(package.partition(".")[0])
        except ImportError:
            continue
    if "sympy" in found:
        sympy = sys.modules["sympy"]
        x = sympy.symbols("x")
        sympy.solve(x**2 - x - 1, x)
        str(sympy.simplify(sympy.integrate(sympy.sin(x) ** 2, x)) + sympy.Rational(1, 3))
        sys.modules["sympy.core.cache"].clear_cache()
    if "numpy" in found:
        numpy = sys.modules["numpy"]
        numpy.linalg.solve(numpy.eye(2), numpy.ones(2))
        numpy.random.seed(0)
    return list(dict.fromkeys(found))


def _repl() -> program.Execute:
    """Import LangChain's interpreter now: once a program is closed in, it would be slower to read."""
    from tools.sandbox.local.inside import repl  # noqa: PLC0415  (only where it is asked for)

    return repl.execute


def main(control: int, settings: dict[str, Any]) -> None:
    """Start up, greet the host and serve it; a missing primitive is reported and ends here.

    A forked process comes back here to run its program.
    """
    host = socket.socket(fileno=control)
    kernel.die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's; the host decides
    try:
        slots, cage, packages = _set_up(settings)
    except Exception as error:  # noqa: BLE001  (whatever it was, the host must hear it and choose another tier)
        host.send(json.dumps({"fault": f"{type(error).__name__}: {error}"}).encode())
        return
    host.send(json.dumps({"ready": True, "landlock": cage.landlock, "packages": packages}).encode())
    newborn = Zygote(host, slots).serve()
    if newborn:
        child.live(cage, newborn.channel, newborn.namespaces)


def _set_up(settings: dict[str, Any]) -> tuple[list[Slot], child.Cage, list[str]]:
    gc.disable()  # what imports make lives on
    slots = _open_slots(settings["slots"], namespaces=settings["namespaces"])
    version = min(landlock.version(), settings["landlock"])
    if not version and not settings["namespaces"]:
        raise OSError("this kernel has no Landlock")
    sys.path[:] = settings["path"]
    site.setquit()
    site.setcopyright()
    site.sethelper()
    packages = _warm(settings["warm"])
    execute = _repl() if settings["repl"] else program.execute
    for name in [name for name in sys.modules if name.partition(".")[0] == "tools"]:
        del sys.modules[name]  # no program is to find them; here, since in each child it would touch every name
    atexit._clear()  # what the imports want done at the end of this process is not for each program to do
    cage = child.Cage(
        readable=settings["readable"],
        scratch=settings["scratch"],
        scratch_mb=settings["scratch_mb"],
        landlock=version,
        seccomp=seccomp.build(os.uname().machine, may_change_attributes=bool(settings["scratch"])),
        base_bytes=_address_space(),
        execute=execute,
    )
    gc.collect()
    gc.freeze()
    return slots, cage, packages
