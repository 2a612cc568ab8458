"""Show how a campaign goes: a live panel on a terminal, plain lines anywhere else."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from graph.settings import Settings

Event = dict[str, Any]

QUIET_S = 30.0
"""Seconds without a line after which one is printed although no candidate ended."""

LAST = 5
"""Candidates that the panel names, those that ended last."""


def one_line(text: str, width: int = 300) -> str:
    """Make a model's text safe to print: one line, cut to a width, without control characters."""
    return " ".join(printable(text).split())[:width]


def printable(text: str) -> str:
    """Replace control characters, line ends included, by blanks."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


class Progress(Protocol):
    """Takes the events of a campaign."""

    def show(self, event: Event) -> None:
        """Take one event."""
        ...


class Tally:
    """What the display needs to know, counted from the events."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.kept = self.kept_before = self.calls = self.tokens = self.waiting = 0
        self.usd = 0.0
        self.refused: Counter[str] = Counter()
        self.began = self.last_reply = time.monotonic()

    def count(self, event: Event) -> None:
        """Count one event."""
        match event["type"]:
            case "start":
                self.kept = self.kept_before = event["kept"]
                self.refused.update({name: count for name, count in event["outcomes"].items() if name != "kept"})
                self.waiting = event["waiting"]
                self._spend(event["usage"])
            case "wait":
                self.waiting = event["waiting"]
            case "call":
                self._spend(event["usage"])
            case "end" if event["outcome"] != "stopped":
                self.kept, self.waiting = event["rows"], event["waiting"]
                self.refused[event["outcome"]] += event["outcome"] != "kept"

    def silence(self, settings: Settings, waiting: str) -> str:
        """Return for how long no model has answered, and for which calls one waits."""
        seconds = time.monotonic() - self.last_reply
        parks = f"no reply for {seconds:.0f} s; after {settings.outage_minutes:g} min without one the run parks"
        return f"{parks}; {waiting}" if waiting else parks

    def _spend(self, usage: dict[str, Any]) -> None:
        self.last_reply = time.monotonic()
        self.calls += usage["calls"]
        self.tokens += usage["input_tokens"] + usage["output_tokens"]
        self.usd += usage["usd"] or 0.0

    def line(self) -> str:
        """Return the present state as one line."""
        minutes = max(time.monotonic() - self.began, 1e-6) / 60
        rate = (self.kept - self.kept_before) / minutes
        left = "time left unknown"
        if rate and time.monotonic() - self.last_reply < QUIET_S:
            seconds = 60 * max(0, self.target - self.kept) / rate
            left = f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"
        refused = ", ".join(f"{name} {count}" for name, count in (+self.refused).most_common()) or "none"
        used = f"{self.calls} calls, {self.tokens:,} tokens" + (f", ${self.usd:.4f}" if self.usd else "")
        waiting = f" | {self.waiting} wait for review" if self.waiting else ""
        return f"kept {self.kept}/{self.target}{waiting} | refused: {refused} | {used} | {rate:.1f} kept/min, {left}"


class SilentProgress:
    """Show nothing."""

    def show(self, event: Event) -> None:
        """Take one event."""


