"""Items of a benchmark by its name, from a file in any form, or from a folder with the sets of MultiMedQA."""

from __future__ import annotations

from pathlib import Path

from evals.benchmarks.formats import load_items, read_items
from evals.benchmarks.published import Item, shuffled
from evals.benchmarks.table import BENCHMARKS, MULTIMEDQA, gsm_symbolic, hub_rows, load_multimedqa
from graph.setting_values import home_expanded

MADE = 500
"""Items of gsm_symbolic where no limit is given."""


def load_source(
    source: str, form: str, *, limit: int | None = None, shuffle: int | None = None, training: bool = False
) -> list[Item]:
    """Read a benchmark.

    Args:
        source: A file, a folder, or a name.
        form: The format of a file's rows.
        limit: How many items are wanted, the first ones.
        shuffle: The seed by which options are put in another order; None leaves them.
        training: Whether the training split is wanted, of a benchmark of the hub.

    Raises:
        SetupError: There is no such benchmark.
        RowFileError: The file cannot be read.
        ItemError: A row is not in the format.
    """
    file = Path(home_expanded(source))
    if source == "gsm_symbolic":
        items = gsm_symbolic(limit or MADE, seed=0)
    elif source == "multimedqa" and not file.exists():
        items = [item for name in MULTIMEDQA for item in _from_hub(name, training)]
    elif form == "multimedqa":
        items = load_multimedqa(file, load_items)
    elif source in BENCHMARKS and not file.exists():
        items = _from_hub(source, training)
    else:
        items = load_items(file, form)
    return [item if shuffle is None else shuffled(item, shuffle) for item in items[:limit]]


def _from_hub(name: str, training: bool) -> list[Item]:
    return read_items(BENCHMARKS[name].form, ((name, row) for row in hub_rows(name, training=training)))
