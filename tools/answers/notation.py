"""Rewrite typographic and LaTeX notation as plain characters, without changing what is meant.

NFKC alone would turn `10⁵` into `105`: here a superscript stays a power. Every function reads each character a bounded
number of times.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from tools.answers.kinds import word_set

DEEPEST = 40
"""Nested LaTeX groups that are followed."""

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", "0123456789+-=()ni", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", "0123456789+-=()", strict=True))
_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("×✕✖⨯⋅·∙•", "*"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("’‘ʼ`´", "'"),
        **dict.fromkeys("“”„«»", '"'),
        "≤": "<=",
        "⩽": "<=",
        "≥": ">=",
        "⩾": ">=",
        "≠": "!=",
        "∪": " ∪ ",
        "ϕ": "φ",
        "º": "°",
        "˚": "°",
        "\u200b": None,
        "\ufeff": None,
    }
)
_SCRIPTS = re.compile(rf"[{''.join(map(re.escape, _SUPERSCRIPTS))}]+|[{''.join(map(re.escape, _SUBSCRIPTS))}]+")


def fold(text: str) -> str:
    """Rewrite typographic characters in ASCII where that has one meaning: digits of any script, signs, powers, ½."""
    if text.isascii():
        return text
    text = _SCRIPTS.sub(_script, text)
    return "".join(_character(char) for char in text.translate(_PLAIN))


def _script(match: re.Match[str]) -> str:
    if match[0][0] in _SUPERSCRIPTS:
        return f"^({''.join(_SUPERSCRIPTS[char] for char in match[0])})"
    return "_" + "".join(_SUBSCRIPTS[char] for char in match[0])


@lru_cache(maxsize=4096)
def _character(char: str) -> str:
    if char.isascii():
        return char
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char.isspace():
        return " "
    if unicodedata.category(char) == "No":
        folded = unicodedata.normalize("NFKC", char)
        if "\u2044" in folded:
            return f" {folded.replace(chr(0x2044), '/')} "
        return char
    folded = unicodedata.normalize("NFKC", char)
    return folded if folded.isascii() and folded.isprintable() and not folded.isdigit() else char


# --- LaTeX -------------------------------------------------------------------------------------------------------

_FRACTIONS = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
_WRAPPERS = word_set(
    """
    text mathrm mathbf mathit mathsf textbf textit textrm operatorname boxed fbox mbox displaystyle mathbb bm
    hbox
    """
)
_DROPPED = word_set("left right bigl bigr Bigl Bigr big Big limits displaystyle quad qquad")
_COMMANDS = {
    "times": " * ",
    "cdot": " * ",
    "ast": " * ",
    "div": " / ",
    "pm": " ± ",
    "mp": " ∓ ",
    "le": " <= ",
    "leq": " <= ",
    "leqslant": " <= ",
    "ge": " >= ",
    "geq": " >= ",
    "geqslant": " >= ",
    "lt": " < ",
    "gt": " > ",
    "ne": " != ",
    "neq": " != ",
    "approx": " ≈ ",
    "simeq": " ≈ ",
    "sim": " ~ ",
    "cup": " ∪ ",
    "cap": " ∩ ",
    "in": " ∈ ",
    "infty": " ∞ ",
    "circ": "°",
    "degree": "°",
    "percent": "%",
    "emptyset": "∅",
    "varnothing": "∅",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "mid": "|",
    "ldots": "...",
    "dots": "...",
    "varphi": "φ",
    "varepsilon": "ε",
}
_SYMBOLS = {
    ",": "",
    "!": "",
    ";": " ",
    ":": " ",
    " ": " ",
    "\\": " \\\\ ",
    "{": "\x02",
    "}": "\x03",
    "(": " ",
    ")": " ",
}
_GREEK = {unicodedata.name(char).rsplit(" ", 1)[-1].lower(): char for char in "αβγδεζηθικλμνξπρστυφχψω"} | {
    "lambda": "λ"
}
_MATRICES = ("matrix", "bmatrix", "pmatrix")
_COMMAND = re.compile(r"\\([A-Za-z]+|.)", re.DOTALL)


def from_latex(text: str) -> str:
    r"""Rewrite LaTeX in plain notation: `\frac{1}{2}` as `((1)/(2))`, `\sqrt{x}` as `sqrt(x)`, `10^{5}` as `10^(5)`.

    A set brace `\{` becomes `{`; a grouping brace becomes a bracket. Text without a backslash, `$` or a braced
    power keeps all as it is. What is too deeply nested is returned as it came.
    """
    if not any(mark in text for mark in ("\\", "$", "^{", "_{", "{,}")):
        return text
    text = text.replace("\\$", "").replace("\\%", "%").replace("{,}", ",").replace("~", " ")
    text = _dollars(text)
    for name in _MATRICES:
        text = _matrices(text, name)
    if "\\" not in text and "^{" not in text and "_{" not in text:
        return text
    try:
        return _Latex(text).rewrite().replace(" ^", "^").replace("\x02", "{").replace("\x03", "}")
    except (IndexError, RecursionError):
        return text


def _dollars(text: str) -> str:
    """Drop the `$` that delimit mathematics; a single one, as of a price, stays."""
    return text.replace("$", "") if text.count("$") % 2 == 0 else text.replace("$$", "")


def _matrices(text: str, name: str) -> str:
    """Write each matrix of the named environment as rows in square brackets."""
    head, *rest = text.split(f"\\begin{{{name}}}")
    out = [head]
    for part in rest:
        body, end, after = part.partition(f"\\end{{{name}}}")
        if not end:
            return text
        rows = [row for row in body.split("\\\\") if row.strip()]
        out.append("[" + ",".join("[" + row.replace("&", ",") + "]" for row in rows) + "]" + after)
    return "".join(out)


class _Latex:
    """One pass over a text; `at` only moves on."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth = text, 0, 0
        self.braces_group = "\\" in text

    def rewrite(self, until: str = "") -> str:
        """Rewrite up to the closing mark, or to the end."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise RecursionError
        out: list[str] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == until:
                break
            out.append(self._next(char))
        self.depth -= 1
        return "".join(out)

    def _next(self, char: str) -> str:
        if char == "\\":
            return self._command()
        self.at += 1
        if char in "^_" and self.text[self.at : self.at + 1] == "{":
            inner = self._group().strip()
            return inner if inner == "°" else char + (f"({inner})" if char == "^" or len(inner) > 1 else inner)
        if char == "{" and self.braces_group:
            self.at -= 1
            return f"({self._group()})"
        if char == "^" and self.text.startswith("\\circ", self.at):
            self.at += len("\\circ")
            return "°"
        return char

    def _command(self) -> str:  # noqa: PLR0911  (one row a kind of command)
        match = _COMMAND.match(self.text, self.at)
        if match is None:
            raise IndexError
        name, self.at = match[1], match.end()
        if name in _FRACTIONS:
            return f"(({self._argument()})/({self._argument()}))"
        if name == "sqrt":
            return self._root()
        if name in _WRAPPERS:
            return f" {self._argument()} " if self.text[self.at : self.at + 1] == "{" else " "
        if name in _DROPPED:
            return ""
        if name in _SYMBOLS:
            return _SYMBOLS[name]
        if len(name) == 1 and not name.isalpha():
            return name if name in "&#_|" else " "
        if name in _COMMANDS:
            return _COMMANDS[name]
        return f" {_GREEK.get(name, name)} "

    def _root(self) -> str:
        if self.text[self.at : self.at + 1] != "[":
            return f"sqrt({self._argument()})"
        self.at += 1
        degree = self.rewrite("]")
        self.at += 1
        return f"(({self._argument()})^(1/({degree})))"

    def _group(self) -> str:
        self.at += 1
        inner = self.rewrite("}")
        if self.at >= len(self.text):
            raise IndexError
        self.at += 1
        return inner

    def _argument(self) -> str:
        """Take a command's argument: a group, a command, or one character."""
        while self.text[self.at] == " ":
            self.at += 1
        if self.text[self.at] == "{":
            return self._group()
        if self.text[self.at] == "\\":
            return self._command()
        self.at += 1
        return self.text[self.at - 1]
