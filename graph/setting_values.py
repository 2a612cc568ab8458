"""How the values of settings are written and read: spans, lists, prices, paths, addresses."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from agents.records import SIZES, TWISTS, Level, Price


def folder_name(name: str) -> str:
    """Return a name that is fit for a folder; ValueError for any other."""
    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name):
        raise ValueError("use letters, digits, '-' and '_' (64 at most): it becomes a folder's name")
    return name


def home_expanded(text: str) -> str:
    """Replace a leading `~` by the home folder; ValueError where it names no user."""
    try:
        return str(Path(text).expanduser()) if text.startswith("~") else text
    except RuntimeError as error:
        raise ValueError("~ names no home folder here; write the path in full") from error


def home_folder(path: Path) -> Path:
    """Return the path with `~` expanded."""
    return Path(home_expanded(str(path)))


def each_expanded(text: str) -> str:
    """Return a list of paths with `~` expanded in each."""
    return ",".join(home_expanded(part) for part in split(text))


def url(text: str | None) -> str | None:
    """Return an HTTP address; ValueError for anything else."""
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("begin it with http:// or https://")
    return text


def hops_span(text: str) -> str:
    """Return a span of hops, or nothing; ValueError where it is neither."""
    if text:
        span(text)
    return text


def share_span(text: str) -> str:
    """Return a span of shares; ValueError where it leaves 0 to 1."""
    if span(text)[1] > 1:
        raise ValueError("shares of right answers lie within 0 to 1")
    return text


def span(text: str) -> tuple[float, float]:
    """Read `LOW..HIGH`, or one number for both; ValueError where it is neither."""
    low, _, high = text.partition("..")
    try:
        bounds = float(low), float(high or low)
    except ValueError as error:
        raise ValueError("write it as LOW..HIGH, or as one number for both") from error
    if not 0 <= bounds[0] <= bounds[1] < math.inf:
        raise ValueError("LOW must not be above HIGH, nor below 0, and both finite numbers")
    return bounds


def known_levels(text: str) -> str:
    """Return a list of levels; ValueError for an unknown one."""
    return _known(text, "level", get_args(Level))


def known_sizes(text: str) -> str:
    """Return a list of sizes of numbers; ValueError for an unknown one."""
    return _known(text, "size of numbers", SIZES)


def known_twists(text: str) -> str:
    """Return a list of twists; ValueError for an unknown one."""
    return _known(text, "twist", TWISTS)


def _known(text: str, what: str, names: Sequence[str]) -> str:
    if unknown := {name for name in split(text) if name not in names}:
        raise ValueError(f"no {what} is called {min(unknown)!r}; choose from {', '.join(names)}")
    return text


def licence_name(text: str) -> str:
    """Return the name of a licence as the Hub writes it; ValueError for what can be none."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,39}", text):
        raise ValueError("write it as the Hub does, in small letters: apache-2.0, cc-by-4.0, mit, or other")
    return text


def priced_models(text: str) -> str:
    """Return a list of prices; ValueError where it cannot be read."""
    read_prices(text)
    return text


def read_prices(text: str) -> tuple[Price, ...]:
    """Read `provider:name=IN/OUT` or `=IN/OUT/CACHED` entries, dollars for a million tokens."""
    table = []
    for entry in split(text):
        model, _, numbers = entry.rpartition("=")
        try:
            dollars_in, dollars_out, *rest = [float(number) for number in numbers.split("/")]
            (cached,) = rest or [dollars_in]
        except ValueError as error:
            form = "provider:name=IN/OUT or provider:name=IN/OUT/CACHED, such as openai:my-model=0.5/2"
            raise ValueError(f"{entry!r}: write it as {form}") from error
        price = Price(model, dollars_in, dollars_out, cached)
        if not (0 <= price.cached <= price.input < math.inf and 0 <= price.output < math.inf):
            raise ValueError(f"{entry!r}: prices are not negative, and cached tokens cost no more than others")
        table.append(price)
    return tuple(table)


def split(text: str) -> list[str]:
    """Return the entries of a list with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
