r"""Compare arms: tune a model on each, several times, and tell what the difference is worth.

    python -m evals.compare --setting skill_gap --model smollm2 --out runs/gap
    python -m evals.compare --pool gsm8k_train.jsonl --test gsm8k_test.jsonl --survivors runs/math-1 \
        --model ORG/NAME --preset gpu-4b --out runs/math-1-helps

The folder holds every trial: the same command goes on after a stop, `--minutes` makes sittings, `--seeds` and `--arms`
may grow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from agents.errors import SetupError
from evals.comparison.declared import declared, load_declared
from evals.comparison.plan import Plan, prepare
from evals.comparison.report import write_report
from evals.comparison.statistics import visible
from evals.comparison.study import Study
from evals.steadiness import line, read_steadiness
from evals.training.extra import require_train
from evals.training.presets import load_preset, load_presets
from graph.cli.flags import at_least, path
from graph.cli.output import report, tell
from graph.cli.running import Command, run_command

ARMS = "base,survivors,random_matched,random_same_mix,weak_skills"


def add_study_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that comparisons and ablations share."""
    parser.add_argument("--setting", default="", help=f"a declared setting: {', '.join(load_declared())}")
    parser.add_argument("--pool", type=path, metavar="FILE", help="or a run, or a file, to draw arms from")
    parser.add_argument("--test", type=path, metavar="FILE", help="with it, questions that no arm is tuned on")
    parser.add_argument("--validation", type=path, metavar="FILE", help="with it, questions that choose the length")
    parser.add_argument("--model", required=True, help="a folder with weights, a name on the hub, or smollm2")
    parser.add_argument("--preset", choices=sorted(load_presets()), default="cpu-135m", help="default: cpu-135m")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change one value of the preset"
    )
    parser.add_argument(
        "--steadiness",
        type=path,
        metavar="FOLDER",
        help="take epochs, learning rate and averaging from evals.steadiness",
    )
    parser.add_argument("--lengths", default="", help="epochs to try, with commas; the best on validation counts")
    parser.add_argument("--seeds", type=at_least(1), default=5, help="trainings of each arm (default: 5)")
    parser.add_argument("--share", type=float, default=1.0, help="share of a setting's rows, for a trial (default: 1)")
    parser.add_argument("--minutes", type=float, help="begin no trial after so long")
    parser.add_argument("--out", required=True, type=path, metavar="FOLDER", help="where everything goes")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    add_study_arguments(parser)
    parser.add_argument(
        "--survivors", type=path, metavar="RUN", help="with --pool, a run's folder for the arm survivors"
    )
    parser.add_argument("--arms", default=ARMS, help=f"with commas between (default: {ARMS})")
    parser.add_argument("--n", type=at_least(1), help="rows of a small arm (default: the setting's, or 200)")
    parser.add_argument(
        "--grading-samples", type=at_least(1), default=1, help="answers by which rows are graded (default: 1, greedy)"
    )


def compared(options: argparse.Namespace) -> Plan:
    """Return the plan of a comparison; see `Plan.checked` for what is raised."""
    n = options.n
    if n is None:
        n = max(1, round(options.share * declared(options.setting).n)) if options.setting else 200
    arms = tuple(name.strip() for name in options.arms.split(",") if name.strip())
    survivors = str(options.survivors or "")
    return plan_of(options, arms=arms, n=n, survivors=survivors, grading_samples=options.grading_samples)


def plan_of(options: argparse.Namespace, **own: Any) -> Plan:
    """Turn the shared flags into a plan, with what is a command's own; see `Plan.checked` for what is raised."""
    preset = load_preset(options.preset, options.set)
    if options.steadiness:
        chosen = read_steadiness(options.steadiness).chosen
        preset = preset.model_copy(update=chosen.model_dump(include={"epochs", "learning_rate", "average"}))
        tell(f"protocol: {line(chosen)}")
    try:
        lengths = tuple(float(text) for text in options.lengths.split(",") if text) or (preset.epochs,)
    except ValueError as error:
        raise SetupError(f"--lengths {options.lengths!r}: write numbers of epochs, as 4,12") from error
    return Plan(
        model=options.model,
        preset=preset,
        lengths=lengths,
        seeds=options.seeds,
        setting=options.setting,
        share=options.share,
        **{name: str(getattr(options, name) or "") for name in ("pool", "test", "validation")},
        **own,
    ).checked()


def carry_out(options: argparse.Namespace, plan: Plan) -> int:
    """Do what is planned, write the report, and report the decision in one sentence."""
    rows = prepare(plan, options.out)
    items = len(rows.test)
    tell(f"with {items} items a difference under {visible(items):.1f} points cannot be seen in one run")
    study, began = Study(plan, rows, options.out), time.monotonic()
    for trial in study.carry_out():
        if trial.arm == plan.arms[-1]:
            write_report(study)
        if options.minutes is not None and time.monotonic() - began > 60 * options.minutes:
            break
    decision, written = write_report(study), options.out / "report.md"
    report(options, {"decision": decision, "report": str(written)}, [decision, f"report in {written}"])
    return 0


def run(options: argparse.Namespace) -> int:
    """Compare."""
    require_train()
    return carry_out(options, compared(options))


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, compare, print."""
    return run_command(Command("evals.compare", __doc__, add_arguments, run, "the same command goes on"), argv)


if __name__ == "__main__":
    sys.exit(main())
