"""A process that offers questions and says what it was told, one line each; the races kill it.

`python -m tests.unit.novelty.offerer STORE PART OF MANY`: STORE is a folder or a URL. A folder gets questions that
are all new, a server its PART of the near-twins.
"""

import asyncio
import random
import sys
from pathlib import Path

from tests.unit.novelty.items import near_twins
from tools.novelty.port import Novelty, NoveltyOptions, Offer
from tools.novelty.registry import open_novelty
from tools.novelty.stores.qdrant import QdrantNovelty

AT_ONCE = 8
WORDS_TEXT = """anchor copper delta ember falcon granite harbor indigo jasper kelp lantern marble nectar onyx plume
quartz raven saffron timber umber velvet willow xenon yarrow zephyr beacon cobalt drizzle elm fjord glacier"""
WORDS = WORDS_TEXT.split()


def new_questions(part: int, many: int) -> list[Offer]:
    """Return questions of random words, so that hardly two are twins."""
    rng = random.Random(part)
    texts = (f"Why does the {' '.join(rng.sample(WORDS, 7))}?" for _ in range(many))
    return [Offer(question=text, owner=f"{part}/{at}") for at, text in enumerate(texts)]


async def offer_all(gate: Novelty, offers: list[Offer]) -> None:
    """Offer them, a few at once, and print each owner with its verdict."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(offer: Offer) -> None:
        async with slots:
            decision = await gate.admit(offer)
        print(offer.owner, decision.verdict, flush=True)

    await asyncio.gather(*map(one, offers))


async def main(store: str, part: int, of: int, many: int) -> None:
    """Run one offerer."""
    if store.startswith("http"):
        offers = near_twins(many)[part::of]
        random.Random(part).shuffle(offers)
        gate: Novelty = QdrantNovelty(NoveltyOptions(store=store, collection="race"), lease_s=5.0)
    else:
        offers = new_questions(part, many)
        gate = open_novelty("edge", path=Path(store))
    async with gate:
        await offer_all(gate, offers)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
