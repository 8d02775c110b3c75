from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from booking.models import Feed
from config import clock
from tests.cast import Cast


def made(cast: Cast, **of: Any) -> Feed:
    now = clock.now()
    known: dict[str, Any] = {
        "made_by": cast.manager,
        "name": "phone",
        "shows": Feed.Shows.BUSY,
        "hash": f"{len(of)}",
        "made_at": now,
        "changed_at": now,
    }
    return Feed.objects.create(**known | of)


def test_guards__feed__is_of_one(cast: Cast) -> None:
    for of in ({}, {"resource": cast.lab, "organisation": cast.host}):
        with (
            pytest.raises(IntegrityError, match='"booking_feed_of_one"'),
            transaction.atomic(),
        ):
            made(cast, **of)
    assert made(cast, resource=cast.lab).kind == "resource"


def test_guards__feed_of_a_person__is_made_by_themselves(cast: Cast) -> None:
    with (
        pytest.raises(IntegrityError, match='"booking_feed_own"'),
        transaction.atomic(),
    ):
        made(cast, person=cast.booker)
    assert made(cast, person=cast.manager).kind == "person"
