"""Measure the rules on labelled pairs: what each refuses, alone and together, beside the best single cosine.

To calibrate another embedder, read the cosines of its labels here, write limits into `CALIBRATED`, and measure again on
pairs that the limits were not chosen on.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from tools.files.questions import read_objects
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyError, NoveltyItem
from tools.novelty.rules.decision import DuplicateLimits, Neighbour, compare, limits_for, rule_scores
from tools.novelty.stores.stored_item import fit_text

PairLabel = Literal["exact", "number_changed", "paraphrase", "reskinned", "same_topic", "unrelated"]
LABELS: tuple[PairLabel, ...] = get_args(PairLabel)
NEAR_DUPLICATES: frozenset[PairLabel] = frozenset({"exact", "number_changed", "paraphrase"})
RELATED: frozenset[PairLabel] = frozenset({"same_topic", "unrelated"})
"""Questions that a gate must let pass. Re-skinned pairs are in neither set: the `strict` setting decides about them."""


class PairSide(BaseModel):
    """One question of a pair."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    answer: str = ""
    answer_kind: str = "text"
    choices: tuple[str, ...] = ()
    program: str = ""

    def item(self, owner: str) -> NoveltyItem:
        """Return it as an item of that owner."""
        return NoveltyItem(owner=owner, **self.model_dump())


