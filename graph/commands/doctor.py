"""Say whether a run with the same flags could start, and what works here: sandboxes, the novelty gate, the seats.

Everything is opened and checks itself as in a run with the same flags; if the run of that name exists, its
recorded settings, its dataset and its lock are checked too. Each seat is asked for one word in each form in which a
run may ask it, after saying what that may cost; --no-calls leaves this out. Exit code 0 if that run could start, 1 if
not.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from agents.errors import NanoFluxError
from graph.cli.flags import add_flags, read_settings
from graph.cli.output import report
from graph.own_packages import shared_names
from graph.settings import Settings
from prompts.domain import DomainError
from tools.novelty.port import NoveltyError
from tools.novelty.registry import open_novelty
from tools.sandbox.port import Guarantees, SandboxError
from tools.sandbox.registry import SANDBOXES, open_sandbox

if TYPE_CHECKING:
    from agents.models.seat import Seat
    from agents.models.spec import SeatSpec

PATIENCE_S = 5.0
"""Seconds that a server which answers nothing is given."""
TRIAL_TOKENS = 1000
"""Tokens of the prompts of all trial calls of a seat, at most."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the flags of a run."""
    parser.usage = "%(prog)s [--no-calls] [--flag VALUE ...], with the flags of the run in question"
    parser.add_argument("--no-calls", action="store_true", help="make no model call")
    add_flags(parser)


async def run(args: argparse.Namespace) -> int:
    """Open everything once, then say whether a run can start, and print what works."""
    from graph.question.resources import seat_specs  # noqa: PLC0415  # the models' libraries load after --help
    from graph.reports.card import shared_errors  # noqa: PLC0415  # as above

    settings = read_settings({name: value for name, value in vars(args).items() if name in Settings.model_fields})
    sandboxes = {name: await _sandbox(name, settings) for name in SANDBOXES}
    faults = {f"novelty gate ({settings.novelty_store}, {settings.embedder})": await _novelty(settings)}
    tried: list[str] = []
    for spec in seat_specs(settings, 0).values():
        faults[f"{spec.name} ({spec.model})"] = await _seat(spec, calls=not args.no_calls, say=tried.append)
    notes = [*shared_errors(settings), *await asyncio.to_thread(shared_names)]
    fault = await _start(settings) or next(filter(None, faults.values()), "")
    verdict = f"a run can start: {f'no: {fault}' if fault else 'yes'}"
    machine = f"Python {platform.python_version()}, {sys.platform} {platform.machine()}"
    parts = [f"{what}: {fault or 'works'}" for what, fault in faults.items()]
    result = {
        "can_start": not fault,
        "fault": fault,
        "machine": machine,
        "sandboxes": {name: {"works": works, "details": details} for name, (works, details) in sandboxes.items()},
        "parts": {what: fault or "works" for what, fault in faults.items()},
        "calls": tried,
        "notes": notes,
    }
    noted = [f"note: {note}" for note in notes]
    report(args, result, [verdict, "", machine, _table(sandboxes), *tried, *parts, *noted])
    return 1 if fault else 0


def _table(sandboxes: Mapping[str, tuple[bool, str]]) -> Table:
    table = Table("sandbox", "works", "guarantees")
    for name, (works, details) in sandboxes.items():
        table.add_row(name, "yes" if works else "no", Text(details))
    return table


async def _sandbox(name: str, settings: Settings) -> tuple[bool, str]:
    try:
        async with open_sandbox(name, limits=settings.limits, concurrency=1) as sandbox:
            tier = f"{sandbox.name}: " if sandbox.name != name else ""
            return True, tier + describe(sandbox.guarantees())
    except SandboxError as error:
        return False, str(error)


def describe(guarantees: Guarantees) -> str:
    """Put the guarantees into words, including those that do not hold."""
    values = guarantees.model_dump(exclude={"packages"})
    holds = [name.replace("_", " ") for name, value in values.items() if value]
    lacks = [f"NOT {name.replace('_', ' ')}" for name, value in values.items() if not value]
    return ", ".join([*holds, *lacks]) + f"; packages: {', '.join(guarantees.packages) or 'none'}"


async def _novelty(settings: Settings) -> str:
    from graph.question.resources import gate_knobs  # noqa: PLC0415  # as above

    try:
        async with open_novelty(settings.novelty_store, **dict(gate_knobs(settings, temporary=True))):
            return ""
    except NoveltyError as error:
        return str(error)


async def _seat(spec: SeatSpec, *, calls: bool, say: Callable[[str], None]) -> str:
    """Open a seat, and ask it in each form; return why no candidate could be asked of it, or nothing."""
    from agents.models.loading import open_seat  # noqa: PLC0415  # as above
    from agents.models.rate_limiter import RateLimiter  # noqa: PLC0415  # as above

    try:
        async with open_seat(spec, RateLimiter(spec.model, retries=1, patience_s=PATIENCE_S)) as seat:
            for doubt in seat.doubts:
                say(f"note: {doubt}")
            return await _calls(seat, say) if calls and not spec.model.startswith("offline:") else ""
    except NanoFluxError as error:
        return str(error)


async def _calls(seat: Seat, say: Callable[[str], None]) -> str:
    """Make one minimal call in each form, and say what each came to."""
    from langgraph.store.memory import InMemoryStore  # noqa: PLC0415  # as above

    from agents.models.trial import forms_of, try_forms  # noqa: PLC0415  # as above
    from graph.storage.journal import CandidateJournal  # noqa: PLC0415  # as above

    forms = forms_of(seat)
    price = seat.price(TRIAL_TOKENS, len(forms) * seat.max_output, 0)
    cost = "of unknown price" if price is None else f"${price:.2g} in all at the very worst"
    plan = f"{seat.name} ({seat.label}): {len(forms)} short calls, one in each form ({', '.join(forms)}), {cost}"
    print(plan, file=sys.stderr, flush=True)  # before anything is paid for
    say(plan)
    journal = CandidateJournal(InMemoryStore(), "doctor", seat.name, lambda _: None)
    faults: dict[str, str] = {}
    async for form, fault in try_forms(seat, journal):
        say(f"  {form}: {'as before' if fault and fault in faults.values() else fault or 'works'}")
        faults[form] = fault
    usage = (await journal.usage())[seat.name]
    spent = "" if usage.usd is None else f", ${usage.usd:.2g}"
    say(f"  used {usage.input_tokens + usage.output_tokens} tokens{spent}")
    records = [faults[mode] for mode in seat.modes]
    return records[0] if all(records) else ""


async def _start(settings: Settings) -> str:
    """Try all that a run does before its first call, in the same order; return the fault that would stop it."""
    from graph.campaign.folder.run_folder import RunFolder  # noqa: PLC0415  # as above
    from graph.campaign.preflight import preflight  # noqa: PLC0415  # as above
    from graph.question.resources import Resources  # noqa: PLC0415  # as above

    try:
        async with Resources() as resources:
            await preflight(resources, settings)
        await asyncio.to_thread(RunFolder.check, settings)
    except (NanoFluxError, DomainError, NoveltyError, SandboxError) as error:
        return str(error)
    return ""
