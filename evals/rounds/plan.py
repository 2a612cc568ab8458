"""What a loop is: its model, benchmark and runs, and the items that it was prepared with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from agents.errors import SetupError
from agents.records import Record
from evals.benchmarks.formats import load_items
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.training.presets import Preset
from graph.settings import Settings
from tools.files.whole import write_whole

PLAN, TEST = "loop.json", "test.jsonl"
OWN = ("name", "runs_dir", "seed", "domain", "target", "protect", "defender", "defender_form", "defender_base_url",
       "defender_key_env")  # fmt: skip
"""Settings of a run that the loop itself sets."""


class RunFlags(Record):
    """Flags of `graph.run`, by setting."""

    given: dict[str, str]

    @classmethod
    def read(cls, texts: Sequence[str]) -> RunFlags:
        """Read `hops=1..2`, or `alternate` alone.

        Raises:
            SetupError: It is no setting of a run, or one that the loop sets.
        """
        given = dict[str, str]()
        for text in texts:
            name, _, value = text.partition("=")
            name = name.strip().lstrip("-").replace("-", "_")
            if name in OWN:
                raise SetupError(f"--run {text!r}: the loop itself sets {name} of its runs")
            if name not in Settings.model_fields:
                raise SetupError(f"--run {text!r}: write KEY=VALUE, with a setting of graph.run (see its --help)")
            given[name] = value
        return cls(given=given)

    def flags(self, **otherwise: str) -> list[str]:
        """Write them for the command line, with what holds where nothing else is given."""
        pairs = [(f"--{name.replace('_', '-')}", value) for name, value in (otherwise | self.given).items()]
        return [part for pair in pairs for part in pair if part]


class RunPlan(Record):
    """All that decides the outcome of a loop, but for the number of its rounds."""

    model: str
    preset: Preset
    test: str
    form: str
    limit: int | None
    domain: str
    target: int
    run: RunFlags
    defender_form: Literal["prose", "few_shot"]
    seed: int


def prepare(plan: RunPlan, folder: Path) -> list[Item]:
    """Write the plan and the benchmark's items, or read those of a loop that goes on.

    Raises:
        SetupError: The folder holds another loop, or the benchmark cannot be read.
    """
    recorded = folder / PLAN
    if recorded.exists():
        if RunPlan.model_validate_json(recorded.read_text(encoding="utf-8")) != plan:
            raise SetupError(f"{str(folder)!r} holds another loop; only --rounds may change, or name another --out")
        return load_items(folder / TEST, "plain")
    items = load_source(plan.test, plan.form, limit=plan.limit)
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(item.model_dump(), ensure_ascii=False) + "\n" for item in items)
    write_whole(folder / TEST, text)
    write_whole(recorded, plan.model_dump_json(indent=1) + "\n")
    return load_items(folder / TEST, "plain")
