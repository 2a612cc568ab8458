"""A process that offers questions and prints each decision on a line; the races kill it.

`python -m tests.unit.novelty.submitter STORE PART OF MANY`: STORE is a folder or a URL. A folder gets questions that
are all new, a server its PART of the near-duplicates.
"""

import asyncio
import random
import sys
from pathlib import Path

from tests.unit.novelty.items import near_duplicates
from tools.novelty.port import Novelty, NoveltyItem, NoveltyOptions
from tools.novelty.registry import open_novelty
from tools.novelty.stores.qdrant import QdrantNovelty

AT_ONCE = 8
WORDS_TEXT = """anchor copper delta ember falcon granite harbor indigo jasper kelp lantern marble nectar onyx plume
quartz raven saffron timber umber velvet willow xenon yarrow zephyr beacon cobalt drizzle elm fjord glacier"""
WORDS = WORDS_TEXT.split()


def new_questions(part: int, many: int) -> list[NoveltyItem]:
    """Return questions of random words, so that hardly two are near-duplicates."""
    rng = random.Random(part)
    texts = (f"Why does the {' '.join(rng.sample(WORDS, 7))}?" for _ in range(many))
    return [NoveltyItem(question=text, owner=f"{part}/{at}") for at, text in enumerate(texts)]


async def offer_all(gate: Novelty, items: list[NoveltyItem]) -> None:
    """Offer them, a few at once, and print each owner with its verdict."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(item: NoveltyItem) -> None:
        async with slots:
            decision = await gate.admit(item)
        print(item.owner, decision.verdict, flush=True)

    await asyncio.gather(*map(one, items))


async def main(store: str, part: int, of: int, many: int) -> None:
    """Run one process."""
    if store.startswith("http"):
        items = near_duplicates(many)[part::of]
        random.Random(part).shuffle(items)
        gate: Novelty = QdrantNovelty(NoveltyOptions(store=store, collection="race"), lease_s=5.0)
    else:
        items = new_questions(part, many)
        gate = open_novelty("edge", path=Path(store))
    async with gate:
        await offer_all(gate, items)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
