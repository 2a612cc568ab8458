"""One loaded model for all tests of the gate."""

import pytest

from tools.embedder import Embedder
from tools.novelty import DEFAULT_EMBEDDER, NoveltyError


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    model = Embedder(DEFAULT_EMBEDDER)
    try:
        model.load()
    except NoveltyError as e:
        pytest.skip(str(e))
    return model
