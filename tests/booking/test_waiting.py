from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F

from booking.models import Reservation
from booking.selectors.waiting import SINCE, usual_waiting
from booking.services.decisions import reservation_approve, reservation_decline
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
    rows = Reservation.objects.filter(pk=asked.pk)
    rows.update(created_at=F("decided_at") - waited)


def test_usual_waiting__three_decided__the_median_of_them(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    for hour, waited in ((10, HOUR), (11, 3 * HOUR), (12, 50 * HOUR)):
        decided(cast, hour, waited)
    factories.reserve(cast.studio, cast.booker, factories.wish(14))  # still waits
    factories.reserve(cast.lab, cast.booker, factories.wish(14))  # never waited

    with django_assert_num_queries(1):
        found = usual_waiting([cast.studio, cast.lab])

    assert found == {cast.studio.pk: 3 * HOUR}


def test_usual_waiting__too_few_or_too_old__is_not_told(cast: Cast) -> None:
    for hour in (10, 11):
        decided(cast, hour, HOUR)
    assert usual_waiting([cast.studio]) == {}
    decided(cast, 12, HOUR)
    assert usual_waiting([cast.studio]) == {cast.studio.pk: HOUR}
    assert usual_waiting([cast.lab]) == {}

    Reservation.objects.update(decided_at=F("decided_at") - SINCE - DAY)

    assert usual_waiting([cast.studio]) == {}
