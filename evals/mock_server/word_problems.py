"""Compose arithmetic word problems whose true answer can be read back from their text alone.

The scripted Attacker needs hundreds of questions that a novelty gate accepts as different, and the scripted
Judge needs the true answer of each, also after a restart. So a problem is a chain of sentences, each from a wording in
`word_problems.toml` that belongs to one operation on a running total, and `read` turns a text back into that chain by
matching its sentences against the same wordings.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = tomllib.loads((Path(__file__).parent / "word_problems.toml").read_text(encoding="utf-8"))
NAMES: tuple[str, ...] = tuple(WORDS["names"].split())
FORMULAS: dict[str, tuple[str, Callable[[int, Operation], int]]] = {
    "count": ("{n}", lambda _, op: op.n),
    "rows": ("{n} * {m}", lambda _, op: op.n * op.m),
    "add": ("total + {n}", lambda total, op: total + op.n),
    "take": ("total - {n}", lambda total, op: total - op.n),
    "crates": ("total + {n} * {m}", lambda total, op: total + op.n * op.m),
    "handouts": ("total - {n} * {m}", lambda total, op: total - op.n * op.m),
    "grow": ("total * {n}", lambda total, op: total * op.n),
    "split": ("total // {n}", lambda total, op: total // op.n),
    "shrink": ("total - total * {n} // 100", lambda total, op: total - total * op.n // 100),
    "swell": ("total + total * {n} // 100", lambda total, op: total + total * op.n // 100),
    "plain": ("total", lambda total, _: total),
    "value": ("total * {n}", lambda total, op: total * op.n),
    "missing": ("{n} - total", lambda total, op: op.n - total),
    "boxed": ("total // {n}", lambda total, op: total // op.n),
}
"""What each operation computes from the running total: as Python text and as a function."""
PERCENTS = (4, 5, 10, 12, 15, 20, 25, 30, 35, 40, 45, 60, 75)


@dataclass(frozen=True)
class Operation:
    """One step on the running total; `m` is 0 where the kind has one number, both where it has none."""

    kind: str
    n: int = 0
    m: int = 0
    place: int = 0
    """The step's number in its story, from 1; what is added by hand has none."""

    @property
    def formula(self) -> str:
        """The step's right-hand side as Python, over the name `total`."""
        return FORMULAS[self.kind][0].format(n=self.n, m=self.m)

    def apply(self, total: int) -> int:
        """Return the total after this step."""
        return FORMULAS[self.kind][1](total, self)

    def possible(self, total: int) -> bool:
        """Whether the step can be taken with this total."""
        match self.kind:
            case "take" | "handouts":
                return self.n * (self.m or 1) <= total
            case "split" | "boxed":
                return total % self.n == 0
            case "shrink" | "swell":
                return total * self.n % 100 == 0 and (self.kind == "swell" or self.n <= 100)
            case "missing":
                return total <= self.n
        return True


@dataclass(frozen=True)
class WordProblem:
    """A chain of operations, and its text."""

    operations: tuple[Operation, ...]
    text: str = ""

    @property
    def answer(self) -> int:
        """The total after the last operation."""
        total = 0
        for operation in self.operations:
            total = operation.apply(total)
        return total

    @property
    def working(self) -> list[str]:
        """The solution, one sentence an operation, with both sides of each sum."""
        total, lines = 0, []
        for number, operation in enumerate(self.operations, 1):
            shown = operation.formula.replace("total", str(total)).replace("//", "/")
            total = operation.apply(total)
            if operation.kind == "count":
                lines.append(f"Step {number}: start with {total}.")
            elif operation.kind != "plain":
                lines.append(f"Step {number}: {shown} = {total}.")
        return lines

    def without_a_step(self, draw: random.Random) -> WordProblem:
        """Leave one step out, as a careless solver would; the answer differs, and all steps are still possible."""
        places = list(range(1, len(self.operations)))
        draw.shuffle(places)
        for place in places:
            slip = WordProblem(self.operations[:place] + self.operations[place + 1 :], self.text)
            if slip.possible and slip.answer not in (self.answer, 0):
                return slip
        return WordProblem((*self.operations, Operation("add", 10)), self.text)

    @property
    def possible(self) -> bool:
        """Whether every step is: nothing taken that is not there, nothing shared that does not come out even."""
        total = 0
        for operation in self.operations:
            if not operation.possible(total):
                return False
            total = operation.apply(total)
        return True


def compose(seed: str, steps: int) -> WordProblem:
    """Compose the problem of a seed with about that many operations (2 to 8); a pure function of both."""
    draw = random.Random(seed)  # noqa: S311  # a reproducible draw, no secret
    opening = draw.choice(("count", "count", "rows"))
    ask = draw.choice(("plain", "plain", "value", "missing", "boxed"))
    first = Operation(opening, draw.randint(160, 4200))
    if opening == "rows":
        first = Operation(opening, draw.randint(6, 60), draw.randint(11, 80))
    operations = [first]
    total = first.apply(0)
    while len(operations) < max(2, steps + 1 - (opening == "rows") - (ask != "plain")):
        operations.append(_step(draw, total, {operations[-1].kind, *_shares(operations)}))
        total = operations[-1].apply(total)
    operations.append(_ask(draw, "plain" if ask in _shares(operations) else ask, total))
    numbered = [replace(operation, place=place) for place, operation in enumerate(operations, 1)]
    return WordProblem(tuple(numbered), _text(draw, numbered))


