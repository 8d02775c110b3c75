"""The main journey of each side, in both languages, by as few acts as promised.

The numbers are the product's bars; what goes wrong on the way is tested page by page.
"""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from playwright.sync_api import Locator, Page, expect

from booking.models import AvailabilityRule, History, Reservation
from booking.models.reservation import Status
from booking.selectors.hours import opening_hours_of
from booking.words import reason_text
from labs.models import Resource, User
from tests.browser.journey import Journey
from tests.browser.pages import draft, rig
from tests.browser.visits import Visits
from tests.factories import SOFIA

in_both_languages = pytest.mark.parametrize("language", ["en", "bg"])
#: What the pages say, written out: the catalogue is not asked whether it is right.
SAID = {
    "en": {
        "week": "45 h a week, 0 reservations fall outside",
        "hours": "The hours are published.",
        "closed": "It is closed then.",
        "sent": "Your request is sent.",
        "held": "Held for you until 11:30",
        "needed": "We need it ourselves at that time.",
    },
    "bg": {
        "week": "45 ч. седмично, 0 резервации остават извън работното време",
        "hours": "Работното време е публикувано.",
        "closed": "За този период е затворено.",
        "sent": "Заявката ви е изпратена.",
        "held": "Задържано за вас до 11:30",
        "needed": "По това време ни трябва на нас.",
    },
}


def said(page: Page) -> Locator:
    return page.get_by_role("status").first


@in_both_languages
def test_startup__finds_and_reserves__one_change_two_clicks_one_field(
    visit: Visits, language: str
) -> None:
    page, journey = visit("startup", language=language), Journey()
    page.goto("/find/")
    journey.choose(page.locator("#id_day"), "2026-10-19")
    expect(page).to_have_url(re.compile("day=2026-10-19"))
    card = page.locator("#results > .cards > .found", has=page.locator(".pending"))
    journey.click(card.first.locator(".primary"))
    expect(page.locator(".held")).to_contain_text(SAID[language]["held"])
    journey.fill(page.locator("[name=purpose]"), "Playing through the second level")
    journey.click(page.locator("main form button.primary").first)
    expect(page).to_have_url(re.compile(r"/reservations/\w{8}/"))
    expect(page.locator("#toasts")).to_contain_text(SAID[language]["sent"])
    assert journey == Journey(changes=1, clicks=2, fields=1)
    made = Reservation.objects.latest("pk")
    assert made.reference in page.url
    assert made.status == Status.PENDING
    assert made.purpose == "Playing through the second level"
    assert not Reservation.objects.held_by(made.requested_by).exists()


@in_both_languages
@pytest.mark.parametrize(
    ("start", "link"),
    [("/find/", ".again a"), ("/reservations/", "a.button[href*='/reserve/']")],
)
def test_startup__books_again__two_clicks(
    visit: Visits, language: str, start: str, link: str
) -> None:
    page, journey = visit("startup", language=language), Journey()
    page.goto(start)
    before = set(Reservation.objects.values_list("pk", flat=True))
    journey.click(page.locator(link).first)
    expect(page.locator(".held")).to_contain_text(SAID[language]["held"])
    journey.click(page.locator("main form button.primary").first)
    expect(page).to_have_url(re.compile(r"/reservations/\w{8}/"))
    assert journey == Journey(clicks=2)
    [made] = Reservation.objects.exclude(pk__in=before)
    assert made.reference in page.url
    assert made.occupies


@in_both_languages
def test_member__weekly_hours_and_a_closure__in_few_clicks(
    visit: Visits, language: str
) -> None:
    # A newer look at what a change hits calls off the one before, which htmx notes.
    visit.expect("htmx:sendAbort", "htmx:afterRequest")
    page = visit("host", language=language)
    with translation.override(language):
        publish_the_common_week(page, SAID[language])
        close_a_busy_day(page, SAID[language])


def publish_the_common_week(page: Page, texts: dict[str, str]) -> None:
    (slug,) = draft()
    journey = Journey()
    page.goto(reverse("desk-hours", args=[slug]))
    expect(page.locator("#live")).to_contain_text(texts["week"])
    journey.click(page.get_by_role("button", name=_("Copy Monday to weekdays")))
    expect(page.locator("#live")).to_contain_text(texts["week"])
    journey.click(page.get_by_role("button", name=_("Publish the hours")))
    expect(said(page)).to_contain_text(texts["hours"])
    assert journey == Journey(clicks=2)
    [season] = opening_hours_of(Resource.objects.get(slug=slug))["seasons"]
    assert season["weekly"] == [
        {"days": ["MO", "TU", "WE", "TH", "FR"], "from": "09:00", "to": "18:00"}
    ]


