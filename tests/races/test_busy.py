"""Who waits too long at a resource is told to come again, and nothing is changed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections, transaction

from booking.exceptions import Busy
from booking.models import Reservation
from booking.services import ledger
from booking.services.lifecycle import reservation_cancel
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import reserve, wish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held_lab(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reservation]:
    """Somebody has the lab's lock and does not let go; patience is short."""
    made = reserve(cast.lab, cast.booker)
    monkeypatch.setattr(ledger, "LOCK_TIMEOUT_MS", 50)
    locked, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                ledger.lock_units([cast.lab.pk])
                locked.set()
                let_go.wait(30)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(30)
    yield made
    let_go.set()
    holder.join(30)


def test_reserve__lock_not_to_be_had__is_busy(
    cast: Cast, held_lab: Reservation
) -> None:
    with pytest.raises(Busy):
        reserve(cast.lab, cast.booker, wish(15))
    with pytest.raises(Busy):
        reservation_cancel(actor=cast.booker, reference=held_lab.reference)
    # Another resource is none of its business.
    assert reserve(cast.studio, cast.booker, wish(15)).occupies
    held_lab.refresh_from_db()
    assert held_lab.status == "approved"
    assert Reservation.objects.count() == 2
    assert_all_is_well()


def test_post__lock_not_to_be_had__is_503_with_retry_after(
    cast: Cast, held_lab: Reservation
) -> None:
    answer = cast.api(cast.booker).post(
        f"/api/v1/reservations/{held_lab.reference}/cancel/", {}
    )
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1
    assert_all_is_well()
