"""From what the kernel and trusted timers saw to an `Execution`; shared by the backends."""

from __future__ import annotations

import codecs
import os
import signal
from dataclasses import dataclass, field
from typing import Any

from tools.sandbox.port import Execution, Limits, Status, code_hash

OVERFLOW = 16
"""A program that writes this many times its output limit is killed."""


@dataclass
class Stream:
    """What a program wrote on one of its streams: the first `limit` bytes kept, all counted."""

    limit: int
    kept: bytearray = field(default_factory=bytearray)
    seen: int = 0

    def feed(self, data: bytes) -> None:
        """Count the data and keep what still fits."""
        self.seen += len(data)
        self.kept += data[: max(0, self.limit - len(self.kept))]

    @property
    def truncated(self) -> bool:
        """Whether anything was dropped."""
        return self.seen > self.limit

    @property
    def flooded(self) -> bool:
        """Whether the program must be stopped."""
        return self.seen > OVERFLOW * self.limit

    def text(self) -> str:
        """Return what was kept as valid UTF-8, whatever the program wrote; a character cut at the end is dropped."""
        decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        return decoder.decode(bytes(self.kept), final=not self.truncated)


class Output:
    """Both streams of a program."""

    def __init__(self, limits: Limits) -> None:
        self.stdout, self.stderr = Stream(limits.output_kb << 10), Stream(limits.output_kb << 10)

    @property
    def flooded(self) -> bool:
        """Whether the program must be stopped."""
        return self.stdout.flooded or self.stderr.flooded

    @property
    def truncated(self) -> bool:
        """Whether anything was dropped."""
        return self.stdout.truncated or self.stderr.truncated


@dataclass(frozen=True)
class Ending:
    """How a program's process ended, as the kernel and trusted timers say."""

    wait_status: int
    timed_out: bool = False
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    max_rss_kb: int = 0


def status_of(ending: Ending, limits: Limits, *, flooded: bool) -> Status:
    """Say what became of a program; the order matters, since whoever stops it does so with SIGKILL."""
    if ending.timed_out:
        return "timeout"
    if flooded:
        return "output_limit"
    if os.WIFEXITED(ending.wait_status):
        return "ok" if os.WEXITSTATUS(ending.wait_status) == 0 else "error"
    number = os.WTERMSIG(ending.wait_status)
    if (
        number in (signal.SIGXCPU, signal.SIGKILL) and ending.cpu_ms >= 500 * limits.cpu_s
    ):  # its limit counts whole ticks
        return "cpu_limit"
    return "crashed"


def execution_of(code: str, limits: Limits, backend: str, ending: Ending, output: Output) -> Execution:
    """Put together what is known of a process that ended."""
    wait_status = ending.wait_status
    return assemble(
        code,
        backend,
        status_of(ending, limits, flooded=output.flooded),
        output,
        exit_code=os.WEXITSTATUS(wait_status) if os.WIFEXITED(wait_status) else None,
        signal=os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else None,
        wall_ms=round(ending.wall_ms, 1),
        cpu_ms=round(ending.cpu_ms, 1),
        max_rss_kb=ending.max_rss_kb,
    )


def assemble(code: str, backend: str, status: Status, output: Output, **figures: Any) -> Execution:
    """Put together what is known of a run whose status is clear; `figures` are other fields of `Execution`."""
    return Execution(
        status=status,
        stdout=output.stdout.text(),
        stderr=output.stderr.text(),
        truncated=output.truncated,
        backend=backend,
        code_sha256=code_hash(code),
        **figures,
    )


def unavailable(code: str, backend: str, reason: str, wall_ms: float = 0.0) -> Execution:
    """Report the sandbox's own fault; the reason is for the operator, never for a model."""
    return Execution(
        status="unavailable", stderr=reason, wall_ms=round(wall_ms, 1), backend=backend, code_sha256=code_hash(code)
    )
