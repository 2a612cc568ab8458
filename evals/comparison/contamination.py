"""No row of an arm may be an item of the test: the check, and the refusal.

For files of a user's own, nearness counts, by the rules of the novelty gate. A declared setting draws pool and test
from one small family, where all rows are near each other by design; there no text may be in both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from agents.errors import SetupError
from evals.comparison.pool import PoolRow
from tools.answers import normalise_question
from tools.novelty.port import NoveltyItem, UnfitItem
from tools.novelty.registry import open_novelty


def refuse_same(rows: Sequence[PoolRow], test: Sequence[PoolRow]) -> None:
    """Refuse texts that are in both.

    Raises:
        SetupError: One is.
    """
    texts = {normalise_question(row.prompt) for row in test}
    both = [row.prompt for row in rows if normalise_question(row.prompt) in texts]
    if both:
        raise SetupError(
            f"{len(both)} of {len(rows)} rows to train on are in the test, as {both[0][:80]!r}; take them out"
        )


def refuse_near(arms: Mapping[str, Sequence[PoolRow]], test: Sequence[PoolRow]) -> None:
    """Refuse rows that the novelty gate calls contaminated by an item of the test.

    Raises:
        SetupError: One is; the message names the arm, the rule and the texts.
    """
    asyncio.run(_refuse_near(arms, test))


async def _refuse_near(arms: Mapping[str, Sequence[PoolRow]], test: Sequence[PoolRow]) -> None:
    async with open_novelty("edge") as gate:
        await gate.protect("test", [_item(row, f"{place}") for place, row in enumerate(test)])
        for arm, rows in arms.items():
            for place, row in enumerate(rows):
                try:
                    found = await gate.look(_item(row, f"{arm}/{place}"))
                except UnfitItem as error:
                    raise SetupError(f"a row to train on is no question: {error}") from error
                if found.verdict == "contaminated":
                    raise SetupError(
                        f"{arm}: {row.prompt[:80]!r} is too near an item of the test ({found.rule}, "
                        f"{found.score or 0:.2f}): {found.nearest_text[:80]!r}; take it out, or test on something else"
                    )


def _item(row: PoolRow, owner: str) -> NoveltyItem:
    return NoveltyItem(
        question=row.prompt, owner=owner, answer=row.answer, answer_kind=row.answer_kind, choices=row.choices
    )
