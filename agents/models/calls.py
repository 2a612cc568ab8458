"""What a seat needs of whoever keeps the books of a candidate: calls remembered, admitted, and written down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.messages import BaseMessage

from agents.models.transport.batches import Unhurried
from agents.records import SeatName, SeatUsage


@dataclass
class CallCost:
    """What an admitted call came to; None while nobody knows."""

    usage: SeatUsage | None = None


class Journal(Protocol):
    """Remembers finished calls of one candidate, so that none is paid for twice, and says whether one may start."""

    @property
    def closing(self) -> asyncio.Event | None:
        """Set once no call may start any more, so that nobody waits for a turn; None where that never comes."""
        ...

    async def unhurried(self, key: str) -> Unhurried | None:
        """Return what is known of a call that can wait for a batch; None for one that cannot."""
        ...

    async def recall(self, key: str) -> dict[str, Any] | None:
        """Return the reply recorded under this key, or None."""
        ...

    def admit(self, worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        """Hold the worst case of a call while it is made; raises `NotAdmitted` where none may start."""
        ...

    async def record(self, key: str, seat: SeatName, usage: SeatUsage, reply: dict[str, Any]) -> None:
        """Write the reply down before anything acts on it."""
        ...


@dataclass(frozen=True)
class Request:
    """One thing asked of a model, in whichever form; `kind` is the record's name, or "say"."""

    kind: str
    key: str
    journal: Journal
    messages: Sequence[BaseMessage]
