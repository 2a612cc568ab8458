r"""Close the loop: benchmark a model, generate against it, tune it on the survivors, benchmark it again, and so on.

    python -m evals.loop --model smollm2 --rounds 3 --test test.jsonl --run hops=1..2 --run sizes=small --out runs/loop
    python -m evals.loop --model ORG/NAME --preset gpu-4b --rounds 3 --test gsm8k --target 60 \
        --run attacker=openai:gpt-5 --run judge=openai:gpt-5 --out runs/loop-4b

The tuned model is the next round's Defender, served on loopback by the server of transformers. The folder holds each
round's run, training and score: the same command goes on after a stop, and `--rounds` may grow.
"""

from __future__ import annotations

import argparse
import sys

from evals.benchmarks.formats import READERS
from evals.rounds.curve import write_curve
from evals.rounds.plan import RunFlags, RunPlan, prepare
from evals.training.extra import require_train
from evals.training.models import SMOLLM2
from evals.training.presets import load_preset, load_presets
from graph.cli.flags import at_least, path
from graph.cli.output import report
from graph.cli.running import Command, run_command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--model", required=True, help="a folder with weights, a name on the hub, or smollm2")
    parser.add_argument("--rounds", type=at_least(1), default=3, help="times to generate and tune (default: 3)")
    parser.add_argument("--test", required=True, help="the benchmark: a file, or a name, as evals.benchmark takes it")
    parser.add_argument(
        "--format", choices=sorted(READERS), default="plain", help="format of its rows (default: plain)"
    )
    parser.add_argument("--limit", type=at_least(1), metavar="N", help="measure the first N items only")
    parser.add_argument("--domain", default="math", help="domain pack of the runs (default: math)")
    parser.add_argument("--target", type=at_least(1), default=60, help="survivors of each round (default: 60)")
    parser.add_argument(
        "--defender-form",
        choices=("prose", "few_shot"),
        help="how the model answers (default: after worked examples, few_shot, for smollm2, and prose for others)",
    )
    parser.add_argument(
        "--run", action="append", default=[], metavar="KEY=VALUE", help="a flag of graph.run for each round's run"
    )
    parser.add_argument("--accept-short", action="store_true", help="tune also where a run stops short of its target")
    parser.add_argument("--preset", choices=sorted(load_presets()), default="cpu-135m", help="default: cpu-135m")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the preset"
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="of the questions and the trainings (default: 0)")
    parser.add_argument("--out", required=True, type=path, metavar="FOLDER", help="where everything goes")


def plan_of(options: argparse.Namespace) -> RunPlan:
    """Turn the flags into a plan.

    Raises:
        SetupError: One of them is not as it should be.
    """
    return RunPlan(
        model=options.model,
        preset=load_preset(options.preset, options.set),
        test=options.test,
        form=options.format,
        limit=options.limit,
        domain=options.domain,
        target=options.target,
        run=RunFlags.read(options.run),
        defender_form=options.defender_form or ("few_shot" if options.model == SMOLLM2 else "prose"),
        seed=options.seed,
    )


def run(options: argparse.Namespace) -> int:
    """Go through the rounds, and report the curve."""
    require_train()
    from evals.rounds.rounds import Rounds  # noqa: PLC0415  # takes the extra

    plan = plan_of(options)
    items = prepare(plan, options.out)
    scores = []
    rounds = Rounds(plan, items, options.out, quiet=options.quiet, accept_short=options.accept_short)
    for score in rounds.carry_out(options.rounds):
        scores.append(score)
        decision = write_curve(options.out, scores, f"{plan.model} on {plan.test}")
    written = options.out / "report.md"
    result = {"decision": decision, "report": str(written), "rounds": [score.model_dump() for score in scores]}
    shown = [f"round {one.number}: accuracy {one.accuracy:.1f} %, {one.rows} rows tuned on" for one in scores]
    report(options, result, [*shown, decision, f"report in {written}"])
    return 0


def main(argv: list[str] | None = None) -> int:
    """Parse, go through the rounds, print."""
    return run_command(Command("evals.loop", __doc__, add_arguments, run, "the same command goes on"), argv)


if __name__ == "__main__":
    sys.exit(main())
