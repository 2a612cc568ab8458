"""docs/sandbox.md holds the table that the code prints."""

from pathlib import Path

from tests.service.sandbox_corpus.table import table


def test_the_table_of_sandboxes_is_fresh() -> None:
    text = (Path(__file__).parents[2] / "docs/sandbox.md").read_text()
    held = text.partition("sandbox_corpus.table -->\n")[2].partition("\n<!-- end of table -->")[0]
    assert held == table(), "run python -m tests.service.sandbox_corpus.table and put its output into docs/sandbox.md"
