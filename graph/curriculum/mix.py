"""The cells that a run may ask for, and the shares of them that its rows should have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import SetupError
from agents.offline.families import written_cells
from agents.records import SIZES, TWISTS, Cell, Size, Twist
from graph.setting_values import span, split
from graph.settings import Settings
from prompts.domain import Domain
from tools.files.small_json import read_small_json

OFFLINE_ATTACKER = "offline:attacker"
LEAST_HOPS, MOST_HOPS = 1, 8


TWIST_WEIGHTS: Mapping[Twist, float] = {"none": 3.0, "distractor": 1.0, "inverse": 1.0}
"""How often each is asked for beside the others in a balanced mix."""


class Mix(NamedTuple):
    """What share of the rows each value of a part of a cell should have; None for whatever survives."""

    topic: Mapping[str, float] | None = None
    hops: Mapping[int, float] | None = None
    size: Mapping[Size, float] | None = None
    twist: Mapping[Twist, float] | None = None

    @classmethod
    def of(cls, settings: Settings, cells: Sequence[Cell]) -> Mix:
        """Read `--mix`.

        Raises:
            SetupError: The file cannot be read, or names what the domain lacks.
        """
        known: dict[str, list[Any]] = {part: sorted({getattr(cell, part) for cell in cells}) for part in cls._fields}
        if settings.mix == "natural":
            return cls()
        if settings.mix == "balanced":
            even = {part: _shares(dict.fromkeys(values, 1.0), values) for part, values in known.items()}
            return cls(**even | {"twist": _shares(TWIST_WEIGHTS, known["twist"])})
        try:
            given = read_small_json(Path(settings.mix))
            if not isinstance(given, dict) or not given or not given.keys() <= set(cls._fields):
                names = ", ".join(cls._fields)
                raise ValueError(f"it must name some of {names}")  # noqa: TRY301  # like what else is wrong with it
            declared = {
                part: {(int(name) if part == "hops" else str(name)): float(share) for name, share in shares.items()}
                for part, shares in given.items()
            }
        except OSError as error:
            raise SetupError(
                f"--mix {settings.mix}: {error.strerror}; use balanced, natural, or a JSON file"
            ) from error
        except (ValueError, AttributeError, TypeError) as error:
            form = '{"topic": {"NAME": 0.5, ...}, "hops": {"3": 0.2, ...}}'
            raise SetupError(f"--mix {settings.mix}: {error}; write it as {form}") from error
        for part, share in declared.items():
            if strange := [name for name in share if name not in known[part]]:
                raise SetupError(f"--mix {settings.mix}: {strange[0]!r} is none of {', '.join(map(str, known[part]))}")
            if share and not (min(share.values()) >= 0 and 0 < sum(share.values()) < math.inf):
                raise SetupError(f"--mix {settings.mix}: shares must be finite, not negative, and not all zero")
        return cls(**{part: _shares(share, known[part]) for part, share in declared.items()})


def _shares(given: Mapping[Any, float], known: Sequence[Any]) -> dict[Any, float] | None:
    total = sum(given.get(name, 0.0) for name in known)
    return {name: given.get(name, 0.0) / total for name in known} if given else None


def wanted_cells(domain: Domain, settings: Settings) -> list[Cell]:
    """List the cells that the settings leave open, and that the Attacker can write for.

    Raises:
        SetupError: A topic is not in the domain, or no number of hops is left.
    """
    known = _writable(domain, settings)
    names = list(dict.fromkeys(cell.topic for cell in known))
    topics = split(settings.topics) or names
    if unknown := [name for name in topics if name not in names]:
        offline = ", for which the offline attacker writes" if len(names) < len(domain.topics) else ""
        raise SetupError(f"--topics: {domain.name} has no topic {unknown[0]!r}{offline}; it has {', '.join(names)}")
    low, high = domain.hops
    if settings.hops:
        least, most = span(settings.hops)
        low, high = max(LEAST_HOPS, math.ceil(least)), min(MOST_HOPS, math.floor(most))
    if low > high:
        raise SetupError(f"--hops {settings.hops}: reasoning steps lie within {LEAST_HOPS} to {MOST_HOPS}")
    sizes, twists = split(settings.sizes) or domain.sizes, split(settings.twists) or domain.twists
    open_cells = [cell for cell in known if cell.topic in topics and low <= cell.hops <= high]
    cells = [cell for cell in open_cells if cell.size in sizes and cell.twist in twists]
    if not open_cells:
        raise SetupError(f"--hops {settings.hops}: the offline attacker has no stories of so many reasoning steps")
    if not cells:
        asked = (
            f"--sizes {settings.sizes or ','.join(domain.sizes)} --twists {settings.twists or ','.join(domain.twists)}"
        )
        raise SetupError(f"{asked}: the offline attacker has no such stories for these topics and numbers of steps")
    return cells


def _writable(domain: Domain, settings: Settings) -> list[Cell]:
    """List the cells of the pack, or those that the offline Attacker can write for, in the order of the pack."""
    cells = (
        Cell(topic=name, skill=skill, hops=hops, size=size, twist=twist)
        for name, topic in domain.topics.items()
        for skill, hops, size, twist in product(topic.skills, range(LEAST_HOPS, MOST_HOPS + 1), SIZES, TWISTS)
    )
    if OFFLINE_ATTACKER in (settings.attacker, settings.alternate and settings.defender):
        written = written_cells(domain.name)
        return [cell for cell in cells if cell in written]
    return list(cells)
