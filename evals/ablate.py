r"""Find where on an axis of the rows training helps most: bins of equal size, trained on equally many tokens.

    python -m evals.ablate --by hops --setting even --model smollm2 --out runs/by-hops
    python -m evals.ablate --by level --bins L1+L2+L3,L4,L5 --pool runs/math-1 --test test.jsonl --model ORG/NAME \
        --preset gpu-4b --out runs/by-level

Each bin is an arm of a comparison, beside the start and a blind draw from all bins. The same command goes on after a
stop, `--minutes` makes sittings, `--seeds` may grow.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from agents.errors import SetupError
from evals.compare import add_study_arguments, carry_out, plan_of
from evals.comparison.axes import AXES, bins
from evals.comparison.declared import declared, material
from evals.comparison.plan import Plan
from evals.comparison.pool import PoolRow, read_pool
from evals.training.extra import require_train
from graph.cli.flags import at_least
from graph.cli.output import tell
from graph.cli.running import Command, run_command

LEAST_ROWS = 8
"""Rows of a bin below which nothing is to be learned from it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    add_study_arguments(parser)
    about = "; ".join(f"{name}: {axis.about}" for name, axis in AXES.items())
    parser.add_argument("--by", required=True, choices=AXES, help=f"the axis: {about}")
    parser.add_argument("--bins", default="", help="values with commas between, as 2,3,4+5 (default: each by itself)")
    parser.add_argument("--n", type=at_least(LEAST_ROWS), help="rows of each bin (default: those of the smallest)")


def ablated(options: argparse.Namespace) -> Plan:
    """Return the plan of an ablation.

    Raises:
        SetupError: The rows do not differ on the axis, or a bin has too few of them.
    """
    counted = bins(options.by, _pool(options), options.bins)
    least = options.n or LEAST_ROWS
    if few := {name: many for name, many in counted.items() if many < least}:
        listed = ", ".join(f"{name} ({many})" for name, many in few.items())
        raise SetupError(
            f"--by {options.by}: each bin needs {least} rows, and these have fewer: {listed}; leave them out or put "
            f"them together with --bins, as {_example(list(counted))}, or generate more"
        )
    n = options.n or min(counted.values())
    arms = ("base", "random_matched", *(f"{options.by}={name}" for name in counted))
    plan = plan_of(options, arms=arms, n=n, axis=options.by)
    shown = ", ".join(f"{name} {many}" for name, many in counted.items())
    tell(f"{options.by}: {shown}; {n} rows of each")
    return plan


def _pool(options: argparse.Namespace) -> list[PoolRow]:
    if options.setting:
        return material(declared(options.setting), options.share).pool
    if not options.pool:
        raise SetupError("name a declared setting with --setting, or a run or a file with --pool, and --test")
    return read_pool(options.pool)


def _example(names: list[str]) -> str:
    return ",".join([*names[:-2], "+".join(names[-2:])])


def run(options: argparse.Namespace) -> int:
    """Ablate."""
    require_train()
    return carry_out(options, ablated(options))


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, ablate, print."""
    return run_command(Command("evals.ablate", __doc__, add_arguments, run, "the same command goes on"), argv)


if __name__ == "__main__":
    sys.exit(main())