def close_a_busy_day(page: Page, texts: dict[str, str]) -> None:
    (slug,) = rig()
    day = busy_day(str(slug))
    hit = Reservation.objects.occupying().filter(
        resource__slug=slug, starts_at__date=day
    )
    references = set(hit.values_list("reference", flat=True))
    assert references
    journey = Journey()
    page.goto(reverse("desk-closures", args=[slug]))
    journey.choose(page.locator("#closure-from_day"), day)
    journey.choose(page.locator("#closure-to_day"), day)
    journey.choose(page.locator("#closure-reason"), "maintenance")
    rows = page.locator(".desk-hit")
    expect(rows).to_have_count(len(references))
    journey.click(page.get_by_role("button", name=_("Cancel and tell")))
    expect(page.locator(".desk-hit input[value=cancel]:checked")).to_have_count(
        len(references)
    )
    journey.fill(page.get_by_label(_("What you tell them")), "The lenses are cleaned.")
    close = pgettext("verb", "Close")
    journey.click(page.get_by_role("button", name=close, exact=True))
    expect(said(page)).to_contain_text(texts["closed"])
    assert journey == Journey(changes=3, clicks=2, fields=1)
    gone = Reservation.objects.filter(reason="The lenses are cleaned.")
    assert set(gone.values_list("reference", flat=True)) == references
    assert not hit.exists()
    made = AvailabilityRule.objects.latest("pk")
    assert made.reason == AvailabilityRule.Reason.MAINTENANCE
    assert made.event.start.astimezone(SOFIA).date().isoformat() == day


def busy_day(slug: str) -> str:
    """A day on which several have reserved it, and on which no closure lies."""
    ahead = Reservation.objects.occupying().filter(resource__slug=slug)
    found = ahead.exclude(history__action="move_asked").order_by("-starts_at")[0]
    return found.starts_at.astimezone(SOFIA).date().isoformat()


@in_both_languages
def test_staff__clears_the_queue__one_key_or_click_each(
    visit: Visits, language: str
) -> None:
    User.objects.update(language=language)
    page, journey = visit("staff", language=language), Journey()
    page.goto("/approvals/")
    page.locator("[data-start]").click()
    first, second, third, fourth, *_others = references_of(page)

    journey.press(focused(page, first), "a")
    journey.press(focused(page, second), "a")
    row = focused(page, third)
    assert journey == Journey(keys=2)
    assert [status_of(each) for each in (first, second)] == [Status.APPROVED] * 2
    journey.press(row, "u")
    focused(page, second)
    assert status_of(second) == Status.PENDING
    assert status_of(first) == Status.APPROVED, "only the last is undone"

    journey.press(focused(page, second), "j")
    journey.press(focused(page, third), "j")
    journey.press(focused(page, fourth), "k")
    refuse_with_the_first_reason(page, third, journey)
    declined = Reservation.objects.get(reference=third)
    assert declined.status == Status.DECLINED
    with translation.override(language):
        reason = reason_text(declined.decline_code, declined.reason)
    assert reason == SAID[language]["needed"]
    ask(page, fourth, journey)
    assert journey == Journey(keys=10, clicks=1, fields=1)


def refuse_with_the_first_reason(page: Page, reference: str, acts: Journey) -> None:
    row = focused(page, reference)
    acts.press(row, "r")
    reason = row.locator("[name='code']").first
    expect(reason).to_be_focused()
    acts.press(reason, "Space")
    acts.press(reason, "Enter")
    expect(page.locator(f"#request-{reference}[data-decided]")).to_be_visible()


def ask(page: Page, reference: str, acts: Journey) -> None:
    row = focused(page, reference)
    acts.press(row, "i")
    question = row.locator("[data-step='ask'] textarea")
    expect(question).to_be_focused()
    acts.fill(question, "Who comes?")
    acts.click(row.locator("[data-step='ask'] form button"))
    focused(page, reference)
    asked = History.objects.filter(action=History.Action.ASKED)
    assert asked.latest("pk").reservation.reference == reference


@in_both_languages
def test_staff__clears_the_rest_at_once__three_clicks(
    visit: Visits, language: str
) -> None:
    page, journey = visit("staff", language=language), Journey()
    page.goto("/approvals/")
    ticked = references_of(page)[0]
    page.locator("[data-start]").click()
    focused(page, ticked).press("x")
    expect(page.locator("[name='chosen']:checked")).to_have_count(1)
    journey.click(page.locator("#many button"))
    expect(page.locator(f"#request-{ticked}[data-decided]")).to_be_visible()
    assert status_of(ticked) == Status.APPROVED

    unflagged = page.locator(".sure [name='chosen']").count()
    waiting = still_waiting()
    journey.click(page.locator(".sure summary"))
    journey.click(page.locator(".sure form button"))
    expect(page.locator("[data-step='take-back']")).to_have_count(unflagged + 1)
    assert journey == Journey(clicks=3)
    assert still_waiting() == waiting - unflagged
    page.locator("[data-step='take-back'] button").last.click()
    expect(page.locator("[data-step='take-back']")).to_have_count(unflagged)
    assert still_waiting() == waiting - unflagged + 1


def references_of(page: Page) -> list[str]:
    """What waits, in the order of the rows."""
    rows = page.locator("[data-queue] > [data-request]")
    return [str(row.get_attribute("id")).removeprefix("request-") for row in rows.all()]


def focused(page: Page, reference: str) -> Locator:
    """The row of that request, once the focus has come to it by itself."""
    row = page.locator(f"#request-{reference}[data-request]")
    expect(row).to_be_focused()
    return row


def status_of(reference: str) -> str:
    return Reservation.objects.get(reference=reference).status


def still_waiting() -> int:
    return Reservation.objects.filter(status=Status.PENDING).count()
