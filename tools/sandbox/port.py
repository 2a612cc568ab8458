"""The port through which untrusted Python runs, and the table of what can stand behind it."""

from __future__ import annotations

import hashlib
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["ok", "error", "timeout", "cpu_limit", "output_limit", "crashed", "unavailable"]


class SandboxError(RuntimeError):
    """No sandbox can be opened here; the message says what to install or choose."""


class Limits(BaseModel):
    """What one run may use."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wall_s: float = Field(default=6.0, gt=0, description="wall-clock seconds until the whole group is killed")
    cpu_s: int = Field(default=5, ge=1, description="CPU seconds")
    memory_mb: int = Field(default=1024, ge=64, description="address space, MiB")
    file_mb: int = Field(default=16, ge=0, description="largest file, MiB")
    output_kb: int = Field(default=64, ge=1, description="kept of each of stdout and stderr, KiB")
    code_kb: int = Field(default=64, ge=1, le=128, description="longest program, KiB")


class Execution(BaseModel):
    """What came of one run; `status` is never taken from anything that the program can print.

    `unavailable` is the sandbox's own fault: it is not shown to a model and is no verdict on the program.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status
    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    signal: int | None = None
    truncated: bool = False
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    max_rss_kb: int = 0
    backend: str
    code_sha256: str

    def trusted(self) -> Self:
        """Return it, unless it says nothing of the program.

        Raises:
            SandboxError: The sandbox failed.
        """
        if self.status == "unavailable":
            why = self.stderr.strip()[-300:] or "it gave no reason"
            raise SandboxError(f"the sandbox {self.backend!r} failed, not the program: {why}")
        return self


class Guarantees(BaseModel):
    """What a backend promises on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files_hidden: bool
    network_blocked: bool
    processes_isolated: bool
    memory_capped: bool
    state_fresh: bool
    scratch_folder: bool
    exact_cpython: bool
    packages: tuple[str, ...]


class Sandbox(Protocol):
    """Runs one program at a time per call, any number of calls at once; an async context manager."""

    name: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def run(self, code: str, *, limits: Limits | None = None) -> Execution:
        """Run the program in a fresh process and report what came of it; never raises for the program's faults.

        Args:
            code: the program; neither trusted nor looked at.
            limits: instead of those that the sandbox was opened with.
        """
        ...

    def guarantees(self) -> Guarantees:
        """Say what holds on this machine."""
        ...


def code_hash(code: str) -> str:
    """Name a program; lone surrogates, which no file can hold, are hashed all the same."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
