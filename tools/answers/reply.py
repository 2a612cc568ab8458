r"""Find the answer in a reply: where `ANSWER:`, `\boxed{}`, `<answer>` or `####` marks it, or its last line says so."""

from __future__ import annotations

import re
from itertools import islice

_LABEL = re.compile(r"(?:final )?answer[*_` ]{0,4}[:=]", re.IGNORECASE)
_EMPHASIS = ("**", "__", "*", "_", "`")
_LINE_MARKS = " \t*_#>`-"
_FENCE = re.compile(r"```\w*")
_HEADING = re.compile(r"(?:#+ |\*\*)? *(?:final )?answer *:? *(?:\*\*)?", re.IGNORECASE)
_TAGGED = re.compile(r"<answer>([^<]{1,2000})</answer>", re.IGNORECASE)
_HASHES = re.compile(r"^ *#### +(\S.*)$", re.MULTILINE)
_NEXT_QUESTION = re.compile(r"\W*(?:question|problem|q|user|human)(?: \d+)? ?:", re.IGNORECASE)
_POLITE = re.compile(r"\bI hope (?:it|this)\b.*", re.IGNORECASE)
_CONCLUSION = re.compile(
    r"(?:^|[.!?:] )\W{0,4}(?:(?:so|thus|therefore|hence|and|then|the|my|final|correct|right|best|most likely)\b,? ?)*"
    r"(?:answer|option|choice) is\b:? *",
    re.IGNORECASE,
)


def final_answer(text: str) -> str | None:
    r"""Return what follows the last `ANSWER:` of a reply, else what its last `\boxed{}`, `<answer>` or `####` holds.

    The label opens its line, or is written in capitals; where nothing follows it on its line, the next line counts.
    Thoughts in `<think>` are no part of a reply, nor are questions that a model goes on to ask itself once it has
    answered. None where there is no answer.
    """
    lines = _reply_lines(text)
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
    reply = "\n".join(lines)
    marked = [*_TAGGED.findall(reply), *_HASHES.findall(reply)]
    return boxed(reply) or (bare(marked[-1]) if marked else None) or None


def concluded(text: str) -> str | None:
    """Return what follows `the answer is` in the last line of a reply, or is that line after one that ends so."""
    lines = [line.replace("**", "") for line in lines_of("\n".join(_reply_lines(text)))]
    if not lines:
        return None
    found = list(_CONCLUSION.finditer(lines[-1]))
    if found:
        return bare(_POLITE.sub("", lines[-1][found[-1].end() :])) or None
    ends = [match.end() for match in _CONCLUSION.finditer(lines[-2])] if len(lines) > 1 else []
    return bare(lines[-1]) or None if ends and not lines[-2][ends[-1] :].strip() else None


def _reply_lines(text: str) -> list[str]:
    """Return the lines of a reply without its thoughts, up to where it answers and then poses another question."""
    thoughts, closed, after = text.rpartition("</think>")
    if not closed:
        after = thoughts + after
        after = after.partition("<think>")[0] if after.lstrip().startswith("<think>") else after
    lines, answered = after.splitlines(), False
    for place, line in enumerate(lines):
        if answered and _NEXT_QUESTION.match(line):
            return lines[:place]
        answered = answered or _after_label(line) is not None or "\\boxed{" in line or bool(_HASHES.match(line))
    return lines


def _after_label(line: str) -> str | None:
    opening = line.lstrip(_LINE_MARKS)
    match = _LABEL.match(opening)
    if match is not None:
        rest, marks = opening[match.end() :].rstrip(), line[: len(line) - len(opening)].strip()
        if marks in _EMPHASIS:  # what is left of "**ANSWER:** 42" and of "**ANSWER: 42**"
            return rest[len(marks) :] if rest.startswith(marks) else rest.removesuffix(marks)
        return rest
    if opening != line and _HEADING.fullmatch(line.strip()):
        return ""
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
