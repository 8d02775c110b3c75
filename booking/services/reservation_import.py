"""Reservations from another system, by CSV: all rows checked first, then all written.

The rules are those of everybody; what staff may override, the operator who imports
does. Past ones are recorded as `completed` and occupy nothing.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import DateTimeField, Func
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from booking.models import History, Occupancy, OpenPeriod, Reservation
from booking.models.reservation import OCCUPYING, Status
from booking.periods import Period
from booking.rules import Facts, violations
from booking.services import ledger
from booking.services.bulk import copy_rows, rows_number, rows_write
from booking.services.lifecycle import reservations_expire_lapsed
from config import clock
from config.serializers import YEARS
from labs.models import Coverage, Organisation, Resource, User
from labs.services.csv_rows import Report, Row, read_rows, refuse_repeated

REQUIRED = (
    "key",
    "resource",
    "organisation",
    "requested_by",
    "starts_at",
    "ends_at",
    "purpose",
)
OPTIONAL = ("people", "quantity", "status")
IMPORT_PREFIX = "import:"
#: Others would need a decision or a person that the file does not have.
STATUSES = (Status.APPROVED, Status.COMPLETED)
#: What a history row of the import says beside: nothing.
HISTORY_REST = {"from_status": "", "reason": "", "changes": "{}"}
#: Asked of PostgreSQL: to parse a hundred thousand ranges here takes seconds.
EDGES = (
    Func("during", function="lower", output_field=DateTimeField()),
    Func("during", function="upper", output_field=DateTimeField()),
)
Progress = Callable[[str, int, int], None]


class BadRow(Exception):
    """A cell that cannot be used: the column and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column, self.reason = column, reason


@dataclass
class Busy:
    """When one unit is taken; disjoint, so starts and ends sort alike."""

    starts: list[dt.datetime] = field(default_factory=list)
    ends: list[dt.datetime] = field(default_factory=list)

    def is_free(self, start: dt.datetime, end: dt.datetime) -> bool:
        return bisect_right(self.ends, start) == bisect_left(self.starts, end)

    def add(self, start: dt.datetime, end: dt.datetime) -> None:
        insort(self.starts, start)
        insort(self.ends, end)


@dataclass
class Hub:
    """All that rows are checked against, read once: six queries for any file."""

    now: dt.datetime
    resources: dict[str, Resource]
    organisations: dict[str, int]
    people: dict[str, User]
    units: dict[int, list[int]]
    open: dict[int, list[Period]]
    busy: dict[int, Busy]

    @classmethod
    def read(cls, now: dt.datetime) -> Hub:
        resources = Resource.objects.select_related(
            "site", "organisation", "effective_policy"
        )
        units: dict[int, list[int]] = defaultdict(list)
        pairs = Coverage.objects.order_by("unit_id")
        for resource_id, unit_id in pairs.values_list("resource_id", "unit_id"):
            units[resource_id].append(unit_id)
        opened: dict[int, list[Period]] = defaultdict(list)
        periods = OpenPeriod.objects.order_by("during")
        for resource_id, *edges in periods.values_list("resource_id", *EDGES):
            opened[resource_id].append(Period(*edges))
        busy: dict[int, Busy] = defaultdict(Busy)
        for unit_id, *edges in Occupancy.objects.values_list("unit_id", *EDGES):
            busy[unit_id].add(*edges)
        return cls(
            now=now,
            resources={resource.slug: resource for resource in resources},
            organisations=dict(
                Organisation.objects.filter(is_active=True).values_list("slug", "pk")
            ),
            people={
                person.email: person
                for person in User.objects.filter(is_active=True).prefetch_related(
                    "memberships"
                )
            },
            units=units,
            open=opened,
            busy=busy,
        )

    def is_open(self, resource_id: int, wanted: Period) -> bool:
        periods = self.open[resource_id]
        at = bisect_right(periods, wanted.start, key=lambda period: period.start)
        return at > 0 and periods[at - 1].contains(wanted)


def reservations_import(path: Path, *, progress: Progress, skip_bad: bool) -> Report:
    """Import a CSV file of reservations in one transaction.

    Nothing is written unless every row is good, or with `skip_bad` the good ones are.
    A `key` that came before is left alone, so running it twice changes nothing. Raises
    OSError as `open` does.
    """
    report = Report()
    rows = read_rows(path, report, required=REQUIRED, optional=OPTIONAL)
    rows = refuse_repeated(rows, lambda row: row.cells["key"], "key", report)
    # What has run out but was not swept yet must not stand in a row's way.
    reservations_expire_lapsed()
    with ledger.writing():
        ledger.lock_units(Resource.objects.values_list("pk", flat=True))
        hub = Hub.read(clock.now())
        known = set(
            Reservation.objects.filter(idempotency_key__startswith=IMPORT_PREFIX)
            .values_list("idempotency_key", flat=True)
            .iterator()
        )
        new = [row for row in rows if IMPORT_PREFIX + row.cells["key"] not in known]
        report.count("reservations", "unchanged", len(rows) - len(new))
        good = list(_check_all(new, hub, report, progress))
        if not report.faults or skip_bad:
            _write(good, hub.now, progress)
            report.count("reservations", "created", len(good))
    return report


Checked = tuple[Reservation, Sequence[int]]


