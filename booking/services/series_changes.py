"""Change or cancel dates of a series: this one, it and those after, or all.

What has begun is never touched. Everything that moves is released before anything is
occupied again, so a series may be shifted onto its own old dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from booking.exceptions import Busy, ChangedMeanwhile, WrongStatus
from booking.models import History, Reservation, Series, SeriesDate
from booking.models.reservation import Status
from booking.permissions import can_change, is_party, require
from booking.selectors.series import series_visible_to
from booking.services import ledger
from booking.services.changes import counters_let_go, expire_lapsed_on
from booking.services.decisions import require_reason
from booking.services.history import history_record_many
from booking.services.lifecycle import is_late_to_cancel
from config import clock
from config.errors import Invalid, Missing
from labs.models import User

State = SeriesDate.State


class Which(TextChoices):
    THIS = "this", _("This date")
    FOLLOWING = "following", _("This and following")
    ALL = "all", _("All dates")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which dates of which series: `number` is the date's, needed but for all."""

    reference: str
    which: str = Which.ALL
    number: int | None = None
    version: int | None = None

    def of(self, dates: Sequence[SeriesDate], now: dt.datetime) -> list[SeriesDate]:
        """Return those that can still be touched, the earliest first.

        Raises Invalid (400) for a number that there is not, WrongStatus (409) where
        none is left.
        """
        ahead = sorted(
            (date for date in dates if date.is_ahead(now)), key=lambda d: d.when.start
        )
        if self.which != Which.ALL:
            of_number = [date for date in dates if date.number == self.number]
            if not of_number:
                raise Invalid({"number": [_("The series has no such date.")]})
            (this,) = of_number
            since = this.when.start
            ahead = [
                date
                for date in ahead
                if date == this
                or (self.which == Which.FOLLOWING and date.when.start >= since)
            ]
        if not ahead:
            raise WrongStatus(_("None of these dates is still ahead."))
        return ahead


@dataclass(slots=True)
class Opened:
    """A series under the lock of its units and rows; `dates` as they are now."""

    series: Series
    units: list[int]
    now: dt.datetime
    dates: list[SeriesDate] = field(default_factory=list)


@contextmanager
def series_changing(
    chosen: Chosen, *, actor: User, resources: Sequence[int] = ()
) -> Iterator[Opened]:
    """Open a transaction on a series; `resources` are locked beside its own.

    Raises Missing (404) where the actor may not see it, ChangedMeanwhile (409) for a
    stale version.
    """
    seen = series_visible_to(actor).filter(reference=chosen.reference).first()
    if seen is None:
        raise Missing
    booked = Reservation.objects.filter(series=seen).order_by()
    found = booked.values_list("resource_id", "counter__resource_id")
    ids = {seen.resource_id, *resources} | {pk for pair in found for pk in pair if pk}
    with ledger.writing():
        units = ledger.lock_units(ids)
        now = clock.now()
        expire_lapsed_on(units, now)
        series = (
            Series.objects.select_for_update(of=("self",), no_key=True)
            .select_related("resource__site", "organisation", "requested_by")
            .get(pk=seen.pk)
        )
        if chosen.version is not None and chosen.version != series.version:
            raise ChangedMeanwhile(series.version)
        dates = _dates(series)
        if not ids >= {
            each.reservation.resource_id for each in dates if each.reservation
        }:
            # Somebody moved some of it elsewhere while we waited for the lock.
            raise Busy
        yield Opened(series, units, now, dates)
        series.version += 1
        series.save()


def _dates(series: Series) -> list[SeriesDate]:
    """Return its dates, their reservations locked."""
    rows = Reservation.objects.select_for_update(of=("self",), no_key=True)
    rows = rows.select_related("resource__site", "organisation").order_by("pk")
    booked = {row.pk: row for row in rows.filter(series=series)}
    dates = list(series.dates.order_by("number"))
    for date in dates:
        date.series = series
        if date.reservation_id is not None:
            date.reservation = booked[date.reservation_id]
    return dates


def series_cancel(*, actor: User, chosen: Chosen, reason: str = "") -> Series:
    """Cancel dates and release them; what is wanted among them is wanted no more.

    The host and the hub must say why. Raises Missing (404), Forbidden (403), Invalid
    (400), WrongStatus (409), ChangedMeanwhile (409).
    """
    with series_changing(chosen, actor=actor) as opened:
        dates = chosen.of(opened.dates, opened.now)
        booked = [date.reservation for date in dates if date.reservation is not None]
        require_party(actor, opened.series, booked)
        ours = is_member(actor, opened.series)
        reason = reason.strip() if ours else require_reason(reason)
        reservations_cancel(booked, actor=actor, now=opened.now, reason=reason)
        rest = [date.pk for date in dates if date.reservation is None]
        SeriesDate.objects.filter(pk__in=rest).update(
            state=State.CANCELLED, reason=reason, code=""
        )
    return opened.series


def is_member(actor: User, series: Series) -> bool:
    """The one who asked for it, and the managers of that organisation."""
    return is_party(actor, parties_of_series(series))


def parties_of_series(series: Series) -> Reservation:
    """Return what the permissions look at, as they would of a date of it; not saved."""
    return Reservation(
        resource=series.resource,
        organisation_id=series.organisation_id,
        requested_by_id=series.requested_by_id,
    )


def require_party(actor: User, series: Series, booked: Sequence[Reservation]) -> None:
    """Raise Forbidden (403) unless each, and the series, is theirs to change."""
    require(can_change(actor, parties_of_series(series)))
    require(all(can_change(actor, reservation) for reservation in booked))


def reservations_cancel(
    booked: Sequence[Reservation], *, actor: User, now: dt.datetime, reason: str
) -> None:
    """Cancel them at once; four statements, and told once."""
    if not booked:
        return
    before = {each.pk: each.status for each in booked}
    counters_let_go(booked)
    late: dict[int, dict[str, Any]] = {}
    for each in booked:
        each.is_late_cancel = is_late_to_cancel(actor, each, now)
        if each.is_late_cancel:
            late[each.pk] = {"is_late_cancel": [False, True]}
        each.status, each.reason = Status.CANCELLED, reason
        each.lapses_at = each.alarm_at = None
        each.version += 1
    Reservation.objects.bulk_update(
        booked,
        ["status", "lapses_at", "alarm_at", "reason", "is_late_cancel", "version"],
    )
    ledger.release_many(booked)
    history_record_many(
        booked,
        History.Action.CANCELLED,
        actor=actor,
        at=now,
        from_statuses=before,
        reason=reason,
        changes=late,
    )
