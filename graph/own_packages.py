"""Whether `agents`, `tools`, `graph`, `evals` and `prompts` are this project's: others install packages so called.

It is asked before anything of them is imported, so it imports nothing of them.
"""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

NAMES = ("agents", "evals", "graph", "prompts", "tools")
REMEDY = "install NanoFlux into an environment of its own, and run it from a folder that holds no package so called"


def foreign_package() -> str:
    """Return one line about the first of our names that leads to a package of others; nothing where all are ours."""
    root = Path(__file__).resolve().parent.parent
    for name in NAMES:
        spec = find_spec(name)
        found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
        if found is None or found.parent != root / name or not _is_ours(found):
            whose = ", ".join(others(name))
            place = f"{found or 'nothing'}{f' of {whose}' if whose else ''}"
            return f"NanoFlux's package {name!r} is hidden or overwritten by {place}: {REMEDY}"
    return ""


def require_own_packages(program: str = "") -> None:
    """Go no further where one of our names leads to a package of others: a program ends with one line.

    Args:
        program: Its name; empty where another has imported us.

    Raises:
        ImportError: So it is, and no program of ours is running.
    """
    if not (fault := foreign_package()):
        return
    if not program:
        raise ImportError(fault)
    print(f"{program}: {fault}", file=sys.stderr)
    sys.exit(2)


def others(name: str) -> list[str]:
    """Return the installed distributions beside this project that bring a package of this name."""
    return sorted(
        {distribution for distribution in packages_distributions().get(name, ()) if distribution != "nanoflux"}
    )


def shared_names() -> list[str]:
    """Say which installed distributions bring packages of our names, though ours are found."""
    return [
        f"{', '.join(found)} installs a package {name!r} too, and only one of the two is found: {REMEDY}"
        for name in NAMES
        if (found := others(name))
    ]


def _is_ours(file: Path) -> bool:
    """Whether the file holds a docstring alone, or asks this module; whoever overwrites one of ours has other code."""
    try:
        body = ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError):
        return False
    asks = any(isinstance(part, ast.ImportFrom) and part.module == __name__ for part in body)
    return asks or all(isinstance(part, ast.Expr) for part in body)