SHARES = ("split", "shrink", "swell", "boxed")
"""What must come out even: one in a story, since with two few other numbers would do."""


def _shares(operations: list[Operation]) -> tuple[str, ...]:
    return SHARES if any(operation.kind in SHARES for operation in operations) else ()


def _step(draw: random.Random, total: int, unfit: set[str]) -> Operation:
    """Draw an operation that keeps the total a whole number between about 40 and 100,000."""
    percents = [percent for percent in PERCENTS if total * percent % 100 == 0]
    divisors = [number for number in range(2, 13) if total % number == 0]
    fits: dict[str, Operation] = {
        "add": Operation("add", draw.randint(17, 1900)),
        "crates": Operation("crates", draw.randint(3, 28), draw.randint(6, 64)),
    }
    if total > 120:
        fits["take"] = Operation("take", draw.randint(total // 12, total * 2 // 3))
        groups = draw.randint(2, 16)
        fits["handouts"] = Operation("handouts", groups, draw.randint(2, max(3, total * 3 // 5 // groups)))
    if total < 9000:
        fits["grow"] = Operation("grow", draw.randint(2, 7))
    if divisors and total > 600:
        fits["split"] = Operation("split", draw.choice(divisors))
    if percents and total > 120:
        fits["shrink"] = Operation("shrink", draw.choice(percents))
    if percents:
        fits["swell"] = Operation("swell", draw.choice(percents))
    return fits[draw.choice([kind for kind in fits if kind not in unfit])]


def _ask(draw: random.Random, kind: str, total: int) -> Operation:
    divisors = [number for number in range(3, 25) if total % number == 0]
    if kind == "boxed" and divisors and total > 600:
        return Operation(kind, draw.choice(divisors))
    if kind == "missing":
        return Operation(kind, total + draw.randint(31, 5000))
    return Operation(kind, draw.randint(3, 90)) if kind == "value" else Operation("plain")


def _text(draw: random.Random, operations: list[Operation]) -> str:
    """Write the operations as text; what surrounds them has no digits, so it never changes what `read` finds."""
    place = draw.choice(list(WORDS["scenes"]))
    name, other = draw.sample(NAMES, 2)
    words = {"name": name, "other": other, "place": place, "thing": draw.choice(WORDS["scenes"][place])}
    asides = WORDS["asides"]
    sentences: list[str] = []
    for index, operation in enumerate(operations):
        core = draw.choice(_wordings()[operation.kind])
        last = index == len(operations) - 1
        if index and not last:
            core = f"{draw.choice(asides['lead'])}, {core}" if draw.random() < 0.5 else core
            core = f"{core}, {draw.choice(asides['tail'])}" if draw.random() < 0.35 else core
        if index and draw.random() < 0.5:
            sentences.append(_sentence(draw.choice(asides["whole"]), words, "."))
        numbers = {"n": operation.n, "m": operation.m}
        commands = ("Find", "Work")
        end = "." if not last or core.startswith(commands) else "?"
        sentences.append(_sentence(core, {**words, **numbers}, end))
    return " ".join(sentences)


def _sentence(core: str, words: dict[str, Any], end: str) -> str:
    text = core.format_map(words)
    return text[0].upper() + text[1:] + end


@cache
def _wordings() -> dict[str, list[str]]:
    return {kind: cores for part in ("openings", "steps", "asks") for kind, cores in WORDS[part].items()}


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """One pattern a wording: a slot for a number captures it, a slot for words takes anything but digits."""
    found = []
    for kind, cores in _wordings().items():
        for core in cores:
            parts = re.split(r"(\{\w+\})", core)
            body = "".join(_slot(part[1:-1]) if part.startswith("{") else re.escape(part.casefold()) for part in parts)
            around = body if kind in WORDS["openings"] or kind in WORDS["asks"] else _inside(body)
            found.append((kind, re.compile(around + "[.?]")))
    return found


def _slot(name: str) -> str:
    return rf"(?P<{name}>\d+)" if name in ("n", "m") else r"[^\d.?]+?"


def _inside(body: str) -> str:
    return rf"(?:[^\d.?]+, )?{body}(?:, [^\d.?]+)?"


@lru_cache(maxsize=4096)
def read(text: str) -> WordProblem | None:
    """Find a problem's operations in its text, in any case and spacing; None where this module did not compose it."""
    operations: list[Operation] = []
    for _, operation in sentences(text):
        if operation is None:
            return None
        operations.append(operation)
    kinds = [operation.kind for operation in operations]
    if not kinds or kinds[0] not in WORDS["openings"] or kinds[-1] not in WORDS["asks"]:
        return None
    return WordProblem(tuple(operations), text)


def sentences(text: str) -> Iterator[tuple[str, Operation | None]]:
    """Give each sentence that states a step, as it stands, with its step; None for a number that belongs to no step."""
    place = 0
    for sentence in re.split(r"(?<=[.?])\s+", text.strip()):
        operation = _operation(" ".join(sentence.casefold().split()))
        if operation is not None:
            place += 1
            yield sentence, replace(operation, place=place)
        elif re.search(r"\d", sentence):
            yield sentence, None


def _operation(sentence: str) -> Operation | None:
    for kind, pattern in _patterns():
        match = pattern.fullmatch(sentence)
        if match:
            numbers = {name: int(value) for name, value in match.groupdict().items()}
            return Operation(kind, **numbers) if all(numbers.values()) else None
    return None
