"""The code on a door's screen: whoever has it stands before the door, or did just now.

Signed, so that nobody makes one at home; it changes every five minutes and holds for
ten, so that what was photographed yesterday proves nothing. Nothing of it is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.signing import BadSignature, Signer

from booking.exceptions import StaleCode
from labs.models import Door, Resource

ROTATES = dt.timedelta(minutes=5)


def door_code(door: Door, now: dt.datetime) -> str:
    """Return the code that the door shows now."""
    return _signer(door).sign(f"{door.pk}.{_window(now)}")


def door_of_code(code: str, now: dt.datetime) -> Door:
    """Return the door that shows this code, or did a moment ago; one query.

    Raises StaleCode, whether it is old, made up, or of an address that has ended.
    """
    number, _dot, _rest = code.partition(".")
    door = None
    if number.isascii() and number.isdecimal() and len(number) < 10:
        doors = Door.objects.select_related(
            "resource__site", "resource__organisation", "resource__effective_policy"
        )
        shown = Resource.objects.published()
        door = doors.filter(pk=number, resource__in=shown).first()
    if door is None:
        raise StaleCode
    try:
        _number, window = _signer(door).unsign(code).split(".")
    except BadSignature as error:
        raise StaleCode from error
    if _window(now) - int(window) not in {0, 1}:
        raise StaleCode
    return door


def is_at(door: Door, unit_ids: Sequence[int]) -> bool:
    """Whether it is the door of one of these units; one query."""
    return door.resource.units.filter(pk__in=unit_ids).exists()


def have_door(unit_ids: Sequence[int]) -> bool:
    """Whether any door page stands before these units; one query."""
    shown = Resource.objects.published().filter(units__in=unit_ids)
    return Door.objects.filter(resource__in=shown).exists()


def _window(now: dt.datetime) -> int:
    return int(now.timestamp() // ROTATES.total_seconds())


def _signer(door: Door) -> Signer:
    # With the hash of its secret: the codes of an address end with the address.
    return Signer(salt=f"booking.door:{door.hash}", sep=".")
