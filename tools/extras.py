"""The commands that install parts of this project, written once: its name is not ours on the package index."""

from __future__ import annotations

_PIP = ".venv/bin/python -m pip install -c constraints.txt"


def install_command(extra: str) -> str:
    """Return what to type in the clone's folder for an extra of pyproject.toml."""
    return f"{_PIP} -e '.[{extra}]'"


def reinstall_command(package: str) -> str:
    """Return what to type in the clone's folder to get the tested version of a package again."""
    return f"{_PIP} --force-reinstall --no-deps {package}"
