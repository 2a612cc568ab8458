"""How a question is stored: its point id, its payload, and the neighbour made of it.

Both adapters keep the same layout, so a collection may move from one to the other. Ids derive from the normalised
text: the same question is the same point for every owner.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tools.novelty.embedder import Embedder, Vectors
from tools.novelty.port import Decision, Nearby, NoveltyError, NoveltyItem, NoveltyOptions, UnfitItem
from tools.novelty.rules.decision import RULES_VERSION, Neighbour, compare, decide, limits_for, normalised
from tools.novelty.rules.question_shape import Shape, shape_of

Kind = Literal["accepted", "benchmark"]
Payload = dict[str, Any]

LONGEST = 50_000
"""Characters of a question with its options; a longer one is refused."""
_NAMESPACE = uuid.UUID("7a0f3f43-3f0c-5d0b-9d53-6e616e6f666c")
_CHUNK = 64
REMEMBERED = 1024
"""Vectors kept in memory: a question is checked before the paid calls and inserted after them."""


@dataclass(frozen=True)
class Prepared:
    """An item with its id and vector, ready for search and insert."""

    item: NoveltyItem
    benchmark: str
    id: str
    vector: list[float]

    def payload(self, decision: Decision | None = None, **claim: Any) -> Payload:
        """Return what is stored beside the vector, with the decision that the same item is to get again."""
        found = decision.model_dump(include={"score", "nearest", "nearest_text", "borderline"}) if decision else {}
        kind: Kind = "benchmark" if self.benchmark else "accepted"
        return {
            **self.item.model_dump(mode="json"),
            "kind": kind,
            "benchmark": self.benchmark,
            "shape": shape_of(self.item.question, self.item.choices).packed(),
            "state": "accepted",
            **claim,
            "decision": found,
        }


class Preparer:
    """Checks and embeds items, one call of the model at a time."""

    def __init__(self, options: NoveltyOptions, embedder: Embedder | None = None) -> None:
        self.embedder = embedder or Embedder(options.embedder, model_path=options.model_path, threads=options.threads)
        self.limits = limits_for(self.embedder.model)
        self.strict = options.strict
        self._turn = asyncio.Lock()
        self._recent: dict[str, list[float]] = {}

    async def load(self) -> None:
        """Read the model's files."""
        await asyncio.to_thread(self.embedder.load)

    async def one(self, item: NoveltyItem) -> Prepared:
        """Prepare one item.

        Raises:
            UnfitItem: It is empty, or far too long.
        """
        return (await self.many([item]))[0]

    async def many(self, items: Sequence[NoveltyItem], benchmark: str = "") -> list[Prepared]:
        """Prepare items of one kind together; raises like `one`."""
        vectors = await self._embed([fit_text(item) for item in items])
        return [
            Prepared(item, benchmark, point_id(item, benchmark), vector)
            for item, vector in zip(items, vectors, strict=True)
        ]

    async def _embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return their vectors; remembered ones come without waiting for the model."""
        if all(text in self._recent for text in texts):
            return [self._recent[text] for text in texts]
        async with self._turn:
            fresh = [text for text in dict.fromkeys(texts) if text not in self._recent]
            vectors: Vectors = await asyncio.to_thread(self.embedder.embed, fresh)
            self._recent |= zip(fresh, vectors.tolist(), strict=True)
            found = [self._recent[text] for text in texts]
            for text in list(self._recent)[:-REMEMBERED]:
                del self._recent[text]
        return found

    def decide(self, prepared: Prepared, found: Sequence[tuple[Payload, float]]) -> Decision:
        """Apply the rules to what the search found."""
        near = [neighbour_of(payload, cosine) for payload, cosine in found]
        return decide(prepared.item, near, self.limits, strict=self.strict)

    def nearby(self, prepared: Prepared, found: Sequence[tuple[Payload, float]]) -> list[Nearby]:
        """Return what the search found, each with the rule that fires."""
        rows = []
        for near in (neighbour_of(payload, cosine) for payload, cosine in found):
            near_duplicate = compare(prepared.item, near, self.limits, strict=self.strict)
            rule = near_duplicate.rule if near_duplicate else ""
            rows.append(Nearby(name=near.name, question=near.item.question, cosine=round(near.cosine, 4), rule=rule))
        return rows

    def identity(self) -> dict[str, Any]:
        """Return what a store's vectors and decisions depend on; recorded in it, and compared when it is opened."""
        return {"embedder": self.embedder.name, "dimension": self.embedder.dimension, "rules": RULES_VERSION}

    def require_identity(self, recorded: object, where: str) -> None:
        """Compare with what a store recorded.

        Raises:
            NoveltyError: The store was made with another embedder, dimension or rule version.
        """
        for key, mine in self.identity().items():
            theirs = recorded.get(key) if isinstance(recorded, dict) else None
            if theirs != mine:
                raise NoveltyError(
                    f"{where} was made with {key} {theirs!r}, and this is {mine!r}; "
                    "open it with the one it was made with, or start a new store"
                )


def fit_text(item: NoveltyItem) -> str:
    """Return the text to embed: the question, then its options without letters.

    Raises:
        UnfitItem: It is empty, or far too long.
    """
    text = normalised(item).strip()
    if not any(char.isalnum() for char in text):
        raise UnfitItem(f"the question {item.question[:80]!r} has no words; write one")
    if len(text) > LONGEST:
        raise UnfitItem(f"the question has {len(text)} characters; at most {LONGEST} are looked at")
    return text


def point_id(item: NoveltyItem, benchmark: str = "") -> str:
    """Name the point by its text alone; a benchmark's item never takes an accepted question's place."""
    return str(uuid.uuid5(_NAMESPACE, f"{benchmark}\n{normalised(item)}"))


def neighbour_of(payload: Payload, cosine: float) -> Neighbour:
    """Read back what was stored."""
    item = NoveltyItem.model_validate({key: payload[key] for key in NoveltyItem.model_fields})
    shape = Shape.unpacked(payload["shape"])
    return Neighbour(item=item, cosine=cosine, benchmark=payload["benchmark"], shape=shape)


def stored_decision(payload: Payload) -> Decision:
    """Return the decision that accepted a stored question."""
    return Decision(verdict="novel", **payload["decision"])


def chunks(items: Sequence[NoveltyItem]) -> list[Sequence[NoveltyItem]]:
    """Split a long list into parts that embed in about a second."""
    return [items[at : at + _CHUNK] for at in range(0, len(items), _CHUNK)]
