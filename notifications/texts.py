"""The text of a message, in its reader's language."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from booking.models import Reservation
from booking.models.reservation import CANCELLABLE, Status
from booking.words import from_now_text, zone_text
from notifications.models import Kind, Message
from notifications.selectors import Sides
from notifications.times import moment_text, own_time_text, period_text

SUBJECT_LENGTH = 200
#: A guest who is told one of these is about to come.
SAYS_HOW_TO_COME = frozenset({Kind.RESERVED, Kind.APPROVED, Kind.MOVED, Kind.REMINDER})

Lines = list[str]


@dataclass(frozen=True, slots=True)
class Text:
    subject: str
    body: str


@functools.cache
def _engine() -> Engine:
    """Return an engine of its own: a page's tags have no place in a mail."""
    return Engine(app_dirs=True, libraries={"i18n": "django.templatetags.i18n"})


def one_line(value: object) -> str:
    """Return it on one line and without control characters.

    What somebody wrote must not become a header, nor look like a line of ours.
    """
    signs = (sign if sign.isprintable() else " " for sign in str(value))
    return " ".join("".join(signs).split())


def message_write(message: WithAnnotations[Message, Sides], now: dt.datetime) -> Text:
    """Return subject and body; `message` comes from `messages_to_judge`.

    The template's first line is the subject.
    """
    asked = message.person_id == message.reservation.requested_by_id
    to_guest = asked or message.to_guest
    with translation.override(message.person.language):
        template = _engine().get_template(f"notifications/{message.kind}.txt")
        text = template.render(
            Context(_context(message, now, to_guest=to_guest), autoescape=False)
        )
    subject, _newline, body = text.strip().partition("\n")
    return Text(one_line(subject)[:SUBJECT_LENGTH], body.strip() + "\n")


def _context(message: Message, now: dt.datetime, *, to_guest: bool) -> dict[str, Any]:
    """Return what templates see.

    `to_guest`: the reader is of the party that comes, not of the one that hosts.
    """
    reservation, history = message.reservation, message.history
    zone = reservation.resource.site.zone
    return {
        "what": one_line(reservation.resource),
        "when": period_text(reservation.starts_at, reservation.ends_at, zone),
        "starts": from_now_text(reservation.starts_at, now),
        "organisation": one_line(reservation.organisation),
        "actor": one_line(history.actor.name) if history and history.actor else "",
        "reason": one_line(history.reason) if history else "",
        "to_guest": to_guest,
        "is_pending": reservation.status == Status.PENDING,
        "details": _details(message, to_guest=to_guest),
        "link": f"{settings.BASE_URL}/reservations/{reservation.reference}/",
    }


def _details(message: Message, *, to_guest: bool) -> Lines:
    reservation = message.reservation
    lines = [
        _line(_("What"), _what(reservation)),
        *_when(message),
        *_where(message, to_guest=to_guest),
        _line(_("Organisation"), one_line(reservation.organisation)),
        _line(_("Purpose"), one_line(reservation.purpose)),
        _line(_("People"), str(reservation.people)),
        _line(_("Status"), reservation.get_status_display()),
        _decided_by(reservation),
        _line(_("Cancel until"), _cancel_until(reservation)),
        _("Cancelled late") if reservation.is_late_cancel else "",
    ]
    return [line for line in lines if line]


def _line(label: str, value: str) -> str:
    return f"{label}: {value}" if value else ""


def _what(reservation: Reservation) -> str:
    resource = one_line(reservation.resource)
    if not reservation.resource.is_pool:
        return resource
    return _("%(resource)s, %(quantity)s of it") % {
        "resource": resource,
        "quantity": reservation.quantity,
    }


def _when(message: Message) -> Lines:
    reservation = message.reservation
    zone = reservation.resource.site.zone
    starts_at, ends_at = reservation.starts_at, reservation.ends_at
    own = own_time_text(starts_at, ends_at, zone, message.person.time_zone)
    return [
        _line(_("When"), period_text(starts_at, ends_at, zone)),
        _("Times in %(zone)s") % {"zone": zone_text(zone, starts_at)},
        _line(_("Your time"), own),
        _line(_("Before"), _period_before(message)),
    ]


def _cancel_until(reservation: Reservation) -> str:
    """Return until when it is not late, while there is something to cancel."""
    deadline = reservation.cancel_by_at
    if deadline is None or reservation.status not in CANCELLABLE:
        return ""
    return moment_text(deadline, reservation.resource.site.zone)


def _period_before(message: Message) -> str:
    """Return when it was before it was moved, nothing in other messages."""
    if message.kind != Kind.MOVED or message.history is None:
        return ""
    reservation, changes = message.reservation, message.history.changes
    was = {
        name: dt.datetime.fromisoformat(changes[name][0])
        if name in changes
        else getattr(reservation, name)
        for name in ("starts_at", "ends_at")
    }
    return period_text(**was, zone=reservation.resource.site.zone)


def _where(message: Message, *, to_guest: bool) -> Lines:
    site = message.reservation.resource.site
    lines = [_line(_("Where"), f"{one_line(site)}, {one_line(site.address)}")]
    comes = message.reservation.status in {Status.APPROVED, Status.IN_USE}
    if message.kind in SAYS_HOW_TO_COME and comes and to_guest:
        lines.append(_line(_("How to get in"), one_line(site.access_notes)))
    return lines


def _decided_by(reservation: Reservation) -> str:
    if reservation.status != Status.PENDING or reservation.lapses_at is None:
        return ""
    host = one_line(reservation.resource.organisation)
    by = moment_text(reservation.lapses_at, reservation.resource.site.zone)
    who = _("%(host)s or the hub, by %(moment)s") % {"host": host, "moment": by}
    return _line(_("Decided by"), who)
