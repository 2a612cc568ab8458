"""Choose rows of a finished pool by a selection rule, and write them as they are.

    python -m evals.select runs/math-1 --rule weak_skills --n 90 --out chosen.jsonl
    python -m evals.select pool.jsonl --rule band --n 200 --model smollm2 --samples 4 --out chosen.jsonl

A run's rows say how often their Defender was right. For any other pool, or another model, `--model` has it answer
every row first; `fit` measures how much each worked answer surprises it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from random import Random

from agents.errors import SetupError
from evals.comparison.pool import PoolRow, read_pool
from evals.training.extra import require_train
from evals.training.presets import load_preset, load_presets
from graph.cli.flags import at_least, new_file, path
from graph.cli.output import report
from graph.cli.running import Command, run_command
from graph.curriculum.selections import SELECTIONS
from tools.files.questions import read_objects
from tools.files.whole import write_whole

TEMPERATURE = 0.8
"""Of several answers to one question; a single one is greedy."""


class Numbered(PoolRow):
    """A row with its place in the file."""

    place: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("pool", type=path, help="a run's folder, or a file of questions and answers")
    parser.add_argument("--rule", required=True, choices=SELECTIONS, help="which rows help")
    parser.add_argument("--n", required=True, type=at_least(1), help="rows to choose")
    parser.add_argument("--seed", type=at_least(0), default=0, help="of what is drawn (default: 0)")
    parser.add_argument("--out", required=True, type=new_file, help="file of JSON Lines to write")
    parser.add_argument("--model", help="have this model answer the rows: a folder, a name on the hub, or smollm2")
    parser.add_argument("--preset", choices=sorted(load_presets()), default="cpu-135m", help="default: cpu-135m")
    parser.add_argument("--samples", type=at_least(1), default=1, help="answers to each row (default: 1, greedy)")


def run(options: argparse.Namespace) -> int:
    """Grade where asked for, choose, write, and report what was chosen."""
    rows = read_pool(options.pool)
    if options.model:
        rows = _measured(rows, options)
    if len(rows) < options.n:
        raise SetupError(f"--n {options.n}: the pool has {len(rows)} rows")
    numbered = [Numbered(**row.model_dump(), place=place) for place, row in enumerate(rows)]
    chosen = SELECTIONS[options.rule].choose(numbered, options.n, Random(f"arm/{options.seed}"))  # noqa: S311  # repeatable
    objects = [fields for _, fields in read_objects(options.pool)]
    text = "".join(json.dumps(objects[row.place], ensure_ascii=False) + "\n" for row in chosen)
    write_whole(options.out, text)
    result = {"rows": len(chosen), "written": str(options.out), "places": [row.place for row in chosen]}
    report(options, result, lines(chosen))
    return 0


def _measured(rows: list[PoolRow], options: argparse.Namespace) -> list[PoolRow]:
    """Return the rows with what the rule looks at, as this model has it."""
    require_train()
    from evals.training.models import load_model  # noqa: PLC0415  # takes the extra
    from evals.training.sampling import sample  # noqa: PLC0415  # as above
    from evals.training.surprisal import surprisals  # noqa: PLC0415  # as above

    preset = load_preset(options.preset)
    model, tokenizer = load_model(options.model, preset)
    if SELECTIONS[options.rule].measures == "surprisal":
        measured = surprisals(model, tokenizer, rows, preset)
        return [row.model_copy(update={"surprisal": one}) for row, one in zip(rows, measured, strict=True)]
    right = [0] * len(rows)
    warm = TEMPERATURE if options.samples > 1 else 0.0
    for number in range(options.samples):
        what = f"answer {number + 1} of {options.samples}"
        prompts = [row.prompt for row in rows]
        for place, text in enumerate(sample(model, tokenizer, prompts, preset, temperature=warm, what=what)):
            right[place] += rows[place].judged(text) is True
    return [
        row.model_copy(update={"pass_rate": passed / options.samples}) for row, passed in zip(rows, right, strict=True)
    ]


def lines(rows: Sequence[PoolRow]) -> list[str]:
    """Say what the rows are like."""
    hops = Counter(row.hops for row in rows)
    graded = [row.pass_rate for row in rows if row.pass_rate is not None]
    shown = [f"{len(rows)} rows; steps " + ", ".join(f"{many}: {count}" for many, count in sorted(hops.items()))]
    if graded:
        shown.append(f"pass rate {sum(graded) / len(graded):.2f} on average")
    return shown


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, choose, print."""
    return run_command(Command("evals.select", __doc__, add_arguments, run), argv)


if __name__ == "__main__":
    sys.exit(main())
