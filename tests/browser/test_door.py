"""At the door with a phone in the hand: the code on its screen, check-in, check-out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from booking.demo.logins import demo_people
from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.door_codes import door_code
from labs.models import Door, User
from tests.browser import axe
from tests.browser.moment import MOMENT
from tests.browser.test_front import DOOR, STAGE, hang_door, overflow
from tests.browser.visits import Visits

MINUTE = dt.timedelta(minutes=1)
LANGUAGES = {
    "en": ("Check in", "Check out", "You have no reservation here now", "from earlier"),
    "bg": (
        "Отбелязване на пристигане",
        "Отбелязване на напускане",
        "В момента нямате резервация тук",
        "отпреди",
    ),
}


def turn_of(guest: User) -> Reservation:
    """Let what is next on the stage be theirs, and have begun."""
    ledger = Reservation.objects.filter(
        occupancy__unit__coverage__resource__slug=STAGE, ends_at__gt=MOMENT
    )
    row = ledger.filter(resource__slug=STAGE).order_by("starts_at")[0]
    begun = MOMENT - 5 * MINUTE
    row.occupancy.update(during=(begun, row.free_at))
    Reservation.objects.filter(pk=row.pk).update(
        starts_at=begun,
        status=Status.APPROVED,
        lapses_at=None,
        organisation=guest.memberships.get().organisation_id,
        requested_by=guest,
    )
    return row


def scanned(minutes_ago: int = 0) -> str:
    door = Door.objects.get(resource__slug=STAGE)
    return reverse("door-here", args=[door_code(door, MOMENT - minutes_ago * MINUTE)])


@pytest.mark.parametrize("language", LANGUAGES)
def test_phone__own_turn__checks_in_and_out(visit: Visits, language: str) -> None:
    hang_door()
    guest = demo_people()["startup"]
    made, (comes, leaves, nothing, _old) = turn_of(guest), LANGUAGES[language]
    screen = visit(language=language)
    screen.goto(DOOR)
    expect(screen.locator(".scan svg")).to_be_visible()
    phone = visit("startup", language=language, device="phone")
    phone.goto(f"/reservations/{made.reference}/")
    expect(phone.get_by_role("button", name=comes)).to_have_count(0)
    phone.goto(scanned())
    assert axe.violations(phone, axe.ALL) == []
    assert overflow(phone) == 0
    phone.get_by_role("button", name=comes).click()
    expect(phone.get_by_role("button", name=leaves)).to_be_visible()
    made.refresh_from_db()
    assert made.status == Status.IN_USE
    phone.get_by_role("button", name=leaves).click()
    expect(phone.get_by_role("heading", name=nothing)).to_be_visible()
    assert axe.violations(phone, axe.ALL) == []
    made.refresh_from_db()
    assert made.ends_at == MOMENT


@pytest.mark.parametrize("language", LANGUAGES)
def test_phone__code_of_before__is_told(visit: Visits, language: str) -> None:
    hang_door()
    phone = visit("startup", language=language, device="phone")
    visit.expect(422)
    phone.goto(scanned(minutes_ago=20))
    expect(phone.locator("h1")).to_contain_text(LANGUAGES[language][3])
    assert axe.violations(phone, axe.ALL) == []
