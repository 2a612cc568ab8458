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

    Topic and steps are always the brief's; a skill, twist or size that it has no family for is replaced by another.
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
        twist = brief.twist if brief.hops in family.hops_with(brief.twist) else "none"
        size = brief.size if brief.size in family.sizes else family.sizes[0]
        names, hops = chosen(brief.hops, family.hops_with(twist), rng)
        problem = compose(family, hops, rng, size=size, twist=twist)
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
    """Return the families of the brief's topic that have problems of so many steps.

    Those that also have its twist, its size and its skill are preferred, in this order. A second attempt looks beyond
    a skill of one family, since the first may have been refused because of it.
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
    fitting = [family for family in so_long if brief.hops in family.hops_with(brief.twist)] or so_long
    fitting = [family for family in fitting if brief.size in family.sizes] or fitting
    skilled = [family for family in fitting if family.skill == brief.skill]
    return skilled if len(skilled) > (brief.attempt > 1) else fitting
