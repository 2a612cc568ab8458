"""Lists and dates as texts: whatever they hold is read back, and every reader takes them for texts."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.json
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tools.files.entries import choices_of, entries_of, entry_lines, guarded, unguarded

BREAKING = st.text(st.sampled_from('a" \\\n\r\x0b\x1c\x85\u2028\u2029n[')) | st.text()
DATED = st.text(st.sampled_from("0123456789-:TZ+. \n"), max_size=30) | st.datetimes().map(str)


@given(st.lists(BREAKING, max_size=5))
def test_entries_come_back_and_each_stands_on_its_line(entries: list[str]) -> None:
    text = entry_lines(entries)
    assert entries_of(text) == entries
    assert len(text.splitlines()) == len(entries)


def test_plain_entries_stand_as_they_are() -> None:
    assert entry_lines([r"\frac{1}{2}", "", "café"]) == "\\frac{1}{2}\n\ncafé\n"


@pytest.mark.parametrize("text", ["a", "a\nb", '"a\n', '"a"\n', "a\r\n", '"a\\u2028b"', "a\u2028"])
def test_a_text_that_no_list_makes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        entries_of(text)


@given(DATED)
@example("2031-05-09")
@example("2031-05-09T10:00:00+00:00")
@example("2031-05-09 10:00Z\n")
def test_no_text_is_taken_for_a_time(text: str) -> None:
    assert unguarded(guarded(text)) == unguarded(text)
    assert guarded(guarded(text)) == guarded(text)
    line = json.dumps({"a": guarded(text)}).encode()
    assert pyarrow.json.read_json(io.BytesIO(line)).schema.field("a").type == pa.string()


def test_options_are_read_in_every_form_of_a_file() -> None:
    wanted = ("a", 'the "b"')
    assert choices_of(["a", 'the "b"']) == choices_of('a\nthe "b"\n') == choices_of(json.dumps(wanted)) == wanted
    assert choices_of(None) == choices_of("") == choices_of([]) == ()
