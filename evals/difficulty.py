"""Measure how hard the offline questions are for a Defender: by number of steps, size of numbers, and family.

python -m evals.difficulty
python -m evals.difficulty --domain math --hops 1..3 --questions 40 --by family
python -m evals.difficulty --model openai:gpt-5-mini --form prose

Each question is asked once. A share of right answers between never and always is where `--pass-rate` can select.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from random import Random
from typing import Literal, NamedTuple

from langgraph.store.memory import InMemoryStore

from agents.defender import defender_messages, reply_grammar
from agents.models.loading import open_seat
from agents.models.rate_limiter import RateLimiter
from agents.models.spec import SeatSpec
from agents.offline.families import families_of, family_domains
from agents.offline.stories.arithmetic import FormulaError
from agents.offline.stories.composing import Problem, compose
from agents.records import DEFENDER_FORMS, SIZES, DefenderForm, Question, Size
from agents.role import Role
from graph.cli.flags import at_least
from graph.cli.output import report
from graph.cli.running import Command, run_command
from graph.setting_values import span
from graph.settings import OFFLINE_DEFAULTS
from graph.storage.journal import CandidateJournal
from prompts.domain import load_domain
from tools.answers import final_answer

BAND = (0.1, 0.7)
"""Shares of right answers between which a group of questions is named as one to select from."""


class Group(NamedTuple):
    """Questions that are counted together."""

    domain: str
    hops: int
    size: Size
    family: str


@dataclass
class Fared:
    """How a Defender fared on the questions of a group."""

    asked: int = 0
    right: int = 0
    read: int = 0
    ended: int = 0
    tokens: int = 0

    def add(self, more: Fared) -> None:
        """Count others too."""
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(more, name))


def posed(problem: Problem) -> Question:
    """Return a problem as the Attacker would pose it."""
    family = problem.family
    return Question(
        question=problem.text, steps=list(problem.steps), answer=problem.answer, answer_kind=family.kind,
        choices=list(problem.choices), inputs=list(problem.inputs), program=problem.program,
        topic=family.topic, skills=[family.skill],
    )  # fmt: skip


def problems(domains: Sequence[str], hops: range, questions: int) -> Iterator[tuple[Group, Question]]:
    """Write as many questions for each family, size and number of steps; fewer where a family has no more."""
    for domain, count, size in product(domains, hops, SIZES):
        fitting = [family for family in families_of(domain) if count in family.hops and size in family.sizes]
        for number in range(questions if fitting else 0):
            rng = Random(f"difficulty/{domain}/{count}/{size}/{number}")  # noqa: S311  # repeatable, not secret
            family = fitting[number % len(fitting)]
            try:
                problem = compose(family, count, rng, size=size)
            except FormulaError:
                continue
            yield Group(domain, count, size, family.name), posed(problem)


async def measure(
    spec: SeatSpec, form: DefenderForm, asked: Sequence[tuple[Group, Question]], slots: int
) -> dict[Group, Fared]:
    """Ask each question once, with at most `slots` requests in flight."""
    store, gate, found = InMemoryStore(), asyncio.Semaphore(slots), dict[Group, Fared]()
    domains = {group.domain: load_domain(group.domain) for group, _ in asked}

    async with open_seat(spec, RateLimiter(spec.model)) as seat:

        async def ask(number: int, group: Group, question: Question) -> None:
            journal = CandidateJournal(store, "difficulty", str(number), lambda _: None)
            role = Role(domains[group.domain], seat, journal)
            async with gate:
                messages = defender_messages(role.domain, question, form)
                reply = await role.say(messages, grammar=reply_grammar(question, form))
            answer = final_answer(reply.text) or ""
            usage = reply.usage_metadata
            found.setdefault(group, Fared()).add(
                Fared(
                    asked=1,
                    right=bool(answer) and question.accepts(answer),
                    read=bool(answer) and question.admits(answer),
                    ended=reply.response_metadata.get("finish_reason") != "length",
                    tokens=usage["output_tokens"] if usage else 0,
                )
            )

        await asyncio.gather(*(ask(number, *one) for number, one in enumerate(asked)))
    return found


def table(found: dict[Group, Fared], by: Literal["size", "family"]) -> Iterator[str]:
    """Write the counts as Markdown, and name the groups where the share of right answers is within `BAND`."""
    sums: dict[Group, Fared] = {}
    for group, fared in found.items():
        sums.setdefault(group if by == "family" else group._replace(family=""), Fared()).add(fared)
    heads = ["domain", *(["family"] if by == "family" else []), "steps", "numbers"]
    yield "| " + " | ".join([*heads, "right", "can be read", "end by themselves", "tokens a reply"]) + " |"
    yield "|" + "---|" * (len(heads) + 4)
    total, within = Fared(), list[str]()
    for group, fared in sorted(sums.items(), key=lambda entry: _place(entry[0])):
        names = [group.domain, *([group.family] if group.family else []), str(group.hops), group.size]
        shares = [f"{count / fared.asked:.0%}" for count in (fared.read, fared.ended)]
        counts = [f"{fared.right} of {fared.asked}", *shares, f"{fared.tokens / fared.asked:.0f}"]
        yield "| " + " | ".join([*names, *counts]) + " |"
        total.add(fared)
        if BAND[0] <= fared.right / fared.asked <= BAND[1]:
            within.append(" ".join(names))
    yield ""
    yield (
        f"Of {total.asked} answers {total.right} are right, {total.read / total.asked:.0%} can be read, and "
        f"{total.ended / total.asked:.0%} end by themselves. Right between {BAND[0]:.0%} and {BAND[1]:.0%} of the "
        f"time: {'; '.join(within) or 'none'}."
    )


def _place(group: Group) -> tuple[str, str, int, int]:
    return group.domain, group.family, group.hops, SIZES.index(group.size)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--domain", choices=family_domains(), help="one domain (default: all that have families)")
    parser.add_argument("--hops", type=span, default=(1.0, 8.0), metavar="LOW..HIGH", help="steps (default: 1..8)")
    parser.add_argument(
        "--questions", type=at_least(1), default=20, help="of each number of steps and size (default: 20)"
    )
    parser.add_argument("--by", choices=("size", "family"), default="size", help="count families apart, too")
    parser.add_argument("--model", default=OFFLINE_DEFAULTS["defender"], help="as provider:name (default: SmolLM2)")
    parser.add_argument("--base-url", help="OpenAI-compatible server of the model")
    parser.add_argument("--form", choices=DEFENDER_FORMS[1:], default="few_shot", help="of answers (default: few_shot)")
    parser.add_argument("--slots", type=at_least(1), default=2, help="requests in flight (default: 2)")


async def run(options: argparse.Namespace) -> int:
    """Ask, and report the table."""
    domains = [options.domain] if options.domain else family_domains()
    low, high = map(int, options.hops)
    asked = list(problems(domains, range(low, high + 1), options.questions))
    spec = SeatSpec(name="defender", model=options.model, base_url=options.base_url)
    found = await measure(spec, options.form, asked, options.slots)
    groups = [{**group._asdict(), **asdict(found[group])} for group in sorted(found, key=_place)]
    report(options, {"groups": groups}, table(found, options.by))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, measure, print."""
    return run_command(Command("evals.difficulty", __doc__, add_arguments, run), argv)


if __name__ == "__main__":
    sys.exit(main())
