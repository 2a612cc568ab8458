"""Measure a model on questions with known answers: accuracy with its confidence interval, and unreadable replies.

    python -m evals.benchmark runs/offline/dataset.jsonl --model offline:smollm2
    python -m evals.benchmark runs/offline --variants 5 --model offline:smollm2
    python -m evals.benchmark medical/ --format multimedqa --answer-mode first_token --model openai:my-model
    python -m evals.benchmark gsm_hard.jsonl --format gsm_hard --model openai:my-model --base-url http://localhost:8000/v1
    python -m evals.benchmark runs/offline --model runs/tuned/adapter --out runs/scored

The model is asked, and its answer compared, exactly as the Defender's is in a run, so both mean the same by a wrong
answer. With `--variants` it is asked fresh instances of a run's rows: a model that scores well on the rows and badly on
them knows the numbers, not the reasoning.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict

from agents.errors import CallError, SeatFault, SetupError
from agents.records import DEFENDER_FORMS
from evals.benchmarks.formats import READERS
from evals.benchmarks.table import BENCHMARKS
from evals.exports.variants import MOST
from evals.training.presets import load_presets
from graph.cli.flags import at_least, path
from graph.cli.output import report
from graph.cli.running import Command, run_command

INTERRUPTED = "there is no score; answers in --out are kept, and the same command goes on with the others"


async def run(options: argparse.Namespace) -> int:
    """Measure the model, and report its score.

    Raises:
        SetupError: The items cannot be read, or the model cannot be asked.
    """
    from evals.benchmarks.measuring import measure  # noqa: PLC0415  # brings the clients of models with it

    try:
        found = await measure(options)
    except (SeatFault, CallError) as error:
        raise SetupError(f"{_own_flags(error)}; no score is given for part of the items{_kept(options)}") from error
    except SetupError as error:
        raise SetupError(_own_flags(error)) from error
    report(options, asdict(found), found.lines())
    return 0


def _own_flags(error: Exception) -> str:
    """Name this command's flags where an error names those of a run's seat."""
    text = str(error)
    for theirs, ours in (("--defender-base-url", "--base-url"), ("--defender-key-env", "--key-env")):
        text = text.replace(theirs, ours)
    return re.sub(r"--defender(?!-)", "--model", text)


def _kept(options: argparse.Namespace) -> str:
    """Say what becomes of the answers that were paid for."""
    if options.out is None:
        return ", and --out FOLDER would have kept the answers"
    return f"; the answers are kept in {options.out}, and the same command goes on with the others"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "source",
        help="questions with known answers, as JSON Lines, JSON, CSV or Parquet; a run's folder; or a name: "
        f"gsm_symbolic (made here), multimedqa, {', '.join(BENCHMARKS)} (from the hub)",
    )
    parser.add_argument(
        "--format",
        choices=[*sorted(READERS), "multimedqa"],
        default="plain",
        help="format of its rows (default: plain); multimedqa takes a folder with a file for each of its sets",
    )
    parser.add_argument(
        "--answer-mode",
        choices=("generate", "first_token"),
        default="generate",
        help="read a reply, or take the likeliest letter as the first token (default: generate)",
    )
    parser.add_argument(
        "--shuffle-options", type=at_least(0), metavar="SEED", help="put the options of each question in another order"
    )
    parser.add_argument(
        "--model",
        required=True,
        help="provider:name, as for the seats of graph.run, or a folder of weights or of an adapter (extra: train)",
    )
    parser.add_argument(
        "--preset", choices=sorted(load_presets()), help="how a folder is asked (default: as it was trained)"
    )
    parser.add_argument(
        "--few-shot", type=at_least(0), default=0, metavar="N", help="put N worked examples before each question"
    )
    parser.add_argument(
        "--examples", metavar="FILE", help="where they are drawn from (default: the benchmark's training split)"
    )
    parser.add_argument(
        "--examples-format", choices=sorted(READERS), help="format of their rows (default: that of --format)"
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="says which are drawn (default: 0)")
    parser.add_argument(
        "--out", type=path, metavar="FOLDER", help="keep answers here: the same command goes on after a stop"
    )
    parser.add_argument("--base-url", help="OpenAI-compatible server")
    parser.add_argument("--key-env", help="variable that holds the API key")
    parser.add_argument("--domain", default="math", help="domain pack whose defender prompt is used (default: math)")
    parser.add_argument("--limit", type=at_least(1), metavar="N", help="measure the first N items only")
    parser.add_argument("--slots", type=at_least(1), default=4, help="requests in flight (default: 4)")
    parser.add_argument(
        "--outage-minutes",
        type=at_least(0),
        default=10,
        metavar="N",
        help="wait so long for a dead server (default: 10)",
    )
    parser.add_argument(
        "--parse-retries", type=at_least(0), default=0, help="times to ask again for an unreadable reply (default: 0)"
    )
    parser.add_argument(
        "--variants", type=at_least(1, MOST), metavar="N", help="measure N fresh instances of each row of a run instead"
    )
    parser.add_argument(
        "--defender-form", choices=DEFENDER_FORMS, default="json", help="how the model answers (default: json)"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, measure, print."""
    return run_command(Command("evals.benchmark", __doc__, add_arguments, run, INTERRUPTED), argv)


if __name__ == "__main__":
    sys.exit(main())
