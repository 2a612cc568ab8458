"""Tell what a comparison has shown so far: `report.md` with its pictures, and the decision in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evals.comparison.arms import find_arm
from evals.comparison.axes import AXES
from evals.comparison.plan import LEAST_SEEDS
from evals.comparison.statistics import Interval, Scores, accuracy, deviation, difference, mcnemar, visible
from evals.comparison.study import Study, Trial
from evals.training.figures.cost import FORWARD_FLOPS
from tools.files.whole import write_whole

STEADY = 4.0
"""Points of deviation between seeds of one arm up to which a protocol is called steady."""
CONTROLS = ("random_matched", "random_same_mix", "full", "full_matched_steps")


class Outcome(NamedTuple):
    """What an arm came to at its best length; `test` by seed and item."""

    arm: str
    length: float
    trials: list[Trial]
    test: list[list[bool]]
    unread: float
    accuracy: Interval
    deviation: float | None


def write_report(study: Study) -> str:
    """Write the report and its pictures; return the decision."""
    outcomes = outcomes_of(study)
    verdict = shape(study, outcomes) if study.plan.axis else decision(study, outcomes)
    if outcomes:
        from evals.comparison.pictures import draw  # noqa: PLC0415  # takes the extra

        draw(study, outcomes)
    text = "\n".join(_lines(study, outcomes, verdict))
    write_whole(study.folder / "report.md", text + "\n")
    return verdict


def outcomes_of(study: Study) -> dict[str, Outcome]:
    """Return what each arm has come to so far, in the plan's order."""
    return {arm: outcome for arm in study.plan.arms if (outcome := _outcome(study, arm)) is not None}


def _outcome(study: Study, arm: str) -> Outcome | None:
    """Return an arm's outcome over the seeds that all tuned arms have; None while there is none."""
    if arm == "base":
        trials = [Trial("base", 0, 0)]
        if study.scores(trials[0]) is None:
            return None
        return _at(study, arm, 0, trials * max(1, len(whole_seeds(study))))
    seeds = whole_seeds(study)
    if not seeds:
        return None
    by_length = {length: [Trial(arm, length, seed) for seed in seeds] for length in study.plan.lengths}
    best = max(by_length, key=lambda length: _validated(study, by_length[length]))
    return _at(study, arm, best, by_length[best])


def whole_seeds(study: Study) -> list[int]:
    """List the seeds of which every trial is scored."""
    trials = [trial for trial in study.trials() if trial.arm != "base"]
    seeds = range(study.plan.seeds)
    return [seed for seed in seeds if all(study.scores(trial) for trial in trials if trial.seed == seed)]


def _validated(study: Study, trials: Sequence[Trial]) -> float:
    found = [study.scores(trial) for trial in trials]
    marks = [mark is True for scores in found if scores for mark in scores.validation]
    return sum(marks) / max(1, len(marks))


def _at(study: Study, arm: str, length: float, trials: list[Trial]) -> Outcome:
    found = [scores.test for trial in trials if (scores := study.scores(trial)) is not None]
    test = [[mark is True for mark in marks] for marks in found]
    unread = sum(mark is None for marks in found for mark in marks) / sum(map(len, found))
    spread = deviation(test) if arm != "base" else None
    return Outcome(arm, length, trials, test, unread, accuracy(test), spread)


def compared(outcomes: dict[str, Outcome]) -> Iterator[tuple[Outcome, Outcome, Interval, float]]:
    """Give each selection beside each control: both, the difference with its interval, and McNemar's p."""
    for arm, outcome in outcomes.items():
        for control in CONTROLS if not find_arm(arm).control else ():
            if other := outcomes.get(control):
                ours, theirs = outcome.test, other.test
                yield outcome, other, difference(ours, theirs), mcnemar(ours, theirs)


def decision(study: Study, outcomes: dict[str, Outcome]) -> str:
    """Say in one sentence what has been shown; a null is said as a null."""
    seeds = len(whole_seeds(study))
    if seeds < LEAST_SEEDS:
        return f"Nothing is decided: {seeds} of at least {LEAST_SEEDS} seeds are there."
    found = [pair for pair in compared(outcomes) if pair[1].arm in CONTROLS[:2]]
    if not found:
        return "Nothing is decided: there is no selection beside a control."
    won = [pair for pair in found if pair[2].low > 0]
    lost = [pair for pair in found if pair[2].high < 0]
    spread = max((one.deviation for one in outcomes.values() if one.deviation is not None), default=0.0)
    doubt = "" if spread <= STEADY else f"; seeds of one arm deviate by up to {spread:.1f} points, so take it with care"
    if won:
        ours, theirs, gap, _ = max(won, key=lambda pair: pair[2].low)
        return f"{ours.arm} beats {theirs.arm} by {gap} points{doubt}."
    if lost:
        ours, theirs, gap, _ = min(lost, key=lambda pair: pair[2].high)
        return f"No selection beats a control, and {ours.arm} differs from {theirs.arm} by {gap} points{doubt}."
    return f"Null: no selection differs from random_matched or random_same_mix, each interval includes 0{doubt}."


