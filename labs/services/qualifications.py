"""Types of qualification, and who is granted which, by whom, until when."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import IO, TypedDict, Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from config import clock
from config.errors import Conflict, Forbidden, Invalid, Missing
from labs.models import Organisation, Qualification, QualificationType, User
from labs.permissions import can_grant
from labs.selectors.organisations import organisation_list
from labs.selectors.qualifications import qualification_get, qualification_types
from labs.services.checks import require_clean
from labs.services.proofs import proof_checked, proof_stored
from labs.services.slugs import slugged_insert

#: Beyond these a date is a slip of the keyboard.
YEARS = range(2000, 2201)
DAY = dt.timedelta(days=1)


class TypeFields(TypedDict, total=False):
    """What a type says of itself; slug and owner stay for ever."""

    name: str
    name_bg: str
    description: str
    description_bg: str
    validity_months: int | None


@transaction.atomic(durable=True)
def qualification_type_create(
    *, actor: User, organisation_slug: str = "", **fields: Unpack[TypeFields]
) -> QualificationType:
    """Create a type of a host, or of the hub where no organisation is named.

    Raises Invalid (400), and Forbidden (403) to all but its managers and hub staff.
    """
    made = QualificationType(organisation=_owner(actor, organisation_slug), **fields)
    _require_granter(actor, made)
    require_clean(made, exclude=["slug", "organisation"])
    slugged_insert(made)
    return made


@transaction.atomic(durable=True)
def qualification_type_update(
    *, actor: User, slug: str, **changes: Unpack[TypeFields]
) -> QualificationType:
    """Change what is given; what was granted keeps its dates.

    Raises Missing (404), Forbidden (403) and Invalid (400).
    """
    found = _type(actor, slug)
    for field, value in changes.items():
        setattr(found, field, value)
    require_clean(found, exclude=["slug", "organisation"])
    found.save(update_fields=list(TypeFields.__annotations__))
    return found


def qualification_grant(
    *,
    actor: User,
    type_slug: str,
    email: str,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
    note: str = "",
    proof: IO[bytes] | None = None,
    proof_size: int = 0,
) -> Qualification:
    """Grant one to the person with that very e-mail, from today on unless told.

    It ends when its type says, unless told. Raises Missing (404) for an unknown type,
    Forbidden (403) for one that is not theirs to grant, Invalid (400) by field.
    """
    _type(actor, type_slug)  # who may not is not worth the decoding
    # Between transactions: half a second of work must not hold a lock.
    kept = proof_checked(proof, proof_size) if proof is not None else None
    with proof_stored(kept) as name, transaction.atomic(durable=True):
        found = _type(actor, type_slug)
        person = User.objects.filter(
            email=email.strip().lower(), is_active=True
        ).first()
        start = valid_from or clock.today()
        granted = Qualification(
            type=found,
            granted_by=actor,
            granted_at=clock.now(),
            valid_from=start,
            valid_until=valid_until,
            note=note.strip(),
            proof=name,
        )
        faults: dict[str, list[str]] = {}
        if person is None:
            faults["email"] = [_("There is nobody with this e-mail.")]
        else:
            granted.person = person
        if start.year not in YEARS:
            faults["valid_from"] = [_("The year must lie between 2000 and 2200.")]
        if valid_until and valid_until < start:
            faults["valid_until"] = [_("The last day comes before the first.")]
        require_clean(granted, exclude=["person", "type", "granted_by"], faults=faults)
        granted.valid_until = valid_until or last_day(start, found.validity_months)
        granted.save(force_insert=True)
    return granted


@transaction.atomic(durable=True)
def qualification_revoke(
    *, actor: User, qualification_id: int, reason: str
) -> Qualification:
    """Take one back, and say why; it stays to be seen.

    Raises Missing (404), Forbidden (403) to the person it was granted to, Invalid (400)
    and Conflict `revoked_already` (409).
    """
    locked = Qualification.objects.select_for_update(of=("self",))
    if locked.filter(pk=qualification_id).first() is None:
        raise Missing
    found = qualification_get(actor, qualification_id)
    _require_granter(actor, found.type)
    if found.revoked_at is not None:
        text = _("This qualification was revoked already.")
        raise Conflict(text, code="revoked_already")
    found.revoked_reason = reason.strip()
    if not found.revoked_reason:
        raise Invalid({"reason": [_("Say why.")]})
    if len(found.revoked_reason) > 500:
        raise Invalid({"reason": [_("Write at most %(n)d characters.") % {"n": 500}]})
    found.revoked_at, found.revoked_by = clock.now(), actor
    found.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    return found


def last_day(first: dt.date, months: int | None) -> dt.date | None:
    """Return the last day of so many months from a day on; None for no end."""
    if months is None:
        return None
    years, month = divmod(first.month - 1 + months, 12)
    year, month = first.year + years, month + 1
    if first.day > calendar.monthrange(year, month)[1]:
        return dt.date(year, month, calendar.monthrange(year, month)[1])
    return dt.date(year, month, first.day) - DAY


def _owner(actor: User, slug: str) -> Organisation | None:
    if not slug:
        return None
    found = organisation_list(user=actor).filter(slug=slug, is_active=True).first()
    if found is None:
        raise Invalid({"organisation": [_("There is no such organisation.")]})
    return found


def _type(actor: User, slug: str) -> QualificationType:
    found = qualification_types().filter(slug=slug).first()
    if found is None:
        raise Missing
    _require_granter(actor, found)
    return found


def _require_granter(actor: User, of: QualificationType) -> None:
    if not can_grant(actor, of):
        text = _("Only the managers of who owns it and hub staff may do so.")
        raise Forbidden(text)
