"""Find a protocol under which trainings of one arm agree, before arms are compared.

    python -m evals.steadiness --setting even --model smollm2 --lengths 6,12 --averages 1,4 --out runs/steady
    python -m evals.compare --setting even --model smollm2 --steadiness runs/steady --out runs/even

Two draws of one distribution have differed by 16 points when models were trained too little. Each combination of
length, learning rate and averaging trains blind draws with several seeds; the shortest whose accuracies deviate by at
most 4 points is chosen. The same command goes on after a stop.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from agents.errors import SetupError
from agents.records import Record
from evals.comparison.declared import declared, load_declared
from evals.comparison.plan import Plan, prepare
from evals.comparison.report import STEADY
from evals.comparison.statistics import deviation
from evals.comparison.study import Study
from evals.training.extra import require_train
from evals.training.presets import load_preset, load_presets
from graph.cli.flags import at_least, path
from graph.cli.output import report, tell
from graph.cli.running import Command, run_command
from tools.files.whole import write_whole

FILE, ARM = "steadiness.json", "random_matched"


class Tried(Record):
    """One combination: how far apart its seeds were, and how well they did."""

    epochs: float
    learning_rate: float
    average: int
    seeds: int
    deviation: float
    accuracy: float


class Steadiness(Record):
    """What was tried, and what is taken: the shortest steady one, or else the steadiest."""

    setting: str
    tried: list[Tried]
    chosen: Tried


def read_steadiness(folder: Path) -> Steadiness:
    """Read what was found.

    Raises:
        SetupError: There is nothing.
    """
    try:
        return Steadiness.model_validate_json((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SetupError(
            f"--steadiness {str(folder)!r}: it holds no {FILE}; python -m evals.steadiness makes it"
        ) from error


def numbers(text: str, flag: str) -> list[float]:
    """Read numbers with commas between.

    Raises:
        SetupError: They are none.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise SetupError(f"{flag} {text!r}: write numbers with commas between") from error


def run(options: argparse.Namespace) -> int:
    """Try all combinations, write what was found, and report what is taken."""
    require_train()
    tried = list(_tried(options))
    steady = [one for one in tried if one.deviation <= STEADY]
    chosen = min(steady, key=lambda one: one.epochs) if steady else min(tried, key=lambda one: one.deviation)
    found = Steadiness(setting=options.setting, tried=tried, chosen=chosen)
    write_whole(options.out / FILE, found.model_dump_json(indent=1) + "\n")
    how = "steady" if steady else f"the steadiest, though above {STEADY:g} points"
    report(options, found.model_dump(mode="json"), [f"chosen, {how}: {line(chosen)}"])
    return 0


def _tried(options: argparse.Namespace) -> Iterator[Tried]:
    preset = load_preset(options.preset, options.set)
    lengths = numbers(options.lengths, "--lengths")
    rates = numbers(options.learning_rates, "--learning-rates") if options.learning_rates else [preset.learning_rate]
    for epochs, rate, average in product(lengths, rates, numbers(options.averages, "--averages")):
        changed = preset.model_copy(update={"learning_rate": rate, "average": int(average), "epochs": epochs})
        plan = Plan(
            model=options.model,
            preset=changed,
            arms=(ARM,),
            lengths=(epochs,),
            seeds=options.seeds,
            n=max(1, round(options.share * declared(options.setting).n)),
            setting=options.setting,
            share=options.share,
        ).checked()
        folder = options.out / f"{epochs:g}-{rate:g}-{average:g}"
        study = Study(plan, prepare(plan, folder), folder)
        for _ in study.carry_out():
            pass
        marks = [[mark is True for mark in scores.test] for one in study.trials() if (scores := study.scores(one))]
        right = 100 * sum(map(sum, marks)) / sum(map(len, marks))
        one = Tried(
            epochs=epochs, learning_rate=rate, average=int(average), seeds=options.seeds,
            deviation=round(deviation(marks) or 0.0, 2), accuracy=round(right, 2),
        )  # fmt: skip
        tell(line(one))
        yield one


def line(one: Tried) -> str:
    """Put a combination into words."""
    how = f"{one.epochs:g} epochs, learning rate {one.learning_rate:g}, {one.average} averaged"
    return f"{how}: accuracy {one.accuracy:.1f}, deviation between {one.seeds} seeds {one.deviation:.1f} points"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--setting", default="even", help=f"one of {', '.join(load_declared())} (default: even)")
    parser.add_argument("--model", required=True, help="a folder with weights, a name on the hub, or smollm2")
    parser.add_argument("--preset", choices=sorted(load_presets()), default="cpu-135m", help="default: cpu-135m")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the preset"
    )
    parser.add_argument("--lengths", default="6,12,24", help="epochs (default: 6,12,24)")
    parser.add_argument("--learning-rates", default="", help="default: the preset's")
    parser.add_argument("--averages", default="1,4", help="checkpoints to average (default: 1,4)")
    parser.add_argument("--seeds", type=at_least(2), default=3, help="trainings of each combination (default: 3)")
    parser.add_argument(
        "--share", type=float, default=1.0, help="share of the setting's rows, for a trial (default: 1)"
    )
    parser.add_argument("--out", required=True, type=path, metavar="FOLDER", help="where everything goes")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, try, print."""
    return run_command(Command("evals.steadiness", __doc__, add_arguments, run, "the same command goes on"), argv)


if __name__ == "__main__":
    sys.exit(main())
