"""The table of what can stand behind the sandbox port, and the one way to open a row of it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from tools.sandbox.port import Guarantees, Limits, Sandbox, SandboxError
from tools.sandbox.remembering import RememberingSandbox

COMPUTING = ("numpy", "scipy", "sympy")


def _all_but(*missing: str, packages: tuple[str, ...] = ()) -> Guarantees:
    """Make a row's guarantees: everything but what is missing, and the packages that programs can import."""
    flags = {name: name not in missing for name in Guarantees.model_fields if name != "packages"}
    return Guarantees.model_validate({**flags, "packages": packages})


@dataclass(frozen=True)
class Place:
    """A row of `SANDBOXES`: where programs can run."""

    opener: str
    """`module:callable`; called with (limits, concurrency), it gives a `Sandbox`. Imported when asked for."""
    summary: str
    guarantees: Guarantees
    """What it promises on every machine; where it depends on the machine, the least, and the backend says more."""
    caveat: str = ""
    """What every report says of a place whose results must not be met unawares: "Programs ran in X, which ..."."""


SANDBOXES: dict[str, Place] = {
    "auto": Place(
        "tools.sandbox.automatic:open_auto",
        "the first of namespace, landlock and wasi that works here",
        _all_but("scratch_folder", "exact_cpython"),
    ),
    "namespace": Place(
        "tools.sandbox.local.sandbox:open_namespace",
        "Linux: warm interpreter in bubblewrap, own namespaces a program, Landlock, seccomp, limits",
        _all_but(),
    ),
    "landlock": Place(
        "tools.sandbox.local.sandbox:open_landlock",
        "Linux without namespaces: warm interpreter, Landlock, seccomp, limits; no folder to write to",
        _all_but("scratch_folder"),  # and a program can learn that a path exists, though not read it
    ),
    "repl": Place(
        "tools.sandbox.automatic:open_repl",
        "Linux: LangChain's PythonREPL inside the cage of namespace or landlock; needs the extra `repl`",
        _all_but("scratch_folder", "exact_cpython"),
        caveat="strips code fences and a leading word `python` from a program before it runs",
    ),
    "wasi": Place(
        "tools.sandbox.wasi:WasiSandbox",
        "any platform: CPython in WebAssembly; needs the extra `wasi`",
        _all_but("scratch_folder", "exact_cpython", packages=COMPUTING),
        caveat="is CPython 3.15 with 32-bit pointers: last digits can differ from this machine's Python",
    ),
    "monty": Place(
        "tools.sandbox.monty:MontySandbox",
        "any platform: a small Python of its own, without packages; needs the extra `monty`",
        _all_but("scratch_folder", "exact_cpython"),
        caveat="is not CPython: it rounds differently (round(2.675, 2) is 2.68, not 2.67)",
    ),
    "e2b": Place(
        "tools.sandbox.e2b:E2BSandbox",
        "E2B's cloud: a virtual machine without internet; needs E2B_API_KEY",
        _all_but("processes_isolated", packages=COMPUTING),  # a program could tamper with the report of its own run
    ),
    "process": Place(
        "tools.sandbox.process:ProcessSandbox",
        "a plain subprocess with limits; not a sandbox: it sees this machine's files and network",
        _all_but("files_hidden", "network_blocked", "processes_isolated", "memory_capped", packages=("*",)),
        caveat="is no sandbox: they could see this machine",
    ),
}


def open_sandbox(name: str, *, limits: Limits, concurrency: int, remember: int = 256) -> Sandbox:
    """Return the sandbox of that name, to be entered with `async with`.

    Args:
        name: a row of `SANDBOXES`.
        limits: of every run that brings none of its own.
        concurrency: how many programs run at once; further calls wait their turn.
        remember: how many finished runs are kept and given again for the same program and limits; 0 for none.

    Raises:
        SandboxError: no such row; entering raises it where the sandbox cannot work on this machine.
    """
    if name not in SANDBOXES:
        raise SandboxError(f"no sandbox is called {name!r}; choose one of {', '.join(SANDBOXES)}")
    module, _, opener = SANDBOXES[name].opener.partition(":")
    sandbox: Sandbox = getattr(importlib.import_module(module), opener)(limits, concurrency)
    return RememberingSandbox(sandbox, limits, remember) if remember else sandbox
