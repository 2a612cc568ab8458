"""The port of the novelty gate, which decides whether a question is new and then remembers it; records and options."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field

DEFAULT_EMBEDDER = "sentence-transformers/all-MiniLM-L6-v2"


class NoveltyError(RuntimeError):
    """The gate cannot be opened or used; the message says why and what to do."""


class UnfitItem(NoveltyError):  # named after what is wrong, not *Error
    """The question cannot be judged: it is empty or too long. The store is unharmed."""


class NoveltyItem(BaseModel):
    """A question to compare; `answer` is empty until it is verified."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    owner: str
    """The candidate whose question it is; its own stored entry does not count, so it may offer again after a crash."""
    answer: str = ""
    answer_kind: str = "text"
    choices: tuple[str, ...] = ()
    program: str = ""


class Decision(BaseModel):
    """The gate's decision; for a novel question `nearest` and `score` name the nearest item and its cosine."""

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
        """One sentence on what the Attacker should avoid; empty for a novel question."""
        if self.verdict == "novel":
            return ""
        whose = "a benchmark's question" if self.verdict == "contaminated" else "a question that is already there"
        rule = self.rule.replace("_", " ")
        return f"too close to {whose} ({rule}, {self.score or 0:.2f}); ask something else than: {self.nearest_text}"


class Nearby(BaseModel):
    """A stored item near a text; `rule` is what makes the text its near-duplicate, empty where it is merely related."""

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
        """Decide and, where novel, remember, atomically: of two near-duplicates offered at once only one is novel.

        The same owner offering the same question again gets the first decision again.
        """
        ...

    async def protect(self, benchmark: str, items: Sequence[NoveltyItem]) -> int:
        """Remember a benchmark's items, so that items near them are contaminated; return how many were new."""
        ...

    async def near(self, item: NoveltyItem) -> list[Nearby]:
        """List the nearest stored items, nearest first, each with the rule that fires (read-only)."""
        ...

    async def vectors(self, items: Sequence[NoveltyItem]) -> list[list[float] | None]:
        """Return the stored vectors of accepted questions, in the order of the items; None for what is not stored."""
        ...

    async def count(self) -> dict[str, int]:
        """Count what is stored: `accepted` and `benchmark`."""
        ...


class NoveltyOptions(BaseModel):
    """How to open a store; each adapter uses the fields that concern it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    store: str = "edge"
    """`edge` (Qdrant in this process) or the URL of a Qdrant server."""
    path: Path | None = None
    """Folder of the edge store; None for a temporary one that is deleted on exit."""
    embedder: str = DEFAULT_EMBEDDER
    """A fastembed model by name."""
    model_path: Path | None = None
    """A folder with that model's files; None to find them."""
    threads: int = 1
    """Threads of the embedder."""
    strict: bool = False
    """Also refuse a question whose program equals another's but for names and constants."""
    collection: str = "nanoflux"
    """The server's collection."""
    api_key: str | None = Field(default=None, repr=False)
    """The server's key."""
