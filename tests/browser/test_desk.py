"""The host’s desk by hand: in few clicks, by keyboard, without JavaScript."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django import Settings

from booking.models import AvailabilityRule, Reservation
from booking.selectors.hours import opening_hours_of
from labs.models import Resource, User
from tests.browser import moment
from tests.browser.journey import Journey
from tests.browser.pages import draft, rig
from tests.browser.passwords import end_session, sign_in_here, with_password
from tests.browser.visits import Visits
from tests.factories import DAY
from tests.labs.images import picture

LIVE = "#live"
#: A newer look at what a change hits calls off the one before, which htmx notes.
CALLED_OFF = "htmx:sendAbort", "htmx:afterRequest"
TODAY = moment.MOMENT.date()


def own_closures() -> int:
    return AvailabilityRule.objects.filter(
        effect=AvailabilityRule.Effect.CLOSED,
        event__calendar__availability__resource__slug=rig()[0],
    ).count()


def quiet_day() -> dt.date:
    """A day on which nobody has reserved the rig."""
    days = (TODAY + ahead * DAY for ahead in range(30, 60))
    taken = Reservation.objects.filter(resource__slug=rig()[0])
    busy = {at.date() for at in taken.values_list("starts_at", flat=True)}
    return next(day for day in days if day not in busy)


def busy_day() -> dt.date:
    """A later day on which several have, and which is no closure's."""
    ahead = Reservation.objects.occupying().filter(
        resource__slug=rig()[0], starts_at__gt=moment.MOMENT + 2 * DAY
    )
    asked = Reservation.objects.filter(history__action="move_asked").first()
    first = ahead.exclude(
        starts_at__date=asked.starts_at.date() if asked else None
    ).order_by("starts_at")[0]
    return first.starts_at.astimezone(ZoneInfo("Europe/Sofia")).date()


def at_desk(visit: Visits, name: str, slug: object, who: str | User = "host") -> Page:
    visit.expect(*CALLED_OFF)
    page = visit(who)
    page.goto(reverse(name, args=[slug]))
    return page


def test_hours__split_day__takes_four(visit: Visits) -> None:
    (slug,) = draft()
    page, journey = at_desk(visit, "desk-hours", slug), Journey()
    journey.click(page.get_by_role("button", name="Split Monday"))
    expect(page.get_by_label("Monday (2), from")).to_have_value("14:00")
    journey.click(page.get_by_role("button", name="Copy Monday to weekdays"))
    expect(page.get_by_label("Friday (2), to")).to_have_value("18:00")
    expect(page.locator(LIVE)).to_contain_text("40 h a week")
    journey.click(page.get_by_role("button", name="Publish the hours"))
    expect(page.get_by_role("status").first).to_contain_text("The hours are published.")
    assert journey.clicks <= 4


def test_hours__live_line__follows_each_change(visit: Visits) -> None:
    page = at_desk(visit, "desk-hours", rig()[0])
    line = page.locator(LIVE)
    expect(line).to_contain_text("50 h a week, 0 reservations fall outside")
    page.get_by_label("Friday", exact=True).uncheck()
    expect(line).to_contain_text("40 h a week")
    page.get_by_label("Monday, from").select_option("18:30")
    expect(line).to_contain_text("30.5 h a week")
    expect(line.get_by_role("radio").first).to_be_visible()
    visit.expect(400)
    page.get_by_label("Monday, to").select_option("18:00")
    expect(line).to_contain_text("It must close after it opens.")


