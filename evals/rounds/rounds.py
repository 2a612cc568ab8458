"""The rounds of a loop, each in a folder of its own: the run, the rows so far, the training, the model, the score.

Every part is a file that is written once it is whole, so that any sitting goes on where the last one ended.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path

from agents.errors import CallError, SeatFault, SetupError
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from evals.benchmarks.asking import Sitting, ask_all, open_answers, seat_asker
from evals.benchmarks.published import Item
from evals.benchmarks.scores import is_right
from evals.comparison.contamination import refuse_near
from evals.comparison.pool import PoolRow, as_training, read_pool, write_pool
from evals.rounds.curve import RoundScore
from evals.rounds.plan import TEST, RunPlan
from evals.rounds.serving import open_server, release
from evals.training.figures.cost import generation_cost
from evals.training.models import save_whole
from evals.training.run import Job, Result, train
from graph import run as graph_run
from graph.campaign.spending.forecast import wilson
from graph.cli.output import tell
from graph.cli.running import INTERRUPTED, SHORT, USAGE
from prompts.domain import load_domain
from prompts.render import posed_text, render
from tools.files.lines import RowFileError
from tools.files.whole import write_whole

ROWS = "rows.jsonl"
"""Of a round: what its model is tuned on, the survivors of the rounds before included."""
LEAST_OUTPUT = 64
"""Tokens of a reply that a run allows at least."""
SLOTS, TIMEOUT_S = 2, 600.0
"""The server works on one answer at a time, so each further request waits for those before it."""


class Rounds:
    """A loop and its folder."""

    def __init__(
        self, plan: RunPlan, items: Sequence[Item], folder: Path, *, quiet: bool = False, accept_short: bool = False
    ) -> None:
        self.plan, self.items, self.folder = plan, items, folder
        self.quiet, self.accept_short = quiet, accept_short
        self.domain = load_domain(plan.domain)
        system = render("dataset_system", title=self.domain.title)
        self.preset = plan.preset.model_copy(update={"system_prompt": system})  # trained as the Defender is asked
        self._stack = ExitStack()
        self._address = ""

    def carry_out(self, rounds: int) -> Iterator[RoundScore]:
        """Do what is not done yet; give each round's score, that of the start first.

        Raises:
            SetupError: A run stopped short, a survivor is near the benchmark, or the model cannot be served or asked.
        """
        with self._stack:
            for number in range(rounds + 1):
                done = self.folder / f"round-{number}" / "score.json"
                if not done.exists():
                    tell(f"round {number} of {rounds}")
                    done.parent.mkdir(exist_ok=True)
                    if number:
                        self._generate(number)
                        self._tune(number)
                    write_whole(done, self._measure(number).model_dump_json() + "\n")
                yield RoundScore.model_validate_json(done.read_text(encoding="utf-8"))

    def _generate(self, number: int) -> None:
        """Run against the model of the round before, and write down what there is to tune on."""
        folder = self.folder / f"round-{number}"
        if (folder / ROWS).exists():
            return
        output = f"{max(LEAST_OUTPUT, self.preset.max_new_tokens)}"
        flags = self.plan.run.flags(slots=f"{SLOTS}", call_timeout_s=f"{TIMEOUT_S:g}", max_output_tokens=output)
        flags += [
            "--name", "run", "--runs-dir", str(folder), "--domain", self.plan.domain, "--target", f"{self.plan.target}",
            "--seed", f"{self.plan.seed + number}", "--protect", str(self.folder / TEST),
            "--defender", f"openai:{self._model(number - 1)}", "--defender-base-url", self._server(),
            "--defender-form", self.plan.defender_form, "--force",  # the server's port is another in each sitting
        ]  # fmt: skip
        with redirect_stdout(sys.stderr):
            code = graph_run.main([*flags, "--quiet"] if self.quiet else flags)
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if code == USAGE:
            raise SetupError(f"the run of round {number} could not start; see the line above")
        if code == SHORT and not self.accept_short:
            raise SetupError(
                f"the run of round {number} stopped short, as the line above says; the same command goes on with it, "
                "and with --accept-short it tunes on what is kept"
            )
        write_pool(folder / ROWS, self._rows(number))

    def _rows(self, number: int) -> list[PoolRow]:
        """Return the survivors so far, none twice.

        Raises:
            SetupError: There are none of this round, or one is near the benchmark.
        """
        try:
            fresh = read_pool(self.folder / f"round-{number}" / "run")
        except RowFileError as error:
            raise SetupError(
                f"the run of round {number} kept no row, so there is nothing to tune on; its report says why: "
                f"{self.folder / f'round-{number}' / 'run' / 'report.md'}"
            ) from error
        test = [
            PoolRow(
                prompt=posed_text(item.question, item.choices),
                **item.model_dump(include={"answer", "answer_kind", "choices"}),
            )
            for item in self.items
        ]
        refuse_near({f"round {number}": fresh}, test)
        before = read_pool(self.folder / f"round-{number - 1}" / ROWS) if number > 1 else []
        return list({row.prompt: row for row in [*before, *fresh]}.values())

    def _tune(self, number: int) -> Result:
        """Tune the start, not the model of the round before, on all survivors so far."""
        folder = self.folder / f"round-{number}"
        rows = as_training(read_pool(folder / ROWS))
        if not (folder / "tuned" / "result.json").exists() and self._address:
            release(self._address)
        start = str(self.folder / self._model(0))
        job = Job.of(f"round {number}", "sft", start, self.preset, self.plan.seed, rows)
        return train(job, rows, folder / "tuned")

    def _model(self, number: int) -> str:
        """Write a round's model out as plain weights where it is not there; return its path below the folder."""
        name = f"round-{number}/model"
        folder, partial = self.folder / name, self.folder / f"{name}.partial"
        if not folder.exists():
            source = str(self.folder / f"round-{number}" / "tuned" / "adapter") if number else self.plan.model
            shutil.rmtree(partial, ignore_errors=True)
            save_whole(source, self.preset, partial)
            partial.rename(folder)
        return name

    def _server(self) -> str:
        if not self._address:
            self._address = self._stack.enter_context(open_server(self.folder, self.preset.threads))
        return self._address

    def _measure(self, number: int) -> RoundScore:
        """Put the benchmark to a round's model, as a run puts its questions."""
        try:
            answers = asyncio.run(self._ask(self._model(number)))
        except (CallError, SeatFault) as error:
            raise SetupError(f"the model of round {number} cannot be asked: {error}") from error
        right = [is_right(item, answer) for item, answer in zip(self.items, answers, strict=True)]
        low, high = wilson(sum(right), len(right))
        score = RoundScore(
            number=number, right=right, accuracy=100 * sum(right) / len(right), low=100 * low, high=100 * high,
            unread=answers.count(None) / len(answers),
        )  # fmt: skip
        return self._with_cost(score) if number else score

    async def _ask(self, model: str) -> list[str | None]:
        spec = SeatSpec(
            name="defender", model=f"openai:{model}", base_url=self._server(), key_env="",
            max_output=max(LEAST_OUTPUT, self.preset.max_new_tokens), timeout_s=TIMEOUT_S,
        )  # fmt: skip
        async with open_seat(spec, RateLimiter(spec.model)) as seat, open_answers(None) as store:
            asker = seat_asker(seat, self.domain, 0, self.plan.defender_form)
            return await ask_all(self.items, asker, Sitting(store, len(self.items), SLOTS))

    def _with_cost(self, score: RoundScore) -> RoundScore:
        """Add what the round was tuned on, and what that cost."""
        folder = self.folder / f"round-{score.number}"
        result = self._tune(score.number)
        spent = generation_cost(folder / "run", result.parameters)
        return score.model_copy(
            update={
                "kept": len(read_pool(folder / "run")), "rows": result.job.rows, "steps": result.steps,
                "tokens": result.tokens, "loss": result.final_loss,
                "generation_tokens": sum(spent.tokens.values()) if spent else 0,
            }
        )  # fmt: skip
