"""Reduce a question to what its near-duplicates share: masked words, function words alone, the numbers alone.

A near-duplicate with other numbers keeps its words; one with other names and things keeps its function words.
Text in any script is safe: scripts that write no spaces are read character by character, and a text without English
function words simply has no skeleton.
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Self
from zlib import crc32

from tools.novelty.rules.plain_text import words_of

Grams = frozenset[int]
"""Runs of words, each as its CRC-32: short to store, the same in every process."""

_NUMBER = re.compile(r"\d")
_PEOPLE_TEXT = """man woman boy girl male female he she his her him hers himself herself mr mrs ms gentleman lady father
mother son daughter brother sister husband wife uncle aunt"""
_PEOPLE = frozenset(_PEOPLE_TEXT.split())
_FUNCTION_TEXT = """
a about above after again against all altogether although am among an and another any are around as at away be because
been before being below between both but by can could did do does doing down during each either else enough equal every
few fewer first for from further get gets give gives had half has have having how however if in into is it its itself
just last least left less make makes many may might more most much must need needs neither no nor not now of off often
on once one only or other others our out over own per rather remaining rest same second several shall should since so
some still such take takes than that the their them then there these they third this those through admission times to
together too total twice under until up upon use used uses using very was we were what when where which while who whole
whom whose why will with within without would you your double triple quarter percent average day week month year hour
minute"""
FUNCTION_WORDS = frozenset(_FUNCTION_TEXT.split())
_ROUNDING = frozenset({"decimal", "decimals", "place", "places", "digit", "digits", "significant"})
_SENTENCE_END = re.compile(r"(?<=[.?!。？！])\s+")
_FOREIGN, _ENGLISH = 0.15, 0.3
"""Share of English function words up to which a text is in another language, and from which it is English."""
_LEAST_WORDS = 8
"""A shorter text shows no language."""
_ASK_GRAM, _WORD_GRAM, _SKELETON_GRAM = 2, 3, 4
_SKELETON_LEAST = 5
"""A skeleton of fewer grams is not compared."""


@dataclass(frozen=True)
class Shape:
    """The features of a text that are compared."""

    words: Grams
    """Word 3-grams of the question and its options, numbers and persons masked."""
    story: Grams
    """The same of the question alone."""
    skeleton: Grams
    ask: Grams
    """Word 2-grams of the sentence that asks; empty where no sentence ends in a question mark."""
    ask_skeleton: Grams
    numbers: tuple[tuple[str, int], ...]
    """Each number's value as written, with how often it occurs; how an answer is to be rounded does not count."""

    def packed(self) -> dict[str, str]:
        """Return it as short strings, to be stored beside the question."""
        parts = [sorted(getattr(self, name)) for name in _GRAMS]
        if self.story == self.words:
            parts[_GRAMS.index("story")] = []
        grams = [gram for part in parts for gram in part]
        return {
            "sizes": " ".join(str(len(part)) for part in parts),
            "grams": struct.pack(f"<{len(grams)}I", *grams).hex(),
            "numbers": " ".join(f"{value}*{many}" for value, many in self.numbers),
        }

    @classmethod
    def unpacked(cls, packed: dict[str, str]) -> Self:
        """Read back what `packed` wrote."""
        grams = iter(struct.unpack(f"<{len(packed['grams']) // 8}I", bytes.fromhex(packed["grams"])))
        sizes = map(int, packed["sizes"].split())
        words, story, skeleton, ask, ask_skeleton = (frozenset(islice(grams, size)) for size in sizes)
        pairs = (pair.partition("*") for pair in packed["numbers"].split())
        numbers = tuple((value, int(many)) for value, _, many in pairs)
        return cls(words, story or words, skeleton, ask, ask_skeleton, numbers)


_GRAMS = ("words", "story", "skeleton", "ask", "ask_skeleton")


