"""Tell the words that may stand around a number from those that make it another number, a bound or no answer."""

from __future__ import annotations

import re
from fractions import Fraction

from tools.answers.kinds import word_set

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_REFUSED = word_set(
    """
    not no none never neither nor without cannot can't isn't don't doesn't wrong incorrect unknown undefined
    undetermined impossible infinite know unsure unclear or either between than least most minimum maximum min
    max under over below above exceeds up to from until within range error uncertainty plus minus times divided
    multiplied squared cubed mod modulo choose factorial root sqrt log ln exp sin cos tan half halves third
    thirds quarter quarters fourth fourths fifth fifths sixth sixths eighth eighths tenth tenths hundredth
    hundredths thousandth thousandths twice double triple one two three four five six seven eight nine ten
    eleven twelve twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
    trillion dozen dozens pi
    """
)
_UNITS_TOO = frozenset({"times", "under", "over", "min"})
"""Refused before a number, harmless after it."""
_LINKS = word_set(
    """
    is are was were be equals equal has have had makes make made gets get got costs cost earns earned needs need
    pays paid spends spent sold sells saves saved left remain remains takes took totals contains about
    approximately roughly exactly only just
    """
)
_BENIGN = word_set(
    """
    a an the answer final result results total value number sum amount so therefore thus hence then it he she
    they we i you there this that in all and of our my your his her their correct option usd eur gbp inr rs us
    ans altogether approximately about roughly circa ca exactly only just
    """
)
_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "billion": 10**9,
    "billions": 10**9,
    "trillion": 10**12,
    "lakh": 10**5,
    "crore": 10**7,
}
_SCALE = re.compile(rf"\s*({'|'.join(_SCALES)})(?!\w)", re.IGNORECASE)
_SYMBOLS = word_set(
    """
    m cm mm km nm um µm μm pm dm ft in yd mi g kg mg ug µg μg ng pg lb lbs oz t l ml dl ul µl μl cl s ms us ns
    min mins h hr hrs d wk mo yr yrs y mol mmol umol µmol μmol nmol pmol n j kj cal kcal w kw mw gw v mv kv a ma
    ohm hz khz mhz ghz pa kpa mpa hpa atm bar torr mmhg k c f b kb mb gb tb bp kbp mbp nt aa da kda ev kev mev
    rad deg iu u meq eq mph kmh kph rpm bpm cc cents cent pts pp x fold
    """
)
"""Units that are written as signs; in lower case."""
_VARIABLES = word_set("x y z i j n e r p q π pi")
_BRACKETED = re.compile(r"\([^()]*\)")
_ROUNDING = ("decimal", "significant", "rounded", "nearest", "d.p", "s.f", "sig")
_PER_OWN = re.compile(
    r"(?:/|\b(?:per|in|every|each)\b)\s*(?:\d+(?:[.,]\d+)?)\s*(?=[^\W\d_])",
    re.IGNORECASE,
)
_EXPONENT = re.compile(r"(?<=[^\W\d_])(?:(?:\^|\*\*)\(?-?[1-9]\)?|[23](?!\w))")
_LEAD_SIGNS = re.compile(r"[\w\s.,:;'\"()~≈=%-]*")
_UNIT_SIGNS = re.compile(r"[^\W\d_]|[\s.,;!()\]'\"*_°%‰$€£¥¢/·-]")
_SPACED_DASH = re.compile(r"(?:^|\s)-(?:\s|$)|-$")


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return _WORD.findall(text.casefold())


def introduces(lead: str) -> bool:
    """Whether words can stand before an answer: `The total is`, `x =`, `≈`; and not `at least`, `not`, `step`."""
    lead = lead.strip()
    if not lead:
        return True
    if not _LEAD_SIGNS.fullmatch(lead) or _SPACED_DASH.search(lead):
        return False
    words = words_of(lead)
    if any(word in _REFUSED or word.endswith("n't") for word in words):
        return False
    if not words or lead.endswith((":", "=")) or words[-1] in _LINKS:
        return lead.strip("()'\"~≈=:. ") != "" or not words
    return all(word in _BENIGN or word in _LINKS or _is_identifier(word) for word in words)


def _is_identifier(word: str) -> bool:
    """Whether it is a name with a digit in it, such as CYP2D6."""
    return not word.isalpha() and word[0].isalpha()


def scale(line: str, at: int) -> tuple[Fraction, int] | None:
    """Read `million` and its like after a number: the factor, and where it ends."""
    match = _SCALE.match(line, at)
    return None if match is None else (Fraction(_SCALES[match[1].casefold()]), match.end())


def only_a_unit(tail: str) -> bool:
    """Whether what follows a number is a unit, a remark on rounding or plain words, and no second number."""
    glued = tail[:1].isalpha()
    rest = _BRACKETED.sub(_without_rounding, tail)
    first = _WORD.match(rest.lstrip(" *_°%$€£"))
    if first is not None:
        unit = first.end() + (len(rest) - len(rest.lstrip(" *_°%$€£")))
        rest = rest[:unit] + _PER_OWN.sub(" per ", rest[unit:])
    rest = _EXPONENT.sub("", rest)
    if any(char.isdigit() for char in rest) or not all(_UNIT_SIGNS.match(char) for char in rest):
        return False
    if rest.lstrip()[:1] in ("-", "!", "'", "/", "*") and not re.match(
        r"\*{1,2}(\W|$)|-[^\W\d_]{2}|/[^\W\d_]", rest.strip()
    ):
        return False
    if _SPACED_DASH.search(rest) or rest.count("(") != rest.count(")"):
        return False
    words = words_of(rest)
    if any(word in _REFUSED and word not in _UNITS_TOO for word in words):
        return False
    if words and words[0] in _VARIABLES:
        return False
    return not glued or words[0] in _SYMBOLS or (len(words[0]) > 3 and words[0] in _LONG_UNITS)


_LONG_UNITS = word_set(
    """
    dollars degrees percent miles hours minutes seconds days years units grams meters metres
    """
)


def _without_rounding(bracketed: re.Match[str]) -> str:
    """Drop a remark such as `(to 2 decimal places)`."""
    return " " if any(word in bracketed[0].casefold() for word in _ROUNDING) else bracketed[0]
