"""Steering: keeps to the mix where it can, finds the cells where questions survive, and never stops looking."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from agents.errors import SetupError
from agents.records import SIZES, Cell, Defence
from agents.rows import Refusal, Survivor
from graph.curriculum.bandit import Steering
from graph.settings import Settings
from prompts.domain import load_domain
from tests.docs import SAMPLE

MATH = load_domain("math")
ROW = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8"))


def steering(**settings: object) -> Steering:
    return Steering.of(MATH, Settings.model_validate({"target": 100, **settings}))


def refusal(index: int, cell: Cell, *, passed: int = 1) -> Refusal:
    defence = Defence(model="m", samples=1, passed=passed, wrong_answer=None)
    return Refusal(
        id=str(index), index=index, outcome="too_easy", reason="", attempts=1, asked=cell, question=None,
        defender=defence, evidence=[], usage={},
    )  # fmt: skip


def run_candidate(
    aim: Steering, chances: dict[object, float], *, target: int = 100, most: int = 5000
) -> tuple[Counter[str], int]:
    """Play candidates of one attempt until the target; the chance is that of the topic or the steps, else 0.5."""
    rng, kept = Random(5), Counter[str]()
    for index in range(most):
        if kept.total() == target:
            return kept, index
        cell = aim.choose(index)
        aim.begin(cell)
        aim.tried(cell)
        if rng.random() < chances.get(cell.topic, chances.get(cell.hops, 0.5)):
            kept[cell.topic] += 1
            aim.learn(ROW.model_copy(update={"index": index, "asked": cell}))
        else:
            aim.learn(refusal(index, cell))
    raise AssertionError(f"no {target} survivors in {most} candidates: {kept}")


def test_a_balanced_mix_gives_each_topic_its_share() -> None:
    seeds = range(5)  # a single run may be out of luck with a topic
    kept = sum((run_candidate(steering(seed=seed), {})[0] for seed in seeds), Counter[str]())
    even = 100 * len(seeds) / len(MATH.topics)
    assert len(kept) == len(MATH.topics)
    assert max(kept.values()) <= 1.5 * even
    assert min(kept.values()) >= 0.5 * even


def test_a_mastered_topic_does_not_eat_the_budget() -> None:
    hopeless = sorted(MATH.topics)[0]
    _, steered = run_candidate(steering(), {hopeless: 0.0})
    evenly = 100 / (0.5 * (1 - 1 / len(MATH.topics)))
    assert steered < 1.15 * evenly, "no more candidates than drawing cells evenly takes"


def test_in_a_natural_mix_it_finds_where_questions_survive() -> None:
    topics = sorted(MATH.topics)
    chances: dict[object, float] = dict.fromkeys(topics, 0.05)
    good = topics[3]
    chances[good] = 0.9
    kept, steered = run_candidate(steering(mix="natural", target=60), chances, target=60)
    evenly = 60 / (sum(float(chances[topic]) for topic in topics) / len(topics))
    assert steered < 0.6 * evenly
    assert kept[good] > 30


def test_what_hopeless_attempts_cost_counts_before_their_candidates_end() -> None:
    aim = steering(mix="natural")
    for cell in [cell for cell in aim.cells if cell.hops < 5] * 3:
        aim.begin(cell)
        aim.tried(cell)
    assert sum(aim.choose(index).hops >= 5 for index in range(100)) > 85


def test_a_share_that_is_overfull_with_one_row_is_still_ranked(tmp_path: Path) -> None:
    file = tmp_path / "mix.json"
    file.write_text(json.dumps({"topic": {"dates": 1, "geometry": 1e-9}}))
    kept, _ = run_candidate(steering(mix=str(file)), {})
    assert kept["dates"] > 80


def test_every_cell_keeps_a_chance() -> None:
    aim = steering(topics="dates,geometry", hops="3..4", mix="natural")
    seen = {aim.choose(index) for index in range(3000)}
    assert seen == set(aim.cells)


def test_the_same_history_gives_the_same_cells() -> None:
    first, second = ([aim.choose(index) for index in range(50)] for aim in (steering(seed=4), steering(seed=4)))
    assert first == second
    assert first != [steering(seed=5).choose(index) for index in range(50)]


def test_what_is_fixed_stays_fixed() -> None:
    aim = steering(topics="dates, geometry", hops="5..6")
    assert {cell.topic for cell in aim.cells} == {"dates", "geometry"}
    assert {cell.hops for cell in aim.cells} == {5, 6}


def test_a_declared_mix_is_kept_and_told(tmp_path: Path) -> None:
    file = tmp_path / "mix.json"
    file.write_text(json.dumps({"topic": {"dates": 3, "geometry": 1}}))
    aim = steering(mix=str(file))
    kept, _ = run_candidate(aim, {})
    assert set(kept) == {"dates", "geometry"}
    assert 65 <= kept["dates"] <= 85
    told = aim.declared_and_actual([ROW.model_copy(update={"topic": aim.cells[0].topic, "hops": 7})])
    assert told["declared"]["topic"]["dates"] == 0.75
    assert told["actual"]["topic"] == {aim.cells[0].topic: 1.0}
    assert told["actual"]["hops"] == {7: 1.0}, "those of the row, whatever was asked for"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"topics": "alchemy"}, "no topic 'alchemy'"),
        ({"hops": "9..10"}, "within 1 to 8"),
        (
            {"attacker": "offline:attacker", "topics": "mixtures", "sizes": "large", "twists": "inverse"},
            "no such stories",
        ),
        ({"mix": "no/such/file"}, "use balanced, natural, or a JSON file"),
    ],
)
def test_what_cannot_be_is_told(settings: dict[str, str], said: str) -> None:
    with pytest.raises(SetupError, match=said):
        steering(**settings)


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[]",
        "{",
        '{"topics": {"dates": 1}}',
        '{"topic": {"alchemy": 1}}',
        '{"hops": {"3": -1}}',
        '{"hops": {"x": 1}}',
    ],
)
def test_a_mix_that_cannot_be_read_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mix.json"
    file.write_text(text)
    with pytest.raises(SetupError, match="--mix"):
        steering(mix=str(file))


def test_it_finds_the_hops_and_sizes_where_questions_survive_though_the_mix_is_balanced() -> None:
    settings = {"attacker": "offline:attacker", "target": 40, "pass_rate": "0.2..0.8"}
    aim, rng, kept = steering(**settings), Random(3), Counter[tuple[int, str]]()
    for index in range(400):
        cell = aim.choose(index)
        aim.begin(cell)
        aim.tried(cell)
        if rng.random() < 0.5 * 0.2 ** (cell.hops - 1 + SIZES.index(cell.size)):
            kept[cell.hops, cell.size] += 1
            aim.learn(ROW.model_copy(update={"index": index, "asked": cell}))
        else:
            aim.learn(refusal(index, cell, passed=0))
        if kept.total() == 40:
            break
    assert kept.total() == 40, "drawn evenly, 400 candidates bring about ten rows"
    assert kept[1, "small"] > 20


def test_sizes_and_twists_are_asked_for_in_their_shares(tmp_path: Path) -> None:
    file = tmp_path / "mix.json"
    file.write_text(json.dumps({"size": {"small": 3, "large": 1}, "twist": {"none": 1}}))
    aim = steering(mix=str(file))
    cells = [aim.choose(index) for index in range(400)]
    sizes = Counter(cell.size for cell in cells)
    assert sizes["small"] > 2 * sizes["large"] > 0
    assert set(sizes) == {"small", "large"}
    assert {cell.twist for cell in cells} == {"none"}


def test_only_what_the_flags_name_is_asked_for() -> None:
    aim = steering(sizes="small,large", twists="distractor")
    assert {(cell.size, cell.twist) for cell in aim.cells} == {("small", "distractor"), ("large", "distractor")}
