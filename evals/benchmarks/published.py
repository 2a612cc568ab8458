"""Rows of published benchmarks, each read as its authors wrote it; one function and one row of `PUBLISHED` each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from agents.records import Record
from tools.answers import AnswerKind


class Item(Record):
    """One question of a benchmark.

    `group` is its set, where a benchmark has several; `solution` is the way to the answer, where its authors wrote one.
    """

    question: str
    answer: str
    answer_kind: AnswerKind = "number"
    choices: tuple[str, ...] = ()
    group: str = ""
    solution: str = ""


_CALCULATION = re.compile(r"<<[^<>]*>>")


def read_gsm8k(row: dict[str, Any]) -> Item:
    """Read GSM8K: the answer stands after `####`, calculations within `<<` and `>>`."""
    solution, _, answer = row["answer"].rpartition("####")
    return Item(question=row["question"], answer=answer.strip(), solution=_CALCULATION.sub("", solution).strip())


def read_gsm_hard(row: dict[str, Any]) -> Item:
    """Read GSM-Hard: `input` and a number as `target`."""
    target = row["target"]
    return Item(question=row["input"], answer=target if isinstance(target, str) else repr(target), group="gsm_hard")


def read_medqa(row: dict[str, Any]) -> Item:
    """Read MedQA (4 options): options by letter, and the letter that is right as `answer_idx`.

    The copy that lm-eval reads has `sent1`, `ending0` to `ending3`, and the place of the right one as `label`.
    """
    if "sent1" in row:
        return _choice(row["sent1"], [row[f"ending{place}"] for place in range(4)], int(row["label"]), "medqa")
    options, letter = row["options"], row["answer_idx"]
    return _choice(row["question"], list(options.values()), list(options).index(letter), "medqa")


def read_medmcqa(row: dict[str, Any]) -> Item:
    """Read MedMCQA: `opa` to `opd`, and the place of the right one, from 0, as `cop`.

    Raises:
        ValueError: The place is none, as in copies that count from 1, or whose test labels are hidden.
    """
    place = int(row["cop"])
    if place not in range(4):
        raise ValueError(f"cop is {place}; it counts from 0 to 3, and the test split has no labels")
    return _choice(row["question"], [row[f"op{letter}"] for letter in "abcd"], place, "medmcqa")


def read_pubmedqa(row: dict[str, Any]) -> Item:
    """Read PubMedQA (PQA-L): the abstract without its conclusion, the question, and yes, no or maybe."""
    words = ("yes", "no", "maybe")
    text = "\n".join([*row["CONTEXTS"], row["QUESTION"]])
    return _choice(text, words, words.index(row["final_decision"]), "pubmedqa")


def read_mmlu(row: dict[str, Any]) -> Item:
    """Read MMLU: `choices`, and the place of the right one, from 0, as `answer`."""
    return _choice(row["question"], row["choices"], int(row["answer"]), f"mmlu_{row.get('subject', '')}".rstrip("_"))


_OPTION = re.compile(r"(?:^|\s)([a-e])\. ")
_KEY = re.compile(r"<answer>\s*([a-e])\b", re.IGNORECASE)


def read_genome_bench(row: dict[str, Any]) -> Item:
    """Read Genome-Bench: options `a.` to `e.` stand in the question, the letter between the last `<answer>` tags.

    Raises:
        ValueError: Options or letter cannot be found.
    """
    text, keys = row["question"], _KEY.findall(row["answer"])
    marks = list(_OPTION.finditer(text))
    first = [max((mark for mark in marks if mark[1] == "a"), key=lambda mark: mark.start(), default=None)]
    for letter in "bcde":
        later = (mark for mark in marks if mark[1] == letter and first[-1] and mark.start() > first[-1].start())
        first.append(next(later, None))
    found = [mark for mark in first if mark is not None]
    if len(found) < 2 or not keys:
        raise ValueError("it has no options a. to e., or no letter between <answer> tags")
    ends = [mark.start() for mark in found[1:]] + [len(text)]
    options = [text[mark.end() : end].strip() for mark, end in zip(found, ends, strict=True)]
    return _choice(text[: found[0].start()].strip(), options, "abcde".index(keys[-1].lower()), "genome_bench")


def _choice(question: str, choices: Sequence[str], place: int, group: str) -> Item:
    options = tuple(str(choice).strip() for choice in choices)
    return Item(question=question, answer=options[place], answer_kind="choice", choices=options, group=group)


PUBLISHED: dict[str, Callable[[dict[str, Any]], Item]] = {
    "gsm8k": read_gsm8k,
    "gsm_hard": read_gsm_hard,
    "genome_bench": read_genome_bench,
    "medqa": read_medqa,
    "medmcqa": read_medmcqa,
    "pubmedqa": read_pubmedqa,
    "mmlu": read_mmlu,
}


def shuffled(item: Item, seed: int) -> Item:
    """Return the item with its options in another order, so that a liking for one letter is no advantage.

    Options that are letters themselves stay, since letters that name other letters would be read wrongly.
    """
    if item.answer_kind != "choice" or all(len(choice) == 1 for choice in item.choices):
        return item
    order = Random(f"options/{seed}/{item.question}").sample(item.choices, len(item.choices))  # noqa: S311  # repeatable
    return item.model_copy(update={"choices": tuple(order)})
