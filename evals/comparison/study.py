"""Carry a comparison out: start, grades, trainings and scores, each in a file of its own, so that any sitting goes on.

Seeds are taken one after another, each with all arms, so that a comparison which is stopped has whole seeds.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from agents.records import Record
from evals.comparison.arms import ARMS, Sources, arm_rows, find_arm
from evals.comparison.plan import Plan, Rows
from evals.comparison.pool import PoolRow, as_training
from evals.training.models import SMOLLM2, load_model, load_tokenizer, save_whole
from evals.training.run import Job, Result, train
from graph.cli.output import tell
from graph.curriculum.selections import blind_third
from tools.files.whole import write_whole

TEMPERATURE = 0.8
"""Of grading by several samples; a single one is greedy."""


class Scores(Record):
    """What an arm scored: by item, None where the answer could not be read.

    The rows of validation are asked only where they choose between lengths.
    """

    test: list[bool | None]
    validation: list[bool | None]


class Graded(Record):
    """Pass rates of the pool's rows, and the tokens that asking for them took."""

    pass_rates: list[float]
    tokens: int


class Trial(NamedTuple):
    """One arm at one length and seed."""

    arm: str
    length: float
    seed: int

    @property
    def name(self) -> str:
        """Of its folder."""
        return f"{self.arm}-{self.length:g}-{self.seed}"