class Pair(BaseModel):
    """Two questions and the label of their relation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    label: PairLabel
    left: PairSide
    right: PairSide
    half: str = ""
    """`develop` to choose limits on, `report` to measure them on."""
    domain: str = ""


class RuleRow(BaseModel):
    """How well one rule does on the pairs; `refused` is the share of pairs it refuses, by label."""

    model_config = ConfigDict(frozen=True)

    rule: str
    precision: float
    recall: float
    f1: float
    refused: dict[str, float]


class CosineRow(BaseModel):
    """Percentiles 5, 50 and 95 of the cosines of one label."""

    model_config = ConfigDict(frozen=True)

    label: str
    pairs: int
    low: float
    middle: float
    high: float


class Calibration(BaseModel):
    """How an embedder and its limits do on a file of pairs."""

    model_config = ConfigDict(frozen=True)

    embedder: str
    limits: DuplicateLimits
    cosines: list[CosineRow]
    rules: list[RuleRow]

    def row(self, rule: str) -> RuleRow:
        """Return the row of a rule, by the start of its name."""
        return next(row for row in self.rules if row.rule.startswith(rule))

    def table(self) -> str:
        """Format it as two Markdown tables."""
        lines = [
            f"embedder {self.embedder}",
            "",
            "| label | pairs | cosine 5 % | 50 % | 95 % |",
            "|---|---|---|---|---|",
        ]
        lines += [f"| {c.label} | {c.pairs} | {c.low:.2f} | {c.middle:.2f} | {c.high:.2f} |" for c in self.cosines]
        labels = [c.label for c in self.cosines]
        lines += ["", f"| rule | precision | recall | F1 | {' | '.join(labels)} |", "|---" * (4 + len(labels)) + "|"]
        for row in self.rules:
            shares = " | ".join(f"{row.refused[label]:.2f}" for label in labels)
            lines.append(f"| {row.rule} | {row.precision:.3f} | {row.recall:.3f} | {row.f1:.3f} | {shares} |")
        return "\n".join(lines)


def read_pairs(file: Path, half: str = "") -> list[Pair]:
    """Read a file of pairs; only those of one half where one is named.

    Raises:
        RowFileError: The file cannot be read.
        NoveltyError: A row is no pair, or none is of that half.
    """
    pairs = []
    for where, row in read_objects(file):
        try:
            pairs.append(Pair.model_validate(row))
        except ValidationError as e:
            fault = e.errors()[0]
            what = ".".join(map(str, fault["loc"])) or "the line"
            raise NoveltyError(f"{where} is no labelled pair: {what}: {fault['msg']}") from e
    kept = [pair for pair in pairs if not half or pair.half == half]
    if not kept:
        raise NoveltyError(f"{str(file)!r} holds no pairs{f' of half {half!r}' if half else ''}")
    return kept


def calibrate(pairs: Sequence[Pair], embedder: Embedder, limits: DuplicateLimits | None = None) -> Calibration:
    """Measure every rule on the pairs. Blocking: it embeds each text once."""
    limits = limits or limits_for(embedder.model)
    lefts, rights = [pair.left.item("left") for pair in pairs], [pair.right.item("right") for pair in pairs]
    vectors = embedder.embed([fit_text(item) for item in [*lefts, *rights]])
    cosines = np.sum(vectors[: len(pairs)] * vectors[len(pairs) :], axis=1)
    verdicts: dict[str, list[bool]] = {}
    for left, right, cosine in zip(lefts, rights, cosines, strict=True):
        for rule, fires in _fired(right, Neighbour(item=left, cosine=float(cosine)), limits).items():
            verdicts.setdefault(rule, []).append(fires)
    best = _best_cosine(pairs, cosines)
    rows = [_row(f"best single cosine >= {best:.2f}", pairs, [bool(cosine >= best) for cosine in cosines])]
    rows += [_row(rule, pairs, refused) for rule, refused in verdicts.items()]
    return Calibration(embedder=embedder.name, limits=limits, cosines=_spread(pairs, cosines), rules=rows)


def _fired(item: NoveltyItem, near: Neighbour, limits: DuplicateLimits) -> dict[str, bool]:
    """Return which rules refuse the item, each alone and all together."""
    scores = rule_scores(item, near)
    unanswered = item.model_copy(update={"answer": ""})
    return {
        f"cosine >= {limits.near:.2f}": near.cosine >= limits.near,
        f"same_words >= {limits.words:.2f}": scores["same_words"] >= limits.words,
        f"same_shape >= {limits.shape:.2f}": scores["same_shape"] >= limits.shape,
        f"same_numbers, cosine >= {limits.numbers:.2f}": scores["same_numbers"] >= limits.numbers,
        f"same_answer, cosine >= {limits.answer:.2f}": scores["same_answer"] >= limits.answer,
        "same_answer_and_numbers": scores["same_answer_and_numbers"] >= limits.answer_numbers,
        "same_program": scores["same_program"] > 0,
        "gate without answers": compare(unanswered, near, limits) is not None,
        "gate with answers": compare(item, near, limits) is not None,
        "gate strict": compare(item, near, limits, strict=True) is not None,
    }


def _best_cosine(pairs: Sequence[Pair], cosines: np.ndarray) -> float:
    """Return the threshold with the highest F1 on these very pairs: the upper bound for a single cosine."""
    steps = [float(step) for step in np.arange(0.4, 1.0, 0.01)]
    return max(steps, key=lambda step: _row("", pairs, [bool(cosine >= step) for cosine in cosines]).f1)


def _row(rule: str, pairs: Sequence[Pair], refused: Sequence[bool]) -> RuleRow:
    hits = sum(was_refused and pair.label in NEAR_DUPLICATES for pair, was_refused in zip(pairs, refused, strict=True))
    wrong = sum(was_refused and pair.label in RELATED for pair, was_refused in zip(pairs, refused, strict=True))
    near_duplicates = sum(pair.label in NEAR_DUPLICATES for pair in pairs)
    precision = hits / (hits + wrong) if hits + wrong else 1.0
    recall = hits / near_duplicates if near_duplicates else 0.0
    share = {}
    for label in _labels(pairs):
        of_label = [r for pair, r in zip(pairs, refused, strict=True) if pair.label == label]
        share[label] = sum(of_label) / len(of_label)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return RuleRow(rule=rule, precision=precision, recall=recall, f1=f1, refused=share)


def _labels(pairs: Sequence[Pair]) -> list[str]:
    there = {pair.label for pair in pairs}
    return [label for label in LABELS if label in there]


def _spread(pairs: Sequence[Pair], cosines: np.ndarray) -> list[CosineRow]:
    rows = []
    for label in _labels(pairs):
        mine = cosines[[pair.label == label for pair in pairs]]
        low, middle, high = (float(value) for value in np.percentile(mine, (5, 50, 95)))
        rows.append(CosineRow(label=label, pairs=len(mine), low=low, middle=middle, high=high))
    return rows
