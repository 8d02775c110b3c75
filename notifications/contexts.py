"""What the words of a message are made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from booking.models import History
from booking.models.paths import Level
from booking.models.reservation import Status
from booking.words import from_now_text, reason_text
from config.mail import one_line
from notifications.details import details_of, parts_of_kit
from notifications.links import links_of
from notifications.models import Kind, Message
from notifications.notices import NOTICES_BY_KIND
from notifications.selectors import Sides
from notifications.times import moment_text, period_text

#: To whoever asked for a kit these are about the whole of it.
SAYS_THE_PARTS = frozenset({Kind.RESERVED, Kind.REQUESTED})


def context_of(
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
    parts = (
        parts_of_kit(reservation) if is_mine and message.kind in SAYS_THE_PARTS else []
    )
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
        "for_deputy": reservation.level == Level.DEPUTIES,
        "for_staff": reservation.level == Level.STAFF,
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
        "details": details_of(message, to_guest=to_guest),
        "link": f"{settings.BASE_URL}/{page}/",
        "links": links_of(message),
    }


def _offer(message: Message) -> dict[str, str | bool]:
    """Return what is offered in the message, and until when it can be answered."""
    held = message.booked
    if message.kind in {Kind.COUNTERED, Kind.LAPSING}:
        held = getattr(held, "counter", held)
    zone = held.resource.site.zone
    return {
        "offer_what": one_line(held.resource),
        "offer_when": period_text(held.starts_at, held.ends_at, zone),
        "is_offer": held.status == Status.HELD,
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
