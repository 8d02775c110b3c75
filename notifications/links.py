"""Links in mails that take one step without signing in.

A link is signed over its message, person, verb, the moment it was made and what it was
made for (`_mark`), and is good for `VALID_FOR`. That it works once follows from the
history and the version: a step that its person has taken since is there, append-only,
and two at once are one after the other under the reservation's lock, where the second
comes with a version that is past. A row of used links beside it could disagree with
both, and would burn a link whose step was refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from django_stubs_ext import WithAnnotations

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.permissions import can_decide
from config import clock
from config.errors import Missing
from config.mail import Block, call, said
from notifications.models import Kind, Message
from notifications.selectors import Sides, told_with

VALID_FOR = dt.timedelta(days=30)
PATH = "do"
#: A link in a text, secret and all.
SECRET = re.compile(rf"(/{PATH}/)[-\w.:]+")
Action = History.Action
#: What a step leaves in the history.
ACTIONS = {
    "approve": {Action.APPROVED, Action.STAGE_APPROVED},
    "decline": {Action.DECLINED},
    "accept": {Action.ACCEPTED, Action.REQUESTED, Action.RESERVED},
    "pass": {Action.PASSED},
    "confirm": {Action.CONFIRMED},
    "cancel": {Action.CANCELLED},
}
DECIDING, ANSWERS = ("approve", "decline"), ("accept", "pass")
#: These go to those who decide, while it waits.
TO_DECIDE = frozenset(
    {
        Kind.REQUESTED,
        Kind.ANSWERED,
        Kind.ESCALATED,
        Kind.STAGE_APPROVED,
        Kind.ACCEPTED,
        Kind.PASSED,
        Kind.MOVED,
        Kind.CHANGED,
        Kind.LAPSING,
    }
)
OFFERS = frozenset({Kind.COUNTERED, Kind.OFFERED, Kind.LAPSING})


@dataclass(frozen=True, slots=True)
class Link:
    """What a secret says; `mark` is what the mail was about."""

    message_id: int
    person_id: int
    verb: str
    made_at: dt.datetime
    mark: list[int]

    @property
    def is_expired(self) -> bool:
        return clock.now() >= self.made_at + VALID_FOR


def links_of(message: WithAnnotations[Message, Sides]) -> list[tuple[str, str]]:
    """Return labels and addresses of what its reader may do by one link each."""
    if message.reservation is None or _is_of_several(message):
        return []
    labels = {
        "approve": _("Approve"),
        "decline": _("Decline"),
        "accept": _("Accept"),
        "pass": _("Pass"),
        "confirm": _("Confirm attendance"),
        "cancel": _("Cancel the reservation"),
    }
    return [(labels[verb], link_url(message, verb)) for verb in _verbs(message)]


def link_blocks(links: Iterable[tuple[str, str]]) -> list[Block]:
    """Return how a mail shows them: a line that says what they are, and buttons."""
    buttons = [call(f"{label}:", address) for label, address in links]
    if not buttons:
        return []
    text = _("Or at once, without signing in; each of these links works once:")
    return [said(text), *buttons]


def _is_of_several(message: Message) -> bool:
    """One step would be taken for one of them, where the mail is about all."""
    reservation, history = message.booked, message.history
    if history is None:
        return False
    whole_kit = reservation.kit_id and message.person_id == reservation.requested_by_id
    return bool(whole_kit) or told_with(history, reservation).count() > 1


def _verbs(message: WithAnnotations[Message, Sides]) -> tuple[str, ...]:
    reservation, person, kind = message.booked, message.person, message.kind
    if kind == Kind.REMINDER:
        return ("confirm", "cancel")
    waits = kind in TO_DECIDE and reservation.status == Status.PENDING
    if waits and can_decide(person, reservation):
        return DECIDING
    if kind in OFFERS and _held(reservation).status == Status.HELD:
        return ANSWERS if message.to_guest else ()
    if kind in {Kind.APPROVED, Kind.RESERVED} and message.to_guest:
        return ("cancel",)
    return ()


def _held(reservation: Reservation) -> Reservation:
    """Return what is offered instead of a request, else the reservation itself."""
    return getattr(reservation, "counter", None) or reservation


def _mark(reservation: Reservation, verb: str) -> list[int]:
    """Return what a step is for: another one is not what the reader was asked."""
    about = _held(reservation) if verb in ANSWERS else reservation
    times = [int(each.timestamp()) for each in (about.starts_at, about.ends_at)]
    stage = reservation.stage if verb in DECIDING else 0
    return [about.pk, about.resource_id, *times, stage]


def _signer() -> signing.Signer:
    return signing.Signer(salt="notifications.link")


def link_url(message: Message, verb: str) -> str:
    """Return the address that takes this step of the message's reservation."""
    made = int(clock.now().timestamp())
    mark = _mark(message.booked, verb)
    secret = _signer().sign_object([message.pk, message.person_id, verb, made, mark])
    return f"{settings.BASE_URL}/{PATH}/{secret}"


def link_read(secret: str) -> Link:
    """Return what a secret says. Raises Missing (404) where it is none of ours."""
    try:
        message_id, person_id, verb, made, mark = _signer().unsign_object(secret)
    except (signing.BadSignature, ValueError) as error:
        raise Missing from error
    made_at = dt.datetime.fromtimestamp(made, tz=dt.UTC)
    return Link(message_id, person_id, verb, made_at, mark)


def link_used(link: Link, reservation: Reservation) -> History | None:
    """Return the step of this kind that its person took since it was made.

    Not that they asked for it in the first place, which comes from no status.
    """
    steps = reservation.history.filter(
        actor=link.person_id, action__in=ACTIONS[link.verb], at__gte=link.made_at
    )
    return steps.exclude(from_status="").last()


def link_fits(link: Link, reservation: Reservation) -> bool:
    """Whether the reservation is still where and when the mail said."""
    return link.mark == _mark(reservation, link.verb)


def links_mask(text: str) -> str:
    """Return the text without what makes its links work, to be kept and shown."""
    return SECRET.sub(r"\1…", text)
