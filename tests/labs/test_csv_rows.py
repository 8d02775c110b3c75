from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.services.csv_rows import Report, guarded, plain, read_rows, write_rows

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(CELL)
def test_guarded__any_text__comes_back_and_is_no_formula(text: str) -> None:
    cell = guarded(text)

    assert plain(cell) == text.strip()
    assert not cell.startswith(("=", "+", "@"))
    assert not cell.startswith("-") or float(cell) <= 0


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "yes"),
        (False, "no"),
        (["a", "b"], "a; b"),
        (-3.5, "-3.5"),
        ("-3+cmd|' /C calc'!A0", "'-3+cmd|' /C calc'!A0"),
        ("+359 2 123", "'+359 2 123"),
        ("'tis", "''tis"),
    ],
)
def test_guarded__value__cell(value: object, cell: str) -> None:
    assert guarded(value) == cell


@given(st.lists(st.tuples(CELL, CELL)))
def test_rows__written_and_read__the_same(pairs: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.csv"
        write_rows(path, ("left", "right"), pairs)
        report = Report()
        rows = read_rows(path, report, required={"left", "right"})

    assert report.faults == []
    found = [(row.cells["left"], row.cells["right"]) for row in rows]
    trimmed = [(left.strip(), right.strip()) for left, right in pairs]
    assert found == [pair for pair in trimmed if any(pair)]


def test_rows__record_over_lines__says_where_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"1\n1",2\n\n , \n3,4\n')

    rows = read_rows(path, Report(), required={"a", "b"})

    assert [row.line for row in rows] == [2, 6]
