"""Find what two nearly equal texts differ in, since a vector hardly notices a swapped or an opposite word.

"Lena gives 9 to Omar" and "Omar gives 9 to Lena" have a cosine of .99 and are two questions; so have the largest and
the smallest, with and without, and whatever else stands in the table of opposites. An abbreviation is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from tools.novelty.rules.opposites import AMOUNTS, CONVERSES, NEGATIONS, OPPOSITES, SAME_UNIT
from tools.novelty.rules.plain_text import words_of
from tools.novelty.rules.question_shape import FUNCTION_WORDS

NEARLY_EQUAL = 0.6
"""Share of words in common from which two texts are compared word by word."""
_LONGEST = 400
"""Words of a text that are compared; longer ones are not."""

_PREFIXES = (("un", ""), ("in", ""), ("im", ""), ("non", ""), ("anti", ""), ("hyper", "hypo"))
_LEAST_STEM = 3

Span = tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """How one text differs from another that is nearly equal."""

    spans: tuple[tuple[Span, Span], ...]
    """Each differing place: the words of the one, and those of the other in their stead; either may be empty."""
    opposed: bool
    """Whether a word was exchanged with another, replaced by its opposite or unit by unit, or negated."""

    @property
    def in_words(self) -> bool:
        """Whether more than amounts changed."""
        return any(not _is_amount(word) for span in self.spans for side in span for word in side)

    @property
    def a_term(self) -> bool:
        """Whether one term was replaced by another, and nothing else changed but function words."""
        places = [tuple(any(map(_is_term, side)) for side in span) for span in self.spans]
        return [place for place in places if any(place)] == [(True, True)]


@lru_cache(maxsize=4096)
def changes_between(left: str, right: str) -> Changes | None:
    """Compare two texts word by word; None where they are not nearly equal."""
    mine, theirs = _canonical(left), _canonical(right)
    if not mine or not theirs or max(len(mine), len(theirs)) > _LONGEST:
        return None
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    if matcher.ratio() < NEARLY_EQUAL:
        return None
    spans = tuple(
        (mine[a:b], theirs[c:d])
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal" and not abbreviates(mine[a:b], theirs[c:d])
    )
    return Changes(spans, _opposed(mine, theirs, spans))


def abbreviates(left: Sequence[str], right: Sequence[str]) -> bool:
    """Return whether one side is a single short word that stands for the other: `mi`, `tb`, `lab`."""
    for short, words in ((left, right), (right, left)):
        if len(short) != 1 or not 2 <= len(short[0]) <= 5 or not words or short[0] in FUNCTION_WORDS:
            continue
        letters, content = short[0], [word for word in words if word not in _ARTICLES]
        if len(content) > 1 and letters in ("".join(w[0] for w in words), "".join(w[0] for w in content)):
            return True
        long = content[0] if len(content) == 1 else ""
        if len(letters) >= _LEAST_STEM and len(long) > len(letters) + 1 and long.startswith(letters):
            return True
        if len(long) >= 2 * len(letters) and long[0] == letters[0] and _VOWELS.isdisjoint(letters[1:]):
            rest = iter(long)
            return all(letter in rest for letter in letters)
    return False


_ARTICLES = frozenset({"a", "an", "the", "of", "and", "in", "to"})
_VOWELS = frozenset("aeiou")
_NEGATIONS = frozenset(NEGATIONS.split())
_AMOUNTS = frozenset(AMOUNTS.split())
_SYNONYMS = {word: group.split()[0] for group in SAME_UNIT for word in group.split()}
_UNITS = frozenset(_SYNONYMS.values())


def _stem(word: str) -> str:
    """Cut the endings of number, tense and person, so that one row of the table covers all forms."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM and not word.endswith("ss"):
            word = word[: -len(ending)]
            break
    return word[:-1] + "i" if word.endswith("y") else word.removesuffix("e")


def _pairs(table: Iterable[str]) -> frozenset[tuple[str, str]]:
    rows = [[_stem(word) for word in row.split()] for row in table]
    return frozenset(pair for one, *others in rows for other in others for pair in ((one, other), (other, one)))


_OPPOSITES, _CONVERSES = _pairs(OPPOSITES), _pairs(CONVERSES)


@lru_cache(maxsize=8192)
def _canonical(text: str) -> Span:
    words = ("1" if word == "one" else _SYNONYMS.get(word, word) for word in words_of(text))
    return tuple("not" if word.endswith(("n't", "n’t")) else word for word in words)


def _is_amount(word: str) -> bool:
    return word[0].isdigit() or word in _AMOUNTS


def _is_term(word: str) -> bool:
    return not _is_amount(word) and word not in _NEGATIONS and word not in FUNCTION_WORDS


def _opposed(mine: Span, theirs: Span, spans: Iterable[tuple[Span, Span]]) -> bool:
    spans = list(spans)
    flips = sum(_negations(left) - _negations(right) for left, right in spans)
    if flips % 2:
        return True
    same_numbers = _numbers(mine) == _numbers(theirs)
    if same_numbers and any(left and right and _UNITS.issuperset(left + right) for left, right in spans):
        return True
    met = {(a, b) for left, right in spans for a in map(_stem, left) for b in map(_stem, right)}
    opposite = {pair for pair in met if pair in _OPPOSITES or _by_prefix(*pair)}
    converse = met & _CONVERSES
    exchanged = same_numbers and _exchanged(mine, theirs, spans)  # where all is redrawn, names recur by chance
    if opposite - converse:
        return True
    return exchanged != bool(converse)  # "Ann is older than Ben" and "Ben is younger than Ann" say the same


def _numbers(words: Span) -> list[str]:
    return sorted(word for word in words if word[0].isdigit())


def _negations(span: Span) -> int:
    return sum(word in _NEGATIONS for word in span)


def _by_prefix(one: str, other: str) -> bool:
    """Whether the words differ in a prefix that turns the meaning round."""
    for a, b in ((one, other), (other, one)):
        for prefix, instead in _PREFIXES:
            if a.startswith(prefix) and len(a) > len(prefix) + _LEAST_STEM and b == instead + a[len(prefix) :]:
                return True
    return False


def _exchanged(mine: Span, theirs: Span, spans: Sequence[tuple[Span, Span]]) -> bool:
    """Return whether two words changed places in part of the text; in all of it they are merely renamed."""
    replaced = [span for span in spans if all(span) and not all(map(_is_amount, span[0] + span[1]))]
    swapped = {(left, right) for left, right in replaced if (right, left) in replaced}
    if not swapped:
        return False
    names = {left[0]: right[0] for left, right in swapped if len(left) == len(right) == 1}
    return tuple(names.get(word, word) for word in mine) != theirs
