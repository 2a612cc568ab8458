"""Fine-tune a model on a run's rows, or on any file of questions and answers, with LoRA adapters by TRL.

    python -m evals.finetune --arm survivors --data runs/offline --model smollm2 --preset cpu-135m --out runs/tuned
    python -m evals.finetune --arm mine --data train.jsonl --model ORG/NAME --preset gpu-4b --method dpo --out runs/dpo

`--out` holds the adapter, the curves and the result. The same command goes on after a kill, from the last checkpoint.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import get_args

from evals.training.extra import require_train
from evals.training.presets import load_preset, load_presets
from evals.training.rows import Method, drawn, read_rows
from evals.training.run import Job, Result, train
from graph.cli.flags import at_least, path
from graph.cli.output import report
from graph.cli.running import Command, run_command

GOES_ON = "the same command goes on from the last checkpoint"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--arm", required=True, help="name of what is compared, such as survivors or full")
    parser.add_argument("--data", required=True, type=path, help="a run's folder, or a file of rows")
    parser.add_argument("--model", required=True, help="a folder with weights, a name on the hub, or smollm2")
    parser.add_argument("--out", required=True, type=path, metavar="FOLDER", help="where adapter and result go")
    parser.add_argument(
        "--method", choices=get_args(Method), default="sft", help="worked answers, pairs, or rewards (default: sft)"
    )
    parser.add_argument("--preset", choices=sorted(load_presets()), default="cpu-135m", help="default: cpu-135m")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the preset"
    )
    parser.add_argument("--limit", type=at_least(1), metavar="N", help="train on N rows, drawn by the seed")
    parser.add_argument("--validation", type=path, metavar="FILE", help="rows whose loss is measured at each quarter")
    parser.add_argument(
        "--seed", type=at_least(0), default=0, help="of the order, the draw and the adapters (default: 0)"
    )


def run(options: argparse.Namespace) -> int:
    """Read, train, and report the result."""
    require_train()
    preset = load_preset(options.preset, options.set)
    rows = drawn(read_rows(options.data, options.method), options.limit, options.seed)
    validation = read_rows(options.validation, options.method) if options.validation else []
    job = Job.of(options.arm, options.method, options.model, preset, options.seed, rows)
    result = train(job, rows, options.out, validation=validation, source=options.data)
    adapter = options.out / "adapter"
    found = {**result.model_dump(mode="json"), "adapter": str(adapter)}
    report(options, found, [*lines(result), f"adapter in {adapter}"])
    return 0


def lines(result: Result) -> list[str]:
    """Put a result into a few lines."""
    shown = [
        f"{result.job.arm}: {result.job.rows} rows, {result.steps} steps, {result.tokens:,} tokens, "
        f"{result.seconds:.0f} s on {result.device}",
        f"training {result.training_flops:.2e} FLOPs",
    ]
    if (cost := result.generation) is not None:
        money = "price unknown" if cost.usd is None else f"${cost.usd:.4f}"
        shown.append(
            f"generating the rows: {sum(cost.tokens.values()):,} tokens, {money}; {cost.flops:.2e} FLOPs if each seat "
            "is as large as the trained model"
        )
    figures = (
        ("loss", result.final_loss),
        ("token accuracy", result.token_accuracy),
        ("validation loss", result.validation_loss),
    )
    shown.append(", ".join(f"{name} {value:.3f}" for name, value in figures if value is not None))
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, train, print."""
    return run_command(Command("evals.finetune", __doc__, add_arguments, run, GOES_ON), argv)


if __name__ == "__main__":
    sys.exit(main())
