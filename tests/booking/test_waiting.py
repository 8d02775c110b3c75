from __future__ import annotations

import datetime as dt
from typing import Any

from booking.models import Reservation
from booking.selectors.waiting import SINCE, usual_waiting
from booking.services.decisions import reservation_approve, reservation_decline
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR


def decided(cast: Cast, hour: int, waited: dt.timedelta) -> None:
    """A request for the studio, decided that long after it was sent."""
    asked = factories.reserve(cast.studio, cast.booker, factories.wish(hour))
    if hour % 2:
        reservation_decline(
            actor=cast.manager, reference=asked.reference, reason="Full"
        )
    else:
        reservation_approve(actor=cast.manager, reference=asked.reference)
    asked.refresh_from_db()
    asked.created_at = asked.decided_at - waited  # type: ignore[operator]
    asked.save(update_fields=["created_at"])


def test_usual_waiting__three_decided__the_median_of_them(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for hour, waited in ((10, HOUR), (11, 3 * HOUR), (12, 50 * HOUR)):
        decided(cast, hour, waited)
    factories.reserve(cast.studio, cast.booker, factories.wish(14))  # still waits
    factories.reserve(cast.lab, cast.booker, factories.wish(14))  # never waited

    with django_assert_num_queries(1):
        found = usual_waiting(Resource.objects.all())

    assert found == {cast.studio.pk: 3 * HOUR}


def test_usual_waiting__too_few_or_too_old__is_not_told(cast: Cast) -> None:
    for hour in (10, 11):
        decided(cast, hour, HOUR)
    assert usual_waiting([cast.studio]) == {}
    decided(cast, 12, HOUR)
    assert usual_waiting([cast.studio]) == {cast.studio.pk: HOUR}
    assert usual_waiting([cast.lab]) == {}

    Reservation.objects.update(
        decided_at=Reservation.objects.first().decided_at - SINCE - DAY
    )  # type: ignore[union-attr, operator]

    assert usual_waiting([cast.studio]) == {}
