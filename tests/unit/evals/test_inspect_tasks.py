"""The benchmarks as tasks of inspect_ai, over its own mock model: the same scores as `evals.benchmark` gives."""

from __future__ import annotations

import gc
import importlib.util
from pathlib import Path

import pytest

from evals.benchmarks.formats import load_items
from tests import DATA

pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # what inspect_ai and its own packages say of one another
    pytest.mark.skipif(
        importlib.util.find_spec("inspect_ai") is None, reason="the extra benchmarks is not installed: make benchmarks"
    ),
]


@pytest.mark.parametrize("form", ["gsm_hard", "medqa"])
def test_gold_is_right_wrong_is_wrong_and_chatter_is_unread(form: str, tmp_path: Path) -> None:
    from inspect_ai import eval as evaluate
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from evals.benchmarks.inspect_tasks import benchmark

    file = DATA / "benchmarks" / f"{form}.jsonl"
    first, second = load_items(file, form)

    def outputs(*texts: str) -> list[ModelOutput]:
        made = [ModelOutput.from_content("mockllm/model", text) for text in texts]
        for output in made:  # else the mock counts tokens, for which it fetches a table
            output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return made

    def shares(*texts: str) -> dict[str, float]:
        model = get_model("mockllm/model", custom_outputs=outputs(*texts), memoize=False)
        (log,) = evaluate(
            benchmark(str(file), form), model=model, log_dir=str(tmp_path), display="none", max_connections=1,
            max_samples=1,
        )  # fmt: skip
        gc.collect()  # inspect_ai leaves streams open, of which a later test would be told
        assert log.status == "success", log.error
        assert log.results is not None
        return {score.name: score.metrics["mean"].value for score in log.results.scores}

    right = shares(f"So.\nANSWER: {first.answer}", f"ANSWER: {second.answer}")
    assert right == {"right": 1.0, "rounded": 1.0, "unread": 0.0}
    assert shares("I cannot say.", f"ANSWER: {second.answer}") == {"right": 0.5, "rounded": 0.5, "unread": 0.5}
