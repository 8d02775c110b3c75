"""A session that ran out while somebody typed: signed in again, all is as it was."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.models import AvailabilityRule, OpenPeriod, Policy, Reservation
from booking.selectors.hours import hours_version
from labs.models import Resource, User
from tests import factories
from tests.booking.web.browser import hidden, signed_in, text_of, when
from tests.booking.web.test_journey import hours
from tests.cast import Cast

KEPT = "What you typed is here, and not yet sent."
NOTE = "Цветя 🌼 <script>alert(1)</script> " + "ж" * 300
PART = {"HX-Request": "true"}


def closure(**more: str) -> dict[str, str]:
    day = when(days=3)["day"]
    clocks = {"from_time": "10:00", "to_time": "12:30"}
    given = {"from_day": day, "to_day": day, "reason": "private_use", "note": NOTE}
    return given | clocks | more


def week(**more: str) -> dict[str, str]:
    typed = hours("07:15", "21:45") | {"valid_from": when(days=5)["day"]}
    return typed | {"do": "publish"} | more


FORMS: dict[str, dict[str, Any]] = {
    "desk-hours": week(),
    "desk-closures": closure(do="close"),
    "desk-details": {"name": "Typed", "description": NOTE * 4, "people": "41"},
    "desk-policy": {"turnaround_minutes": "45", "approval_path": "host"},
    "reserve": when() | {"people": "2", "purpose": NOTE},
}


def come_back(client: Client, answer: Any, person: User) -> Any:
    """Sign in after that answer, and go where it leads."""
    assert answer.status_code == 302
    page, _question, query = answer.url.partition("?next=")
    assert page == reverse("sign-in")
    client.force_login(person)
    return client.get(query)


def written() -> list[Any]:
    """All that these forms could have changed."""
    kinds = (Resource, Policy, AvailabilityRule, OpenPeriod, Reservation)
    return [list(kind.objects.order_by("pk").values()) for kind in kinds]


@pytest.mark.parametrize("name", FORMS)
def test_session__over_while_typing__is_kept_until_signed_in(
    cast: Cast, name: str
) -> None:
    client, typed, before = Client(), FORMS[name], written()
    url = reverse(name, args=[cast.lab.slug])
    page = come_back(client, client.post(url, typed), cast.manager)
    form = page.context["form"]
    filled_in = [
        each for each in typed.keys() & form.fields.keys() if typed[each] != "on"
    ]
    assert len(filled_in) >= 2
    for each in filled_in:
        assert form[each].value() == typed[each]
    assert KEPT in text_of(page)
    assert "<script>alert" not in page.content.decode()
    assert written() == before
    again = client.get(url)
    assert KEPT not in text_of(again), "shown once"
    assert again.context["form"].is_bound is False
    assert NOTE not in text_of(again)


def test_session__over__leaves_anothers_page_alone(cast: Cast) -> None:
    client = Client()
    client.post(reverse("desk-details", args=[cast.lab.slug]), {"name": "Typed"})
    client.force_login(cast.manager)
    other = client.get(reverse("desk-details", args=[cast.studio.slug]))
    assert KEPT not in text_of(other)
    # And who may not see the resource, does not see it by having typed.
    client = Client()
    answer = client.post(reverse("desk-details", args=[cast.lab.slug]), {"name": "T"})
    assert come_back(client, answer, cast.stranger).status_code in {403, 404}


def test_session__over_at_a_live_line__goes_to_sign_in_with_all_typed(
    cast: Cast,
) -> None:
    client = Client()
    url = reverse("desk-hours", args=[cast.lab.slug])
    shown = {"HX-Current-URL": f"http://testserver{url}?season=2026-01-01"}
    answer = client.post(url, week(), headers=PART | shown)
    assert answer.headers["HX-Redirect"].startswith(reverse("sign-in"))
    client.force_login(cast.manager)
    page = client.get(f"{url}?season=2026-01-01")
    assert page.context["form"]["MO_from"].value() == "07:15"


def test_session__over_at_a_date__is_kept_on_the_page_of_hours(cast: Cast) -> None:
    client, day = Client(), when(days=9)["day"]
    typed = {"day": day, "opens": "11:15", "closes": "12:45"}
    answer = client.post(reverse("desk-date", args=[cast.lab.slug]), typed)
    page = come_back(client, answer, cast.manager)
    form = page.context["date_form"]
    assert {name: form[name].value() for name in typed} == typed


def test_session__over__does_not_hide_that_hours_changed(cast: Cast) -> None:
    url = reverse("desk-hours", args=[cast.lab.slug])
    manager, client = signed_in(cast.manager), Client()
    seen = hidden(manager.get(url), "seen")
    answer = client.post(url, week(seen=seen))
    manager.post(url, hours("10:00", "16:00") | week(seen=seen) | {"MO_to": "16:00"})
    assert hours_version(cast.lab) != seen
    page = come_back(client, answer, cast.manager)
    assert hidden(page, "seen") == seen
    assert client.post(url, week(seen=seen)).status_code == 409


def test_session__over_with_several__keeps_which_and_what(cast: Cast) -> None:
    factories.set_policy(cast.lab)
    slugs = [cast.lab.slug, cast.studio.slug]
    given = closure(deed="close", do="go") | {"r": slugs}
    client = Client()
    answer = client.post(reverse("desk-several"), given)
    page = come_back(client, answer, cast.staff)
    assert {each.slug for each in page.context["chosen"]} == set(slugs)
    assert page.context["form"]["note"].value() == NOTE


def test_session__over_with_the_rules_of_all__keeps_them(cast: Cast) -> None:
    for name, args, person in (
        ("desk-policies", [], cast.staff),
        ("desk-organisation-policy", [cast.host.slug], cast.manager),
    ):
        client = Client()
        url = reverse(name, args=args)
        page = come_back(client, client.post(url, {"horizon_days": "77"}), person)
        assert page.context["form"]["horizon_days"].value() == "77"
