"""A run that never was, of any size, made of the sample row: for what reads runs, and needs no model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents.rows import Refusal, Survivor
from graph.question.state import Rejection
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Dot, Moment
from graph.reports.run_summary import RunSummary
from graph.settings import Settings
from tests import ROOT

SAMPLE = Survivor.model_validate_json((ROOT / "docs" / "sample_row.json").read_text(encoding="utf-8"))
ANSWERS = {"answers": 4, "wrong": 3}
TOPICS = ("percent", "rates", "geometry")


def made_up(settings: Settings, count: int, topics: Sequence[str] = TOPICS, **changes: Any) -> RunSummary:
    """Make up a run with so many rows, and half as many refused candidates; `changes` go into every row."""
    rows = [
        SAMPLE.model_copy(
            update={"id": f"{index:016x}", "index": index, "topic": topics[index % len(topics)], **changes}
        )
        for index in range(count)
    ]
    refusals = [
        Refusal(
            id=f"refused-{index}", index=count + index, outcome=("too_easy", "duplicate", "unverified")[index % 3],
            reason=f"reason {index}", attempts=1, asked=SAMPLE.asked, question=None, defender=SAMPLE.defender,
            evidence=[], usage=SAMPLE.usage,
        )
        for index in range(count // 2)
    ]  # fmt: skip
    everybody: list[Survivor | Refusal] = [*rows, *refusals]
    funnel = Funnel.of(settings, everybody, {one.index: one.usage for one in everybody})
    funnel.rows = count
    funnel.rejections = [Rejection(outcome=row.outcome, reason=row.reason, near=None, final=True) for row in refusals]
    shares = {"topic": dict.fromkeys(topics, 1 / len(topics)), "hops": {2: 1.0}, "easy_share": 0.0}
    funnel.mix = {"declared": shares, "actual": shares}
    return RunSummary(
        settings, rows, refusals,
        coverage=[
            {"topic": topic, "skill": "s", "hops": hops, "candidates": count, "kept": count // hops, **ANSWERS}
            for topic in topics
            for hops in (2, 3, 4)
        ],
        funnel=funnel, ending="target reached",
        timeline=[Moment(seconds=30.0 * at, candidates=at, rows=at // 2, usd=at / 10, tokens=at) for at in range(9)],
        dots=[Dot(x=index / 100 % 1, y=0.5, topic=topics[index % len(topics)]) for index in range(count)],
        dots_share=0.3,
    )  # fmt: skip
