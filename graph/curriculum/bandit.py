"""Steering: which topic, skill, hops, size of numbers and twist the next candidate is asked for.

Aimed where it pays: at places (topic x skill x hops) where questions survive and few have. Each of the three parts of
a place is a bandit arm: the share of its attempts that survived, every attempt counted, since that is what a hopeless
place costs. The product of the three, divided by how crowded the place's share of the mix already is, ranks the places;
a floor of exploration keeps looking at all of them. Size and twist are then drawn, by their shares of the mix and by
how often they survived; sizes also by how they did with so many hops, since small numbers make up for more of them.
Answers of the Defender say more than rows: where most questions are too hard for `--pass-rate`, fewer steps and smaller
numbers are expected to do better until they were tried; where most are too easy, the other way round. Sparse evidence
is pooled over each part, since there are thousands of cells and at most hundreds of survivors, and a part of which
little is known is taken for a usual one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from agents.records import SIZES, Brief, CandidateInput, Cell, Defence
from agents.rows import Refusal, Survivor
from graph.curriculum.mix import Mix, wanted_cells
from graph.curriculum.selections import SELECTIONS
from graph.setting_values import span
from graph.settings import Settings
from prompts.domain import Domain

EXPLORE = 0.1
"""Share of candidates whose cell is drawn evenly from all."""
PRIOR = 4
"""Attempts that a part of a cell is credited with at first, as lucky as all attempts of the run."""
FULL = 16.0
"""Fullness of a quota beyond which no difference is made: a tiny share is overfull with its first row."""
HOPELESS = 1 / 5
"""A quota shrinks where the luck is below this part of the best: where nothing survives no share can be filled."""
TILT = 4
"""Doublings of what is expected of the easiest questions, where all so far were too hard; halvings of the hardest. The
more survive, the less is needed."""
LIFT = 2
"""Power of a size's or twist's luck by which it is drawn: what survives twice as often is asked for four times."""
CROWD = 3
"""Fewest survivors of one cell that make another half as welcome."""


class Place(NamedTuple):
    """A cell whatever its size of numbers and twist."""

    topic: str
    skill: str
    hops: int

    @classmethod
    def of(cls, cell: Cell) -> Place:
        """Return a cell's."""
        return cls(cell.topic, cell.skill, cell.hops)


@dataclass
class Tally:
    """How candidates of one place, or of one part of a cell, fared."""

    candidates: int = 0
    kept: int = 0
    tries: int = 0
    """Attempts that have ended, those of candidates that have not included."""
    answered: int = 0
    wrong: int = 0

    def luck(self, usual: float) -> float:
        """Expect a share of attempts to survive, given what is usual."""
        return (PRIOR * usual + self.kept) / (PRIOR + max(self.tries, self.kept))

    @property
    def pass_rate(self) -> float:
        """Share of the Defender's answers that were right, taken for a half where little is known."""
        return (1 + self.answered - self.wrong) / (2 + self.answered)


