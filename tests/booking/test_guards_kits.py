"""What the database itself refuses of kits."""

from __future__ import annotations

from typing import Any

from booking.models import Kit
from config import clock
from tests.booking.test_guards import assert_refused_by
from tests.cast import Cast


def a_kit(cast: Cast, **fields: Any) -> Kit:
    """Write a row past every service: nothing in it yet."""
    given: dict[str, Any] = {
        "organisation": cast.startup,
        "sent_by": cast.booker,
        "created_at": clock.now(),
    }
    return Kit.objects.create(**given | fields)


def test_kit__same_reference__is_refused(cast: Cast) -> None:
    first = a_kit(cast)
    with assert_refused_by("booking_kit_reference"):
        a_kit(cast, reference=first.reference)


def test_kit__same_key_of_one_person__is_refused(cast: Cast) -> None:
    a_kit(cast, idempotency_key="once")
    a_kit(cast, idempotency_key="once", sent_by=cast.colleague)
    for _ in range(2):
        a_kit(cast)
    with assert_refused_by("booking_kit_idempotency"):
        a_kit(cast, idempotency_key="once")
