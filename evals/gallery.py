"""Show the offline families, and what 60 questions of each domain are like: `python -m evals.gallery [--check]`.

Without `--check` it prints the samples of `docs/gallery.md`; with it, figures of questions as a run asks for them:
whether each is proved by two programs, how many sentences have a template of their own, and what the gate refuses.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from langchain_core.messages import HumanMessage

from agents.offline.attacker import OfflineAttacker
from agents.offline.families import all_families, families_of, family_domains
from agents.offline.stories.composing import Problem, compose
from agents.offline.stories.grammar import Family
from agents.offline.stories.reading import read
from agents.offline.stories.solving import own_program
from agents.records import Brief, Proof, Question, Twist
from graph.curriculum.bandit import Steering
from graph.question.proof import prove, seed_of
from graph.question.survivor import novelty_item
from graph.settings import Settings
from prompts.domain import load_domain
from prompts.render import fence
from tools.novelty.registry import open_novelty
from tools.sandbox.port import Limits, Sandbox
from tools.sandbox.registry import open_sandbox

SAMPLES = 3
"""Problems of each family that the gallery shows."""
ROWS = 60
"""Questions of each domain that are checked."""


def samples(family: Family) -> Iterator[tuple[int, str, Problem]]:
    """Give a family's samples, from its fewest steps to its most, and from its smallest numbers to its largest."""
    for place in range(SAMPLES):
        hops = family.hops[place * (len(family.hops) - 1) // (SAMPLES - 1)]
        size = family.sizes[place * (len(family.sizes) - 1) // (SAMPLES - 1)]
        twist: Twist = "distractor" if place == 1 and hops in family.hops_with("distractor") else "none"
        rng = Random(f"gallery/{family.domain}/{family.name}/{place}")  # noqa: S311  # repeatable, not secret
        yield hops, size, compose(family, hops, rng, size=size, twist=twist)


def gallery() -> str:
    """Write all samples as Markdown."""
    return "\n".join(line for domain in family_domains() for line in _domain_lines(domain))


def _domain_lines(domain: str) -> Iterator[str]:
    yield f"## {domain}: {len(families_of(domain))} families"
    for family in families_of(domain):
        yield f"\n### {family.name}\n\n{family.topic}: {family.skill}; {_span(family.hops)} steps"
        for hops, size, problem in samples(family):
            yield f"\n**{hops} {'step' if hops == 1 else 'steps'}, {size} numbers.** {problem.text}\n"
            yield from (f"{number}. {step}" for number, step in enumerate(problem.steps, 1))
            yield f"\nAnswer: **{problem.answer}**"
    yield ""


def _span(hops: Sequence[int]) -> str:
    return str(hops[0]) if len(hops) == 1 else f"{hops[0]} to {hops[-1]}"


class Figures(NamedTuple):
    """What the questions of one domain are like."""

    domain: str
    families: int
    rows: int
    perturbed: int
    templates: float
    refused: Counter[str]


async def figures(domain: str, seed: int, sandbox: Sandbox) -> Figures:
    """Write as many questions as a run does, each of the cell that steering would choose, and check each."""
    settings = Settings(domain=domain, attacker="offline:attacker", target=ROWS, seed=seed)
    steering = Steering.of(load_domain(domain), settings)
    perturbed, sentences, refused = 0, list[str](), Counter[str]()
    async with open_novelty("edge") as gate:
        for index in range(ROWS):
            cell = steering.choose(index)
            steering.begin(cell)
            brief = Brief(domain=domain, seed=1_000_000 * seed + index, **cell.model_dump())
            asked = HumanMessage(fence("brief", brief.model_dump()))
            question = Question.model_validate_json(OfflineAttacker().invoke([asked]).text)
            perturbed += await _is_perturbed(question, sandbox)
            sentences += re.split(r"(?<=[.?]) ", re.sub(r"\d[\d,.]*\d|\d", "#", question.question))
            decision = await gate.admit(novelty_item(question, str(index)))
            if decision.verdict != "novel":
                refused[decision.rule] += 1
    return Figures(domain, len(families_of(domain)), ROWS, perturbed, len({*sentences}) / len(sentences), refused)


async def _is_perturbed(question: Question, sandbox: Sandbox) -> bool:
    reading = read(question.question, all_families())
    program = own_program(reading, question.inputs) if reading else None
    if program is None:
        return False
    proof = await prove(question, program, sandbox, Limits(), wanted=16, seed=seed_of(question))
    return isinstance(proof, Proof) and proof.grade == "perturbed"


async def check(seed: int) -> int:
    """Print the figures of every domain; return 1 where a question is not proved."""
    print("| domain | families | rows | proved on redrawn inputs | sentences of a template of their own | refused |")
    print("|---|---|---|---|---|---|")
    proved = True
    async with open_sandbox("process", limits=Limits(), concurrency=1) as sandbox:
        for domain in family_domains():
            found = await figures(domain, seed, sandbox)
            rules = ", ".join(f"{rule} {count}" for rule, count in found.refused.most_common()) or "none"
            print(
                f"| {domain} | {found.families} | {found.rows} | {found.perturbed} | {found.templates:.2f} "
                f"| {found.refused.total()} ({rules}) |",
                flush=True,
            )
            proved = proved and found.perturbed == found.rows
    return 0 if proved else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the gallery, or with `--check` the figures."""
    parser = argparse.ArgumentParser(prog="python -m evals.gallery", description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help=f"print figures of {ROWS} questions of each domain")
    parser.add_argument("--seed", type=int, default=1, help="of the questions that are checked (default: 1)")
    given = parser.parse_args(arguments)
    if given.check:
        return asyncio.run(check(given.seed))
    print(gallery())
    return 0


if __name__ == "__main__":
    sys.exit(main())
