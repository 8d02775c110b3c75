"""The calendar part of a mail, for whoever comes."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from booking.ics.invitations import CANCEL, REQUEST, invitation_of, series_invitation_of
from booking.models import Reservation, Series
from booking.models.reservation import Status
from config import clock
from notifications.models import Kind, Message
from notifications.selectors import told_with

#: What puts it into a calendar, moves or removes it there; a reminder does not.
CALENDAR_KINDS = frozenset(
    {
        *(Kind.REQUESTED, Kind.RESERVED, Kind.APPROVED, Kind.MOVED, Kind.CHANGED),
        *(Kind.ACCEPTED, Kind.HANDED_OVER),
        *(Kind.DECLINED, Kind.CANCELLED, Kind.EXPIRED),
    }
)
ENDED = frozenset({Status.DECLINED, Status.CANCELLED, Status.EXPIRED})


def invitation_add(mail: EmailMultiAlternatives, message: Message) -> None:
    """Add the calendar part, where the mail is about somebody's own coming.

    Those who decide have feeds: a request is no appointment of theirs.
    """
    made = _invitation(message)
    if made is None:
        return
    text = made.decode()
    method = CANCEL if "METHOD:CANCEL\r\n" in text else REQUEST
    mail.attach_alternative(text, f"text/calendar; method={method}")
    mail.attach("invite.ics", text, f"text/calendar; method={method}")


def _invitation(message: Message) -> bytes | None:
    reservation, person, now = message.reservation, message.person, clock.now()
    if reservation is None or message.kind not in CALENDAR_KINDS:
        return None
    mine = reservation.requested_by_id == person.pk
    if not mine and not _was_theirs(message):
        return None
    with translation.override(person.language):
        if reservation.series is not None and mine:
            whole = _series(message, reservation, reservation.series)
            if whole is not None:
                return whole
        gone = not mine or reservation.status in ENDED
        return invitation_of(reservation, person, now, gone=gone)


def _was_theirs(message: Message) -> bool:
    """Whether this person was to come before it was handed over."""
    if message.kind != Kind.HANDED_OVER or message.history is None:
        return False
    before, _after = message.history.changes.get("requested_by_id", (None, None))
    return bool(before == message.person_id)


def _series(message: Message, reservation: Reservation, series: Series) -> bytes | None:
    dates = Reservation.objects.filter(
        series=reservation.series_id,
        requested_by=message.person_id,
        series_date__isnull=False,
    ).select_related("resource__site", "resource__organisation", "series_date")
    told = {reservation.pk}
    if message.history is not None:
        rows = told_with(message.history, reservation)
        told |= set(rows.values_list("reservation", flat=True))
    return series_invitation_of(series, list(dates), told, message.person, clock.now())
