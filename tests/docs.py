"""The generated passages of the documents: `python -m tests.docs [DATASET]` writes them, a test finds stale ones.

A passage stands between `<!-- generated: NAME -->` and `<!-- end -->` in any page of `PAGES`. The sample row is the
first of the dataset whose answer is a number; without one the sample stays, and goes stale when a prompt changes.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from agents.rows import Survivor
from evals.gallery import gallery
from graph.cli.parsers import build_parser
from graph.question.graph import build_question
from graph.question.resources import shared_resources
from tests import ROOT
from tools.inputs.kinds import INPUT_KINDS

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SAMPLE = ROOT / "docs" / "sample_row.json"


def graph_passage() -> str:
    """Draw the question graph; the error handler, which may follow any node, is left out of the picture."""
    drawing = build_question(shared_resources).compile(name="question").get_graph().draw_mermaid(with_styles=False)
    lines = [line for line in drawing.splitlines() if "error_handler" not in line and not line.startswith("---")]
    return "```mermaid\n" + "\n".join(lines).strip() + "\n```"


def help_passage() -> str:
    """Show the command line's help at a fixed width."""
    before, os.environ["COLUMNS"] = os.environ.get("COLUMNS"), "110"
    try:
        return "```text\n" + build_parser().format_help().strip() + "\n```"
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def row_passage() -> str:
    """Show the sample row, long texts cut."""
    row = Survivor.model_validate_json(SAMPLE.read_text(encoding="utf-8")).model_dump(mode="json")
    row |= {"evidence": row["evidence"][:1], "messages": row["messages"][:1]}
    return "```json\n" + json.dumps(_cut(row), indent=1, ensure_ascii=False) + "\n```"


def kinds_passage() -> str:
    """List the kinds of inputs."""
    rows = [
        f"| `{name}` | `{kind.form}` | {'never' if kind.redraw is None else 'yes'} |"
        for name, kind in INPUT_KINDS.items()
    ]
    return "\n".join(["| kind | written like | redrawn |", "|---|---|---|", *rows])


def _cut(value: object) -> object:
    if isinstance(value, dict):
        return {key: _cut(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_cut(part) for part in value[:3]]
    return f"{value[:157]}..." if isinstance(value, str) and len(value) > 160 else value


PASSAGES = {
    "gallery": gallery,
    "graph": graph_passage,
    "help": help_passage,
    "kinds": kinds_passage,
    "row": row_passage,
}

_PASSAGE = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- |\Z)(end -->)?", re.DOTALL)


def fresh(text: str) -> str:
    """Return a page with each of its generated passages as it should be.

    Raises:
        ValueError: A passage has no end, or a name that is not in `PASSAGES`.
    """
    return _PASSAGE.sub(_written, text)


def passages_of(text: str) -> list[str]:
    """Return the names of a page's generated passages."""
    return [found[2] for found in _PASSAGE.finditer(text)]


def _written(found: re.Match[str]) -> str:
    mark, name, _, opening, end = found.groups()
    if not end:
        raise ValueError(f"passage {name!r} has no end: put `<!-- end -->` behind it")
    if name not in PASSAGES:
        raise ValueError(f"there is no passage {name!r}; there is {', '.join(PASSAGES)}")
    return f"{mark}{PASSAGES[name]()}\n{opening}{end}"


def choose_sample(dataset: Path) -> None:
    """Take another sample row."""
    rows = map(Survivor.model_validate_json, dataset.read_text(encoding="utf-8").splitlines())
    sample = next(row for row in rows if row.answer_kind == "number")
    SAMPLE.write_text(sample.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:]:
        choose_sample(Path(sys.argv[1]))
    for page in PAGES:
        page.write_text(fresh(page.read_text(encoding="utf-8")), encoding="utf-8")