def shape(study: Study, outcomes: dict[str, Outcome]) -> str:
    """Say in one sentence where on the axis accuracy is highest, and whether an optimum inside is seen or refuted."""
    seeds, axis = len(whole_seeds(study)), AXES[study.plan.axis]
    if seeds < LEAST_SEEDS:
        return f"Nothing is decided: {seeds} of at least {LEAST_SEEDS} seeds are there."
    bins = [outcome for arm, outcome in outcomes.items() if arm.startswith(f"{study.plan.axis}=")]
    first, *inner, last = bins
    if axis.ordered and inner:
        inside = max(inner, key=lambda one: one.accuracy.mean)
        if all(_lead(inside, end).low > 0 for end in (first, last)):
            leads = " and ".join(f"{end.arm} by {_lead(inside, end)}" for end in (first, last))
            return f"An optimum inside is seen: {inside.arm} beats {leads} points."
        for end in (first, last):
            if all(_lead(end, one).low > 0 for one in inner):
                near = min(inner, key=lambda one: _lead(end, one).low)
                return (
                    f"An optimum inside is refuted: {end.arm} beats every bin between, and {near.arm} by "
                    f"{_lead(end, near)} points."
                )
    best, worst = (pick(bins, key=lambda one: one.accuracy.mean) for pick in (max, min))
    gap = _lead(best, worst)
    if gap.low <= 0:
        return f"Null: no bin differs from another; {best.arm} is ahead of {worst.arm} by {gap} points."
    open_still = "; whether there is an optimum inside cannot be told" if axis.ordered and inner else ""
    return f"{best.arm} beats {worst.arm} by {gap} points{open_still}."


def _lead(ours: Outcome, theirs: Outcome) -> Interval:
    return difference(ours.test, theirs.test)


def _lines(study: Study, outcomes: dict[str, Outcome], verdict: str) -> Iterator[str]:
    plan, rows, seeds = study.plan, study.rows, len(whole_seeds(study))
    asked = f"Which {AXES[plan.axis].about}?" if plan.axis else "Does it help?"
    yield f"# {asked} {plan.setting or plan.pool}\n\n**{verdict}**\n"
    yield f"- model {plan.model}, {seeds} of {plan.seeds} seeds, {plan.n} rows in a small arm, pool {len(rows.pool)}"
    yield f"- device {_device(study)}, learning rate {plan.preset.learning_rate:g}, batch {plan.preset.batch}"
    yield f"- power: with {len(rows.test)} items a difference under {visible(len(rows.test)):.1f} points cannot be seen"
    spreads = [f"{one.arm} {one.deviation:.1f}" for one in outcomes.values() if one.deviation is not None]
    yield f"- deviation between seeds, in points: {', '.join(spreads) or 'not known yet'}; steady is up to {STEADY:g}\n"
    yield from _arm_table(study, outcomes)
    yield "\n| selection | control | difference [95 %] | McNemar p |\n|---|---|---|---|"
    for ours, theirs, gap, p in compared(outcomes):
        yield f"| {ours.arm} | {theirs.arm} | {gap} | {p:.3f} |"
    yield "\nIntervals are by a two-level bootstrap: seeds, then items, paired. McNemar counts each item once, over all"
    yield "seeds. FLOPs of selection are those of having the model answer the pool.\n"
    if plan.axis:
        yield "Bins have equally many rows and are trained on equally many tokens: shorter rows are seen more often. An"
        yield "interval is that of its pair alone.\n"
        yield f"![{plan.axis}]({plan.axis}.svg)\n"
    if outcomes:
        yield "![loss](loss.svg)\n\n![accuracy](accuracy.svg)\n\n![compute](compute.svg)"


def _arm_table(study: Study, outcomes: dict[str, Outcome]) -> Iterator[str]:
    groups = list(dict.fromkeys(study.rows.groups))
    titles = ["arm", "epochs", "rows", "steps", "tokens", "training FLOPs", "selection FLOPs", "validation loss"]
    yield f"| {' | '.join([*titles, 'accuracy [95 %]', *groups, 'unread'])} |"
    yield "|---" * (len(titles) + len(groups) + 2) + "|"
    for one in outcomes.values():
        cost = _cost_cells(study, one)
        interval = one.accuracy
        score = f"{interval.mean:.1f} [{interval.low:.1f}, {interval.high:.1f}]"
        parts = [f"{_group_score(study, one, group):.1f}" for group in groups]
        yield f"| {' | '.join([one.arm, *cost, score, *parts, f'{one.unread:.1%}'])} |"


def _cost_cells(study: Study, one: Outcome) -> list[str]:
    results = [result for trial in one.trials if (result := study.result(trial)) is not None]
    if not results:
        return ["0", "0", "0", "0", "0", "0", ""]
    mean = results[0]
    tokens = sum(result.tokens for result in results) // len(results)
    asked = FORWARD_FLOPS * mean.parameters * study.grading_tokens(one.arm)
    losses = [result.validation_loss for result in results if result.validation_loss is not None]
    loss = f"{sum(losses) / len(losses):.3f}" if losses else ""
    flops = sum(result.training_flops for result in results) / len(results)
    rows = f"{mean.job.rows}"
    return [f"{one.length:g}", rows, f"{mean.steps}", f"{tokens:,}", f"{flops:.2e}", f"{asked:.2e}", loss]


def _group_score(study: Study, one: Outcome, group: str) -> float:
    places = [place for place, name in enumerate(study.rows.groups) if name == group]
    marks: Scores = [[marks[place] for place in places] for marks in one.test]
    return 100 * sum(map(sum, marks)) / (len(marks) * len(places))


def _device(study: Study) -> str:
    devices = {result.device for trial in study.trials() if (result := study.result(trial)) is not None}
    return ", ".join(sorted(devices)) or "not known yet"