def _check_all(
    rows: Sequence[Row], hub: Hub, report: Report, progress: Progress
) -> Iterator[Checked]:
    for number, row in enumerate(rows, 1):
        try:
            yield _check(row, hub)
        except BadRow as bad:
            report.faults.append(row.fault(bad.column, bad.reason))
        if number % 1_000 == 0 or number == len(rows):
            progress(_("checked"), number, len(rows))


def _check(row: Row, hub: Hub) -> Checked:
    """Return the reservation that a row describes, with its units; raises BadRow."""
    cells = row.cells
    resource = _known(hub.resources, cells, "resource")
    status = cells.get("status") or Status.APPROVED
    if status not in STATUSES:
        raise BadRow("status", _("Use one of: %(all)s.") % {"all": ", ".join(STATUSES)})
    reservation = Reservation(
        resource=resource,
        organisation_id=_known(hub.organisations, cells, "organisation"),
        requested_by=_member(hub, cells),
        status=status,
        starts_at=_instant(cells, "starts_at"),
        ends_at=_instant(cells, "ends_at"),
        purpose=_text(cells, "purpose", 500),
        people=_number(cells, "people"),
        quantity=_number(cells, "quantity"),
        idempotency_key=IMPORT_PREFIX + _text(cells, "key", 200),
        created_at=hub.now,
    )
    if reservation.ends_at <= reservation.starts_at:
        raise BadRow("ends_at", _("The end must come after the start."))
    if reservation.ends_at - reservation.starts_at > dt.timedelta(days=31):
        raise BadRow("ends_at", _("A reservation lasts at most 31 days."))
    reservation.free_at = reservation.ends_at + resource.effective_policy.turnaround
    reservation.cancel_by_at = resource.effective_policy.cancel_by(
        reservation.starts_at
    )
    if status not in OCCUPYING:
        if reservation.ends_at > hub.now:
            raise BadRow("status", _("It is not over yet."))
        return reservation, ()
    return reservation, _occupy(reservation, resource, hub)


def _occupy(reservation: Reservation, resource: Resource, hub: Hub) -> list[int]:
    units = hub.units[resource.pk]
    facts = Facts(
        now=hub.now,
        starts_at=reservation.starts_at,
        ends_at=reservation.ends_at,
        people=reservation.people,
        quantity=reservation.quantity,
        policy=resource.effective_policy,
        zone=resource.site.zone,
        is_published=resource.is_published,
        is_open=hub.is_open(
            resource.pk, Period(reservation.starts_at, reservation.ends_at)
        ),
        capacity=resource.people,
        is_pool=resource.is_pool,
        units=len(units),
    )
    for violation in violations(facts):
        if not violation.overridable:
            raise BadRow("starts_at", str(violation.detail))
    start, end = reservation.starts_at, reservation.free_at
    free = [pk for pk in units if hub.busy[pk].is_free(start, end)]
    needed = reservation.quantity if resource.is_pool else len(units)
    if len(free) < needed or not needed:
        raise BadRow("starts_at", _("Somebody else has this time already."))
    for pk in free[:needed]:
        hub.busy[pk].add(start, end)
    return free[:needed]


def _known(things: dict[str, Any], cells: Any, column: str) -> Any:
    name = cells[column].lower() if column == "requested_by" else cells[column]
    if name not in things:
        raise BadRow(column, _("There is no “%(name)s”.") % {"name": name})
    return things[name]


def _member(hub: Hub, cells: Any) -> User:
    """Return who asked for it: of the organisation, or of the hub's staff."""
    person: User = _known(hub.people, cells, "requested_by")
    organisation_id = hub.organisations[cells["organisation"]]
    memberships = person.memberships.all()
    if person.is_hub_staff or any(
        each.organisation_id == organisation_id for each in memberships
    ):
        return person
    raise BadRow("requested_by", _("This person is not a member there."))


def _instant(cells: Any, column: str) -> dt.datetime:
    try:
        found = parse_datetime(cells[column])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        raise BadRow(
            column, _("Give an instant as ISO 8601, such as 2027-03-01T09:00:00+02:00.")
        )
    return found.astimezone(dt.UTC)


def _number(cells: Any, column: str) -> int:
    cell = cells.get(column) or "1"
    if not (cell.isascii() and cell.isdigit()) or not 1 <= int(cell) <= 10_000:
        raise BadRow(column, _("Give a number between 1 and 10,000."))
    return int(cell)


def _text(cells: Any, column: str, most: int) -> str:
    cell: str = cells[column]
    if not 1 <= len(cell) <= most:
        raise BadRow(column, _("Give 1 to %(n)d characters.") % {"n": most})
    return cell


def _write(good: Sequence[Checked], now: dt.datetime, progress: Progress) -> None:
    """Write reservations, ledger and history by COPY, the fastest way in."""
    made = [reservation for reservation, _units in good]
    rows_number(made)
    rows_write(Reservation, made)
    progress(_("written"), len(good) // 2, len(good))
    ledger.occupy_many(good)
    copy_rows(
        History,
        ["reservation_id", "at", "recorded_at", "action", *HISTORY_REST, "to_status"],
        (
            (
                row.pk,
                now,
                now,
                History.Action.IMPORTED,
                *HISTORY_REST.values(),
                row.status,
            )
            for row, _units in good
        ),
    )
    progress(_("written"), len(good), len(good))
