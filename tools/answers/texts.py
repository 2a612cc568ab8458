"""Compare words: what may differ between two spellings of the same text, and what may not."""

from __future__ import annotations

import re
import unicodedata

from tools.answers.kinds import word_set
from tools.answers.notation import fold, from_latex
from tools.answers.reply import bare

_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_QUOTES = ("'", '"')
_TOKENS = re.compile(r"[^\W\d_]+|\d+|\s+|.", re.DOTALL)
_SHORT_WORDS = word_set(
    """
    no it is of in on to at by or as an we he up us me my go do if so am be ok the and not all yes
    """
)
_NUCLEOTIDES = frozenset("acgtun")
_CHANGE = re.compile(r"\d[acgt]>[acgt](?![^\W\d_])", re.IGNORECASE)
_CHARGE = re.compile(r"(?<=\w)\^\(?(\d?[+-])\)?(?!\w)")
_POWER = re.compile(r"\^\(([+-]?\d+|\w)\)")
_INDEX = re.compile(r"_\(?(\d+)\)?")
_SPACED = re.compile(r"\s*([:/=<>])\s*")


def plain(text: str) -> str:
    """Fold compatibility forms, typographic minus signs and white space; keep case."""
    text = unicodedata.normalize("NFKC", text)
    return " ".join(_DASHES.sub("-", text).split())


def normalise_question(text: str) -> str:
    """Reduce a question to what makes it the same question: no case, no spacing, no leading "Q:"."""
    return re.sub(r"^(?:q|question) ?[:.] ?", "", plain(text).casefold())


def canonical(text: str) -> str:
    """Write a text in one notation, its case kept: no emphasis, quotes, article or full stop around it."""
    text = from_latex(fold(bare(text)))
    text = _INDEX.sub(r"\1", _POWER.sub(r"^\1", _CHARGE.sub(r"\1", text)))
    text = _SPACED.sub(r"\1", " ".join(text.split())).rstrip(" .")
    if text.endswith(' "') and text.count('"') == 1:
        text = text[:-2].rstrip(" .")
    for quote in _QUOTES:
        if len(text) > 2 and text[0] == quote == text[-1]:
            text = text[1:-1].strip(" .")
    article, _, rest = text.partition(" ")
    return rest if article.casefold() in ("the", "a", "an") and len(rest) > 1 else text


def same_text(given: str, expected: str) -> bool:
    """Whether two texts are the same words and signs.

    The case of an English word does not count (`Paris`, `paris`), nor that of a sequence of bases. That of all else
    does: genotypes (`Aa`, `aa`), units (`mW`, `MW`), ions.
    """
    mine, other = canonical(given), canonical(expected)
    if mine == other:
        return bool(mine)
    if mine.casefold() != other.casefold():
        return False
    left, right = _TOKENS.findall(mine), _TOKENS.findall(other)
    changes = {place for match in _CHANGE.finditer(mine) for place in range(*match.span())}
    at = 0
    for one, two in zip(left, right, strict=False):
        if one != two and at not in changes and not (_foldable(one) and _foldable(two)):
            return False
        at += len(one)
    return len(left) == len(right)


def _foldable(token: str) -> bool:
    """Whether the case of a run of letters says nothing."""
    lower = token.casefold()
    if not (token.islower() or token.isupper() or token.istitle()):
        return False
    if lower in _SHORT_WORDS:
        return True
    if len(lower) < 3 or _paired(lower):
        return False
    return set(lower) <= _NUCLEOTIDES or not set(lower).isdisjoint("aeiouy") or not lower.isascii()


def _paired(lower: str) -> bool:
    """Whether a run of letters may be a genotype: `AABB`, `aaa`."""
    if len(set(lower)) == 1:
        return True
    return len(lower) % 2 == 0 and all(lower[place] == lower[place + 1] for place in range(0, len(lower), 2))
