"""Figures of runs that never were: made up, of any size, and hostile ones."""

from __future__ import annotations

from random import Random

from graph.reports.pictures.figures import Dot, Figures, Moment, bars, coverage_cells, gates

TOPICS = ["percent", "rates and work", "geometry of solids", "number theory", "ages", "sequences", "money", "mixtures",
          "a topic whose name is longer than any picture is wide, so that it must be cut"]  # fmt: skip


def figures(candidates: int, topics: list[str] | None = None, **changes: object) -> Figures:
    """Make up a run of so many candidates."""
    chance, topics = Random(candidates), TOPICS if topics is None else topics
    kept = candidates * 2 // 5
    refused = {"too_easy": candidates // 3, "malformed": candidates // 10, "duplicate": candidates // 12}
    cells = [
        {
            "topic": topic,
            "skill": "s",
            "hops": hops,
            "candidates": asked,
            "kept": asked // 3,
            "answers": asked,
            "wrong": 1,
        }
        for topic in topics
        for hops in range(2, 7)
        if (asked := chance.randrange(candidates // 20 + 2))
    ]
    made = Figures(
        run="made-up", state="", target=kept + 10, rows=kept, candidates=candidates, kept=kept,
        calls=5 * candidates, tokens=4000 * candidates, usd=candidates / 100, written=kept + sum(refused.values()),
        gates=gates(refused, kept),
        coverage=coverage_cells(cells),
        quality=bars(chance.randrange(15, 26) / 5 for _ in range(kept)),
        hops=bars(chance.randrange(2, 7) for _ in range(kept)),
        pass_rate=bars((0.0 for _ in range(kept)), (chance.choice([0.5, 0.75, 1]) for _ in range(candidates // 3))),
        timeline=[
            Moment(seconds=30.0 * at, candidates=at, rows=at * 2 // 5, usd=at / 100, tokens=4000 * at)
            for at in range(0, candidates + 1, max(1, candidates // 300))
        ],
        dots=[
            Dot(x=round(chance.random(), 3), y=round(chance.random(), 3), topic=chance.choice(topics))
            for _ in range(min(kept, 3000))
        ],
        dots_share=0.4,
    )  # fmt: skip
    return made.model_copy(update=changes)
