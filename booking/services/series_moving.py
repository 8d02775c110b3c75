"""Move dates of a series, or change what they are about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from booking.exceptions import Busy
from booking.expander import to_wall
from booking.models import EffectivePolicy, History, Reservation, Series, SeriesDate
from booking.selectors.approving import way_of
from booking.selectors.facts import Party, Wish
from booking.selectors.series import Judged, Verdict, dates_judge
from booking.series import wall_period
from booking.services import ledger
from booking.services.amending import decide_again
from booking.services.changes import counters_let_go
from booking.services.history import history_record_many
from booking.services.paths import STEP, decisions_void, rules_record
from booking.services.reservations import resource_seen_by
from booking.services.series_changes import (
    Chosen,
    Opened,
    Which,
    require_party,
    reservations_cancel,
    series_changing,
)
from booking.services.series_writing import (
    changes_of,
    dates_book,
    note,
    own_holds_let_go,
    require_all,
)
from config.errors import Invalid
from labs.models import Resource, User

#: What is judged of a date that stays where it is: it was right when it was asked for.
OF_PEOPLE = ("too_many_people",)
#: Longer than any shift that one would mean.
LONGEST_SHIFT = dt.timedelta(days=366)
Pair = tuple[SeriesDate, Verdict]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise; None leaves it. `shift` is by the clock on the wall."""

    shift: dt.timedelta = dt.timedelta()
    minutes: int | None = None
    purpose: str | None = None
    people: int | None = None
    resource_slug: str | None = None

    @property
    def moves(self) -> bool:
        return bool(self.shift or self.minutes or self.resource_slug)


def series_change(
    *, actor: User, chosen: Chosen, change: Change, keep: bool = False
) -> Series:
    """Change dates of a series; what cannot be had as with `series_create`.

    With `keep` a date that cannot go there gives up its reservation and is wanted
    there. Where the resource needs approval a guest's move makes it pending again.
    Raises as `series_create` does, and WrongStatus (409), ChangedMeanwhile (409).
    """
    if abs(change.shift) > LONGEST_SHIFT:
        raise Invalid({"shift_minutes": [_("That is more than a year.")]})
    resource = None
    if change.resource_slug:
        resource = resource_seen_by(actor, change.resource_slug)
    beside = [resource.pk] if resource else []
    with series_changing(chosen, actor=actor, resources=beside) as opened:
        dates = chosen.of(opened.dates, opened.now)
        booked = [date.reservation for date in dates if date.reservation is not None]
        require_party(actor, opened.series, booked)
        to = resource or opened.series.resource
        if to.kind != opened.series.resource.kind:
            raise Invalid({"resource": [_("It is of another kind.")]})
        _change(actor, opened, dates, to, change, keep)
        if chosen.which != Which.THIS:
            _change_series(opened.series, to, change)
    return opened.series


def _change_series(series: Series, to: Resource, change: Change) -> None:
    series.resource = to
    series.purpose = change.purpose or series.purpose
    series.people = change.people or series.people


def _change(
    actor: User,
    opened: Opened,
    dates: list[SeriesDate],
    to: Resource,
    change: Change,
    keep: bool,
) -> None:
    booked = [date.reservation for date in dates if date.reservation is not None]
    if change.moves or change.people:
        counters_let_go(booked)
        ledger.release_many(booked)
        judged = _judge(actor, opened, dates, to, change)
        if not keep or len(judged.bad) == len(dates):
            require_all(judged)
        own_holds_let_go(judged.verdicts)
        pairs = list(zip(dates, judged.verdicts, strict=True))
        _write(actor, opened, pairs, judged.policy, to, change)
    elif change.purpose:
        before = {each.pk: _as_it_is(each) for each in booked}
        for each in booked:
            each.purpose = change.purpose
        _save(booked, before, actor, opened.now, History.Action.CHANGED, {})


def _judge(
    actor: User, opened: Opened, dates: list[SeriesDate], to: Resource, change: Change
) -> Judged:
    series = opened.series
    wishes = [_wish(date, to, change) for date in dates]
    party = Party(series.requested_by_id, series.organisation_id)
    gone = [date.reservation_id for date in dates]
    ledger.lock_guests([party.organisation_id])
    only = None if change.moves else OF_PEOPLE
    judged = dates_judge(actor, party, to.pk, wishes, opened.now, gone, only)
    if not set(judged.unit_ids) <= set(opened.units):
        raise Busy
    return judged


