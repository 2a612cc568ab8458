"""Sandboxes that take the strongest place that proves itself on this machine, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from tools.extras import install_command
from tools.sandbox.local.sandbox import LocalSandbox
from tools.sandbox.port import Execution, Guarantees, Limits, Sandbox, SandboxError
from tools.sandbox.registry import open_sandbox

ORDER = ("namespace", "landlock", "wasi")
"""Only places that contain what they run; nothing less is ever fallen back to."""


class FirstThatWorks:
    """Opens the first of its candidates that works and is that place from then on."""

    def __init__(self, name: str, candidates: Sequence[Sandbox], advice: str) -> None:
        self.name = name
        self._candidates, self._advice = candidates, advice
        self._chosen: Sandbox | None = None

    async def __aenter__(self) -> Self:
        reasons = []
        for candidate in self._candidates:
            try:
                self._chosen = await candidate.__aenter__()
            except SandboxError as error:
                reasons.append(str(error))
            else:
                self.name = self._chosen.name
                return self
        raise SandboxError(f"no sandbox works here ({'; '.join(dict.fromkeys(reasons))}): {self._advice}")

    async def __aexit__(self, *exc: object) -> None:
        if self._chosen is not None:
            await self._chosen.__aexit__(*exc)
            self._chosen = None

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in the place that was chosen."""
        return await self._open().run(code, limits=limits)

    def guarantees(self) -> Guarantees:
        """Say what the chosen place promises."""
        return self._open().guarantees()

    def _open(self) -> Sandbox:
        if self._chosen is None:
            raise SandboxError("the sandbox is not open; use `async with`")
        return self._chosen


def open_auto(limits: Limits, concurrency: int) -> FirstThatWorks:
    """Take the default: the first of `ORDER`."""
    candidates = [open_sandbox(name, limits=limits, concurrency=concurrency, remember=0) for name in ORDER]
    advice = f"apt install bubblewrap, allow user namespaces, {install_command('wasi')}, or name another with --sandbox"
    return FirstThatWorks("auto", candidates, advice)


def open_repl(limits: Limits, concurrency: int) -> FirstThatWorks:
    """Take LangChain's PythonREPL, inside the strongest local cage."""
    candidates = [LocalSandbox(tier, limits, concurrency, repl=True) for tier in ("namespace", "landlock")]
    return FirstThatWorks("repl", candidates, "choose another with --sandbox")
