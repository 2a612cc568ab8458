"""A task that a model of 135 million weights can learn in minutes: counts that grow, shrink and double.

An item is a function of its seed, its skills and its number of steps; what a model of this size cannot do at all
(GSM8K, the offline families with their large numbers) would show no difference between arms.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from evals.comparison.pool import PoolRow
from evals.training.rows import worked

NAMES = ("Ana", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jan")
THINGS = ("cups", "pens", "coins", "books", "shells", "stamps", "plums", "keys")
SKILLS = ("plus", "minus", "double")
LARGEST = 60


def item(rng: Random, skill: str, hops: int, known: tuple[str, ...]) -> PoolRow:
    """Write an item of so many steps, one of them of the skill, the others of skills that are `known` too."""
    skills = [skill, *(rng.choice(known) for _ in range(hops - 1))]
    while True:
        rng.shuffle(skills)
        number = start = rng.randint(3, 20)
        sentences, steps = [], []
        for one in skills:
            by = rng.randint(2, 9)
            if one == "double":
                sentences.append("Then the number doubles.")
                steps.append(f"{number} * 2 = {number * 2}.")
                number *= 2
            elif one == "plus":
                sentences.append(f"Then {by} more come.")
                steps.append(f"{number} + {by} = {number + by}.")
                number += by
            else:
                sentences.append(f"Then {by} are given away.")
                steps.append(f"{number} - {by} = {number - by}.")
                number -= by
        if 0 < number <= LARGEST and all("= -" not in step for step in steps):
            break
    name, things = rng.choice(NAMES), rng.choice(THINGS)
    text = f"{name} has {start} {things}. {' '.join(sentences)} How many {things} does {name} have?"
    return PoolRow(
        prompt=text,
        completion=worked(steps, str(number)),
        answer=str(number),
        answer_kind="number",
        skill=skill,
        hops=hops,
    )


def items(
    seed: str, count: int, skills: Mapping[str, float], hops: Mapping[int, float], taken: set[str]
) -> list[PoolRow]:
    """Draw items by shares of skills and hops, none of them twice or taken already; `taken` grows by their texts.

    An item is of the rarest of its skills, so that a skill that is rare in a pool is in no item of another skill; one
    with a share of zero is in items of others only.
    """
    rng, rows = Random(f"small task/{seed}"), list[PoolRow]()  # noqa: S311  # repeatable, not secret
    names = list(skills)
    while len(rows) < count:
        skill = rng.choices(names, [skills[name] for name in names])[0]
        many = rng.choices(list(hops), list(hops.values()))[0]
        known = tuple(name for name in names if not skills[name] or skills[name] >= skills[skill])
        row = item(rng, skill, many, known)
        if row.prompt not in taken:
            taken.add(row.prompt)
            rows.append(row)
    return rows
