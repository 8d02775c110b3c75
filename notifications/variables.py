"""What a wording of hub staff may speak of, by kind of message."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from notifications.models import Kind

#: These put in a text.
VALUES: dict[str, StrOrPromise] = {
    "what": _("what the message is about: the resource, or the qualification"),
    "when": _("when it is"),
    "organisation": _("the organisation that it concerns; nothing where it is the hub"),
    "guest": _("the person who comes"),
    "actor": _("who did it; nothing where nobody did and the time ran out"),
    "reason": _("what was written with it; may be nothing"),
    "turn": _("who decides next"),
    "starts": _("how soon it starts, such as “in 3 hours”"),
    "offer_what": _("the resource that is offered"),
    "offer_when": _("the time that is offered"),
    "until": _("until when it can be answered or decided"),
    "expires": _("when it expires, such as “expires in 7 days, on …”"),
}
#: These can only be asked for.
ASKED: dict[str, StrOrPromise] = {
    "to_guest": _("whether the reader is of those who come, not of the host’s side"),
    "is_mine": _("whether the reader is the person who comes"),
    "by_another": _("whether somebody else did it for the person who comes"),
    "is_pending": _("whether it waits for a decision"),
    "was_offer": _("whether it was an offer from the waiting list"),
    "is_offer": _("whether something is held for the reader to accept"),
    "for_deputy": _("whether it was passed on to deputies"),
    "for_staff": _("whether it was passed on to hub staff"),
}
_BOOKED = ("what", "when", "organisation", "guest")
_ALSO: dict[Kind, tuple[str, ...]] = {
    Kind.REQUESTED: ("actor", "is_mine", "by_another"),
    Kind.RESERVED: ("actor", "is_mine", "by_another", "to_guest"),
    Kind.APPROVED: ("actor", "to_guest"),
    Kind.DECLINED: ("actor", "reason"),
    Kind.ASKED: ("actor", "reason"),
    Kind.ANSWERED: ("actor", "reason"),
    Kind.MOVE_ASKED: ("actor", "reason"),
    Kind.MOVED: ("actor", "is_pending"),
    Kind.CANCELLED: ("actor", "reason"),
    Kind.EXPIRED: ("was_offer",),
    Kind.STAGE_APPROVED: ("actor", "turn", "to_guest"),
    Kind.ESCALATED: ("for_deputy", "for_staff"),
    Kind.COUNTERED: ("actor", "reason", "offer_what", "offer_when", "until"),
    Kind.ACCEPTED: ("actor", "is_pending"),
    Kind.PASSED: ("actor", "reason"),
    Kind.OFFERED: ("until",),
    Kind.CHANGED: ("actor", "is_pending"),
    Kind.HANDED_OVER: ("actor", "is_mine"),
    Kind.MISSED: ("actor", "to_guest"),
    Kind.REMINDER: ("starts",),
    Kind.LAPSING: ("until", "offer_what", "offer_when", "is_offer", "is_pending"),
}
#: Of each kind that can be worded, in the order in which they are listed.
NAMES: dict[Kind, tuple[str, ...]] = {
    **{kind: (*_BOOKED, *also) for kind, also in _ALSO.items()},
    Kind.DEPUTISING: ("actor", "when", "organisation"),
    Kind.QUALIFICATION: ("what", "expires", "organisation"),
}


def values_of(kind: Kind) -> list[str]:
    return [name for name in NAMES[kind] if name in VALUES]


def asked_of(kind: Kind) -> list[str]:
    return [name for name in NAMES[kind] if name in ASKED]
