"""The report of a run whose models wrote HTML into every text they could: it shows as text, and nothing of it runs."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agents.schema import Answer, Refusal, Survivor, Twin
from graph.folder import RunFolder
from graph.funnel import Funnel
from graph.settings import Settings

SAMPLE = Survivor.model_validate_json((Path(__file__).parents[2] / "docs" / "sample_row.json").read_text())
HOSTILE = """</pre></details><script>document.title = "taken"</script><img src=x onerror='document.title = "taken"'>"""
OURS = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "table", "tr", "th", "td", "details", "summary",
    "pre", "b",
}  # fmt: skip
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A report in which a model put the hostile text wherever it may put text."""
    settings = Settings(runs_dir=tmp_path, name="hostile")
    told = dict.fromkeys(("question", "answer", "explanation", "program", "topic"), HOSTILE)
    wrong = SAMPLE.defender.model_copy(update={"wrong_answer": Answer(steps=[], answer=HOSTILE)})
    row = SAMPLE.model_copy(update=told | {"defender": wrong})
    near = Twin(name=f"{HOSTILE}:{HOSTILE}", rule=HOSTILE, score=1.0, question=HOSTILE)
    refused = Refusal(
        id="1", index=1, outcome="contaminated", reason=HOSTILE, attempts=1, asked=row.asked, question=None,
        defender=None, evidence=[], usage=row.usage, near=near,
    )  # fmt: skip
    funnel = Funnel.of(settings, [row], [refused])
    shares: dict[str, Any] = {"topic": {HOSTILE: 1.0}, "steps": {3: 1.0}, "anchors": 0.0}
    funnel.mix = {"declared": shares, "actual": shares}
    coverage = [{"topic": HOSTILE, "skill": HOSTILE, "steps": 3, "candidates": 2, "kept": 1, "answers": 2, "wrong": 1}]
    folder = RunFolder.open(settings, force=False)
    folder.rows = [row]
    folder.write_summary(funnel, [refused], coverage, ending=HOSTILE)
    folder.close()
    return folder.path / "report.html"


def test_it_holds_no_tag_and_no_attribute_but_its_own(page: Path) -> None:
    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: set[str] = set()
            self.attributes: set[tuple[str, str | None]] = set()
            self.text = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.tags.add(tag)
            self.attributes.update(attrs)

        def handle_data(self, data: str) -> None:
            self.text += data

    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.tags == OURS
    assert reader.attributes == {("lang", "en"), ("charset", "utf-8")}
    assert reader.text.count(HOSTILE) > 10


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
def test_a_browser_shows_it_and_runs_nothing(page: Path, tmp_path: Path) -> None:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command = [str(BROWSER), *flags, "--virtual-time-budget=2000", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    assert "<title>hostile</title>" in shown
    assert "<script" not in shown
    assert "<img" not in shown
    assert shown.count("document.title") > 10