def _wish(date: SeriesDate, to: Resource, change: Change) -> Wish:
    """Return when it shall be: so much later by the clock on the wall."""
    zone, was = to.site.zone, date.when
    start, end = to_wall(was.start, zone), to_wall(was.end, zone)
    minutes = change.minutes or int((end - start).total_seconds() // 60)
    period = was
    if change.shift or change.minutes:
        period = wall_period(start + change.shift, minutes, zone)
    now: Any = date.reservation or date.series
    if period.start >= period.end:
        raise Invalid({"shift_minutes": [_("That night skips this time.")]})
    people = change.people or now.people
    answers = date.series.answers
    return Wish(*period, people, now.quantity, with_terms=False, answers=answers)


def _write(
    actor: User,
    opened: Opened,
    pairs: Sequence[Pair],
    policy: EffectivePolicy,
    to: Resource,
    change: Change,
) -> None:
    """Move what is booked, book what can be had now, give up what cannot."""
    now, series = opened.now, opened.series
    for date, verdict in pairs:
        date.starts_at, date.ends_at = verdict.wish.starts_at, verdict.wish.ends_at
    lost: list[Pair] = []
    moved: list[Pair] = []
    found: list[Pair] = []
    for date, verdict in pairs:
        if date.reservation is None:
            (found if verdict.is_free else lost).append((date, verdict))
        else:
            (moved if verdict.is_free else lost).append((date, verdict))
    given_up = [date.reservation for date, _verdict in lost if date.reservation]
    reason = str(_("It could not move with its series."))
    reservations_cancel(given_up, actor=actor, now=now, reason=reason)
    _move(actor, moved, policy, to, change, now)
    was = series.resource, series.people, series.purpose
    _change_series(series, to, change)
    dates_book(series, found, policy, actor=actor, now=now)
    series.resource, series.people, series.purpose = was
    for date, verdict in lost:
        date.reservation = None
        note(date, verdict)
    SeriesDate.objects.bulk_update(
        [date for date, _verdict in pairs],
        ["starts_at", "ends_at", "state", "reservation", "code", "reason"],
    )


def _move(
    actor: User,
    moved: Sequence[Pair],
    policy: EffectivePolicy,
    to: Resource,
    change: Change,
    now: dt.datetime,
) -> None:
    booked = [date.reservation for date, _verdict in moved if date.reservation]
    verdicts = [verdict for _date, verdict in moved]
    before = {each.pk: _as_it_is(each) for each in booked}
    from_statuses = {each.pk: str(each.status) for each in booked}
    way = way_of(to.pk, now) if policy.needs_approval else None
    again: list[Reservation] = []
    for reservation, verdict in zip(booked, verdicts, strict=True):
        wish = verdict.wish
        elsewhere = reservation.resource_id != to.pk
        reservation.resource = to
        reservation.starts_at, reservation.ends_at = wish.starts_at, wish.ends_at
        reservation.free_at = wish.ends_at + policy.turnaround
        reservation.cancel_by_at = policy.cancel_by(wish.starts_at)
        reservation.people = wish.people
        reservation.purpose = change.purpose or reservation.purpose
        if decide_again(
            actor, reservation, policy, wish, now, is_elsewhere=elsewhere, way=way
        ):
            again.append(reservation)
    decisions_void(again)
    action = History.Action.MOVED if change.moves else History.Action.CHANGED
    more = changes_of(booked, verdicts, rules_record(again, now))
    _save(booked, before, actor, now, action, from_statuses, more)
    units = [verdict.units for verdict in verdicts]
    ledger.occupy_many(zip(booked, units, strict=True))


def _as_it_is(reservation: Reservation) -> dict[str, Any]:
    return {
        "starts_at": reservation.starts_at.isoformat(),
        "ends_at": reservation.ends_at.isoformat(),
        "resource": reservation.resource.slug,
        "people": reservation.people,
        "purpose": reservation.purpose,
    }


def _save(
    booked: Sequence[Reservation],
    before: dict[int, dict[str, Any]],
    actor: User,
    now: dt.datetime,
    action: History.Action,
    from_statuses: dict[int, str],
    more: Mapping[int, dict[str, Any]] | None = None,
) -> None:
    """Write them with a history of what changed; two statements."""
    if not booked:
        return
    for each in booked:
        each.version += 1
    Reservation.objects.bulk_update(
        booked,
        [
            "resource",
            "starts_at",
            "ends_at",
            "free_at",
            "cancel_by_at",
            "people",
            "purpose",
            "status",
            "decided_by",
            "decided_at",
            "path",
            "approvals_needed",
            "if_undecided",
            "rule",
            *STEP,
            "version",
        ],
    )
    changes = {}
    for each in booked:
        after = _as_it_is(each)
        changes[each.pk] = {
            name: [was, after[name]]
            for name, was in before[each.pk].items()
            if was != after[name]
        } | (more or {}).get(each.pk, {})
    statuses = from_statuses or {each.pk: str(each.status) for each in booked}
    history_record_many(
        booked, action, actor=actor, at=now, from_statuses=statuses, changes=changes
    )
