"""Check any JSONL data set for near-duplicates within it and for items of benchmarks.

Each row is offered to a temporary store in the order of the file: of two near-duplicates the later one is reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tools.answers import read_number
from tools.files.lines import writable
from tools.files.questions import read_objects
from tools.novelty.port import Novelty, NoveltyError, NoveltyItem, UnfitItem

_QUESTION_FIELDS = ("question", "problem", "prompt", "input", "instruction", "query", "text")
_ANSWER_FIELDS = ("answer", "final_answer", "target", "label", "solution", "output")
_LONGEST_ANSWER = 80
"""Characters; a longer one is a worked solution, of which only the end can be the answer."""


class Finding(BaseModel):
    """A row that is a near-duplicate of another row or of a benchmark's item, or that is no question."""

    model_config = ConfigDict(frozen=True)

    row: str
    question: str
    verdict: Literal["duplicate", "contaminated", "unfit"]
    rule: str
    score: float
    nearest: str
    nearest_text: str


class Audit(BaseModel):
    """The findings of one file."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    rows: int
    protected: dict[str, int]
    """Items by benchmark."""
    findings: list[Finding]

    def table(self) -> str:
        """Format the findings as Markdown: counts by benchmark and rule, then each with its neighbour."""
        against = ", ".join(f"{name} ({items} items)" for name, items in self.protected.items()) or "itself alone"
        lines = [f"{self.dataset}: {self.rows} rows against {against}: {len(self.findings)} findings"]
        if not self.findings:
            return lines[0]
        counts = Counter((finding.verdict, _source(finding), finding.rule) for finding in self.findings)
        lines += ["", "| verdict | where | rule | rows |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(key)} | {many} |" for key, many in sorted(counts.items())]
        lines += ["", "| row | verdict | rule | score | nearest | question | its neighbour |", "|---" * 7 + "|"]
        for f in self.findings:
            texts = f"{_cell(f.question)} | {_cell(f.nearest_text)}"
            lines.append(f"| {f.row} | {f.verdict} | {f.rule} | {f.score:.2f} | {f.nearest} | {texts} |")
        return "\n".join(lines)


async def audit(
    dataset: str, rows: Sequence[NoveltyItem], benchmarks: Mapping[str, Sequence[NoveltyItem]], gate: Novelty
) -> Audit:
    """Load the benchmarks into the gate, then offer it each row; the gate should be empty and temporary.

    A row that is no question (empty, or far too long) is a finding too.
    """
    protected = {name: await gate.protect(name, items) for name, items in benchmarks.items()}
    findings = []
    for item in rows:
        about = {"row": item.owner, "question": item.question[:1000]}
        try:
            found = await gate.admit(item)
        except UnfitItem as e:
            findings.append(
                Finding(**about, verdict="unfit", rule="no_question", score=0.0, nearest="", nearest_text=str(e))
            )
            continue
        if found.verdict != "novel":
            findings.append(
                Finding(
                    **about,
                    verdict=found.verdict,
                    rule=found.rule,
                    score=found.score or 0.0,
                    nearest=found.nearest or "",
                    nearest_text=found.nearest_text,
                )
            )
    return Audit(dataset=dataset, rows=len(rows), protected=protected, findings=findings)


def read_items(file: Path) -> list[NoveltyItem]:
    """Read a file of questions with any of the usual field names; owners are the rows' numbers.

    Raises:
        RowFileError: The file or a line cannot be read, or there is none.
        NoveltyError: A row holds no question.
    """
    found = read_objects(file)
    return [item_of(row, owner=where.rstrip(",").rpartition(" ")[2], where=where) for where, row in found]


def benchmark_names(files: Sequence[Path]) -> dict[Path, str]:
    """Name each file by its stem, or by its whole path where two have the same stem."""
    stems = Counter(file.stem for file in files)
    return {file: writable(file.stem if stems[file.stem] == 1 else str(file)) for file in files}


def item_of(row: Any, *, owner: str, where: str = "the row") -> NoveltyItem:
    """Convert a row of this project, of a benchmark or of a chat data set to an item.

    Raises:
        NoveltyError: The row holds no question.
    """
    question = _first(row, _QUESTION_FIELDS) or _first_user_text(row.get("messages"))
    if question is None:
        raise NoveltyError(f"{where} has none of the fields {', '.join(_QUESTION_FIELDS)}, messages: {sorted(row)}")
    answer = _answer(_first(row, _ANSWER_FIELDS) or "")
    choices = row.get("choices", row.get("options"))
    options = tuple(map(str, choices.values() if isinstance(choices, dict) else choices)) if choices else ()
    if isinstance(choices, dict) and answer in choices:
        answer = str(choices[answer])  # a letter
    kind = row.get("answer_kind") or ("choice" if options else "number" if _is_number(answer) else "text")
    return NoveltyItem(
        question=question,
        owner=owner,
        answer=answer,
        answer_kind=str(kind),
        choices=options,
        program=str(row.get("program") or ""),
    )


def _first(row: dict[str, Any], fields: Sequence[str]) -> str | None:
    for field in fields:
        value = row.get(field)
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value)
    return None


def _first_user_text(messages: Any) -> str | None:
    """Return the first user message of a chat."""
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict) and message.get("role") == "user" and isinstance(message.get("content"), str):
            return str(message["content"])
    return None


def _answer(text: str) -> str:
    """Take the final answer out of a worked solution: after GSM8K's mark, or nothing where it cannot be found."""
    text = text.rsplit("####", 1)[-1].strip()
    return text if len(text) <= _LONGEST_ANSWER else ""


def _is_number(answer: str) -> bool:
    return read_number(answer) is not None and not any(char.isalpha() for char in answer)


def _source(finding: Finding) -> str:
    return finding.nearest.partition(":")[0] if finding.verdict == "contaminated" else "the data set"


def _cell(text: str) -> str:
    return " ".join(text[:160].split()).replace("|", "\\|")
