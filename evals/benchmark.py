"""Measure a model on questions with known answers: accuracy with its confidence interval, and unreadable replies.

    python -m evals.benchmark runs/offline/dataset.jsonl --model offline:smollm2
    python -m evals.benchmark runs/offline --variants 5 --model offline:smollm2
    python -m evals.benchmark medical/ --format multimedqa --answer-mode first_token --model openai:my-model
    python -m evals.benchmark gsm_hard.jsonl --format gsm_hard --model openai:my-model --base-url http://localhost:8000/v1

The model is asked, and its answer compared, exactly as the Defender's is in a run, so both mean the same by a wrong
answer. With `--variants` it is asked fresh instances of a run's rows: a model that scores well on the rows and badly on
them knows the numbers, not the reasoning.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import count
from typing import Any

import openai
from langgraph.store.memory import InMemoryStore

from agents.defender import DEFENDER_FORMS, DefenderForm, answer_question
from agents.errors import CallError, SeatFault, SetupError, Unreadable
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.seat import Seat
from agents.models.spec import SeatSpec
from agents.records import Answer
from agents.role import Role
from agents.row_versions import read_dataset
from evals.benchmarks.first_token import first_token
from evals.benchmarks.formats import READERS
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.benchmarks.scores import Score, score
from evals.benchmarks.table import BENCHMARKS
from evals.export import make_variants
from graph.cli.flags import at_least, path
from graph.cli.output import report, tell
from graph.cli.running import Command, run_command
from graph.storage.journal import CandidateJournal
from prompts.domain import Domain, load_domain


async def measure(  # noqa: PLR0913  # who is asked what, and how
    seat: Seat,
    domain: Domain,
    items: Sequence[Item],
    *,
    slots: int,
    parse_retries: int = 0,
    form: DefenderForm = "json",
) -> Score:
    """Ask each item once, and score the answers; see `ask_items`."""
    answers = await ask_items(seat, domain, items, slots=slots, parse_retries=parse_retries, form=form)
    return score(seat.label, items, answers)


async def ask_items(  # noqa: PLR0913  # as above
    seat: Seat, domain: Domain, items: Sequence[Item], *, slots: int, parse_retries: int, form: DefenderForm
) -> list[str | None]:
    """Ask each item once, with at most `slots` requests in flight; None stands for an answer that cannot be read.

    Raises:
        CallFailed, SeatFault: The model cannot be asked; there is no score over part of the items.
    """
    gate, count_one = asyncio.Semaphore(slots), _progress(len(items))
    store = InMemoryStore()

    async def ask(number: int, item: Item) -> Answer | None:
        journal = CandidateJournal(store, "benchmark", str(number), _ignore)
        async with gate:
            try:
                return await answer_question(Role(domain, seat, journal, parse_retries), item, form=form)
            except Unreadable:
                return None
            finally:
                count_one()

    answers = await asyncio.gather(*(ask(number, item) for number, item in enumerate(items)))
    return [None if answer is None else answer.answer for answer in answers]


def _ignore(_: Any) -> None:
    """Ignore progress events."""


def _progress(items: int) -> Callable[[], None]:
    """Return a function to call after each item; it tells progress at every tenth."""
    done = count(1)

    def count_one() -> None:
        number = next(done)
        if number == items or number * 10 // items > (number - 1) * 10 // items:
            tell(f"{number} of {items} asked")

    return count_one


async def measure_first_tokens(options: argparse.Namespace, items: Sequence[Item]) -> Score:
    """Ask for the first token of each reply, with at most `slots` requests in flight.

    Raises:
        SetupError: The model cannot be asked so, or an item has no options.
    """
    if any(not item.choices for item in items):
        raise SetupError("--answer-mode first_token is for questions with options; use generate")
    gate, count_one = asyncio.Semaphore(options.slots), _progress(len(items))
    key = os.environ.get(options.key_env or "OPENAI_API_KEY") or "none"
    model = options.model.partition(":")[2] or options.model

    async with openai.AsyncOpenAI(base_url=options.base_url, api_key=key) as client:

        async def ask(item: Item) -> str | None:
            async with gate:
                try:
                    return await first_token(client, model, item)
                finally:
                    count_one()

        try:
            return score(model, items, await asyncio.gather(*map(ask, items)))
        except openai.OpenAIError as error:
            raise SetupError(f"--model {options.model}: {error}; no score is given for part of the items") from error


async def load(options: argparse.Namespace) -> list[Item]:
    """Read the items: fresh instances of a run's rows, a benchmark by its name, or a file."""
    if options.variants:
        return await make_variants(read_dataset(path(options.source))[: options.limit], options.variants, seed=0)
    return load_source(options.source, options.format, limit=options.limit, shuffle=options.shuffle_options)


async def run(options: argparse.Namespace) -> int:
    """Measure the model, and report its score.

    Raises:
        SetupError: The items cannot be read, or the model cannot be asked.
    """
    try:
        found = await _scored(options)
    except (SeatFault, CallError) as error:
        raise SetupError(f"{_own_flags(error)}; no score is given for part of the items") from error
    except SetupError as error:
        raise SetupError(_own_flags(error)) from error
    report(options, asdict(found), found.lines())
    return 0


async def _scored(options: argparse.Namespace) -> Score:
    """Open the model and measure it."""
    items = await load(options)
    if options.answer_mode == "first_token":
        return await measure_first_tokens(options, items)
    domain = load_domain(options.domain)
    spec = SeatSpec(name="defender", model=options.model, base_url=options.base_url, key_env=options.key_env)
    async with open_seat(spec, RateLimiter(options.model)) as seat:
        return await measure(
            seat, domain, items, slots=options.slots, parse_retries=options.parse_retries, form=options.defender_form
        )


def _own_flags(error: Exception) -> str:
    """Name this command's flags where an error names those of a run's seat."""
    text = str(error)
    for theirs, ours in (("--defender-base-url", "--base-url"), ("--defender-key-env", "--key-env")):
        text = text.replace(theirs, ours)
    return re.sub(r"--defender(?!-)", "--model", text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "source",
        help="questions with known answers, as JSON Lines, JSON, CSV or Parquet; a run's folder; or a name: "
        f"gsm_symbolic (made here), {', '.join(BENCHMARKS)} (from the hub)",
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
    parser.add_argument("--model", required=True, help="provider:name, as for the seats of graph.run")
    parser.add_argument("--base-url", help="OpenAI-compatible server")
    parser.add_argument("--key-env", help="variable that holds the API key")
    parser.add_argument("--domain", default="math", help="domain pack whose defender prompt is used (default: math)")
    parser.add_argument("--limit", type=at_least(1), metavar="N", help="measure the first N items only")
    parser.add_argument("--slots", type=at_least(1), default=4, help="requests in flight (default: 4)")
    parser.add_argument(
        "--parse-retries", type=at_least(0), default=0, help="times to ask again for an unreadable reply (default: 0)"
    )
    parser.add_argument(
        "--variants", type=at_least(1), metavar="N", help="measure N fresh instances of each row of a run instead"
    )
    parser.add_argument(
        "--defender-form", choices=DEFENDER_FORMS, default="json", help="how the model answers (default: json)"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, measure, print."""
    return run_command(Command("evals.benchmark", __doc__, add_arguments, run), argv)


if __name__ == "__main__":
    sys.exit(main())
