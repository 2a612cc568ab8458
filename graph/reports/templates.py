"""The templates that lie beside this file, rendered by Jinja2: HTML is escaped, and an unknown name is an error.

Markdown has no escaping of its own there: `text` and `code` keep what others wrote in its place.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

FOLDER = Path(__file__).parent
MARKUP = frozenset("&<>|`*[]\\~$")
"""Signs with which a text could leave its table cell, or become a tag, a link or code."""


def render(template: str, **values: Any) -> str:
    """Fill a template."""
    return _environment().get_template(template).render(values)


def stylesheet(name: str) -> Markup:
    """Return a stylesheet of ours, which needs no escaping within `<style>`."""
    return Markup((FOLDER / name).read_text(encoding="utf-8"))  # noqa: S704  # a file of this package


def markdown_text(text: str) -> str:
    """Put a text on one line, and write what Markdown or HTML would read as markup as character references."""
    return "".join(f"&#{ord(sign)};" if sign in MARKUP else sign for sign in " ".join(text.split()))


def code(text: str) -> str:
    """Make a code span of a text; backticks and bars, which would end the span or its table cell, are left out."""
    return f"`{' '.join(text.replace('`', ' ').replace('|', ' ').split())}`"


@lru_cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=select_autoescape(["html", "html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["text"] = markdown_text
    return environment
