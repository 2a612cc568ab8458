"""Put worked examples before each question: drawn once by a seed, the same for every item, and never an item itself."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from agents.errors import SetupError
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.benchmarks.table import BENCHMARKS
from prompts.render import posed_text
from tools.answers import normalise_question


def few_shot(items: Sequence[Item], source: str, form: str, count: int, *, seed: int = 0) -> list[Item]:
    """Return the items with worked examples before each question.

    Args:
        items: The questions to be asked.
        source: Where the examples are drawn from: a file, or a benchmark of the hub, whose training split is taken.
        form: The format of a file's rows.
        count: Examples before each question; 0 leaves the items as they are.
        seed: Says which are drawn.

    Raises:
        SetupError: The benchmark has no training split, or there are too few examples that are no item.
        RowFileError, ItemError: The file cannot be read.
    """
    if not count:
        return list(items)
    examples = drawn(load_source(source, form, training=True), items, count, seed)
    return [with_examples(item, examples) for item in items]


def drawn(pool: Sequence[Item], items: Sequence[Item], count: int, seed: int) -> list[Item]:
    """Draw examples from what is no item.

    Raises:
        SetupError: There are too few.
    """
    asked = {normalise_question(item.question) for item in items}
    rest = {normalise_question(one.question): one for one in pool}
    free = [one for question, one in rest.items() if question not in asked]
    if len(free) < count:
        raise SetupError(f"--few-shot {count}: only {len(free)} of {len(pool)} examples are no item of the benchmark")
    return Random(f"few-shot/{seed}").sample(free, count)  # noqa: S311  # repeatable


def with_examples(item: Item, examples: Sequence[Item]) -> Item:
    """Put the examples before the question, each ending in the line that is read back."""
    worked = "\n\n".join(map(_worked, examples))
    return item.model_copy(update={"question": f"{worked}\n\nQuestion: {item.question}"})


def _worked(example: Item) -> str:
    letter = f"{chr(ord('A') + example.choices.index(example.answer))}) " if example.choices else ""
    parts = [f"Question: {posed_text(example.question, example.choices)}", example.solution]
    return "\n".join([part for part in parts if part] + [f"ANSWER: {letter}{example.answer}"])


def examples_of(source: str, examples: str | None) -> str:
    """Say where examples are drawn from: what was named, else the benchmark's own training split.

    Raises:
        SetupError: It has none.
    """
    if examples is None and not (source in BENCHMARKS and BENCHMARKS[source].train):
        raise SetupError(f"--few-shot: {source!r} has no training split of its own; name a file with --examples")
    return examples or source
