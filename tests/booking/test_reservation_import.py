from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from booking.models import History, Occupancy, Reservation
from booking.services.reservation_import import OPTIONAL, REQUIRED, reservations_import
from labs.services.csv_rows import Report
from tests.cast import Cast
from tests.factories import DAY, HOUR, open_lab, reserve, tomorrow_at, wish


def no_progress(what: str, done: int, all_of: int) -> None:
    """Nobody watches a test."""


def run(path: Path, *, skip_bad: bool = False) -> Report:
    return reservations_import(path, progress=no_progress, skip_bad=skip_bad)


def row(cast: Cast, key: str, start: dt.datetime, **cells: str) -> dict[str, str]:
    return {
        "key": key,
        "resource": cast.lab.slug,
        "organisation": cast.startup.slug,
        "requested_by": cast.booker.email,
        "starts_at": start.isoformat(),
        "ends_at": (start + HOUR).isoformat(),
        "purpose": "Кастинг",
    } | cells


def write(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*REQUIRED, *OPTIONAL])
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_import__good_rows__occupy_and_are_recorded(cast: Cast, tmp_path: Path) -> None:
    pool = open_lab(units=2, organisation=cast.host)
    start = tomorrow_at(9)
    path = write(
        tmp_path / "r.csv",
        row(cast, "a", start),
        row(cast, "b", start + HOUR),
        row(cast, "c", start, resource=pool.slug),
        row(cast, "d", start, resource=pool.slug),
        row(cast, "e", start - 30 * DAY, status="completed"),
    )
    report = run(path)
    assert (report.faults, report.counts["reservations"]["created"]) == ([], 5)
    assert Occupancy.objects.count() == 4
    assert History.objects.filter(action="imported").count() == 5
    assert Reservation.objects.get(status="completed").occupancy.count() == 0


def test_import__twice__changes_nothing(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path / "r.csv", row(cast, "a", tomorrow_at(9)))
    run(path)
    report = run(path)
    assert report.counts["reservations"] == {"unchanged": 1, "created": 0}
    assert Reservation.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"resource": "nowhere"}, "resource"),
        ({"organisation": "nobody"}, "organisation"),
        ({"requested_by": "nobody@example.com"}, "requested_by"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "2027-03-01T09:00:00"}, "starts_at"),
        ({"starts_at": "9999-03-01T09:00:00Z"}, "starts_at"),
        ({"ends_at": "2020-03-01T09:00:00Z"}, "ends_at"),
        ({"people": "many"}, "people"),
        ({"people": "0"}, "people"),
        ({"quantity": "2"}, "starts_at"),
        ({"requested_by": "OUTSIDER"}, "requested_by"),
        ({"status": "held"}, "status"),
        ({"status": "completed"}, "status"),
        ({"purpose": ""}, "purpose"),
    ],
)
def test_import__a_bad_cell__is_named_and_nothing_is_written(
    cast: Cast, tmp_path: Path, cells: dict[str, str], column: str
) -> None:
    if cells.get("requested_by") == "OUTSIDER":
        cells = {"requested_by": cast.stranger.email}
    good, bad = row(cast, "a", tomorrow_at(9)), row(cast, "b", tomorrow_at(11), **cells)
    path = write(tmp_path / "r.csv", good, bad)
    [fault] = run(path).faults
    assert (fault.file, fault.line, fault.column) == ("r.csv", 3, column)
    assert Reservation.objects.count() == 0
    run(path, skip_bad=True)
    assert Reservation.objects.count() == 1


def test_import__clash_in_the_file_and_with_the_ledger__are_bad_rows(
    cast: Cast, tmp_path: Path
) -> None:
    reserve(cast.lab, cast.stranger, wish(10))
    path = write(
        tmp_path / "r.csv",
        row(cast, "ledger", tomorrow_at(10)),
        row(cast, "first", tomorrow_at(12)),
        row(cast, "second", tomorrow_at(12, 30)),
    )
    assert [fault.line for fault in run(path).faults] == [2, 4]