def test_closure__nothing_hit__takes_three_fields_and_a_click(visit: Visits) -> None:
    day = quiet_day().isoformat()
    page, journey = at_desk(visit, "desk-closures", rig()[0]), Journey()
    before = own_closures()
    journey.choose(page.get_by_label("From", exact=True), day)
    expect(page.get_by_label("To", exact=True)).to_have_value(day)
    journey.choose(page.get_by_label("To", exact=True), day)
    journey.fill(page.get_by_label("Note", exact=True), "New cables")
    journey.click(page.get_by_role("button", name="Close", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("It is closed then.")
    assert (journey.changes + journey.fields, journey.clicks) == (3, 1)
    assert own_closures() == before + 1


def test_closure__with_hits__lists_them_and_does_what_is_chosen(visit: Visits) -> None:
    day = busy_day().isoformat()
    page = at_desk(visit, "desk-closures", rig()[0])
    page.get_by_label("From", exact=True).fill(day)
    hits = page.locator(".desk-hit")
    expect(hits.first).to_be_visible()
    page.get_by_role("button", name="Cancel and tell").click()
    expect(hits.first.get_by_role("radio", name="Cancel and tell")).to_be_checked()
    visit.expect(400)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("Say why")
    count = hits.count()
    page.get_by_label("What you tell them").fill("The lenses are cleaned.")
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("It is closed then.")
    gone = Reservation.objects.filter(reason="The lenses are cleaned.")
    assert gone.count() == count


def test_desk__by_keyboard_alone(visit: Visits) -> None:
    (slug,) = draft()
    page = at_desk(visit, "desk-hours", slug)
    page.get_by_role("button", name="Copy Monday to all days").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sunday", exact=True)).to_be_checked()
    expect(page.locator(LIVE)).to_contain_text("63 h a week")
    page.get_by_label("From", exact=True).first.focus()
    page.keyboard.press("Enter")  # never copies nor adds: it previews
    expect(page.get_by_label("Sunday", exact=True)).to_be_checked()
    page.get_by_role("button", name="Publish the hours").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("The hours are published.")


def test_desk__without_javascript__in_bulgarian(visit: Visits) -> None:
    (slug,) = draft()
    page = visit("host", language="bg", javascript=False)
    page.goto(reverse("desk-hours", args=[slug]))
    page.get_by_role("button", name="Понеделник за всички дни").click()
    expect(page.locator(LIVE)).to_contain_text("63 ч. седмично")
    page.get_by_role("button", name="Разделяне понеделник").click()
    expect(page.locator("#hours-MO_from_2")).to_have_value("14:00")
    page.get_by_role("button", name="Публикуване на работното време").click()
    expect(page.locator("#hours-MO_from_2")).to_have_value("14:00")
    page.goto(reverse("desk-closures", args=[rig()[0]]))
    day = busy_day().isoformat()
    page.locator("#closure-from_day").fill(day)
    page.locator("#closure-to_day").fill(day)
    before = own_closures()
    page.get_by_role("button", name="Затваряне", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Още нищо не е променено")
    assert own_closures() == before
    page.get_by_role("button", name="Затваряне", exact=True).click()
    assert own_closures() == before + 1


def test_desk__several_ticked__are_closed_together(visit: Visits) -> None:
    visit.expect(*CALLED_OFF)
    page = visit("host")
    page.goto(reverse("desk"))
    page.get_by_label("All of this page").check()
    page.locator(".desk-several").get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Close for a while")
    expect(page.locator('[name="r"]:checked')).to_have_count(3)
    day = (TODAY + 90 * DAY).isoformat()
    page.get_by_label("From", exact=True).fill(day)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.locator(".tag.good")).to_have_count(3)


def test_photo__chosen__is_shown_before_it_is_sent(visit: Visits) -> None:
    page = at_desk(visit, "desk-photo", rig()[0])
    canvas, field = page.locator("canvas"), page.get_by_label("Photo", exact=True)
    expect(canvas).to_be_hidden()
    sent: Any = {"name": "lab.png", "mimeType": "image/png", "buffer": picture("PNG")}
    field.set_input_files(sent)
    expect(canvas).to_be_visible()
    field.set_input_files(sent | {"buffer": b"x" * 8_000_001})
    expect(page.locator("[data-photo-fault]")).to_contain_text("more than 8 MB")


def test_hours__session_over_while_typing__are_as_typed_after_signing_in(
    visit: Visits, settings: Settings
) -> None:
    host, (slug,) = with_password("host", settings), draft()
    page = at_desk(visit, "desk-hours", slug, who=host)
    expect(page.locator(LIVE)).to_contain_text("45 h a week")
    page.get_by_label("Saturday", exact=True).check()
    expect(page.locator(LIVE)).to_contain_text("54 h a week")
    end_session(page)
    page.get_by_label("Saturday, from").select_option("10:00")
    page.wait_for_url("**/sign-in/**")
    sign_in_here(page, host.email)
    page.wait_for_url(f"**{reverse('desk-hours', args=[slug])}")
    expect(page.locator(".notice.warning")).to_contain_text("You were signed out")
    expect(page.get_by_label("Saturday, from")).to_have_value("10:00")
    expect(page.locator(LIVE)).to_contain_text("53 h a week")
    page.get_by_role("button", name="Publish the hours").click()
    expect(page.get_by_role("status").first).to_contain_text("The hours are published.")
    [season] = opening_hours_of(Resource.objects.get(slug=slug))["seasons"]
    assert season["weekly"][-1]["from"] == "10:00"
