"""Turn texts into unit vectors with fastembed; long texts are read in overlapping windows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.known_files import sha256_of
from tools.novelty.embedder_files import CACHE, model_folder, require_hub
from tools.novelty.port import NoveltyError

Vectors = NDArray[np.float32]

BATCH = 8
"""Larger batches are slower on a CPU and take gigabytes."""
_OVERLAP = 32
"""Tokens that two neighbouring windows share, so that no phrase is cut in both."""


class Embedder:
    """One fastembed model; `load` before the first `embed`. Blocking: call both through a thread.

    A text beyond the model's limit becomes the length-weighted mean of its windows, so its end counts too.
    """

    def __init__(
        self, model: str, *, model_path: Path | None = None, threads: int = 1, cache: Path | None = None
    ) -> None:
        self.model = model
        self.name = model
        """The model's name with a fingerprint of its files, once loaded."""
        self.dimension = 0
        self._folder = model_path
        self._cache = (cache or CACHE).expanduser()
        self._threads = threads
        self._fastembed: Any = None
        self._tokenizer: Any = None
        self._window = 0

    def load(self) -> None:
        """Read the model; later calls do nothing.

        Raises:
            NoveltyError: The model is unknown, or its files are neither on this machine nor on a hub in reach.
        """
        if self._fastembed is not None:
            return
        from fastembed import TextEmbedding  # noqa: PLC0415  # half a second that only the gate should pay

        known = {entry["model"].lower(): entry for entry in TextEmbedding.list_supported_models()}
        entry = known.get(self.model.lower())
        if entry is None:
            raise NoveltyError(f"fastembed has no model {self.model!r}; it has {', '.join(sorted(known))}")
        folder = model_folder(self.model, self._folder, self._cache)
        model = self._from_folder(folder) if folder else self._from_hub()
        self._tokenizer = type(model.model.tokenizer).from_str(model.model.tokenizer.to_str())
        self._window = model.model.tokenizer.truncation["max_length"] - 2
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        weights = Path(model.model._model_dir) / entry["model_file"]
        self.name = f"{self.model}@{sha256_of(weights)[:12]}"
        self.dimension = entry["dim"]
        self._fastembed = model

    def _from_folder(self, folder: Path) -> Any:
        from fastembed import TextEmbedding  # noqa: PLC0415  # as in load

        try:
            return TextEmbedding(self.model, specific_model_path=str(folder), threads=self._threads)
        except Exception as e:  # onnxruntime and tokenizers raise bare Exceptions for unreadable files
            raise NoveltyError(f"cannot read {self.model!r} from {str(folder)!r}: {e}; replace its files") from e

    def _from_hub(self) -> Any:
        from fastembed import TextEmbedding  # noqa: PLC0415  # as in load

        options = {"cache_dir": str(self._cache), "threads": self._threads}
        try:
            return TextEmbedding(self.model, local_files_only=True, **options)
        except Exception:  # noqa: BLE001  # whatever is wrong with the cached copy, the hub's is the answer
            require_hub(self.model)
        try:
            return TextEmbedding(self.model, **options)
        except Exception as e:  # the hub's client raises many kinds; each means that there is no model
            raise NoveltyError(f"the hub did not give {self.model!r}: {e}; try again, or pass a folder") from e

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimension); equal texts are embedded once."""
        self.load()
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        windows = [self._windows(text) for text in texts]
        unique = sorted(
            {window for parts in windows for window in parts}, key=lambda window: (len(window), window)
        )  # a batch is padded to its longest
        vectors = np.array(list(self._fastembed.embed(unique, batch_size=BATCH)), dtype=np.float32)
        place = {window: at for at, window in enumerate(unique)}
        rows = []
        for parts in windows:
            weights = np.array([len(part) for part in parts], dtype=np.float32)
            rows.append(weights @ vectors[[place[part] for part in parts]])
        pooled = np.array(rows, dtype=np.float32)
        norms = np.linalg.norm(pooled, axis=1, keepdims=True)
        return np.asarray(pooled / np.maximum(norms, 1e-12), dtype=np.float32)

    def _windows(self, text: str) -> list[str]:
        """Cut the text at token borders into pieces that the model reads whole."""
        if len(text) <= self._window:  # a token has at least one character
            return [text]
        offsets = self._tokenizer.encode(text, add_special_tokens=False).offsets
        if len(offsets) <= self._window:
            return [text]
        step = self._window - _OVERLAP
        starts = range(0, len(offsets) - _OVERLAP, step)
        return [text[offsets[at][0] : offsets[min(at + self._window, len(offsets)) - 1][1]] for at in starts]
