"""Measure a model on questions with known answers: accuracy with its confidence interval, and unreadable replies.

    python -m evals.benchmark runs/offline/dataset.jsonl --model offline:smollm2
    python -m evals.benchmark runs/offline --variants 5 --model offline:smollm2
    python -m evals.benchmark gsm_hard.jsonl --format gsm_hard --model openai:my-model --base-url http://localhost:8000/v1

The model is asked, and its answer compared, exactly as the Defender's is in a run, so both mean the same by a wrong
answer. With `--variants` it is asked fresh instances of a run's rows: a model that scores well on the rows and badly on
them knows the numbers, not the reasoning.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import count
from typing import Any

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
from evals.benchmark_formats import READERS, Item, ItemError, load_items
from evals.export import make_variants
from graph.campaign.forecast import wilson
from graph.commands.flags import FlagParser, at_least, path
from graph.commands.output import escape_unprintable
from graph.storage.journal import CandidateJournal
from prompts.domain import Domain, DomainError, load_domain
from tools.answers import Tolerance, same_answer
from tools.sandbox.port import SandboxError

GSM_HARD = Tolerance(absolute=Fraction(1, 1000))
"""What GSM-Hard's own scorer allows."""


@dataclass(frozen=True)
class Score:
    """The result of a benchmark; `accuracy` counts unreadable replies as wrong, `unreadable` is their number."""

    model: str
    items: int
    right: int
    unreadable: int
    accuracy: float
    low: float
    high: float
    unreadable_rate: float


async def measure(  # noqa: PLR0913  # who is asked what, and how
    seat: Seat,
    domain: Domain,
    items: Sequence[Item],
    *,
    slots: int,
    parse_retries: int = 0,
    form: DefenderForm = "json",
) -> Score:
    """Ask each item once, with at most `slots` requests in flight.

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
    right = sum(
        answer is not None
        and same_answer(answer.answer, item.answer, item.answer_kind, item.choices, tolerance=GSM_HARD)
        for answer, item in zip(answers, items, strict=True)
    )
    unreadable = sum(answer is None for answer in answers)
    low, high = wilson(right, len(items))
    return Score(seat.label, len(items), right, unreadable, right / len(items), low, high, unreadable / len(items))


def _ignore(_: Any) -> None:
    """Ignore progress events."""


def _progress(items: int) -> Callable[[], None]:
    """Return a function to call after each item; it prints progress to standard error at every tenth."""
    done = count(1)

    def count_one() -> None:
        number = next(done)
        if number == items or number * 10 // items > (number - 1) * 10 // items:
            print(f"{number} of {items} asked", file=sys.stderr, flush=True)

    return count_one


async def run(options: argparse.Namespace) -> Score:
    """Open the model and measure it."""
    if options.variants:
        items = await make_variants(read_dataset(options.file)[: options.limit], options.variants, seed=0)
    else:
        items = load_items(options.file, options.format)[: options.limit]
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


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, measure, print."""
    escape_unprintable()
    parser = FlagParser(prog="python -m evals.benchmark", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument(
        "file", type=path, help="questions with known answers, as JSON Lines, JSON, CSV or Parquet; or a run's folder"
    )
    parser.add_argument(
        "--format", choices=sorted(READERS), default="plain", help="format of its rows (default: plain)"
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
    parser.add_argument("--json", action="store_true", help="print the score as JSON")
    try:
        options = parser.parse_args(argv)
        score = asyncio.run(run(options))
    except (SeatFault, CallError) as error:
        print(f"evals.benchmark: {_own_flags(error)}; no score is given for part of the items", file=sys.stderr)
        return 2
    except (ItemError, SetupError, DomainError, SandboxError, ValueError) as error:
        print(f"evals.benchmark: {_own_flags(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("evals.benchmark: interrupted; there is no score", file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps(asdict(score)))
    else:
        print(f"{score.model}: {score.right} of {score.items} right")
        print(f"accuracy {score.accuracy:.1%} (95 % interval {score.low:.1%} to {score.high:.1%})")
        print(f"unreadable replies {score.unreadable} ({score.unreadable_rate:.1%}), counted as wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main())
