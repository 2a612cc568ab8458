"""Run a program as `python program.py` would, in this very process; also a command, for the plain subprocess.

As a command (`python program.py FD`) it reads a line of JSON with the limits and then the program from FD.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import json
import linecache
import os
import random
import sys
import threading
import traceback
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any, NoReturn

NAME = "program.py"
Execute = Callable[[bytes, dict[str, Any]], None]
"""Runs a program's text with the names of its main module; raises what the program raises."""


def set_limits(cpu_s: int, memory_mb: int, file_mb: int, base_bytes: int = 0) -> None:
    """Set the process's own limits; a soft limit equal to the hard one can never be raised again.

    `base_bytes` is the address space that is in use already and does not count.
    """
    import resource  # noqa: PLC0415  (WebAssembly has none, and its programs get their limits from outside)

    for kind, value in (
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_AS, base_bytes + (memory_mb << 20)),
        (resource.RLIMIT_FSIZE, file_mb << 20),
        (resource.RLIMIT_STACK, 64 << 20),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bound, bound))


def execute(source: bytes, space: dict[str, Any]) -> None:
    """Run the program's text with these names, as Python runs a script."""
    exec(compile(source, NAME, "exec", dont_inherit=True), space)  # noqa: S102  (what this is for)


def run_program(source: bytes, execute: Execute = execute) -> NoReturn:
    """Run the program as the main module and end the process with the exit code that Python would give."""
    code = 1
    try:
        main = _main_module(source)
        random.seed(0)
        execute(source, main.__dict__)
        code = 0
    except SystemExit as stop:
        code = _exit_code(stop)
    except BaseException as error:  # noqa: BLE001  (the process ends here; Python itself would print it too)
        _show(error)
    _leave(code)


def _main_module(source: bytes) -> ModuleType:
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = main
    sys.argv = [NAME]
    lines = source.decode("utf-8", "replace").splitlines(keepends=True)
    linecache.cache[NAME] = (len(source), None, lines, NAME)
    return main


def _exit_code(stop: SystemExit) -> int:
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    print(stop.code, file=sys.stderr)
    return 1


def _show(error: BaseException) -> None:
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != NAME:
        trace = trace.tb_next
    with contextlib.suppress(BaseException):  # a program may break what prints its own error
        traceback.print_exception(type(error), error, trace)


def _leave(code: int) -> NoReturn:
    """End as Python does (threads, exit functions, buffers), but without tearing the interpreter down."""
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # what the interpreter itself calls: it ends pools, then joins
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:  # noqa: BLE001  (Python's own exit code where the last flush fails)
        code = code or 120
    finally:
        os._exit(code)


if __name__ == "__main__":
    with open(int(sys.argv[1]), "rb") as request:  # noqa: PTH123  (a descriptor, not a path)
        set_limits(**json.loads(request.readline()))
        program = request.read()
    run_program(program)
