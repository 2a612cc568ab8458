r"""The benchmarks as tasks of inspect_ai, for its logs, its viewer, and any model that it can ask.

    inspect eval evals/benchmarks/inspect_tasks.py@benchmark -T source=gsm_hard.jsonl -T form=gsm_hard \
        --model openai-api/local/NAME

The scorer is the one of `evals.benchmark`: inspect's own numeric match compares five digits, and most of GSM-Hard's
answers have more.
"""

from __future__ import annotations

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import TaskState, generate

from evals.benchmarks.few_shot import examples_of, few_shot
from evals.benchmarks.loading import load_source
from evals.benchmarks.published import Item
from evals.benchmarks.scores import is_right
from prompts.render import posed_text
from tools.answers import reads_as, reply_answer

ASKED = "\n\nReason in a few short steps. Then end with a line that holds the final answer alone:\nANSWER: ..."


@task  # type: ignore[untyped-decorator]  # the extra may be missing
def benchmark(  # noqa: PLR0913  # inspect's -T gives each by name
    source: str,
    form: str = "plain",
    limit: int | None = None,
    shuffle: int | None = None,
    shots: int = 0,
    examples: str | None = None,
    examples_form: str | None = None,
) -> Task:
    """Return a benchmark by its name, or from a file of that format, as a task; `shots` are worked examples."""
    items = load_source(source, form, limit=limit, shuffle=shuffle)
    if shots:
        items = few_shot(items, examples_of(source, examples), examples_form or form, shots)
    samples = [
        Sample(
            id=number,
            input=posed_text(item.question, item.choices) + ASKED,
            target=item.answer,
            metadata=item.model_dump(),
        )
        for number, item in enumerate(items, start=1)
    ]
    return Task(dataset=MemoryDataset(samples, name=source), solver=generate(), scorer=answers())


@scorer(metrics={"right": [mean(), stderr()], "rounded": [mean()], "unread": [mean()]})  # type: ignore[untyped-decorator]  # as above
def answers() -> Scorer:
    """Score by computation; a reply that cannot be read is wrong, and counted as unread beside."""

    async def score(state: TaskState, target: Target) -> Score:
        item = Item.model_validate(state.metadata)
        given = reply_answer(state.output.completion, item.answer_kind, item.choices)
        if given is not None and not reads_as(given, item.answer_kind, item.choices):
            given = None
        marks: dict[str, str | int | float | bool | None] = {
            "right": float(is_right(item, given)),
            "rounded": float(is_right(item, given, rounded=True)),
            "unread": float(given is None),
        }
        return Score(value=marks, answer=given or "", explanation=f"expected {target.text}")

    return score
