"""The cells that a run may ask for, and the shares of them that its rows should have."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from agents.errors import SetupError
from agents.offline.families import topics as offline_topics
from agents.records import Cell
from graph.setting_values import span, split
from graph.settings import Settings
from prompts.domain import Domain
from tools.files.small_json import read_small_json

OFFLINE_ATTACKER = "offline:attacker"
LEAST_HOPS, MOST_HOPS = 1, 8


class Mix(NamedTuple):
    """What share of the rows each topic and each number of hops should have; None for whatever survives."""

    topic: Mapping[str, float] | None
    hops: Mapping[int, float] | None

    @classmethod
    def of(cls, settings: Settings, cells: Sequence[Cell]) -> Mix:
        """Read `--mix`.

        Raises:
            SetupError: The file cannot be read, or names what the domain lacks.
        """
        topics, hops = sorted({cell.topic for cell in cells}), sorted({cell.hops for cell in cells})
        if settings.mix == "natural":
            return cls(None, None)
        if settings.mix == "balanced":
            return cls(dict.fromkeys(topics, 1 / len(topics)), dict.fromkeys(hops, 1 / len(hops)))
        try:
            given = read_small_json(Path(settings.mix))
            if not isinstance(given, dict) or not given or not given.keys() <= {"topic", "hops"}:
                raise ValueError("it must name topic, hops or both")  # noqa: TRY301  # like what else is wrong with it
            by_topic = {str(name): float(share) for name, share in given.get("topic", {}).items()}
            by_hops = {int(count): float(share) for count, share in given.get("hops", {}).items()}
        except OSError as error:
            raise SetupError(
                f"--mix {settings.mix}: {error.strerror}; use balanced, natural, or a JSON file"
            ) from error
        except (ValueError, AttributeError, TypeError) as error:
            form = '{"topic": {"NAME": 0.5, ...}, "hops": {"3": 0.2, ...}}'
            raise SetupError(f"--mix {settings.mix}: {error}; write it as {form}") from error
        for share, known in ((by_topic, topics), (by_hops, hops)):
            if strange := [name for name in share if name not in known]:
                raise SetupError(f"--mix {settings.mix}: {strange[0]!r} is none of {', '.join(map(str, known))}")
            if share and not (min(share.values()) >= 0 and 0 < sum(share.values()) < math.inf):
                raise SetupError(f"--mix {settings.mix}: shares must be finite, not negative, and not all zero")
        return cls(_shares(by_topic, topics), _shares(by_hops, hops))


def _shares(given: dict[Any, float], known: Sequence[Any]) -> dict[Any, float] | None:
    total = sum(given.values())
    return {name: given.get(name, 0.0) / total for name in known} if given else None


def wanted_cells(domain: Domain, settings: Settings) -> list[Cell]:
    """List the cells that the settings leave open, and that the Attacker can write for.

    Raises:
        SetupError: A topic is not in the domain, or no number of hops is left.
    """
    known = _writable(domain, settings)
    topics = split(settings.topics) or sorted(known)
    if unknown := [name for name in topics if name not in known]:
        offline = ", for which the offline attacker writes" if len(known) < len(domain.topics) else ""
        raise SetupError(f"--topics: {domain.name} has no topic {unknown[0]!r}{offline}; it has {', '.join(known)}")
    low, high = domain.hops
    if settings.hops:
        least, most = span(settings.hops)
        low, high = max(LEAST_HOPS, math.ceil(least)), min(MOST_HOPS, math.floor(most))
    if low > high:
        raise SetupError(f"--hops {settings.hops}: reasoning steps lie within {LEAST_HOPS} to {MOST_HOPS}")
    asked = range(low, high + 1)
    cells = [
        Cell(topic=topic, skill=skill, hops=hops)
        for topic in topics
        for skill, writable in known[topic].items()
        for hops in asked
        if hops in writable
    ]
    if not cells:
        raise SetupError(f"--hops {settings.hops}: the offline attacker has no stories of so many reasoning steps")
    return cells


def _writable(domain: Domain, settings: Settings) -> Mapping[str, Mapping[str, Collection[int]]]:
    """Return the skills by topic, each with its numbers of steps: all of the pack, or the offline Attacker's."""
    if OFFLINE_ATTACKER in (settings.attacker, settings.alternate and settings.defender):
        stories = offline_topics(domain.name)
        return {
            name: {skill: stories[name][skill] for skill in topic.skills if skill in stories[name]}
            for name, topic in domain.topics.items()
            if name in stories
        }
    return {name: dict.fromkeys(topic.skills, range(MOST_HOPS + 1)) for name, topic in domain.topics.items()}
