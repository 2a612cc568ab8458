"""The pictures of a comparison: loss over steps, accuracy with intervals, over compute, and along an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.figure import Figure

from evals.comparison.axes import AXES
from evals.training.figures.cost import FORWARD_FLOPS
from evals.training.figures.curves import CURVES, read_curves

if TYPE_CHECKING:
    from evals.comparison.report import Outcome
    from evals.comparison.study import Study

mpl.rcParams["svg.hashsalt"] = "nanoflux"  # the same figures give the same file


def draw(study: Study, outcomes: Mapping[str, Outcome]) -> None:
    """Draw all into the folder."""
    if study.plan.axis:
        _along(study, outcomes)
    _loss(study, outcomes)
    _accuracy(study, outcomes)
    _compute(study, outcomes)


def _loss(study: Study, outcomes: Mapping[str, Outcome]) -> None:
    axes, figure = _axes("steps", "loss on the validation rows, first seed")
    for one in outcomes.values():
        points = read_curves(study.folder / "trials" / one.trials[0].name / CURVES)
        kept = [(point["step"], point["validation_loss"]) for point in points if "validation_loss" in point]
        if kept:
            axes.plot(*zip(*kept, strict=True), marker=".", label=one.arm)
    _save(study, figure, axes, "loss.svg")


def _accuracy(study: Study, outcomes: Mapping[str, Outcome]) -> None:
    axes, figure = _axes("", "accuracy, with 95 % interval")
    for place, one in enumerate(outcomes.values()):
        middle = one.accuracy
        axes.errorbar(
            place, middle.mean, yerr=[[middle.mean - middle.low], [middle.high - middle.mean]], fmt="o", capsize=4
        )
        axes.scatter([place + 0.1] * len(one.test), [100 * sum(marks) / len(marks) for marks in one.test], s=6)
    axes.set_xticks(range(len(outcomes)), list(outcomes), rotation=20)
    _save(study, figure, axes, "accuracy.svg")


def _along(study: Study, outcomes: Mapping[str, Outcome]) -> None:
    """Draw accuracy over the bins of the axis, with each seed, beside the start and blind draws from all bins."""
    mark = f"{study.plan.axis}="
    bins = [one for arm, one in outcomes.items() if arm.startswith(mark)]
    axes, figure = _axes(AXES[study.plan.axis].about, "accuracy, with 95 % interval")
    for place, one in enumerate(bins):
        low, high = one.accuracy.mean - one.accuracy.low, one.accuracy.high - one.accuracy.mean
        axes.errorbar(place, one.accuracy.mean, yerr=[[low], [high]], fmt="none", ecolor="C0", capsize=4)
        axes.scatter([place + 0.1] * len(one.test), [100 * sum(marks) / len(marks) for marks in one.test], s=6, c="C0")
    style = "o-" if AXES[study.plan.axis].ordered else "o"
    axes.plot(range(len(bins)), [one.accuracy.mean for one in bins], style, color="C0")
    for other, line in (("random_matched", "--"), ("base", ":")):
        if (beside := outcomes.get(other)) is not None:
            axes.axhline(beside.accuracy.mean, linestyle=line, color="0.4", label=other)
    axes.set_xticks(range(len(bins)), [one.arm.removeprefix(mark) for one in bins])
    _save(study, figure, axes, f"{study.plan.axis}.svg")


def _compute(study: Study, outcomes: Mapping[str, Outcome]) -> None:
    axes, figure = _axes("FLOPs of training and selection", "accuracy")
    for one in outcomes.values():
        results = [result for trial in one.trials if (result := study.result(trial)) is not None]
        if results:
            asked = FORWARD_FLOPS * results[0].parameters * study.grading_tokens(one.arm)
            flops = asked + sum(result.training_flops for result in results) / len(results)
            axes.scatter([flops], [one.accuracy.mean], label=one.arm)
    _save(study, figure, axes, "compute.svg")


def _axes(across: str, up: str) -> tuple[Any, Figure]:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(alpha=0.3)
    return axes, figure


def _save(study: Study, figure: Figure, axes: Any, name: str) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize="small")
    figure.savefig(study.folder / name, metadata={"Date": None})
