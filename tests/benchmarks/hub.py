"""A hub of a size that hurts, made as CSV and taken in by the product's own import."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

ORGANISATIONS, SITES, RESOURCES, PEOPLE = 20, 5, 200, 500
RESERVATIONS = 100_000
SOFIA = ZoneInfo("Europe/Sofia")
KINDS = ("laboratory", "premises", "equipment")
#: Hours of the day that the import leaves free, for the benchmark to reserve.
LEFT_FREE = (18, 19)


def write(path: Path, columns: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns.split())
        writer.writerows(rows)


def write_hub(folder: Path) -> None:
    """Write the hub's four files: every tenth resource a pool of four."""
    write(
        folder / "organisations.csv",
        "slug name name_bg kind",
        (
            (f"org-{n}", f"Organisation {n}", f"Организация {n}", "company")
            for n in range(ORGANISATIONS)
        ),
    )
    write(
        folder / "people.csv",
        "email name language hub_staff organisation role",
        (
            (
                f"person-{n}@bench.example",
                f"Person {n}",
                "bg" if n % 2 else "en",
                "no",
                f"org-{n % ORGANISATIONS}",
                "manager" if n < ORGANISATIONS else "booker",
            )
            for n in range(PEOPLE)
        ),
    )
    write(
        folder / "sites.csv",
        "slug name name_bg address time_zone",
        (
            (f"site-{n}", f"Site {n}", f"Място {n}", f"{n} Test St", "Europe/Sofia")
            for n in range(SITES)
        ),
    )
    write(
        folder / "resources.csv",
        "slug name name_bg kind organisation site people units is_pool listing",
        (
            (
                f"lab-{n}",
                f"Lab {n}",
                f"Лаборатория {n}",
                KINDS[n % 3],
                f"org-{n % ORGANISATIONS}",
                f"site-{n % SITES}",
                8,
                4 if n % 10 == 0 else 1,
                "yes" if n % 10 == 0 else "no",
                "published",
            )
            for n in range(RESOURCES)
        ),
    )


def weekdays(first: dt.date) -> Iterator[dt.date]:
    """Yield working days, from the day after `first`."""
    day = first
    while True:
        day += dt.timedelta(days=1)
        if day.weekday() < 5:
            yield day


def write_reservations(path: Path, today: dt.date) -> None:
    """Write reservations from 08 to 18 on working days, some three a day each."""
    chance = random.Random(7)
    columns = "key resource organisation requested_by starts_at ends_at purpose people"
    write(path, columns, _reservations(today, chance))


def _reservations(
    today: dt.date, chance: random.Random
) -> Iterator[tuple[object, ...]]:
    made = 0
    for day in weekdays(today):
        for number in range(RESOURCES):
            hour = 8
            while hour < 18:
                length = chance.choice((1, 2, 2, 3))
                start = dt.datetime.combine(day, dt.time(hour), SOFIA)
                end = start + dt.timedelta(hours=min(length, 18 - hour))
                person = chance.randrange(PEOPLE)
                yield (
                    f"r{made}",
                    f"lab-{number}",
                    f"org-{person % ORGANISATIONS}",
                    f"person-{person}@bench.example",
                    start.isoformat(),
                    end.isoformat(),
                    "Shooting a pilot",
                    2,
                )
                made += 1
                if made == RESERVATIONS:
                    return
                hour += length + chance.choice((0, 1, 1, 2))