class Study:
    """A comparison and its folder."""

    def __init__(self, plan: Plan, rows: Rows, folder: Path) -> None:
        self.plan, self.rows, self.folder = plan, rows, folder

    def trials(self) -> list[Trial]:
        """List all trials in their order; the start is not tuned, so it is one trial whatever the seeds."""
        tuned = [arm for arm in self.plan.arms if arm != "base"]
        first = [Trial("base", 0, 0)] if "base" in self.plan.arms else []
        return first + [
            Trial(arm, length, seed) for seed in range(self.plan.seeds) for arm in tuned for length in self.plan.lengths
        ]

    def carry_out(self) -> Iterator[Trial]:
        """Do what is not done yet; give each trial once it is scored."""
        began, open_trials = time.monotonic(), [trial for trial in self.trials() if self.scores(trial) is None]
        total = len(self.trials())
        for done, trial in enumerate(open_trials, start=1):
            self._score(trial)
            left = (time.monotonic() - began) / done * (len(open_trials) - done) / 60
            place = total - len(open_trials) + done
            tell(f"{trial.name}: trial {place} of {total} done, {left:.0f} min left")
            yield trial

    def scores(self, trial: Trial) -> Scores | None:
        """Return what a trial scored, None where it has not ended."""
        file = self.folder / "trials" / trial.name / "scores.json"
        return Scores.model_validate_json(file.read_text(encoding="utf-8")) if file.exists() else None

    def result(self, trial: Trial) -> Result | None:
        """Return how a trial's training went; None for the start."""
        file = self.folder / "trials" / trial.name / "result.json"
        return Result.model_validate_json(file.read_text(encoding="utf-8")) if file.exists() else None

    def grading_tokens(self, arm: str) -> int:
        """Return what an arm's rule has cost beside training, for each seed on average."""
        files = {"start": "graded-start.json", "tuned": "graded-tuned-*.json"}
        graded_by = find_arm(arm).graded_by
        found = list(self.folder.glob(files[graded_by])) if graded_by else []
        graded = [Graded.model_validate_json(file.read_text(encoding="utf-8")) for file in found]
        return sum(one.tokens for one in graded) // max(1, len(graded))

    def _score(self, trial: Trial) -> None:
        folder = self.folder / "trials" / trial.name
        adapter = None
        if trial.arm != "base":
            self._train(trial.arm, trial, self.arm(trial), folder)
            adapter = folder / "adapter"
        chosen_by = self.rows.validation if len(self.plan.lengths) > 1 else []
        both = [*self.rows.test, *chosen_by]
        answers, _ = self._ask(both, adapter, what=trial.name)
        judged = [row.judged(text) for row, text in zip(both, answers, strict=True)]
        tests = len(self.rows.test)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "answers.json", json.dumps(answers, indent=0) + "\n")
        scores = Scores(test=judged[:tests], validation=judged[tests:])
        write_whole(folder / "scores.json", scores.model_dump_json() + "\n")

    def arm(self, trial: Trial) -> list[PoolRow]:
        """Return the rows of a trial."""
        pool = self.rows.pool
        graded_by = find_arm(trial.arm).graded_by
        if graded_by == "start":
            pool = self._graded(pool, "graded-start.json", self._start())
        elif graded_by == "tuned":
            pool = self._graded_by_first_round(trial)
        return arm_rows(trial.arm, Sources(pool, self.rows.survivors, self.plan.n), trial.seed)

    def _graded_by_first_round(self, trial: Trial) -> list[PoolRow]:
        name = f"graded-tuned-{trial.length:g}-{trial.seed}.json"
        folder = self.folder / "trials" / f"first-{trial.name}"
        if not (self.folder / name).exists():
            rng = Random(f"arm/{trial.seed}")  # noqa: S311  # the same numbers as the arm's own draw
            self._train("first round", trial, blind_third(self.rows.pool, self.plan.n, rng), folder)
        return self._graded(self.rows.pool, name, folder / "adapter")

    def _graded(self, pool: Sequence[PoolRow], name: str, adapter: Path | None) -> list[PoolRow]:
        file = self.folder / name
        if not file.exists():
            samples, rates, tokens = self.plan.grading_samples, [0.0] * len(pool), 0
            for number in range(samples):
                warm = TEMPERATURE if samples > 1 else 0.0
                what = f"grading {number + 1} of {samples}"
                answers, spent = self._ask(pool, adapter, what=what, temperature=warm)
                tokens += spent
                for place, (row, text) in enumerate(zip(pool, answers, strict=True)):
                    rates[place] += (row.judged(text) is True) / samples
            write_whole(file, Graded(pass_rates=rates, tokens=tokens).model_dump_json() + "\n")
        graded = Graded.model_validate_json(file.read_text(encoding="utf-8"))
        return [row.model_copy(update={"pass_rate": rate}) for row, rate in zip(pool, graded.pass_rates, strict=True)]

    def _train(self, arm: str, trial: Trial, rows: Sequence[PoolRow], folder: Path) -> Result:
        preset = self.plan.preset.model_copy(update={"epochs": trial.length})
        if other := ARMS[arm].steps_of if arm in ARMS else "":
            like = len(self.arm(trial._replace(arm=other)))
            steps = math.ceil(math.ceil(like / preset.batch) / preset.accumulate) * trial.length
            preset = preset.model_copy(update={"max_steps": max(1, round(steps))})
        if self.plan.axis:
            preset = preset.model_copy(update={"epochs": trial.length * self._stretch(trial)})
        training = as_training(rows)
        job = Job.of(arm, "sft", self._model(), preset, trial.seed, training)
        source = Path(self.plan.survivors) if arm == "survivors" and self.plan.survivors else None
        return train(job, training, folder, validation=as_training(self.rows.validation), source=source)

    def _stretch(self, trial: Trial) -> float:
        """Say how often an arm's rows are seen for each time that those of the arm with most tokens are.

        Bins have as many rows, and rows of one bin may be longer: so all are trained on as many tokens, too.
        """
        from evals.training.trainers import tokens_of  # noqa: PLC0415  # takes the extra

        tokenizer = load_tokenizer(self._model())
        tokens = {
            arm: tokens_of(as_training(self.arm(trial._replace(arm=arm))), tokenizer, self.plan.preset)
            for arm in self.plan.arms
            if arm != "base"
        }
        return max(tokens.values()) / tokens[trial.arm]

    def _start(self) -> Path | None:
        """Return the adapter of what was learned before, None where the model is taken as it is."""
        if not self.rows.start:
            return None
        folder = self.folder / "start"
        rows = as_training(self.rows.start)
        job = Job.of("start", "sft", self._base(), self.plan.preset, 0, rows)
        train(job, rows, folder)
        return folder / "adapter"

    def _model(self) -> str:
        start = self._start()
        return self._base() if start is None else str(start)

    def _base(self) -> str:
        """Return the model as it is; one that comes as GGUF is written out once, since it loads slowly."""
        if self.plan.model == SMOLLM2 or self.plan.model.endswith(".gguf"):
            return str(save_whole(self.plan.model, self.plan.preset, self.folder / "model"))
        return self.plan.model

    def _ask(
        self, rows: Sequence[PoolRow], adapter: Path | None, *, what: str, temperature: float = 0.0
    ) -> tuple[list[str], int]:
        """Put questions to the start, or to the start with an arm's adapter; return answers and tokens."""
        from evals.training.sampling import sample  # noqa: PLC0415  # takes the extra

        model, tokenizer = load_model(self._model() if adapter is None else str(adapter), self.plan.preset)
        prompts = [row.prompt for row in rows]
        answers = sample(model, tokenizer, prompts, self.plan.preset, temperature=temperature, what=what)
        lengths = tokenizer([a + b for a, b in zip(prompts, answers, strict=True)])["input_ids"]
        return answers, sum(map(len, lengths))
