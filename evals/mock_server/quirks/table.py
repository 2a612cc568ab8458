"""The table of quirks: each has a name, says what it does, and how a run against it should end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from agents.records import SEATS, SeatName
from evals.mock_server.quirks.call import Call

Play = Callable[[Call], Response | Awaitable[Response]]


@dataclass(frozen=True)
class Quirk:
    """One way in which a server differs from the API."""

    name: str
    what: str
    play: Play
    stops: str = ""
    """What the run's ending must say; empty where it must reach its target."""
    most_calls: int = 40
    """Calls that a run may make."""
    seats: tuple[SeatName, ...] = SEATS
    """Seats that meet it; the others meet an ideal server."""
    settings: dict[str, Any] = field(default_factory=dict)
    """Settings of the run."""
    slow: bool = False
    """Whether a run against it waits for long."""
    listing: dict[str, Any] = field(default_factory=dict)
    """What it lists of each model, beside its name."""
    models: Response | None = None
    """What `/models` answers instead of a listing."""
    properties: dict[str, Any] = field(default_factory=dict)
    """What it says of itself at `/props`, as llama.cpp's server does."""


QUIRKS: dict[str, Quirk] = {}


def quirk(  # noqa: PLR0913  # the fields of a row, by name
    *,
    stops: str = "",
    most_calls: int = 40,
    seats: tuple[SeatName, ...] = SEATS,
    slow: bool = False,
    listing: dict[str, Any] | None = None,
    models: Response | None = None,
    properties: dict[str, Any] | None = None,
    **settings: Any,
) -> Callable[[Play], Play]:
    """Enter a function into the table, under its name and with the first line of its docstring."""

    def enter(play: Play) -> Play:
        name = getattr(play, "__name__", "").strip("_").replace("_", "-")
        what = (play.__doc__ or "").strip().splitlines()[0].rstrip(".")
        QUIRKS[name] = Quirk(
            name, what, play, stops, most_calls, seats, settings, slow, listing or {}, models, properties or {}
        )
        return play

    return enter