class PlainProgress:
    """Print one line for each candidate that ends, and one every half minute in between.

    Args:
        settings: Of the run.
        verbose: Whether each call and attempt is a line, too.
        stream: Where the lines go; standard output if not given.
    """

    def __init__(self, settings: Settings, *, verbose: bool = False, stream: TextIO | None = None) -> None:
        self._settings = settings
        self._verbose = verbose
        self._stream = stream
        self._tally = Tally(settings.target)
        self._printed = time.monotonic()

    def show(self, event: Event) -> None:
        """Print a line if the event calls for one."""
        self._tally.count(event)
        if self._verbose and (line := detail(event)):
            self._print(line)
        match event["type"]:
            case "start" if event["ended"]:
                self._print(f"resuming {event['folder']}: {event['kept']} rows of {event['ended']} candidates")
            case "start":
                slots = f"up to {self._settings.slots} candidates at once"
                self._print(f"{event['folder']}: {self._settings.target} rows wanted, {slots}")
            case "warning":
                self._print(f"note: {event['text']}")
            case "end" if event["outcome"] != "stopped":  # why the run stops is its last line
                self._print(f"{ended_line(event)} | {self._tally.line()}")
            case "wait":
                self._print(f"{waiting_for_review(event)} | {self._tally.line()}")
            case "call" if time.monotonic() - self._printed > QUIET_S:
                self._print(f"at work | {self._tally.line()}")
            case "quiet" if time.monotonic() - self._printed > QUIET_S:
                silence = self._tally.silence(self._settings, event["waiting"])
                self._print(f"{silence} | {self._tally.line()}")

    def _print(self, line: str) -> None:
        self._printed = time.monotonic()
        print(line, flush=True, file=self._stream)


def ended_line(event: Event) -> str:
    """Say how a candidate ended."""
    reason = f" ({one_line(event['reason'], 120)})" if event["reason"] else ""
    return f"candidate {event['index']}: {event['outcome']}{reason}"


def waiting_for_review(event: Event) -> str:
    """Say that a candidate waits for a person, and why."""
    return f"candidate {event['index']}: waits for review ({one_line(event['reason'], 120)})"


def detail(event: Event) -> str:
    """Say what only --verbose shows: a call that was paid for, an attempt that came to its end; else nothing."""
    match event:
        case {"type": "call", "index": index, "seat": seat, "usage": usage}:
            money = "" if usage["usd"] is None else f", ${usage['usd']:.4f}"
            return f"candidate {index}: {seat}, {usage['input_tokens']} tokens in, {usage['output_tokens']} out{money}"
        case {"type": "attempt", "index": index, "outcome": outcome, "passed": passed, "samples": samples}:
            return f"candidate {index}: attempt {outcome}, defender right in {passed} of {samples}"
    return ""


class LiveProgress:
    """A panel that is redrawn in place; its last state, with the candidates that ended last, stays on the screen."""

    def __init__(self, settings: Settings, live: Live, *, verbose: bool = False) -> None:
        self._settings = settings
        self._verbose = verbose
        self._tally = Tally(settings.target)
        self._live = live
        self._ended: deque[str] = deque(maxlen=LAST)
        self._silence = ""

    def show(self, event: Event) -> None:
        """Redraw."""
        self._tally.count(event)
        if self._verbose and (line := detail(event)):
            self._live.console.print(line, markup=False, highlight=False)
        self._silence = self._tally.silence(self._settings, event["waiting"]) if event["type"] == "quiet" else ""
        if event["type"] == "end" and event["outcome"] != "stopped":
            self._ended.append(ended_line(event))
        if event["type"] == "wait":
            self._ended.append(waiting_for_review(event))
        if event["type"] == "warning":
            self._live.console.print(f"note: {event['text']}", markup=False)
        table = Table.grid(padding=(0, 1))
        table.add_row(Text(f"{self._settings.run_name}", style="bold"), Text(self._tally.line()))
        for line in filter(None, [*self._ended, self._silence]):
            table.add_row("", Text(line, style="dim", overflow="ellipsis", no_wrap=True))
        self._live.update(table)


@contextmanager
def open_progress(
    settings: Settings, *, quiet: bool = False, verbose: bool = False, aside: bool = False
) -> Iterator[Progress]:
    """Choose the display by where standard output goes, and close it at the end.

    Args:
        settings: Of the run.
        quiet: Show nothing.
        verbose: Show calls and attempts, too.
        aside: Print to standard error, since standard output is for the result alone.
    """
    if quiet:
        yield SilentProgress()
    elif aside or not sys.stdout.isatty():
        yield PlainProgress(settings, verbose=verbose, stream=sys.stderr if aside else None)
    else:
        with Live(console=Console(), refresh_per_second=4) as live:
            yield LiveProgress(settings, live, verbose=verbose)
