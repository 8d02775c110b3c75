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
from django.utils.translation import ngettext
from django_stubs_ext import WithAnnotations

from booking.models import History, Reservation
from booking.models.paths import Turn
from booking.models.reservation import CANCELLABLE, Status
from booking.questions import answer_text, local
from booking.words import from_now_text, reason_text, zone_text
from labs.models import Resource
from notifications.links import links_of
from notifications.models import Kind, Message
from notifications.notices import NOTICES_BY_KIND
from notifications.selectors import Sides, told_with
from notifications.times import moment_text, own_time_text, period_text

SUBJECT_LENGTH = 200
#: A guest who is told one of these is about to come.
SAYS_HOW_TO_COME = frozenset(
    {Kind.RESERVED, Kind.APPROVED, Kind.MOVED, Kind.CHANGED, Kind.REMINDER}
)

#: To whoever asked for a kit these are about the whole of it.
SAYS_THE_PARTS = frozenset({Kind.RESERVED, Kind.REQUESTED})

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
    with translation.override(message.person.language):
        template = _engine().get_template(f"notifications/{message.kind}.txt")
        text = template.render(Context(_context(message, now), autoescape=False))
    subject, _newline, body = text.strip().partition("\n")
    return Text(one_line(subject)[:SUBJECT_LENGTH], body.strip() + "\n")


def _context(
    message: WithAnnotations[Message, Sides], now: dt.datetime
) -> dict[str, Any]:
    """Return what templates see.

    `to_guest`: the reader is of the party that comes, not of the one that hosts.
    """
    if message.reservation is None:
        return NOTICES_BY_KIND[Kind(message.kind)].context(message, now)
    reservation, history = message.reservation, message.history
    zone = reservation.resource.site.zone
    is_mine = message.person_id == reservation.requested_by_id
    to_guest = is_mine or message.to_guest
    parts = _parts(reservation) if is_mine and message.kind in SAYS_THE_PARTS else []
    page = f"reservations/{reservation.reference}"
    if parts and reservation.kit:
        page = f"kits/{reservation.kit.reference}"
    return {
        "what": one_line(reservation.resource),
        "when": period_text(reservation.starts_at, reservation.ends_at, zone),
        "starts": from_now_text(reservation.starts_at, now),
        "organisation": one_line(reservation.organisation),
        "actor": _actor(history),
        "reason": _reason(history),
        "turn": reservation.get_turn_display(),
        "level": reservation.level,
        "guest": one_line(reservation.requested_by.name),
        "is_mine": is_mine,
        "by_another": history is not None
        and history.actor_id != reservation.requested_by_id,
        "parts": parts,
        "others": len(parts) - 1,
        "to_guest": to_guest,
        "is_pending": reservation.status == Status.PENDING,
        "was_offer": bool(history and history.from_status == Status.HELD),
        **_offer(message),
        "details": _details(message, to_guest=to_guest),
        "link": f"{settings.BASE_URL}/{page}/",
        "links": links_of(message),
    }


def _offer(message: Message) -> dict[str, str]:
    """Return what is offered in the message, and until when it can be answered."""
    held = message.booked
    if message.kind == Kind.COUNTERED:
        held = getattr(held, "counter", held)
    zone = held.resource.site.zone
    return {
        "offer_what": one_line(held.resource),
        "offer_when": period_text(held.starts_at, held.ends_at, zone),
        "until": moment_text(held.lapses_at, zone) if held.lapses_at else "",
    }


def _actor(history: History | None) -> str:
    if history is None or history.actor is None:
        return ""
    names = {"name": one_line(history.actor.name)}
    away = history.changes.get("on_behalf_of", [None, None])[1]
    if not away:
        return names["name"]
    return _("%(name)s (for %(away)s)") % (names | {"away": one_line(away)})


def _reason(history: History | None) -> str:
    if history is None:
        return ""
    code = history.changes.get("code", [None, ""])[1]
    return one_line(reason_text(code, history.reason))


def _parts(reservation: Reservation) -> Lines:
    """Return the parts of its kit, each with how it stands."""
    if reservation.kit_id is None:
        return []
    rows = Reservation.objects.filter(kit=reservation.kit_id).order_by("pk")
    parts = rows.select_related("resource__organisation", "resource__site")
    return [
        ", ".join(
            text
            for text in (
                _line(_what(each), str(each.get_status_display())),
                _decided_by(each),
            )
            if text
        )
        for each in parts
    ]


def _details(message: Message, *, to_guest: bool) -> Lines:
    reservation = message.booked
    lines = [
        _line(_("What"), _what(reservation)),
        *_when(message),
        *_more_dates(message),
        *_where(message, to_guest=to_guest),
        _line(_("Organisation"), one_line(reservation.organisation)),
        _line(_("Purpose"), one_line(reservation.purpose)),
        _line(_("People"), str(reservation.people)),
        *([] if to_guest else _answers(reservation)),
        *_other_before(message),
        _line(_("Status"), reservation.get_status_display()),
        _decided_by(reservation),
        _line(_("Cancel until"), _cancel_until(reservation)),
        _("Cancelled late") if reservation.is_late_cancel else "",
    ]
    return [line for line in lines if line]


def _answers(reservation: Reservation) -> Lines:
    """Return what its host asked and was told; who comes knows it."""
    return [
        _line(one_line(local(row)), one_line(answer_text(row)))
        for row in reservation.answers
    ]


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
    reservation = message.booked
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


def _more_dates(message: Message) -> Lines:
    """Return the other dates of a series that the message is about, if there are."""
    history, zone = message.history, message.booked.resource.site.zone
    if history is None:
        return []
    rows = told_with(history, message.booked).exclude(pk=history.pk)
    dates = list(rows.values_list("reservation__starts_at", "reservation__ends_at"))
    if not dates:
        return []
    more = ngettext("and %(n)d more date", "and %(n)d more dates", len(dates))
    lines = [_line(_("Series"), more % {"n": len(dates)})]
    return lines + [f"  {period_text(*date, zone=zone)}" for date in dates]


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


def _other_before(message: Message) -> Lines:
    """Return what else was changed, as it was."""
    if message.kind != Kind.CHANGED or message.history is None:
        return []
    was = {name: pair[0] for name, pair in message.history.changes.items()}
    before = Resource.objects.filter(slug=was.get("resource", "")).first()
    return [
        _line(_("Resource before"), one_line(before) if before else ""),
        _line(_("Purpose before"), one_line(was.get("purpose", ""))),
        _line(_("People before"), str(was.get("people", ""))),
    ]


def _where(message: Message, *, to_guest: bool) -> Lines:
    site = message.booked.resource.site
    lines = [_line(_("Where"), f"{one_line(site)}, {one_line(site.address)}")]
    comes = message.booked.status in {Status.APPROVED, Status.IN_USE}
    if message.kind in SAYS_HOW_TO_COME and comes and to_guest:
        lines.append(_line(_("How to get in"), one_line(site.access_notes)))
    return lines


def _decided_by(reservation: Reservation) -> str:
    if reservation.status != Status.PENDING or reservation.lapses_at is None:
        return ""
    host = one_line(reservation.resource.organisation)
    by = moment_text(reservation.lapses_at, reservation.resource.site.zone)
    who = {
        Turn.HOST: _("%(host)s, by %(moment)s"),
        Turn.HUB: _("the hub, by %(moment)s"),
    }.get(Turn(reservation.turn), _("%(host)s or the hub, by %(moment)s"))
    return _line(_("Decided by"), who % {"host": host, "moment": by})