@dataclass
class Steering:
    """Chooses cells, and learns from how candidates end."""

    settings: Settings
    cells: Sequence[Cell]
    mix: Mix
    places: Mapping[Place, Sequence[Cell]]
    map: dict[Place, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _parts: dict[object, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _all: Tally = field(default_factory=Tally)
    _too_hard: int = 0
    """Ended candidates whose last question was too hard, less those where it was too easy."""
    _out: Counter[object] = field(default_factory=Counter)
    """Places, and their parts, asked for by candidates that have not ended."""

    @classmethod
    def of(cls, domain: Domain, settings: Settings) -> Steering:
        """Prepare for a run; raises `SetupError` for topics, hops or a mix that cannot be."""
        cells = wanted_cells(domain, settings)
        places: dict[Place, list[Cell]] = {}
        for cell in cells:
            places.setdefault(Place.of(cell), []).append(cell)
        return cls(settings, cells, Mix.of(settings, cells), places)

    def choose(self, index: int) -> Cell:
        """Choose the cell of a candidate: by its number, and by what is known when it starts."""
        rng = Random(f"{self.settings.seed}/{index}")  # noqa: S311  # repeatable, not secret
        full = self._fullness()
        room = [place for place in self.places if max(full[place.topic], full[place.hops]) < math.inf]
        if rng.random() < EXPLORE:
            return self._drawn(rng.choice(room), rng, exploring=True)
        luck = {part: self._luck(part) for place in room for part in _parts_of(place)}

        aim = SELECTIONS[self.settings.select].aim

        def worth(place: Place) -> tuple[float, float]:
            chance = math.prod(luck[part] for part in _parts_of(place))
            chance *= aim(self._parts[place.topic, place.skill].pass_rate) if aim else 1
            return chance / self._crowding(place, max(full[place.topic], full[place.hops])), rng.random()

        return self._drawn(max(room, key=worth), rng)

    def _drawn(self, place: Place, rng: Random, *, exploring: bool = False) -> Cell:
        """Draw size and twist, evenly where nothing is to be used of what was learned."""

        def weight(cell: Cell) -> float:
            shares = [(self.mix.size or {}).get(cell.size, 1.0), (self.mix.twist or {}).get(cell.twist, 1.0)]
            if exploring:
                return float(min(shares) > 0)
            with_so_many = self._parts[place.hops, cell.size].luck(self._luck(cell.size))
            return math.prod(shares) * (with_so_many * self._luck(cell.twist)) ** LIFT

        cells = self.places[place]
        weights = [weight(cell) for cell in cells]
        return rng.choices(cells, weights if sum(weights) > 0 else None)[0]

    def _luck(self, part: object) -> float:
        """Expect a share of attempts to survive: what is usual, tilted towards easier or harder, and what was found."""
        usual = self._all.luck(0.5)
        tilt = self._too_hard / (PRIOR + self._all.candidates) * self._ease.get(part, 0.0) * (1 - usual) ** 2
        return self._parts[part].luck(min(usual * 2 ** (TILT * tilt), 1.0))

    @cached_property
    def _ease(self) -> Mapping[object, float]:
        """Say how easy each number of hops and each size is beside the others, from 1 down to -1."""
        scales: list[list[Any]] = [sorted({cell.hops for cell in self.cells}), list(SIZES)]
        return {
            part: 1 - 2 * place / (len(scale) - 1)
            for scale in scales
            if len(scale) > 1
            for place, part in enumerate(scale)
        }

    def begin(self, cell: Cell) -> None:
        """Count a candidate of this cell as on its way, until `learn` is told its end."""
        place = Place.of(cell)
        self._out.update((place, *_parts_of(place)))

    def tried(self, cell: Cell) -> None:
        """Count an attempt that ended, in this process."""
        for tally in self._tallies(cell):
            tally.tries += 1

    def learn(self, ended: Survivor | Refusal, *, started_here: bool = True) -> None:
        """Count a candidate that ended, in this process or an earlier one."""
        if ended.asked is None:
            return
        defence: Defence | None = ended.defender
        if started_here:
            place = Place.of(ended.asked)
            self._out.subtract((place, *_parts_of(place)))
        if defence is not None and defence.samples and ended.outcome != "kept":
            low, high = span(self.settings.pass_rate)
            rate = defence.passed / defence.samples
            self._too_hard += (rate < low) - (rate > high)
        for tally in self._tallies(ended.asked):
            tally.candidates += 1
            tally.kept += ended.outcome == "kept"
            tally.tries += 0 if started_here else _attempts(ended)
            if defence is not None:
                tally.answered += defence.samples
                tally.wrong += defence.samples - defence.passed

    def _tallies(self, cell: Cell) -> list[Tally]:
        place = Place.of(cell)
        parts = (*_parts_of(place), cell.size, cell.twist, (cell.hops, cell.size))
        return [self._all, self.map[place], *(self._parts[part] for part in parts)]

    def _crowding(self, place: Place, fullness: float) -> float:
        """Say how little room there is for another of this place; 1 for an empty one.

        A quota is a strong pull and no wall: 16 to 1 once it is full. A wall would spend the whole budget on a topic
        that the Defender has mastered.
        """
        even = max(self.settings.target / len(self.places), CROWD)
        return float((1 + (self.map[place].kept + self._out[place]) / even) * 2.0 ** (4 * min(fullness, FULL)))

    def _fullness(self) -> dict[object, float]:
        """Return how much of the quota of each topic and number of hops is used up; infinite for a share of zero."""
        full: dict[object, float] = defaultdict(float)
        for shares in (self.mix.topic or {}, self.mix.hops or {}):
            quotas = self._quotas(shares)
            full |= {
                part: (self._parts[part].kept + self._out[part]) / quota if quota else math.inf
                for part, quota in quotas.items()
            }
        return full

    def _quotas(self, shares: Mapping[Any, float]) -> dict[object, float]:
        """Return how many rows each is to have; what is hopeless leaves most of its rows to the others."""
        luck = {part: self._luck(part) for part, share in shares.items() if share}
        hope = {part: min(1.0, lucky / (HOPELESS * max(luck.values()))) ** 2 for part, lucky in luck.items()}
        total = sum(shares[part] * hope[part] for part in hope)
        return {part: self.settings.target * share * hope.get(part, 0.0) / total for part, share in shares.items()}

    def declared_and_actual(self, rows: Sequence[Survivor]) -> dict[str, Any]:
        """Compare the mix that was declared with that of the rows: what the rows are, whatever was asked for."""
        asked = [row.asked for row in rows if row.asked is not None]
        actual: dict[str, Counter[Any]] = {
            "topic": Counter(row.topic for row in rows),
            "hops": Counter(row.hops for row in rows),
            "size": Counter(cell.size for cell in asked),
            "twist": Counter(cell.twist for cell in asked),
        }
        return {
            "declared": {**self.mix._asdict(), "easy_share": self.settings.easy_share},
            "actual": {
                **{
                    part: {name: round(count / len(rows), 3) for name, count in sorted(found.items())}
                    for part, found in actual.items()
                },
                "easy_share": round(sum(row.easy for row in rows) / len(rows), 3) if rows else 0.0,
            },
        }

    def coverage(self) -> list[dict[str, Any]]:
        """Return the map as plain rows: what each cell was asked for, kept, and how often the Defender failed."""
        return [
            {
                **place._asdict(),
                "candidates": tally.candidates,
                "kept": tally.kept,
                "answers": tally.answered,
                "wrong": tally.wrong,
            }
            for place, tally in sorted(self.map.items())
        ]


def _attempts(ended: Survivor | Refusal) -> int:
    """Tell the attempts of a candidate; a survivor does not, but each has called the Attacker once at least."""
    return ended.attempts if isinstance(ended, Refusal) else ended.usage["attacker"].calls


def _parts_of(place: Place) -> tuple[object, ...]:
    return place.topic, (place.topic, place.skill), place.hops


def draw_brief(domain: Domain, settings: Settings, wanted: CandidateInput) -> Brief:
    """Decide what the Attacker is asked: as wanted, and for the rest as steering would begin."""
    asked = wanted.model_dump(include=set(Cell.model_fields), exclude_none=True)
    if asked.keys() < Cell.model_fields.keys():
        cell = Steering.of(domain, settings).choose(wanted.index)
        skill = cell.skill if wanted.topic in (None, cell.topic) else "any"
        asked = {**cell.model_dump(), "skill": skill, **asked}
    return Brief.model_validate(
        {"domain": domain.name, "seed": (settings.seed * 1_000_000 + wanted.index) % 2**32, **asked}
    )
