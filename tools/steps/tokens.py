"""Cut a sentence into numbers with their units, signs, brackets and words; the sentence may be anything."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from tools.steps.units import SHORT, singular

Kind = Literal["value", "sign", "open", "close", "call", "comma", "factorial", "equals", "word", "symbol", "break"]

FUNCTIONS = frozenset({"gcd", "lcm", "C", "binom", "comb", "sqrt", "floor", "ceil", "factorial"})
MOST_UNITS = 6
"""Words after a number that still name what it counts."""

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
_TOKEN = re.compile(
    r"(?P<fixed>\d{4}-\d{1,2}-\d{1,2}(?!\d)|\d{1,2}/\d{1,2}/\d{4}|\d{1,6}(?::\d{1,6})+|\d{1,6}(?:\.\d{1,6}){2,})"
    r"|(?P<vulgar>(?:\d{1,6}\s?)?[¼-¾⅐-⅞])"
    r"|(?P<mixed>(?P<whole>\d{1,6})(?:\s+and)?\s+(?P<top>\d{1,4})/(?P<bottom>\d{1,4})(?![\d./]))"
    rf"|(?P<number>(?:{_DIGITS}(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d{{1,2}}(?!\w))?)"
    r"(?P<glued>[^\W\d²³]\w*|-[^\W\d_][^\W\d_]+(?:-[^\W\d_]+)*)?"
    r"|(?P<equals>={1,2}(?![<>=])|[≈≃≅]|~(?=\s*[\d$]))"
    r"|(?P<compare>[<>!]=|=[<>=]+|<+|>+|[≠≤≥≡→⇒]|-+>)"
    r"|(?P<power>[²³])"
    r"|(?P<sign>\*\*|//|[-+*/^×÷·∙⋅−–⁄∕])"
    r"|(?P<percent>%)"
    r"|(?P<factorial>!)"
    r"|(?P<money>[$€£¥]|US\$)"
    r"|(?P<aside>\([^\W\d_][^\W\d_ ]+(?:[ ,'-][^\W\d_]+)*\))"
    r"|(?P<bracket>[()\[\]])"
    r"|(?P<comma>,)"
    r"|(?P<space>[^\S\n]+)"
    r"|(?P<word>[^\W\d_][\w'’]*(?:-[^\W\d_][\w'’]*)*)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_SIGNS = {"^": "**", "×": "*", "·": "*", "∙": "*", "⋅": "*", "÷": "/", "⁄": "/", "∕": "/", "−": "-", "–": "-"}
_WORD_SIGNS = {"plus": "+", "minus": "-", "times": "*", "mod": "%", "modulo": "%", "choose": "choose"}
_NO_UNITS = frozenset({"and", "or", "equals", "equal", "is", "are", "="})
_TEX = {
    r"\times": "×", r"\cdot": "·", r"\div": "÷", r"\approx": "≈", r"\left": "", r"\right": "", r"\%": "%", r"\$": "$",
    r"\,": " ", r"\;": " ", r"\!": "", r"\(": " ", r"\)": " ", r"\[": " ", r"\]": " ",
}  # fmt: skip


@dataclass
class Token:
    """One piece of a sentence.

    Args:
        kind: What it is.
        text: How it is written; a sign in Python's notation.
        start: Where it begins.
        end: Where it and its units end.
        value: Of a number.
        unit: Of its last written decimal place; 0 for a fraction.
        units: The words after it, in the singular.
        percent: Whether a percent sign follows.
        whole: Of a mixed number, how many wholes were added.
        soft: Whether it is a sign written as a word that prose uses too.
        implied: Whether it is a multiplication that is not written.
    """

    kind: Kind
    text: str
    start: int
    end: int
    value: Fraction = Fraction(0)
    unit: Fraction = Fraction(0)
    units: list[str] = field(default_factory=list)
    percent: bool = False
    whole: int = 0
    soft: bool = False
    implied: bool = False


def readable(text: str) -> str:
    """Return the text with the commonest TeX and bold marks in plain characters."""
    if "\\" in text:
        text = re.sub(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)
        text = re.sub(r"\\(?:text|mathrm|boxed|mathbf)\{([^{}]*)\}", r" \1 ", text)
        text = re.sub(r"\\(?:[a-z]+|.)", lambda found: _TEX.get(found[0], found[0]), text)
    return re.sub(r"(?<![\w)\s*])\*\*(?=[\d$])([^*\n]{1,60})\*\*|(?<=\s)\*\*(?=[\d$])([^*\n]{1,60})(?<=\S)\*\*(?!\d)",
                  lambda found: f"  {found[1] or found[2]}  ", text)  # fmt: skip


def tokens(text: str) -> list[Token]:
    """Cut a readable text into tokens, each number with the units that follow it."""
    return _Cutter(text).cut()


class _Cutter:
    """Cuts one text; `found` is what came so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Token] = []
        self.brackets: list[bool] = []
        self.money = False

    def cut(self) -> list[Token]:
        place = 0
        while place < len(self.text):
            match = _TOKEN.match(self.text, place)
            if match is None:
                break
            place = self._take(match)
        return self.found

    @property
    def last(self) -> Token | None:
        return self.found[-1] if self.found else None

    def _add(self, kind: Kind, text: str, match: re.Match[str]) -> Token:
        token = Token(kind, text, match.start(), match.end())
        self.found.append(token)
        return token

    def _ends_operand(self) -> bool:
        return self.last is not None and self.last.kind in ("value", "close", "factorial")

    def _take(self, match: re.Match[str]) -> int:
        """Add the token of a match; return where the next one begins."""
        kind = next(name for name, piece in match.groupdict().items() if piece is not None)
        if kind == "mixed" and int(match["top"]) >= int(match["bottom"]):
            match = re.compile(r"(?P<number>\d+)(?P<glued>(?!))?").match(self.text, match.start()) or match
            kind = "number"
        take = getattr(self, f"_take_{kind}", None)
        if take is not None:
            take(match)
        elif kind != "space":
            self._add("break", match[0], match)
        if kind not in ("space", "money"):
            self.money = False
        return match.end()

    def _take_fixed(self, match: re.Match[str]) -> None:
        self._add("symbol", match[0], match)

    def _take_money(self, _match: re.Match[str]) -> None:
        self.money = True

    def _value(self, match: re.Match[str], value: Fraction) -> Token:
        token = self._add("value", match[0], match)
        token.value = value
        if self.money:
            token.units.append("$")
        return token

    def _take_vulgar(self, match: re.Match[str]) -> None:
        part = Fraction(unicodedata.numeric(match[0][-1])).limit_denominator(10)
        whole = int(match[0][:-1].strip() or 0)
        self._value(match, whole + part).whole = whole

    def _take_mixed(self, match: re.Match[str]) -> None:
        whole = int(match["whole"])
        self._value(match, whole + Fraction(int(match["top"]), int(match["bottom"]))).whole = whole

    def _take_number(self, match: re.Match[str]) -> None:
        literal, glued = match["number"].replace(",", ""), match["glued"] or ""
        if len(literal) > 40:
            self._add("symbol", match[0], match)
            return
        mantissa, _, exponent = literal.lower().partition("e")
        decimals = len(mantissa.partition(".")[2])
        token = self._value(match, Fraction(literal))
        token.unit = Fraction(10) ** (int(exponent or 0) - decimals)
        if glued.startswith("-") or singular(glued) in SHORT:
            token.units.append(singular(glued.lstrip("-")))
        elif re.fullmatch(r"[xX]\d{1,30}", glued):
            token.text, token.end = match["number"], match.start("glued")
            self._add("sign", "*", match)
            self._value(match, Fraction(glued[1:])).unit = Fraction(1)
        elif glued:
            token.kind = "symbol"

    def _take_equals(self, match: re.Match[str]) -> None:
        self._add("equals", match[0], match)

    def _take_power(self, match: re.Match[str]) -> None:
        if self.last is not None and self.last.kind == "value" and self.last.units and self.last.units[-1] != "$":
            return  # square metres
        self._add("sign", "**", match)
        self._value(match, Fraction("²³".index(match[0]) + 2))

    def _take_sign(self, match: re.Match[str]) -> None:
        self._add("sign", _SIGNS.get(match[0], match[0]), match)

    def _take_percent(self, match: re.Match[str]) -> None:
        follows = re.compile(r"\s*[\d(]").match(self.text, match.end())
        if follows or self.last is None or self.last.kind != "value" or self.last.percent:
            self._add("sign", "%", match)
            return
        self.last.end = match.end()
        self._as_share(self.last)

    def _as_share(self, token: Token) -> None:
        token.percent = True
        token.value /= 100
        token.unit /= 100
        token.units.append("%")

    def _take_factorial(self, match: re.Match[str]) -> None:
        glued = self.last is not None and self.last.end == match.start() and self._ends_operand()
        self._add("factorial" if glued else "break", "!", match)

    def _take_bracket(self, match: re.Match[str]) -> None:
        if match[0] in ")]":
            if self.brackets:
                self.brackets.pop()
            self._add("close", ")", match)
            return
        last = self.last
        if last is not None and last.end == match.start():
            if last.kind in ("word", "symbol") or (
                last.kind == "value" and last.units and last.units[-1] not in ("$", "%")
            ):
                called = re.search(r"[^\W\d_]+$", self.text[max(0, match.start() - 12) : match.start()])
                name = called[0] if called else ""
                if name == last.text and name in FUNCTIONS:
                    last.kind = "call"
                else:
                    last.kind = "symbol"
            elif self._ends_operand():
                self._add("sign", "*", match).implied = True
        self.brackets.append(self.last is not None and self.last.kind == "call")
        self._add("open", "(", match)

    def _take_comma(self, match: re.Match[str]) -> None:
        self._add("comma" if self.brackets and self.brackets[-1] else "break", ",", match)

    def _take_aside(self, match: re.Match[str]) -> None:
        last = self.last
        if last is not None and last.end == match.start():
            self._add("symbol", match[0], match)
        elif last is not None and self._ends_operand():
            last.end = match.end()
        else:
            self._add("word", match[0], match)

    def _take_word(self, match: re.Match[str]) -> None:
        word = match[0]
        if self._is_sign(word, match.end()):
            sign = _WORD_SIGNS.get(word.lower(), "*")
            self._add("sign", sign, match).soft = word.lower() in ("of", "times")
        elif self._per_unit(word):
            self.found.pop()
            self._name_unit(word, match)
        elif re.search(r"[\d_]", word) or (len(word) == 1 and not self._is_short(word)):
            self._add("symbol", word, match)
        elif word.lower() in ("equals",):
            self._add("equals", "=", match)
        else:
            self._name_unit(word, match)

    def _name_unit(self, word: str, match: re.Match[str]) -> None:
        last = self.last
        counts = last is not None and last.kind in ("value", "close") and len(last.units) < MOST_UNITS
        if last is None or not counts or word.lower() in _NO_UNITS:
            self._add("word", word, match)
            return
        last.end = match.end()
        if last.kind == "value" and not last.units and word.lower() in ("percent", "pct"):
            self._as_share(last)
        else:
            last.units.append(singular(word))

    def _is_short(self, word: str) -> bool:
        """Whether a single letter is a unit, or an article among words, and no unknown."""
        last = self.last
        worded = last is not None and (last.kind == "word" or bool(last.units))
        return word in ("m", "g", "l", "L", "h", "s", "d", "t") or word == "I" or (word in "aA" and worded)

    def _is_sign(self, word: str, end: int) -> bool:
        """Whether a word between two numbers is a sign: `3 x 4`, `5 plus 2`, `20% of 50`."""
        last, lower = self.last, word.lower()
        if last is None or lower not in ("x", "of", *_WORD_SIGNS) or last.kind not in ("value", "close", "factorial"):
            return False
        between = r"\s*(?:(?:the|his|her|its|their|those|all)\s+)?" if lower == "of" else r"\s*"
        if not re.compile(between + r"[$€£]?\s*(?:[\d(]|\.\d)").match(self.text, end):
            return False
        return lower != "of" or self._is_share(last)

    def _is_share(self, last: Token) -> bool:
        if last.kind != "value" or any(unit != "%" for unit in last.units):
            return False
        before = self.found[-2] if len(self.found) > 1 else None
        return bool(last.units) or last.value < 1 or (before is not None and before.text == "/")

    def _per_unit(self, word: str) -> bool:
        """Whether the word is the lower half of a unit, as in `$25/day` or `30 miles/hour`."""
        if len(self.found) < 2 or self.found[-1].text != "/" or word.lower() == "x":
            return False
        above = self.found[-2]
        return above.kind in ("value", "close") and bool(above.units) and (len(word) > 1 or word in "mglLhsd")
