"""The port of the novelty gate: is this question new, and if so, remember it."""

from __future__ import annotations

from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict


class NoveltyError(RuntimeError):
    """The store cannot be opened or asked; the message says why and what to do."""


class Offer(BaseModel):
    """A question as the gate sees it; `answer` is empty before it was verified."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    owner: str
    """Who offers: a candidate that offers twice (after a crash) meets its own entry and is let through."""
    answer: str = ""
    answer_kind: str = "text"
    choices: tuple[str, ...] = ()
    program: str = ""


class Decision(BaseModel):
    """What the gate found; for an acceptance `nearest` and `score` say how near the next item is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal["novel", "duplicate", "contaminated"]
    rule: str = ""
    score: float | None = None
    nearest: str | None = None
    nearest_text: str = ""


class Novelty(Protocol):
    """Decides and remembers; an async context manager."""

    embedder: str

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def look(self, offer: Offer) -> Decision:
        """Decide without remembering (read-only)."""
        ...

    async def admit(self, offer: Offer) -> Decision:
        """Decide and, where novel, remember, atomically: of two twins offered at once only one is novel."""
        ...
