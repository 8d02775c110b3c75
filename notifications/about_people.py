"""Notices about people: a delegation to somebody, a qualification that expires."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Delegation
from booking.models.delegation import DelegationQuerySet
from booking.words import expires_text, plain_date_text
from config import clock
from config.mail import one_line
from labs.models import Qualification
from labs.selectors.qualifications import expiring_soon
from notifications.models import Message


def delegation_stands(message: Message) -> bool:
    standing: DelegationQuerySet = Delegation.objects.all().standing(clock.today())
    return standing.filter(pk=message.about_id or 0, deputy=message.person_id).exists()


def delegation_context(message: Message, _now: dt.datetime) -> dict[str, Any]:
    made = Delegation.objects.select_related("person", "organisation").get(
        pk=message.about_id or 0
    )
    days = (plain_date_text(day) for day in (made.starts_on, made.ends_on))
    when, who = " – ".join(dict.fromkeys(days)), one_line(made.person.name)
    organisation = one_line(made.organisation) if made.organisation else ""
    return {
        "actor": who,
        "when": when,
        "organisation": organisation,
        "details": [
            (_("In place of"), who),
            (_("For"), organisation or _("hub staff")),
            (_("Days"), when),
        ],
        "link": _address("approvals"),
    }


def qualification_expires(message: Message) -> bool:
    """It ends on the day that the message was planned for, and nothing follows it."""
    rows = Qualification.objects.filter(
        pk=message.about_id or 0, person=message.person_id
    )
    found = expiring_soon(rows).first()
    return found is not None and message.cause.endswith(f"-{found.valid_until}")


def qualification_context(message: Message, _now: dt.datetime) -> dict[str, Any]:
    rows = Qualification.objects.select_related("type__organisation", "granted_by")
    held = rows.get(pk=message.about_id or 0)
    until, of = held.valid_until or clock.today(), held.type.organisation
    what, organisation = one_line(held.type), one_line(of) if of else _("hub staff")
    by = one_line(held.granted_by.name) if held.granted_by else ""
    requiring = held.type.resources.all().published().select_related("site")[:MOST]
    return {
        "what": what,
        "expires": expires_text(until, clock.today()),
        "organisation": organisation,
        "details": [
            (_("Qualification"), what),
            (_("Last day"), plain_date_text(until)),
            *([(_("Granted by"), by)] if by else []),
            *(
                (_("Required by") if n == 0 else "", one_line(each))
                for n, each in enumerate(requiring)
            ),
        ],
        "link": _address("my-qualifications"),
    }


#: As many of the resources that require it are named.
MOST = 10


def _address(name: str) -> str:
    return f"{settings.BASE_URL}{reverse(name)}"