@lru_cache(maxsize=8192)
def shape_of(question: str, choices: tuple[str, ...] = ()) -> Shape:
    """Return the shape of a question; the options count as words but not for the skeleton or the numbers."""
    tokens = words_of(question)
    masked = [_mask(token) for token in tokens]
    options = [_mask(token) for choice in sorted(choices) for token in words_of(choice)]
    folded = _fold(masked)
    skeleton = _hashed(
        gram for gram in _grams(folded, _SKELETON_GRAM) if sum(token not in ("_", "#") for token in gram) >= 2
    )
    story = _hashed(_grams(masked, _WORD_GRAM))
    asked = [_mask(token) for token in words_of(_ask(question))]
    numbers = Counter(
        _value(token)
        for token, after in zip(tokens, [*tokens, ""][1:], strict=True)
        if _NUMBER.match(token) and after not in _ROUNDING
    )
    return Shape(
        words=_hashed(_grams(masked + options, _WORD_GRAM)) if options else story,
        story=story,
        skeleton=skeleton if len(skeleton) >= _SKELETON_LEAST else frozenset(),
        ask=_hashed(_grams(asked, _ASK_GRAM)),
        ask_skeleton=_hashed(_grams(_fold(asked), _WORD_GRAM)),
        numbers=tuple(sorted(numbers.items())),
    )


def jaccard(left: Grams, right: Grams) -> float:
    """Return the shared part of two sets, 0.0 to 1.0; two empty sets share nothing."""
    shared = len(left & right)
    return shared / (len(left) + len(right) - shared) if shared else 0.0


def ask_overlap(left: Shape, right: Shape) -> float:
    """Return how alike the two asking sentences are, in their words or in their build; 1.0 where one is not found."""
    if not left.ask or not right.ask:
        return 1.0
    return max(jaccard(left.ask, right.ask), jaccard(left.ask_skeleton, right.ask_skeleton))


def number_overlap(left: Shape, right: Shape) -> float:
    """Return the Jaccard index of two multisets of numbers; 0.0 where either has fewer than two numbers."""
    a, b = Counter(dict(left.numbers)), Counter(dict(right.numbers))
    return (a & b).total() / (a | b).total() if min(a.total(), b.total()) >= 2 else 0.0


def number_share(left: Shape, right: Shape, least: int = 2) -> float:
    """Return which part of the shorter multiset of numbers is in the longer; 0.0 where it has fewer than `least`."""
    a, b = Counter(dict(left.numbers)), Counter(dict(right.numbers))
    fewer = min(a.total(), b.total())
    return (a & b).total() / fewer if fewer >= least else 0.0


def same_numbers(left: Shape, right: Shape) -> bool:
    """Return whether both hold the same numbers, or none; a 1 does not count, since it may be written as an article."""
    a, b = ([pair for pair in shape.numbers if pair[0] != "1"] for shape in (left, right))
    return a == b


def in_another_language(one: str, other: str) -> bool:
    """Return whether one text is English and the other in another language, by script and by English function words."""
    shares = sorted(_english(text) for text in (one, other))
    return shares[0] <= _FOREIGN and shares[1] >= _ENGLISH


@lru_cache(maxsize=8192)
def _english(text: str) -> float:
    """Return the share of English function words; between the bounds where the text is too short to tell."""
    words = words_of(text)
    letters = [char for char in text if char.isalpha()]
    if 2 * sum(not char.isascii() for char in letters) > len(letters):
        return 0.0
    return sum(word in FUNCTION_WORDS for word in words) / len(words) if len(words) >= _LEAST_WORDS else _FOREIGN * 1.5


def _ask(question: str) -> str:
    asking = [sentence for sentence in _SENTENCE_END.split(question) if "?" in sentence or "？" in sentence]
    return asking[-1] if asking else ""


def _value(token: str) -> str:
    whole, _, fraction = token.replace(",", "").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole.lstrip('0') or '0'}.{fraction}" if fraction else whole.lstrip("0") or "0"


def _mask(token: str) -> str:
    if _NUMBER.match(token):
        return "#"
    return "@" if token in _PEOPLE else token


def _fold(tokens: Sequence[str]) -> list[str]:
    """Keep function words and marks of number and person; a run of anything else is one blank."""
    folded: list[str] = []
    for word in tokens:
        kept = word if word in FUNCTION_WORDS or word == "#" else "_"
        if kept != "_" or not folded or folded[-1] != "_":
            folded.append(kept)
    return folded


def _hashed(grams: Iterable[tuple[str, ...]]) -> Grams:
    return frozenset(crc32(" ".join(gram).encode()) for gram in grams)


def _grams(tokens: Sequence[str], size: int) -> list[tuple[str, ...]]:
    if not tokens:
        return []
    return [tuple(tokens[at : at + size]) for at in range(max(1, len(tokens) - size + 1))]
