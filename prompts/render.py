"""Turn prompt files into messages, with model text fenced as data.

A prompt is a Markdown file in this folder with `${slot}` places. Text that a model (or a user's file) wrote never
fills a slot bare: it goes through `fence`, as JSON between delimiters it cannot contain.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

FOLDER = Path(__file__).parent


class PromptError(ValueError):
    """A prompt file, a slot or a fence is not as it should be."""


def fence(name: str, data: Any) -> str:
    """Wrap plain data as `<data name="...">JSON</data>`.

    Every `<` inside is written as a JSON escape, so no text can close the fence or open another.
    """
    body = json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c")
    return f'<data name="{name}">\n{body}\n</data>'


def unfence(text: str, name: str) -> Any:
    """Return the data of the last fence of that name in the text."""
    found = re.findall(rf'<data name="{re.escape(name)}">\n(.*?)\n</data>', text, re.DOTALL)
    if not found:
        raise PromptError(f"the prompt holds no data named {name!r}")
    return json.loads(found[-1])


@cache
def _template(name: str) -> Template:
    path = FOLDER / f"{name}.md"
    if not path.is_file():
        raise PromptError(f"there is no prompt file {name!r} in {FOLDER.name}/")
    return Template(path.read_text(encoding="utf-8").strip())


def render(name: str, **slots: str) -> str:
    """Fill the prompt file `name`.md; a missing or an unknown slot is an error."""
    template = _template(name)
    wanted = set(template.get_identifiers())
    if wanted != set(slots):
        raise PromptError(f"prompt {name!r} has slots {sorted(wanted)}, but was given {sorted(slots)}")
    return template.substitute(slots)


def fingerprint(domain_source: str) -> str:
    """Hash every prompt file and the domain pack's text: a changed word changes it."""
    digest = hashlib.sha256(domain_source.encode())
    for path in sorted(FOLDER.glob("*.md")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def posed_text(question: str, choices: Sequence[str]) -> str:
    """Write a question with its options under letters, as a person is asked it."""
    return question + "".join(f"\n{chr(ord('A') + place)}) {choice}" for place, choice in enumerate(choices))
