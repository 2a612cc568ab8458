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
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import openai

from agents.defender import DEFENDER_FORMS
from agents.errors import CallError, CallFailed, SeatFault, SetupError
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from agents.row_versions import read_dataset
from evals.benchmarks.asking import Sitting, ask_all, open_answers, remembered, request_key, seat_asker
from evals.benchmarks.few_shot import examples_of, few_shot
from evals.benchmarks.first_token import first_token
from evals.benchmarks.formats import READERS
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.benchmarks.scores import Score, is_right, score
from evals.benchmarks.table import BENCHMARKS
from evals.benchmarks.weights import ask_weights, preset_of
from evals.export import make_variants
from evals.exports.variants import MOST
from evals.training.presets import load_presets
from graph.cli.flags import at_least, path
from graph.cli.output import report
from graph.cli.running import Command, run_command
from graph.setting_values import home_expanded
from graph.storage.journal import CandidateJournal
from prompts.domain import load_domain
from prompts.render import posed_text
from tools.files.whole import write_whole

INTERRUPTED = "there is no score; answers in --out are kept, and the same command goes on with the others"


async def ask_first_tokens(options: argparse.Namespace, items: Sequence[Item], sitting: Sitting) -> list[str | None]:
    """Ask for the first token of each reply.

    Raises:
        SetupError: The model cannot be asked so, or an item has no options.
    """
    if any(not item.choices for item in items):
        raise SetupError("--answer-mode first_token is for questions with options; use generate")
    key = os.environ.get(options.key_env or "OPENAI_API_KEY") or "none"
    model = options.model.partition(":")[2] or options.model

    async with openai.AsyncOpenAI(base_url=options.base_url, api_key=key) as client:

        async def ask(item: Item, journal: CandidateJournal) -> str | None:
            posed = request_key("first_token", model, posed_text(item.question, item.choices))
            return await remembered(journal, posed, partial(first_token, client, model, item))

        try:
            return await ask_all(items, ask, sitting)
        except openai.OpenAIError as error:
            raise CallFailed(f"--model {options.model}: {error}") from error


async def load(options: argparse.Namespace) -> list[Item]:
    """Read the items: fresh instances of a run's rows, a benchmark by its name, or a file."""
    if options.variants:
        return await make_variants(read_dataset(path(options.source))[: options.limit], options.variants, seed=0)
    items = load_source(options.source, options.format, limit=options.limit, shuffle=options.shuffle_options)
    if not options.few_shot:
        return items
    source = examples_of(options.source, options.examples)
    return few_shot(items, source, options.examples_format or options.format, options.few_shot, seed=options.seed)


async def run(options: argparse.Namespace) -> int:
    """Measure the model, and report its score.

    Raises:
        SetupError: The items cannot be read, or the model cannot be asked.
    """
    try:
        found = await _scored(options)
    except (SeatFault, CallError) as error:
        raise SetupError(f"{_own_flags(error)}; no score is given for part of the items{_kept(options)}") from error
    except SetupError as error:
        raise SetupError(_own_flags(error)) from error
    report(options, asdict(found), found.lines())
    return 0


async def _scored(options: argparse.Namespace) -> Score:
    """Read the items, ask the model, and score; with `--out`, leave the answers and the score there."""
    items = await load(options)
    async with open_answers(options.out) as store:
        answers = await ask(options, items, Sitting(store, len(items), options.slots))
    found = score(options.model, items, answers)
    if options.out:
        rows = [
            {"question": item.question, "expected": item.answer, "answer": answer, "right": is_right(item, answer)}
            for item, answer in zip(items, answers, strict=True)
        ]
        write_whole(options.out / "answers.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        write_whole(options.out / "score.json", json.dumps(asdict(found), indent=1) + "\n")
    return found


async def ask(options: argparse.Namespace, items: Sequence[Item], sitting: Sitting) -> list[str | None]:
    """Ask a folder of weights, or a model behind a server.

    Raises:
        CallFailed, SeatFault, SetupError: The model cannot be asked; there is no score over part of the items.
    """
    folder = _folder_of(options.model)
    if folder is not None:
        if options.answer_mode == "first_token":
            raise SetupError("--answer-mode first_token is for a model behind a server; use generate for a folder")
        return await ask_weights(folder, preset_of(folder, options.preset), items, sitting)
    if options.answer_mode == "first_token":
        return await ask_first_tokens(options, items, sitting)
    domain = load_domain(options.domain)
    spec = SeatSpec(name="defender", model=options.model, base_url=options.base_url, key_env=options.key_env)
    async with open_seat(spec, RateLimiter(options.model, patience_s=60 * options.outage_minutes)) as seat:
        return await ask_all(items, seat_asker(seat, domain, options.parse_retries, options.defender_form), sitting)


def _folder_of(model: str) -> Path | None:
    folder = Path(home_expanded(model))
    return folder if folder.is_dir() else None


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
