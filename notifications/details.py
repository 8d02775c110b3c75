"""What stands under the words of a message: the facts of its reservation, in rows."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from booking.models import AvailabilityRule, Reservation
from booking.models.paths import Turn
from booking.models.reservation import CANCELLABLE, Status
from booking.questions import answer_text, local
from booking.selectors.hours import closures_of
from booking.words import zone_text
from config.mail import Row, one_line
from labs.models import Resource
from notifications.models import Kind, Message
from notifications.selectors import told_with
from notifications.times import moment_text, own_time_text, period_text

#: A guest who is told one of these is about to come.
SAYS_HOW_TO_COME = frozenset(
    {Kind.RESERVED, Kind.APPROVED, Kind.MOVED, Kind.CHANGED, Kind.REMINDER}
)

#: In these a host may want the time for something else, and has said what.
SAYS_WHAT_CLOSES = frozenset({Kind.CANCELLED, Kind.MOVE_ASKED})

Rows = list[Row]


def parts_of_kit(reservation: Reservation) -> list[str]:
    """Return the parts of its kit, each with how it stands."""
    if reservation.kit_id is None:
        return []
    rows = Reservation.objects.filter(kit=reservation.kit_id).order_by("pk")
    parts = rows.select_related("resource__organisation", "resource__site")
    return [
        ", ".join(
            text
            for text in (
                f"{_what(each)}: {each.get_status_display()}",
                ": ".join(_decided_by(each)),
            )
            if text
        )
        for each in parts
    ]


def details_of(message: Message, *, to_guest: bool) -> Rows:
    """Return its rows; only who comes is told how to get in."""
    reservation = message.booked
    lines: Rows = [
        (_("What"), _what(reservation)),
        *_when(message),
        *_more_dates(message),
        *_where(message, to_guest=to_guest),
        (_("Organisation"), one_line(reservation.organisation)),
        (_("Purpose"), one_line(reservation.purpose)),
        (_("People"), str(reservation.people)),
        *([] if to_guest else _answers(reservation)),
        *_other_before(message),
        *(_closed(message) if to_guest else []),
        (_("Status"), reservation.get_status_display()),
        _decided_by(reservation) or ("", ""),
        (_("Cancel until"), _cancel_until(reservation)),
        ("", _("Cancelled late") if reservation.is_late_cancel else ""),
    ]
    return [(label, value) for label, value in lines if value]


def _answers(reservation: Reservation) -> Rows:
    """Return what its host asked and was told; who comes knows it."""
    return [
        (one_line(local(row)), one_line(answer_text(row)))
        for row in reservation.answers
    ]


def _what(reservation: Reservation) -> str:
    resource = one_line(reservation.resource)
    if not reservation.resource.is_pool:
        return resource
    return _("%(resource)s, %(quantity)s of it") % {
        "resource": resource,
        "quantity": reservation.quantity,
    }


def _when(message: Message) -> Rows:
    reservation = message.booked
    zone = reservation.resource.site.zone
    starts_at, ends_at = reservation.starts_at, reservation.ends_at
    own = own_time_text(starts_at, ends_at, zone, message.person.time_zone)
    return [
        (_("When"), period_text(starts_at, ends_at, zone)),
        ("", _("Times in %(zone)s") % {"zone": zone_text(zone, starts_at)}),
        (_("Your time"), own),
        (_("Before"), _period_before(message)),
    ]


def _cancel_until(reservation: Reservation) -> str:
    """Return until when it is not late, while there is something to cancel."""
    deadline = reservation.cancel_by_at
    if deadline is None or reservation.status not in CANCELLABLE:
        return ""
    return moment_text(deadline, reservation.resource.site.zone)


def _more_dates(message: Message) -> Rows:
    """Return the other dates of a series that the message is about, if there are."""
    history, zone = message.history, message.booked.resource.site.zone
    if history is None:
        return []
    rows = told_with(history, message.booked).exclude(pk=history.pk)
    dates = list(rows.values_list("reservation__starts_at", "reservation__ends_at"))
    if not dates:
        return []
    more = ngettext("and %(n)d more date", "and %(n)d more dates", len(dates))
    lines = [(_("Series"), more % {"n": len(dates)})]
    return lines + [("", f"  {period_text(*date, zone=zone)}") for date in dates]


def _period_before(message: Message) -> str:
    """Return when it was before it was moved, nothing in other messages."""
    if message.kind not in {Kind.MOVED, Kind.CHANGED} or message.history is None:
        return ""
    reservation, changes = message.booked, message.history.changes
    if not changes.keys() & {"starts_at", "ends_at"}:
        return ""
    was = {
        name: dt.datetime.fromisoformat(changes[name][0])
        if name in changes
        else getattr(reservation, name)
        for name in ("starts_at", "ends_at")
    }
    return period_text(**was, zone=reservation.resource.site.zone)


def _other_before(message: Message) -> Rows:
    """Return what else was changed, as it was."""
    if message.kind != Kind.CHANGED or message.history is None:
        return []
    was = {name: pair[0] for name, pair in message.history.changes.items()}
    before = Resource.objects.filter(slug=was.get("resource", "")).first()
    return [
        (_("Resource before"), one_line(before) if before else ""),
        (_("Purpose before"), one_line(was.get("purpose", ""))),
        (_("People before"), str(was.get("people", ""))),
    ]


def _closed(message: Message) -> Rows:
    """Return the closure for which its guest is to move, or was cancelled, if any."""
    if message.kind not in SAYS_WHAT_CLOSES:
        return []
    reservation = message.booked
    zone = reservation.resource.site.zone
    closing = closures_of(reservation.resource).filter(
        event__start__lt=reservation.ends_at, event__end__gt=reservation.starts_at
    )
    return [
        (
            _("Closed"),
            f"{period_text(each.event.start, each.event.end, zone)}, {_why(each)}",
        )
        for each in closing[:1]
    ]


def _why(closure: AvailabilityRule) -> str:
    """Return its reason, and the note that stands on the resource's page, too."""
    is_bulgarian = (get_language() or "").startswith("bg")
    note = (closure.note_bg if is_bulgarian else "") or closure.note or closure.note_bg
    reason = str(closure.get_reason_display())
    return f"{reason}: {one_line(note)}" if note else reason


def _where(message: Message, *, to_guest: bool) -> Rows:
    site = message.booked.resource.site
    lines = [(_("Where"), f"{one_line(site)}, {one_line(site.address)}")]
    comes = message.booked.status in {Status.APPROVED, Status.IN_USE}
    if message.kind in SAYS_HOW_TO_COME and comes and to_guest:
        lines.append((_("How to get in"), one_line(site.access_notes)))
    return lines


def _decided_by(reservation: Reservation) -> Row | tuple[()]:
    if reservation.status != Status.PENDING or reservation.lapses_at is None:
        return ()
    host = one_line(reservation.resource.organisation)
    by = moment_text(reservation.lapses_at, reservation.resource.site.zone)
    who = {
        Turn.HOST: _("%(host)s, by %(moment)s"),
        Turn.HUB: _("the hub, by %(moment)s"),
    }.get(Turn(reservation.turn), _("%(host)s or the hub, by %(moment)s"))
    return (_("Decided by"), who % {"host": host, "moment": by})
