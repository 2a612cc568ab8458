"""Put the items of a benchmark to a model as the command's options say, and score the answers."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import openai

from agents.errors import CallFailed, SetupError
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from agents.row_versions import read_dataset
from evals.benchmarks.asking import Sitting, ask_all, open_answers, remembered, request_key, seat_asker
from evals.benchmarks.few_shot import examples_of, few_shot
from evals.benchmarks.first_token import first_token
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.benchmarks.scores import Score, is_right, score
from evals.benchmarks.weights import ask_weights, preset_of
from evals.export import make_variants
from graph.cli.flags import path
from graph.setting_values import home_expanded
from graph.storage.journal import CandidateJournal
from prompts.domain import load_domain
from prompts.render import posed_text
from tools.files.whole import write_whole


async def measure(options: argparse.Namespace) -> Score:
    """Read the items, ask the model, and score; with `--out`, leave the answers and the score there.

    Raises:
        CallFailed, SeatFault, SetupError: The items cannot be read, or the model cannot be asked.
    """
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


async def load(options: argparse.Namespace) -> list[Item]:
    """Read the items: fresh instances of a run's rows, a benchmark by its name, or a file."""
    if options.variants:
        return await make_variants(read_dataset(path(options.source))[: options.limit], options.variants, seed=0)
    items = load_source(options.source, options.format, limit=options.limit, shuffle=options.shuffle_options)
    if not options.few_shot:
        return items
    source = examples_of(options.source, options.examples)
    return few_shot(items, source, options.examples_format or options.format, options.few_shot, seed=options.seed)


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


def _folder_of(model: str) -> Path | None:
    folder = Path(home_expanded(model))
    return folder if folder.is_dir() else None
