"""Show the offline families, and what 60 questions of each domain are like: `python -m evals.gallery [--check]`.

Without a flag it prints the samples of `docs/gallery.md`; with `--check`, figures of questions as a run asks for them:
whether each is proved by two programs, how many sentences have a template of their own, which levels the explanations
reach, and what the gate refuses; with `--until 1000`, how many rows the gate takes before it refuses half.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from random import Random
from typing import NamedTuple

from langchain_core.messages import HumanMessage

from agents.offline.attacker import OfflineAttacker
from agents.offline.families import all_families, families_of, family_domains
from agents.offline.rubric import Solution, grade
from agents.offline.stories.composing import Problem, compose
from agents.offline.stories.grammar import Family
from agents.offline.stories.reading import Reading, read
from agents.offline.stories.solving import own_program
from agents.offline.stories.wording import plural
from agents.records import Brief, Cell, Proof, Question, Twist
from agents.rows import Refusal, level_of
from graph.cli.flags import at_least
from graph.cli.output import report, tell
from graph.cli.running import Command, run_command
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


def gallery(domains: Iterable[str] = ()) -> str:
    """Write the samples of these domains as Markdown; of all, where none is named."""
    return "\n".join(line for domain in domains or family_domains() for line in _domain_lines(domain))


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
    """Sentences with a template of their own, numbers aside, as a share."""
    repeated: int
    """Questions with the skeleton of another of their family: the same wording but for numbers and names of things."""
    levels: Counter[str]
    refused: Counter[str]


async def figures(domain: str, seed: int, sandbox: Sandbox) -> Figures:
    """Write as many questions as a run does, each of the cell that steering would choose, and check each."""
    perturbed, sentences, skeletons = 0, list[str](), list[tuple[str, str]]()
    levels, refused = Counter[str](), Counter[str]()
    async with open_novelty("edge") as gate:
        asking = _Asking(domain, seed, ROWS)
        for index in range(ROWS):
            _, question = asking.ask(index)
            reading = read(question.question, all_families())
            perturbed += await _is_perturbed(question, reading, sandbox)
            sentences += re.split(r"(?<=[.?]) ", _NUMBER.sub("#", question.question))
            skeletons.append(_skeleton(question, reading))
            levels[_level(question, reading)] += 1
            decision = await gate.admit(novelty_item(question, str(index)))
            refused.update([decision.rule] if decision.verdict != "novel" else [])
    templates, repeated = len({*sentences}) / len(sentences), len(skeletons) - len({*skeletons})
    return Figures(domain, len(families_of(domain)), ROWS, perturbed, templates, repeated, levels, refused)


class _Asking:
    """Asks for one question after the other, as the first attempts of a run's candidates do."""

    def __init__(self, domain: str, seed: int, target: int) -> None:
        settings = Settings(domain=domain, attacker="offline:attacker", target=target, seed=seed)
        self.domain, self.seed = domain, seed
        self.steering = Steering.of(load_domain(domain), settings)

    def ask(self, index: int) -> tuple[Cell, Question]:
        """Return the question of a candidate, and the cell that steering chose for it."""
        cell = self.steering.choose(index)
        self.steering.begin(cell)
        brief = Brief(domain=self.domain, seed=1_000_000 * self.seed + index, **cell.model_dump())
        asked = HumanMessage(fence("brief", brief.model_dump()))
        return cell, Question.model_validate_json(OfflineAttacker().invoke([asked]).text)

    def learn(self, index: int, cell: Cell, *, novel: bool) -> None:
        """Let steering learn what the gate said, as in a run."""
        self.steering.tried(cell)
        ended = Refusal(
            id=str(index), index=index, outcome="kept" if novel else "duplicate", reason="", attempts=1,
            asked=cell, question=None, defender=None, evidence=[], usage={},
        )  # fmt: skip
        self.steering.learn(ended)


_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def _skeleton(question: Question, reading: Reading | None) -> tuple[str, str]:
    """Return the family's name, and the text without numbers, strands and the words that are drawn."""
    text = re.sub(r"\b[ACGT]{4,}\b", "#", _NUMBER.sub("#", question.question))
    if reading is None:
        return "", text
    slots = [slot for sentence in reading.sentences for slot in sentence.slots if slot.name in reading.family.named]
    for word in sorted({form for slot in slots for form in (slot.value, plural(slot.value))}, key=len, reverse=True):
        text = re.sub(re.escape(word), "@", text, flags=re.IGNORECASE)
    return reading.family.name, text


