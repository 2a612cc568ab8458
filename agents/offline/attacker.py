"""The procedural Attacker: composes a multi-step problem for a brief, without a model."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from langchain_core.messages import AIMessage, BaseMessage

from agents.offline.blemishes import blemished, chosen
from agents.offline.chat import OfflineError, OfflineModel, fenced_data
from agents.offline.families import families_of, family_domains, topics
from agents.offline.stories.composing import compose
from agents.offline.stories.grammar import Family
from agents.records import Brief, Question


class OfflineAttacker(OfflineModel):
    """Writes the question that belongs to a brief's seed and attempt, with its explanation and program.

    A share of the explanations has known blemishes (`agents.offline.blemishes`), which the program Judge finds.

    A skill for which it has no family is replaced by another of the same topic, as the Question's `skills` show.
    """

    def reply(self, messages: Sequence[BaseMessage]) -> AIMessage:
        """Return the JSON of a Question.

        Raises:
            OfflineError: There is no brief, or no family for its domain or topic.
        """
        data = fenced_data(messages, "brief")
        if data is None:
            raise OfflineError("the offline attacker needs a brief in its messages")
        brief = Brief.model_validate(data)
        if brief.domain not in family_domains():
            known = ", ".join(family_domains())
            raise OfflineError(
                f"the offline attacker writes for {known}, not for {brief.domain!r}; name a model with --attacker"
            )
        rng = Random(f"{brief.seed}/{brief.attempt}/{brief.topic}")  # noqa: S311  # repeatable, not secret
        family = rng.choice(_fitting(brief))
        names, hops = chosen(brief.hops, family.hops, rng)
        problem = compose(family, hops, rng, size=rng.choice(family.sizes))
        steps, blemishes = blemished(problem.steps, names, brief.hops, rng)
        question = Question(
            question=problem.text,
            steps=steps,
            answer=problem.answer,
            answer_kind=family.kind,
            choices=list(problem.choices),
            inputs=list(problem.inputs),
            program=problem.program,
            topic=family.topic,
            skills=[family.skill],
            blemishes=blemishes,
        )
        return AIMessage(question.model_dump_json())


def _fitting(brief: Brief) -> Sequence[Family]:
    """Return the families for the brief's skill, else its topic, that have problems of so many steps.

    A second attempt takes the whole topic, since the first may have been refused because of its family.
    """
    on_topic = [family for family in families_of(brief.domain) if family.topic == brief.topic]
    if not on_topic:
        known = ", ".join(sorted(topics(brief.domain)))
        raise OfflineError(
            f"the offline attacker has no stories for the topic {brief.topic!r} of {brief.domain}, only for: {known}; "
            "name a model with --attacker"
        )
    so_long = [family for family in on_topic if brief.hops in family.hops]
    if not so_long:
        raise OfflineError(
            f"the offline attacker has no stories of {brief.hops} steps for the topic {brief.topic!r} of "
            f"{brief.domain}; ask for other --hops, or name a model with --attacker"
        )
    on_skill = [family for family in so_long if family.skill == brief.skill and brief.attempt == 1]
    return on_skill or so_long
