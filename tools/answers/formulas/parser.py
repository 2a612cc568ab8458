"""Read formulas, sets, tuples, intervals, matrices and relations into trees; nothing is ever evaluated as code.

A tree is a tuple whose first item names it: `("number", Fraction)`, `("name", "x")`, `("neg", a)`,
`("sum", (terms...))`, `("product", ((factor, 1 or -1 where divided by), ...))`, `("pow", base, exponent)`,
`("call", name, (arguments...))`, `("list", opening, closing, (items...))`, `("union", (items...))`,
`("relation", sign, left, right)`, `("chain", (relations...))`, `("factorial", a)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tools.answers.kinds import word_set
from tools.answers.literals import Literal, read_run, times_ten

Tree = tuple[Any, ...]

LONGEST = 4000
"""Characters of a formula."""
MOST_TOKENS, DEEPEST = 600, 40

FUNCTIONS = word_set(
    """
    sqrt exp log ln lg sin cos tan cot sec csc sinh cosh tanh arcsin arccos arctan asin acos atan abs cbrt floor
    ceil gcd lcm max min binomial gamma f g h
    """
)
CONSTANTS = {"π": "pi", "inf": "oo", "infinity": "oo", "infty": "oo", "∞": "oo"}
RELATIONS = frozenset({"=", "<", ">", "<=", ">=", "!=", "∈"})
_OPENERS = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<number>\d+(?:,\d{3}(?![\d]))*(?:\.\d+)?|\.\d+)(?P<exponent>[eE][+-]?\d{1,6}(?![\w]))?"
    r"|(?P<name>(?:[A-Za-z]+|[^\W\d_A-Za-z])(?:_(?:\([^\W_]{1,8}\)|[^\W_]+))?|∞)|(?P<sign>\*\*|<=|>=|!=|==|[-+*/^=<>∈∪∩!|,;()\[\]{}√∅%°])"
)


class UnreadFormula(ValueError):
    """A text is no formula that this reader knows."""


def tokens(text: str) -> list[str | Literal]:
    """Split a plain text (see `notation`) in numbers, names and signs.

    Raises:
        UnreadFormula: It is too long, or holds what belongs to no formula.
    """
    if len(text) > LONGEST:
        raise UnreadFormula("too long")
    found: list[str | Literal] = []
    at, depth = 0, 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or len(found) >= MOST_TOKENS:
            raise UnreadFormula(f"at {at}")
        at = match.end()
        if match["number"]:
            parts = match["number"].split(",") if depth else [match["number"]]
            for place, part in enumerate(parts):
                found += [","] * (place > 0) + [_number(part, match["exponent"] if place == len(parts) - 1 else None)]
        elif match["name"]:
            found.append(_name(match["name"]))
        elif match["sign"]:
            sign = {"**": "^", "==": "=", ";": ","}.get(match["sign"], match["sign"])
            depth += (sign in _OPENERS) - (sign in _OPENERS.values())
            found.append(sign)
    return found


def _number(digits: str, exponent: str | None) -> Literal:
    literal = read_run(digits)
    if literal is not None and exponent:
        literal = times_ten(literal, int(exponent[1:]))
    if literal is None:
        raise UnreadFormula(digits)
    return literal


def _name(name: str) -> str:
    name = CONSTANTS.get(name, name)
    lower = name.lower()
    if lower in FUNCTIONS and len(name) > 1:
        return lower
    return name.replace("(", "").replace(")", "")


def names(found: Sequence[str | Literal]) -> set[str]:
    """Return the names among the tokens."""
    return {token for token in found if isinstance(token, str) and token[0].isalpha() and token not in FUNCTIONS}


def _is_letters(token: str) -> bool:
    return 2 <= len(token) <= 3 and token.isalpha() and token not in FUNCTIONS


def split_names(found: Sequence[str | Literal], single: set[str]) -> list[str | Literal]:
    """Write `pq` as `p*q` where the other formula knows both letters."""
    out: list[str | Literal] = []
    for token in found:
        if isinstance(token, str) and _is_letters(token) and set(token) <= single:
            out += list(token)
        else:
            out.append(token)
    return out


def parse(found: Sequence[str | Literal]) -> Tree:
    """Build the tree.

    Raises:
        UnreadFormula: The tokens are no formula.
    """
    reader = _Parser(found)
    tree = reader.statement()
    if reader.peek() is not None:
        raise UnreadFormula(f"left over: {reader.peek()}")
    return tree


class _Parser:
    def __init__(self, found: Sequence[str | Literal]) -> None:
        self.found, self.at, self.depth, self.bars = found, 0, 0, 0

    def peek(self, ahead: int = 0) -> str | Literal | None:
        place = self.at + ahead
        return self.found[place] if place < len(self.found) else None

    def take(self, sign: str) -> bool:
        if self.peek() == sign:
            self.at += 1
            return True
        return False

    def need(self, sign: str) -> None:
        if not self.take(sign):
            raise UnreadFormula(f"no {sign}")

    def statement(self) -> Tree:
        """Read relations; a chain is the list of its links."""
        sides, signs = [self.items_or_one()], []
        while isinstance(self.peek(), str) and self.peek() in RELATIONS:
            signs.append(str(self.peek()))
            self.at += 1
            sides.append(self.items_or_one())
        if not signs:
            return sides[0]
        links = tuple(("relation", sign, sides[place], sides[place + 1]) for place, sign in enumerate(signs))
        return links[0] if len(links) == 1 else ("chain", links)

    def items_or_one(self) -> Tree:
        """Read a sum, a union, or a bare list `1, 2, 3`."""
        first = self.union()
        if self.peek() != ",":
            return first
        items = [first]
        while self.take(","):
            items.append(self.union())
        return ("list", "", "", tuple(items))

    def union(self) -> Tree:
        items = [self.sum()]
        while self.take("∪"):
            items.append(self.sum())
        return items[0] if len(items) == 1 else ("union", tuple(items))

    def sum(self) -> Tree:
        terms = [self.product()]
        while self.peek() in ("+", "-"):
            negative = self.take("-") or not self.take("+")
            right = self.product()
            terms.append(("neg", right) if negative else right)
        return terms[0] if len(terms) == 1 else ("sum", tuple(terms))

    def product(self) -> Tree:
        factors = [(self.signed(), 1)]
        while True:
            if self.take("*"):
                factors.append((self.signed(), 1))
            elif self.take("/"):
                factors.append((self.signed(), -1))
            elif self.starts_factor():
                factors.append((self.beside(*factors[-1]), 1))
            else:
                return factors[0][0] if len(factors) == 1 else ("product", tuple(factors))

    def beside(self, before: Tree, sign: int) -> Tree:
        """Take a factor that stands beside the one before without a sign."""
        if isinstance(self.peek(), Literal):
            raise UnreadFormula("two numbers side by side")
        if sign < 0 and before[0] != "number":
            raise UnreadFormula("a/bc may be (a/b)c or a/(bc)")
        bracket = self.peek() == "("
        right = self.power()
        if bracket and before[0] == "number" and _is_fraction(right):
            raise UnreadFormula("2(1/3) may be a mixed number")
        return right

    def starts_factor(self) -> bool:
        ahead = self.peek()
        if isinstance(ahead, Literal):
            return True
        if ahead == "|":
            return self.bars == 0
        return ahead is not None and (ahead[0].isalpha() or ahead in ("(", "√"))

    def signed(self) -> Tree:
        negative = False
        while self.peek() in ("+", "-"):
            negative ^= self.take("-") or not self.take("+")
        tree = self.power()
        return ("neg", tree) if negative else tree

    def power(self) -> Tree:
        base = self.postfix()
        if not self.take("^"):
            return base
        exponent = self.signed()
        return ("pow", base, exponent)

    def postfix(self) -> Tree:
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnreadFormula("too deep")
        tree = self.atom()
        while self.take("!"):
            tree = ("factorial", tree)
            self.depth += 1
        self.depth -= 1
        return tree

    def atom(self) -> Tree:  # noqa: PLR0911  (one row a kind of token)
        token = self.peek()
        self.at += 1
        match token:
            case Literal():
                return ("number", token.value)
            case "(" | "[" | "{":
                return self.bracketed(token)
            case "|":
                self.bars += 1
                inner = self.sum()
                self.need("|")
                self.bars -= 1
                return ("call", "abs", (inner,))
            case "√":
                return ("call", "sqrt", (self.postfix(),))
            case "∅":
                return ("list", "{", "}", ())
            case str() if token in FUNCTIONS and (len(token) > 1 or self.peek() == "("):
                return self.call(token)
            case str() if token[0].isalpha():
                return ("name", token)
        raise UnreadFormula(f"not a formula: {token}")

    def bracketed(self, opening: str) -> Tree:
        items: list[Tree] = []
        bars, self.bars = self.bars, 0
        while self.peek() not in (")", "]", "}"):
            items.append(self.union())
            if not self.take(","):
                break
        closing = self.peek()
        if closing not in (")", "]", "}") or ((opening == "{") != (closing == "}")):
            raise UnreadFormula("brackets do not match")
        self.at += 1
        self.bars = bars
        if opening == "(" and closing == ")" and len(items) == 1:
            return items[0]
        return ("list", opening, str(closing), tuple(items))

    def call(self, name: str) -> Tree:
        """Read a function's argument: bracketed, or as `sin 2x` the factors up to the next sign or function."""
        power: Tree | None = None
        if self.peek() == "^":
            self.at += 1
            power = self.postfix()
            if power[0] != "number" or power[1] < 1:
                raise UnreadFormula("sin^-1 may be the inverse function")
        if self.peek() == "(":
            self.at += 1
            inner = self.bracketed("(")
            arguments = inner[3] if inner[0] == "list" else (inner,)
        else:
            factors = [(self.power() if name != "sqrt" else self.postfix(), 1)]
            while name != "sqrt" and self.starts_factor() and self.peek() not in FUNCTIONS and self.peek() != "(":
                factors.append((self.power(), 1))
            arguments = (factors[0][0] if len(factors) == 1 else ("product", tuple(factors)),)
        called = ("call", name, tuple(arguments))
        return called if power is None else ("pow", called, power)


def _is_fraction(tree: Tree) -> bool:
    return tree[0] == "product" and len(tree[1]) == 2 and all(factor[0] == "number" for factor, _ in tree[1])
