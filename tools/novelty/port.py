"""The port of the novelty gate: is this question new, and if so, remember it; and what can stand behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"


class NoveltyError(RuntimeError):
    """The gate cannot be opened or asked; the message says why and what to do."""


class UnfitItem(NoveltyError):  # a kind of NoveltyError, named after what is wrong
    """The question itself cannot be judged: it is empty or absurdly long. The store is well."""


class NoveltyItem(BaseModel):
    """A question as the gate sees it; `answer` is empty while no program has printed it."""

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
    """Owner of the neighbour; "benchmark:owner" for a benchmark's item."""
    nearest_text: str = ""
    borderline: bool = False
    """Novel by every rule, yet near enough that a Judge may be asked whether the reasoning is the same."""

    @property
    def feedback(self) -> str:
        """Say in one sentence what the Attacker should avoid; empty for a novel question."""
        if self.verdict == "novel":
            return ""
        whose = "a benchmark's question" if self.verdict == "contaminated" else "a question that is already there"
        rule = self.rule.replace("_", " ")
        return f"too close to {whose} ({rule}, {self.score or 0:.2f}); ask something else than: {self.nearest_text}"


class Nearby(BaseModel):
    """A stored item near a text, and the rule by which the text would be its twin; empty for a cousin."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question: str
    cosine: float
    rule: str = ""


class Novelty(Protocol):
    """Decides and remembers; an async context manager."""

    @property
    def embedder(self) -> str:
        """Name and fingerprint of the model behind the vectors, as recorded in the store."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...

    async def look(self, item: NoveltyItem) -> Decision:
        """Decide without remembering (read-only)."""
        ...

    async def admit(self, item: NoveltyItem) -> Decision:
        """Decide and, where novel, remember, atomically: of two twins offered at once only one is novel.

        The same owner offering the same question again gets the first decision again.
        """
        ...

    async def protect(self, benchmark: str, items: Sequence[NoveltyItem]) -> int:
        """Remember a benchmark's items, so that offers near them are contaminated; return how many were new."""
        ...

    async def near(self, item: NoveltyItem) -> list[Nearby]:
        """List what lies nearest, nearest first, with what the rules say of each (read-only)."""
        ...

    async def count(self) -> dict[str, int]:
        """Count what is stored: `accepted` and `benchmark`."""
        ...


class NoveltyOptions(BaseModel):
    """How to open a store; each adapter takes what concerns it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = "edge"
    """`edge` (Qdrant in this process) or the URL of a Qdrant server."""
    path: Path | None = None
    """Folder of the edge store; None for a temporary one that is gone at the exit."""
    embedder: str = DEFAULT_EMBEDDER
    """A fastembed model by name."""
    model_path: Path | None = None
    """A folder with that model's files; None to find them."""
    threads: int = 1
    """Threads of the embedder."""
    strict: bool = False
    """Also refuse a question whose program is that of another, names and constants aside."""
    collection: str = "nanoflux"
    """The server's collection."""
    api_key: str | None = Field(default=None, repr=False)
    """The server's key."""
