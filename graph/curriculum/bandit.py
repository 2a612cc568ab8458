"""Steering: which topic, skill and number of hops the next candidate is asked for.

Aimed where it pays: at cells (topic x skill x hops) where questions survive and few have. Each of the three parts of
a cell is a bandit arm: the share of its attempts that survived, every attempt counted, since that is what a hopeless
cell costs. The product of the three, divided by how crowded the cell's share of the mix already is, ranks the cells; a
floor of exploration keeps looking at all of them. Sparse evidence is pooled over each part, since there are hundreds of
cells and at most hundreds of survivors, and a part of which little is known is taken for a usual one.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from random import Random
from typing import Any

from agents.records import Brief, CandidateInput, Cell, Defence
from agents.rows import Refusal, Survivor
from graph.curriculum.mix import Mix, wanted_cells
from graph.curriculum.selections import SELECTIONS
from graph.settings import Settings
from prompts.domain import Domain

EXPLORE = 0.1
"""Share of candidates whose cell is drawn evenly from all."""
PRIOR = 4
"""Attempts that a part of a cell is credited with at first, as lucky as all attempts of the run."""
FULL = 16.0
"""Fullness of a quota beyond which no difference is made: a tiny share is overfull with its first row."""
CROWD = 3
"""Fewest survivors of one cell that make another half as welcome."""


@dataclass
class Tally:
    """How candidates of one cell, or of one part of it, fared."""

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
    map: dict[Cell, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _parts: dict[object, Tally] = field(default_factory=lambda: defaultdict(Tally))
    _all: Tally = field(default_factory=Tally)
    _out: Counter[object] = field(default_factory=Counter)
    """Cells, and parts of cells, asked for by candidates that have not ended."""

    @classmethod
    def of(cls, domain: Domain, settings: Settings) -> Steering:
        """Prepare for a run; raises `SetupError` for topics, hops or a mix that cannot be."""
        cells = wanted_cells(domain, settings)
        return cls(settings, cells, Mix.of(settings, cells))

    def choose(self, index: int) -> Cell:
        """Choose the cell of a candidate: by its number, and by what is known when it starts."""
        rng = Random(f"{self.settings.seed}/{index}")  # noqa: S311  # repeatable, not secret
        full = self._fullness()
        room = [cell for cell in self.cells if max(full[cell.topic], full[cell.hops]) < math.inf]
        if rng.random() < EXPLORE:
            return rng.choice(room)
        usual = self._all.luck(0.5)
        luck = {part: self._parts[part].luck(usual) for cell in room for part in _parts_of(cell)}
        aim = SELECTIONS[self.settings.select].aim

        def worth(cell: Cell) -> tuple[float, float]:
            chance = math.prod(luck[part] for part in _parts_of(cell))
            chance *= aim(self._parts[cell.topic, cell.skill].pass_rate) if aim else 1
            return chance / self._crowding(cell, max(full[cell.topic], full[cell.hops])), rng.random()

        return max(room, key=worth)

    def begin(self, cell: Cell) -> None:
        """Count a candidate of this cell as on its way, until `learn` is told its end."""
        self._out.update((cell, *_parts_of(cell)))

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
            self._out.subtract((ended.asked, *_parts_of(ended.asked)))
        for tally in self._tallies(ended.asked):
            tally.candidates += 1
            tally.kept += ended.outcome == "kept"
            tally.tries += 0 if started_here else _attempts(ended)
            if defence is not None:
                tally.answered += defence.samples
                tally.wrong += defence.samples - defence.passed

    def _tallies(self, cell: Cell) -> list[Tally]:
        return [self._all, self.map[cell], *(self._parts[part] for part in _parts_of(cell))]

    def _crowding(self, cell: Cell, fullness: float) -> float:
        """Say how little room there is for another of this cell; 1 for an empty one.

        A quota is a strong pull and no wall: 16 to 1 once it is full. A wall would spend the whole budget on a topic
        that the Defender has mastered.
        """
        even = max(self.settings.target / len(self.cells), CROWD)
        return float((1 + (self.map[cell].kept + self._out[cell]) / even) * 2.0 ** (4 * min(fullness, FULL)))

    def _fullness(self) -> dict[object, float]:
        """Return how much of the quota of each topic and number of hops is used up; infinite for a share of zero."""
        full: dict[object, float] = defaultdict(float)
        for part, share in chain((self.mix.topic or {}).items(), (self.mix.hops or {}).items()):
            quota = share * self.settings.target
            full[part] = (self._parts[part].kept + self._out[part]) / quota if quota else math.inf
        return full

    def declared_and_actual(self, rows: Sequence[Survivor]) -> dict[str, Any]:
        """Compare the mix that was declared with that of the rows: what the rows are, whatever was asked for."""
        topic, hops = Counter(row.topic for row in rows), Counter(row.hops for row in rows)
        return {
            "declared": {"topic": self.mix.topic, "hops": self.mix.hops, "easy_share": self.settings.easy_share},
            "actual": {
                "topic": {name: round(count / len(rows), 3) for name, count in sorted(topic.items())},
                "hops": {name: round(count / len(rows), 3) for name, count in sorted(hops.items())},
                "easy_share": round(sum(row.easy for row in rows) / len(rows), 3) if rows else 0.0,
            },
        }

    def coverage(self) -> list[dict[str, Any]]:
        """Return the map as plain rows: what each cell was asked for, kept, and how often the Defender failed."""
        return [
            {
                **cell.model_dump(),
                "candidates": tally.candidates,
                "kept": tally.kept,
                "answers": tally.answered,
                "wrong": tally.wrong,
            }
            for cell, tally in sorted(self.map.items(), key=lambda entry: tuple(entry[0].model_dump().values()))
        ]


def _attempts(ended: Survivor | Refusal) -> int:
    """Tell the attempts of a candidate; a survivor does not, but each has called the Attacker once at least."""
    return ended.attempts if isinstance(ended, Refusal) else ended.usage["attacker"].calls


def _parts_of(cell: Cell) -> tuple[object, ...]:
    return cell.topic, (cell.topic, cell.skill), cell.hops


def draw_brief(domain: Domain, settings: Settings, wanted: CandidateInput) -> Brief:
    """Decide what the Attacker is asked: as wanted, and for the rest as steering would begin."""
    asked = {"topic": wanted.topic, "skill": wanted.skill, "hops": wanted.hops}
    if None in asked.values():
        cell = Steering.of(domain, settings).choose(wanted.index)
        skill = cell.skill if wanted.topic in (None, cell.topic) else "any"
        asked = {
            "topic": wanted.topic or cell.topic,
            "skill": wanted.skill or skill,
            "hops": wanted.hops or cell.hops,
        }
    return Brief.model_validate(
        {"domain": domain.name, "seed": (settings.seed * 1_000_000 + wanted.index) % 2**32, **asked}
    )
