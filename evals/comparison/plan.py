"""What a comparison is: its model, arms, lengths and seeds, and the rows that it was prepared with."""

from __future__ import annotations

from pathlib import Path

from agents.errors import SetupError
from agents.records import Record
from evals.comparison.arms import find_arm
from evals.comparison.contamination import refuse_near, refuse_same
from evals.comparison.declared import Material, declared, material
from evals.comparison.pool import PoolRow, read_pool, write_pool
from evals.training.presets import Preset
from tools.files.whole import write_whole

PLAN = "plan.json"
LEAST_SEEDS = 5
"""Below, nothing is decided: two draws of one distribution have differed by 16 points."""


class Plan(Record):
    """All that decides the outcome of a comparison; with an `axis`, its bins are the arms, and tokens are equal."""

    model: str
    preset: Preset
    arms: tuple[str, ...]
    lengths: tuple[float, ...]
    seeds: int
    n: int
    setting: str = ""
    share: float = 1
    pool: str = ""
    test: str = ""
    validation: str = ""
    survivors: str = ""
    grading_samples: int = 1
    axis: str = ""

    def checked(self) -> Plan:
        """Return it where it can be carried out.

        Raises:
            SetupError: It cannot.
        """
        for arm in self.arms:
            if (other := find_arm(arm).steps_of) and other not in self.arms:
                raise SetupError(f"--arms: {arm} takes as many steps as {other}; add it")
        if bool(self.setting) == bool(self.pool):
            raise SetupError("name a declared setting with --setting, or files with --pool and --test")
        if self.pool and not self.test:
            raise SetupError("--pool needs --test: questions that no arm is tuned on")
        return self


class Rows(Record):
    """The rows of a comparison; the group of each test row is beside it."""

    start: list[PoolRow]
    pool: list[PoolRow]
    survivors: list[PoolRow]
    validation: list[PoolRow]
    test: list[PoolRow]
    groups: list[str]


def prepare(plan: Plan, folder: Path) -> Rows:
    """Write the plan and its rows, or read those of a comparison that goes on.

    Raises:
        SetupError: The folder holds another comparison, or rows to train on are near the test.
    """
    recorded = folder / PLAN
    if recorded.exists():
        before = Plan.model_validate_json(recorded.read_text(encoding="utf-8"))
        if before.model_copy(update={"seeds": plan.seeds, "arms": plan.arms}) != plan:
            raise SetupError(
                f"{str(folder)!r} holds another comparison; only --seeds and --arms may change, or name another --out"
            )
        write_whole(recorded, plan.model_dump_json(indent=1) + "\n")
        return Rows.model_validate_json((folder / "rows.json").read_text(encoding="utf-8"))
    rows = _declared_rows(plan) if plan.setting else _file_rows(plan)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "rows.json", rows.model_dump_json() + "\n")
    write_pool(folder / "pool.jsonl", rows.pool)
    write_whole(recorded, plan.model_dump_json(indent=1) + "\n")
    return rows


def _declared_rows(plan: Plan) -> Rows:
    drawn: Material = material(declared(plan.setting), plan.share)
    test = [(group, row) for group, rows in drawn.test.items() for row in rows]
    rows = Rows(
        start=drawn.start,
        pool=drawn.pool,
        survivors=[],
        validation=drawn.validation,
        test=[row for _, row in test],
        groups=[group for group, _ in test],
    )
    refuse_same([*rows.start, *rows.pool, *rows.validation], rows.test)
    return rows


def _file_rows(plan: Plan) -> Rows:
    pool, test = read_pool(Path(plan.pool)), read_pool(Path(plan.test))
    survivors = read_pool(Path(plan.survivors)) if plan.survivors else []
    refuse_same([*pool, *survivors], test)
    refuse_near({"pool": pool, "survivors": survivors}, test)
    return Rows(
        start=[],
        pool=pool,
        survivors=survivors,
        validation=read_pool(Path(plan.validation)) if plan.validation else [],
        test=test,
        groups=[f"{row.hops} steps" for row in test],
    )
