"""What every path to a date's reservation ends in: create, change, and what frees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from booking.exceptions import SeriesClash
from booking.models import EffectivePolicy, History, Reservation, Series, SeriesDate
from booking.models.reservation import Status
from booking.selectors.approving import way_of
from booking.selectors.series import Judged, Verdict
from booking.services import ledger
from booking.services.bulk import rows_number, rows_write
from booking.services.changes import let_go
from booking.services.history import history_record_many
from booking.services.paths import request_begin, rules_record
from labs.models import User

State = SeriesDate.State
REASON_LENGTH = 500


def require_all(judged: Judged) -> None:
    """Raise SeriesClash (409) with every date that cannot be had and why."""
    if judged.bad:
        dates = [clash_shape(verdict) for verdict in judged.bad]
        raise SeriesClash(dates, len(judged.verdicts))


def clash_shape(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as both doors show it."""
    return {
        "starts_at": verdict.wish.starts_at,
        "ends_at": verdict.wish.ends_at,
        "state": verdict.state,
        "code": verdict.code,
        "reasons": [str(text) for text in verdict.reasons],
        "violations": [found.as_dict() for found in verdict.violations],
        "taken": verdict.taken,
    }


def own_holds_let_go(verdicts: Sequence[Verdict]) -> None:
    """Let go of what the actor's open forms hold in the way; mostly nothing."""
    held = {pk for verdict in verdicts for pk in verdict.own_holds}
    if held:
        holds = Reservation.objects.of_forms().filter(pk__in=held)
        for each in holds.select_for_update():
            let_go(each)


def changes_of(
    written: Sequence[Reservation],
    verdicts: Sequence[Verdict],
    changes: dict[int, dict[str, Any]],
) -> dict[int, dict[str, Any]]:
    """Return what histories keep, by id: with what the rules let pass, if any."""
    for reservation, verdict in zip(written, verdicts, strict=True):
        if verdict.cautions:
            said = changes.setdefault(reservation.pk, {})
            said["cautions"] = [[], verdict.cautions]
    return changes


def note(date: SeriesDate, verdict: Verdict) -> None:
    """Say of a date without a reservation what stands in its way."""
    waits = verdict.state == "taken"
    date.state = State.WANTED if waits else State.SKIPPED
    date.code = verdict.code
    date.reason = " ".join(str(text) for text in verdict.reasons)[:REASON_LENGTH]


def dates_book(
    series: Series,
    chosen: Sequence[tuple[SeriesDate, Verdict]],
    policy: EffectivePolicy,
    *,
    actor: User,
    now: dt.datetime,
    reason: str = "",
) -> None:
    """Reserve these dates, or ask to; five statements. The dates are not saved yet.

    Raises SlotTaken where the ledger has it otherwise; the transaction must end.
    """
    way = way_of(series.resource_id, now) if policy.needs_approval else None
    made = [
        Reservation(
            resource=series.resource,
            organisation=series.organisation,
            requested_by=series.requested_by,
            series=series,
            starts_at=verdict.wish.starts_at,
            ends_at=verdict.wish.ends_at,
            free_at=verdict.wish.ends_at + policy.turnaround,
            cancel_by_at=policy.cancel_by(verdict.wish.starts_at),
            purpose=series.purpose,
            terms_id=policy.terms_id,
            answers=list(policy.answers),
            people=series.people,
            quantity=series.quantity,
            created_at=now,
        )
        for _date, verdict in chosen
    ]
    for (_date, verdict), reservation in zip(chosen, made, strict=True):
        request_begin(reservation, policy, verdict.wish, now, way)
    rows_number(made)
    rows_write(Reservation, made)
    units = [verdict.units for _date, verdict in chosen]
    ledger.occupy_many(zip(made, units, strict=True))
    verdicts = [verdict for _date, verdict in chosen]
    changes = changes_of(made, verdicts, rules_record(made, now))
    for status, action in (
        (Status.PENDING, History.Action.REQUESTED),
        (Status.APPROVED, History.Action.RESERVED),
    ):
        rows = [each for each in made if each.status == status]
        history_record_many(
            rows, action, actor=actor, at=now, reason=reason, changes=changes
        )
    for (date, _verdict), reservation in zip(chosen, made, strict=True):
        date.reservation, date.state = reservation, State.BOOKED
        date.code = date.reason = ""
