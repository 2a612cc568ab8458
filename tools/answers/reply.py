r"""Find the answer in a reply: after its last `ANSWER:`, or in its last `\boxed{}`."""

from __future__ import annotations

import re
from itertools import islice

_LABEL = re.compile(r"(?:final )?answer[*_` ]{0,4}[:=]", re.IGNORECASE)
_EMPHASIS = ("**", "__", "*", "_", "`")
_LINE_MARKS = " \t*_#>`-"
_FENCE = re.compile(r"```\w*")


def final_answer(text: str) -> str | None:
    r"""Return what follows the last `ANSWER:` of a reply, else what its last `\boxed{}` holds; None where neither is.

    The label opens its line, or is written in capitals; where nothing follows it on its line, the next line counts.
    """
    lines = text.splitlines()
    for place in range(len(lines) - 1, -1, -1):
        rest = _after_label(lines[place])
        if rest is None:
            continue
        if not rest.strip(_LINE_MARKS):
            rest = next((line for line in islice(lines, place + 1, None) if line.strip(_LINE_MARKS + "$")), "")
            if _after_label(rest) is not None:
                continue
        found = bare(rest)
        if found:
            return found
    return boxed(text)


def _after_label(line: str) -> str | None:
    opening = line.lstrip(_LINE_MARKS)
    match = _LABEL.match(opening)
    if match is not None:
        rest, marks = opening[match.end() :].rstrip(), line[: len(line) - len(opening)].strip()
        return rest[: -len(marks)] if marks in _EMPHASIS and rest.endswith(marks) else rest
    start = line.rfind("ANSWER:")
    if start > 0 and not line[start - 1].isalnum():
        return line[start + len("ANSWER:") :]
    return None


def boxed(text: str) -> str | None:
    r"""Return what the last `\boxed{...}` holds, braces balanced; None where none is complete and filled."""
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    depth = 0
    for place in range(start + len("\\boxed"), len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[start + len("\\boxed{") : place].strip() or None
    return None


def bare(text: str) -> str:
    r"""Strip what only decorates an answer: white space, markdown emphasis around all of it, one `\boxed{}`."""
    text = text.strip()
    loose = text.lstrip("*_` ")
    if text[: len(text) - len(loose)].count("*") >= 2 and "**" not in loose:
        text = loose  # what is left of "**ANSWER:** 42"
    changed = True
    while changed and text:
        changed = False
        for mark in _EMPHASIS:
            if len(text) > 2 * len(mark) and text.startswith(mark) and text.endswith(mark):
                inner = text[len(mark) : -len(mark)]
                if mark[0] not in inner:
                    text, changed = inner.strip(), True
        if text.endswith("**") and text.count("**") == 1:
            text, changed = text[:-2].rstrip(), True
    stripped = text.strip("$ ") if text.count("$") in (2, 4) else text
    if stripped.startswith("\\boxed{"):
        inner_box = boxed(stripped)
        if inner_box is not None and stripped.rstrip(". ") == f"\\boxed{{{inner_box}}}":
            return inner_box
    return text


def lines_of(text: str) -> list[str]:
    """Return the lines that say something: neither blank nor only a fence or a delimiter of mathematics."""
    found = (line.strip() for line in text.splitlines())
    return [line for line in found if line and line not in ("$$", "\\[", "\\]", "$") and not _FENCE.fullmatch(line)]
