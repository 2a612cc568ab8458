"""The report of a run whose models wrote HTML into every text they could: it shows as text, and nothing of it runs."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from agents.records import OUTCOMES, Answer
from agents.rows import NearDuplicate, Refusal, Survivor
from graph.campaign.folder.run_folder import RunFolder
from graph.question.state import Rejection
from graph.reports.card import data_card
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Dot
from graph.reports.pictures.gallery import PICTURES
from graph.reports.report import GOES_ON, MEANINGS, report_page, report_text
from graph.reports.run_summary import RunSummary
from graph.settings import Settings
from tests.made_up_run import SAMPLE, made_up

HOSTILE = """</pre></details><script>document.title = "taken"</script><img src=x onerror='document.title = "taken"'>"""
OURS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "h1", "h2", "h3", "p", "div",
    "dl", "dt", "dd", "a", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
    "pre", "b", "svg", "desc", "g", "path", "line", "rect", "text", "ol", "li",
}  # fmt: skip
NAMES = {
    "lang", "charset", "name", "content", "class", "id", "href", "role", "scope", "tabindex", "aria-label",
    "aria-labelledby", "xmlns", "viewbox", "fill", "font-family", "font-size", "text-anchor", "transform", "opacity",
    "d", "x", "y", "x1", "x2", "y1", "y2", "dy", "dx", "width", "height", "stroke",
}  # fmt: skip
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report in which a model put the hostile text wherever it may put text."""
    settings = Settings(runs_dir=tmp_path_factory.mktemp("runs"), name="hostile")
    texts = dict.fromkeys(("question", "answer", "explanation", "program", "topic"), HOSTILE)
    wrong = SAMPLE.defender.model_copy(update={"wrong_answer": Answer(steps=[HOSTILE], answer=HOSTILE)})
    row = SAMPLE.model_copy(update=texts | {"defender": wrong})
    near = NearDuplicate(name=f"{HOSTILE}:{HOSTILE}", rule=HOSTILE, score=1.0, question=HOSTILE)
    refused = Refusal(
        id="1", index=1, outcome="contaminated", reason=HOSTILE, attempts=1, asked=row.asked, question=None,
        defender=None, evidence=[], usage=row.usage, near=near,
    )  # fmt: skip
    funnel = Funnel.of(settings, [row, refused], {one.index: one.usage for one in (row, refused)})
    funnel.rejections = [Rejection(outcome="contaminated", reason=HOSTILE, near=near.model_dump(), final=False)]
    shares: dict[str, Any] = {"topic": {HOSTILE: 1.0}, "hops": {3: 1.0}, "easy_share": 0.0}
    funnel.mix = {"declared": shares, "actual": shares}
    coverage = [{"topic": HOSTILE, "skill": HOSTILE, "hops": 3, "candidates": 2, "kept": 1, "answers": 2, "wrong": 1}]
    folder = RunFolder.open(settings, force=False)
    folder.rows = [row]
    dots = [Dot(x=0.1, y=0.2, topic=HOSTILE)] * 3
    folder.write_summary(RunSummary(settings, [row], [refused], coverage, funnel, HOSTILE, dots=dots))
    folder.close()
    return folder.path / "report.html"


def card(rows: list[Survivor], **settings: Any) -> str:
    asked = Settings.model_validate({"attacker": "m:a", "defender": "m:d", "judge": "m:j", **settings})
    funnel = Funnel.of(asked, rows, {row.index: row.usage for row in rows})
    return data_card(RunSummary(asked, rows, [], [], funnel))


def row(**changes: Any) -> Survivor:
    models = {"attacker": "m:a", "defender": "m:d", "judge": "m:j"}
    return SAMPLE.model_copy(update={"models": models, **changes})


def test_the_card_claims_what_the_rows_show() -> None:
    assert "`m:d` got them wrong." in card([row()])
    assert "No question in the domain `math` has been kept so far." in card([])
    half = {"pass_rate": "0..0.5", "defender_samples": 8}
    assert "`m:d` got them right in at most 50% of its samples." in card([row()], **half)
    assert "2 verified questions in the domain `math`, 1 of them easy rows" in card(
        [row(), row(easy=True)], easy_share=0.5
    )
    swapped = row(models={"attacker": "m:d", "defender": "m:a", "judge": "m:j"})
    shown = card([row(), swapped], alternate=True)
    assert "`m:a` or `m:d`, each row's own `models` say which, got them wrong." in shown
    assert "| attacker | `m:a` or `m:d` | wrote " in shown


def test_text_of_others_stays_in_its_cell_of_the_card() -> None:
    hostile = "a | b |\n\n# Owned\n\n<img src=x> [click](https://example.org) `x`"
    shown = card([row(topic=hostile, models={"attacker": hostile, "defender": "m:d", "judge": "m:j"})])
    tables = MarkdownIt("gfm-like", {"linkify": False}).parse(shown.partition("---\n# ")[2])
    inline = [child.type for token in tables for child in token.children or []]
    assert [token.type for token in tables].count("table_open") == 2
    headings = [tables[place + 1].content for place, token in enumerate(tables) if token.type == "heading_open"]
    assert headings == ["Who made what", "How far the answers are proved", "Limits", "Figures", "Licence"]
    assert {"image", "link_open", "html_inline"}.isdisjoint(inline)
    cells = [token for token in tables if token.type == "td_open"]
    assert len(cells) == 3 * 3 + 2 * (shown.count("\n| ") - 5), "three cells a seat, two a figure, both heads aside"
    written = "".join(token.content for token in tables if token.type == "inline")
    assert "&#91;click&#93;" in written


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
    assert {name for name, _ in reader.attributes} <= NAMES
    assert all((value or "").startswith("#") for name, value in reader.attributes if name == "href")
    assert not [value for _, value in reader.attributes if value and "taken" in value]
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


def test_the_report_in_markdown_keeps_text_of_others_in_its_place(page: Path) -> None:
    written = page.with_name("report.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(written)
    inline = [child for token in tokens for child in token.children or []]
    assert {"html_block", "html_inline", "link_open"}.isdisjoint({one.type for one in [*tokens, *inline]})
    images = [child.attrs["src"] for child in inline if child.type == "image"]
    assert images == [f"pictures/{name}.svg" for name in PICTURES]
    assert all((page.parent / str(image)).is_file() for image in images)
    assert HOSTILE in "".join(child.content for child in inline)


def test_a_report_lists_the_first_rows_folds_the_next_and_names_the_rest(tmp_path: Path) -> None:
    summary = made_up(Settings(runs_dir=tmp_path, target=400), 310)
    written = report_page(summary, summary.figures())
    assert "<p>10 more are in dataset.jsonl.</p>" in written
    assert written.count('<p class="facts">') == 300
    assert len(re.findall(r"<h3 id=\"topic-\d\">percent \(104\)</h3>", written)) == 1
    assert written == report_page(summary, summary.figures()), "the same run gives the same bytes"
    assert "<h3>duplicate: 52</h3>" in written
    assert written.count('<p class="example">') == 15, "each of three kinds shows its first examples"


def test_a_run_that_has_just_begun_has_a_report(tmp_path: Path) -> None:
    summary = made_up(Settings(runs_dir=tmp_path), 0)
    begun = replace(summary, coverage=[], timeline=[], ending="")
    written = report_page(begun, begun.figures())
    assert GOES_ON in written
    assert "No question has been kept so far." in written
    assert GOES_ON in report_text(begun, begun.figures())


def test_every_outcome_but_kept_has_a_meaning() -> None:
    assert set(MEANINGS) == set(OUTCOMES) - {"kept"}