def _level(question: Question, reading: Reading | None) -> str:
    """Return the level that the program Judge gives the explanation."""
    needed = sum(len(sentence.line.steps) for sentence in reading.sentences) if reading else len(question.steps)
    return level_of(grade(Solution(question.steps, question.answer, right=True), question.question, needed).rubric.mean)


class Endurance(NamedTuple):
    """How long the gate goes on taking questions of one domain."""

    taken: int
    refused: int
    lately: int
    """Refused among the last hundred."""


async def endurance(domain: str, seed: int, wanted: int) -> Endurance:
    """Offer questions to the gate until it has taken so many, or has refused half of the last hundred."""
    verdicts, asking = list[bool](), _Asking(domain, seed, wanted)
    async with open_novelty("edge") as gate:
        for index in count():
            cell, question = asking.ask(index)
            novel = (await gate.admit(novelty_item(question, str(index)))).verdict == "novel"
            asking.learn(index, cell, novel=novel)
            verdicts.append(not novel)
            lately = sum(verdicts[-100:])
            if len(verdicts) - sum(verdicts) >= wanted or (len(verdicts) >= 100 and lately >= 50):
                break
    return Endurance(len(verdicts) - sum(verdicts), sum(verdicts), sum(verdicts[-100:]))


async def _is_perturbed(question: Question, reading: Reading | None, sandbox: Sandbox) -> bool:
    """Whether a question is proved on redrawn inputs; one that is not is told, as its family has a fault."""
    program = own_program(reading, question.inputs) if reading else None
    if program is None:
        tell(f"the Judge cannot read: {question.question}")
        return False
    proof = await prove(question, program, sandbox, Limits(), wanted=16, seed=seed_of(question))
    if isinstance(proof, Proof) and proof.grade == "perturbed":
        return True
    tell(f"not proved ({proof.grade if isinstance(proof, Proof) else proof.reason}): {question.question}")
    return False


async def check(domains: Sequence[str], seed: int) -> list[Figures]:
    """Check questions of each of these domains."""
    found = []
    async with open_sandbox(Settings().sandbox, limits=Limits(), concurrency=1) as sandbox:
        for domain in domains:
            found.append(await figures(domain, seed, sandbox))
            tell(f"{domain}: {ROWS} questions checked")
    return found


def table(found: Sequence[Figures]) -> Iterator[str]:
    """Write the figures as Markdown."""
    yield (
        "| domain | families | rows | proved on redrawn inputs | sentences of a template of their own "
        "| skeletons repeated | levels | refused |\n|---|---|---|---|---|---|---|---|"
    )
    for one in found:
        levels = ", ".join(f"{level} {number}" for level, number in sorted(one.levels.items()))
        rules = ", ".join(f"{rule} {number}" for rule, number in one.refused.most_common()) or "none"
        yield (
            f"| {one.domain} | {one.families} | {one.rows} | {one.perturbed} | {one.templates:.2f} "
            f"| {one.repeated} | {levels} | {one.refused.total()} ({rules}) |"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument("--check", action="store_true", help=f"print figures of {ROWS} questions of each domain")
    parser.add_argument(
        "--until", type=at_least(1), metavar="ROWS", help="tell whether the gate takes so many of each domain"
    )
    parser.add_argument("--domain", choices=family_domains(), help="only one domain")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the questions that are checked (default: 1)")


async def run(args: argparse.Namespace) -> int:
    """Report the samples, or with a flag the figures; return 1 where a question is not proved, or the gate full."""
    domains = [args.domain] if args.domain else family_domains()
    if args.until:
        lasting = {domain: await endurance(domain, args.seed, args.until) for domain in domains}
        lines = [
            f"{domain}: the gate took {one.taken} and refused {one.refused}, {one.lately} of the last hundred"
            for domain, one in lasting.items()
        ]
        report(args, {domain: one._asdict() for domain, one in lasting.items()}, lines)
        return 0 if all(one.taken >= args.until for one in lasting.values()) else 1
    if args.check:
        found = await check(domains, args.seed)
        report(args, {"domains": [one._asdict() for one in found]}, table(found))
        return 0 if all(one.perturbed == one.rows for one in found) else 1
    text = gallery(domains)
    report(args, {"gallery": text}, [text])
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Print the gallery, or with a flag the figures."""
    return run_command(Command("evals.gallery", __doc__, add_arguments, run), argv)


if __name__ == "__main__":
    sys.exit(main())
