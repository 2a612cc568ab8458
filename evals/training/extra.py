"""What fine-tuning needs beside this project: one clear line where it is missing."""

from __future__ import annotations

import importlib.util

from agents.errors import SetupError
from tools.extras import install_command

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "gguf", "matplotlib")
"""What the extra `train` brings."""


def missing() -> list[str]:
    """Return the packages of the extra that are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def require_train() -> None:
    """Raise where fine-tuning cannot work here.

    Raises:
        SetupError: A package of the extra is not installed.
    """
    if lacking := missing():
        raise SetupError(f"fine-tuning takes {', '.join(lacking)}: {install_command('train')}")
