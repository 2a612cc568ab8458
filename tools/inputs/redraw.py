"""How single values are redrawn: same sign, same magnitude, same number of decimals, another value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

RESIDUES = (1, 2, 3, 4, 6, 12)
"""Whole numbers stay in their residue class modulo one of these: what came out even mostly still does."""
LESS_ROUND = 0.25
"""Share of round numbers that lose some of their zeros: a program may hold for round numbers only."""
LEAST_WAYS = 4
"""Fewest other values that a step through the numbers must leave."""


def redraw_number(rng: Random, text: str) -> str:
    """Return another number between half and one and a half of this one, written with as many decimals.

    Trailing zeros mostly stay, and so does the residue modulo a small number. A number below 4 is drawn from 1 to 9.
    """
    sign = text[0] if text[0] in "+-" else ""
    digits = text.lstrip("+-")
    whole, _, decimals = digits.replace(",", "").partition(".")
    scaled = int(whole + decimals)
    if scaled == 0:
        return text
    step = 10 ** (len(str(scaled)) - len(str(scaled).rstrip("0")))
    units = scaled // step
    if units < 4 and step > 1:  # 100 is drawn from 50 to 150, not from 100 to 900
        units, step = 10 * units, step // 10
    if step > 1 and rng.random() < LESS_ROUND:
        finer = 10 ** rng.randint(1, len(str(step)) - 1)
        units, step = units * finer, step // finer
    drawn = _redraw_units(rng, units) * step
    grouped = "," in digits
    written = str(drawn).rjust(len(decimals) + 1, "0")
    if decimals:
        head, tail = written[: -len(decimals)], written[-len(decimals) :]
        return f"{sign}{_group(head, grouped)}.{tail}"
    return f"{sign}{_group(written, grouped)}"


def _group(digits: str, grouped: bool) -> str:  # a style of writing, always given
    return f"{int(digits):,}" if grouped else digits


def _redraw_units(rng: Random, units: int) -> int:
    low, high = (1, 9) if units < 4 else (max(1, (units + 1) // 2), units + units // 2)
    if units < 4 and rng.random() < 0.5:
        low, high = 1, 5
    modulus = rng.choice(RESIDUES)
    ways = _window(rng, low, high)
    even = range(ways.start + (units - ways.start) % modulus, ways.stop, modulus)
    return _choose_another(rng, even if len(even) - (units in even) >= LEAST_WAYS else ways, units)


def _choose_another(rng: Random, values: range, stated: int) -> int:
    """Return any of the values but the stated one, without writing them down."""
    place = rng.choice(range(len(values) - (stated in values)))
    return values[place + (stated in values and place >= values.index(stated))]


def _window(rng: Random, low: int, high: int) -> range:
    """Return candidates from a range; of a long one a stretch is enough."""
    if high - low <= 400:
        return range(low, high + 1)
    start = rng.randint(low, high - 400)
    return range(start, start + 401)


def redraw_percent(rng: Random, text: str) -> str:
    """Return another percentage; of at most 100 it stays between 1 and 99, with as many decimals."""
    if float(text.replace(",", "")) > 100:
        return redraw_number(rng, text)
    decimals = len(text.partition(".")[2])
    scale = 10**decimals
    step = 5 * scale if float(text) % 5 == 0 and rng.random() < 0.7 else 1
    while True:
        drawn = rng.randrange(step, 100 * scale, step)
        if drawn != round(float(text) * scale):
            return f"{drawn / scale:.{decimals}f}"


def redraw_date(rng: Random, text: str) -> str:
    """Return another day within about a year."""
    return (date.fromisoformat(text) + timedelta(days=rng.choice((-1, 1)) * rng.randint(1, 400))).isoformat()


def redraw_time(rng: Random, text: str) -> str:
    """Return another time of day on the same grid: full hours, quarters, five minutes, or minutes."""
    hours, minutes = int(text[:2]), int(text[3:5])
    grid = next(step for step in (60, 15, 5, 1) if minutes % step == 0)
    while True:
        drawn = rng.randrange(0, 24 * 60, grid)
        if drawn != 60 * hours + minutes:
            return f"{drawn // 60:02}:{drawn % 60:02}" + text[5:]


def another(rng: Random, stated: str, options: Sequence[str]) -> str:
    """Return one of the other options."""
    return rng.choice([option for option in options if option != stated] or [stated])


def redraw_sequence(rng: Random, text: str) -> str:
    """Return a sequence of the same length over the letters of this one, its first and last letter kept."""
    letters = sorted(set(text.upper()))
    middle = "".join(rng.choice(letters) for _ in text[1:-1])
    drawn = text[:1] + middle + text[1:][-1:]
    return drawn if text.isupper() else drawn.lower()


STARTS = ("ATG", "AUG")
STOPS = ("TAA", "TAG", "TGA", "UAA", "UAG", "UGA")


def shuffle_codons(rng: Random, text: str) -> str:
    """Return a nucleic sequence of the same length; a reading frame from start to stop stays one without a stop inside.

    Any other sequence has its letters drawn anew from those of this one.
    """
    upper = text.upper()
    codons = [upper[place : place + 3] for place in range(0, len(upper), 3)]
    framed = len(upper) % 3 == 0 and len(codons) > 2 and codons[0] in STARTS and codons[-1] in STOPS
    if not framed:
        letters = list(upper)
        drawn = "".join(rng.choice(letters) for _ in letters)
    else:
        base = "ACGU" if "U" in upper else "ACGT"
        inner = [_codon(rng, base) for _ in codons[1:-1]]
        drawn = codons[0] + "".join(inner) + codons[-1]
    return drawn if text.isupper() else drawn.lower()


def _codon(rng: Random, base: str) -> str:
    while (drawn := "".join(rng.choice(base) for _ in range(3))) in STOPS:
        pass
    return drawn
