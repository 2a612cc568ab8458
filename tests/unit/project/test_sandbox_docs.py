"""docs/sandbox.md holds the table that the code prints."""

from tests import ROOT
from tests.service.sandbox.corpus.table import table


def test_the_table_of_sandboxes_is_fresh() -> None:
    text = (ROOT / "docs/sandbox.md").read_text()
    held = text.partition("corpus.table -->\n")[2].partition("\n<!-- end of table -->")[0]
    assert held == table(), "run python -m tests.service.sandbox.corpus.table and put its output into docs/sandbox.md"
