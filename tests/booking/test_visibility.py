"""What others see of a reservation: viewer × setting × status × place."""

from __future__ import annotations

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from booking.models import Reservation
from booking.models.policy import OthersSee
from booking.models.reservation import Status
from booking.selectors.takers import taker_of
from booking.selectors.timeline import timeline_day, timeline_of
from booking.visibility import KNOWN, OTHERS, Sight, sight_of
from labs.models import Resource, User
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.booking.web.timelines import day, tomorrow, words
from tests.cast import Cast

pytestmark = pytest.mark.django_db

PURPOSE = "Quiet pilot"
OWN = ("booker", "colleague", "manager", "staff")
OTHER = ("stranger",)
#: No member of the hub, and nobody at all.
OUTSIDE = ("newcomer", None)
WHO = (*OWN, *OTHER, *OUTSIDE)
MATRIX = list(itertools.product(WHO, OthersSee))


def person(cast: Cast, who: str | None) -> User | None:
    if who == "newcomer":
        return factories.person()
    return getattr(cast, who) if who else None


def browser(user: User | None) -> Client:
    return signed_in(user) if user else Client()


def expected(who: str | None, others_see: OthersSee) -> Sight:
    if who in OWN:
        return Sight.OWN
    return OTHERS[others_see] if who in OTHER else Sight.BUSY


def told(text: str) -> Sight:
    """How much a text says, as a reader finds it."""
    if PURPOSE in text:
        return Sight.EVERYTHING
    return Sight.ORGANISATION if "Startup" in text else Sight.BUSY


@pytest.fixture
def made(cast: Cast) -> Reservation:
    return factories.reserve(cast.lab, cast.booker, purpose=PURPOSE)


@pytest.mark.parametrize(("who", "others_see"), MATRIX)
def test_rows__viewer_and_setting__have_what_the_one_function_says(
    cast: Cast, made: Reservation, who: str | None, others_see: OthersSee
) -> None:
    factories.set_policy(cast.lab, others_see=others_see)
    viewer, sight = person(cast, who) or AnonymousUser(), expected(who, others_see)
    lab = Resource.objects.filter(pk=cast.lab.pk)
    (row,) = timeline_day(viewer, lab, factories.tomorrow_at(12).date())
    alone = timeline_of(viewer, cast.lab, made.starts_at, made.ends_at)
    for (taken,) in (row["taken"], alone["taken"]):
        known = {"reference", "status", "organisation", "organisation_name", "purpose"}
        assert known & set(taken) == set(KNOWN[sight])
        assert "others_see" not in taken
        assert told(str(taken)) == min(sight, Sight.EVERYTHING)


@pytest.mark.parametrize(("who", "others_see"), MATRIX)
def test_pages__viewer_and_setting__say_no_more(
    cast: Cast, made: Reservation, who: str | None, others_see: OthersSee
) -> None:
    factories.set_policy(cast.lab, others_see=others_see)
    client, sight = browser(person(cast, who)), expected(who, others_see)
    # One's own says whose it is, and links to the rest.
    said = Sight.ORGANISATION if sight == Sight.OWN else sight
    (cell,) = (text for text in words(day(client), cast.lab) if "10:00–11:00" in text)
    assert told(cell) == said
    assert ("Taken" in cell) == (sight == Sight.BUSY)
    for span in ("week", "month"):
        page = client.get(f"/resources/{cast.lab.slug}/{span}/", {"date": tomorrow()})
        assert page.status_code == 200
        html = page.content.decode()
        assert told(html.replace(cast.host.name, "")) <= said
        assert (made.reference in html) <= (sight == Sight.OWN)
    week = client.get(f"/resources/{cast.lab.slug}/week/", {"date": tomorrow()})
    assert told(text_of(week)) == said


@pytest.mark.parametrize(("who", "others_see"), MATRIX)
def test_api__viewer_and_setting__say_no_more(
    cast: Cast, made: Reservation, who: str | None, others_see: OthersSee
) -> None:
    factories.set_policy(cast.lab, others_see=others_see)
    api, sight = cast.api(person(cast, who)), expected(who, others_see)
    url = f"/api/v1/resources/{cast.lab.slug}/availability/"
    period = {"from": made.starts_at.isoformat(), "to": made.ends_at.isoformat()}
    rows = (
        api.get(url, period),
        api.get("/api/v1/timeline/", {"date": tomorrow()}),
    )
    for answer in rows:
        if who is None:
            assert answer.status_code == 401
            continue
        assert told(str(answer.json())) == min(sight, Sight.EVERYTHING)
        assert (made.reference in str(answer.json())) == (sight == Sight.OWN)


@pytest.mark.parametrize(
    ("who", "others_see"), [each for each in MATRIX if each[0] is not None]
)
def test_taker__viewer_and_setting__is_named_or_not(
    cast: Cast, made: Reservation, who: str, others_see: OthersSee
) -> None:
    factories.set_policy(cast.lab, others_see=others_see)
    viewer, sight = person(cast, who), expected(who, others_see)
    assert viewer is not None
    lab = Resource.objects.select_related("effective_policy").get(pk=cast.lab.pk)
    taker = taker_of(viewer, lab, factories.wish())
    assert taker is not None
    assert (taker.organisation == cast.startup) == (sight >= Sight.ORGANISATION)
    assert (taker.reservation == made) == (sight == Sight.OWN)


@pytest.mark.parametrize("status", [Status.HELD, Status.PENDING])
@pytest.mark.parametrize("shown_on_door", [True, False])
def test_sight__only_asked_for__others_see_that_it_is_busy(
    cast: Cast, status: Status, shown_on_door: bool
) -> None:
    for viewer in (cast.stranger, AnonymousUser()):
        seen = sight_of(
            viewer,
            status=status,
            guest_id=cast.startup.pk,
            host_id=cast.host.pk,
            others_see=OthersSee.EVERYTHING,
            shown_on_door=shown_on_door,
        )
        assert seen == Sight.BUSY


def test_setting__of_the_organisation__holds_for_its_resources(
    cast: Cast, made: Reservation
) -> None:
    api = cast.api(cast.stranger)
    url = f"/api/v1/resources/{cast.lab.slug}/policy/"
    assert api.get(url).json()["others_see"] == "busy"
    assert api.patch(url, {"others_see": "everything"}).status_code == 403
    wrong = cast.api(cast.manager).patch(url, {"others_see": "all"}, format="json")
    assert (wrong.status_code, "others_see" in str(wrong.json())) == (400, True)
    client = signed_in(cast.manager)
    page = text_of(client.get(f"/desk/{cast.lab.slug}/policy/"))
    assert "10:00–12:00 Acme: Recording a pilot" in page
    assert "As the hub: only that it is taken (10:00–12:00 Taken)" in page
    client.post(f"/desk/policy/{cast.host.slug}/", {"others_see": "organisation"})
    assert api.get(url).json()["others_see"] == "organisation"
    assert "Startup" in words(day(signed_in(cast.stranger)), cast.lab)[1]
