from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from booking.services.availability import closure_add
from config import clock
from labs.drawing import Rectangle
from labs.models import FloorPlan, Resource, Site
from labs.services.plans import plan_save
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.booking.web.test_plans import FLOOR, METRES
from tests.cast import Cast
from tests.factories import HOUR
from tests.statements import assert_flat

PEOPLE = ("nobody", "booker", "stranger", "manager", "staff")


def visitor(cast: Cast, who: str) -> Client:
    return Client() if who == "nobody" else signed_in(getattr(cast, who))


def names(response: Any) -> list[str]:
    return [each.name for each in response.context["page"]]


def address(resource: Resource) -> str:
    return reverse("resource", args=[resource.slug])


# The catalogue


@pytest.mark.parametrize("who", PEOPLE)
def test_front__anybody__sees_what_is_published_only(cast: Cast, who: str) -> None:
    factories.resource(name="Secret draft", listing="draft", organisation=cast.host)
    factories.resource(name="Old kiln", listing="archived", organisation=cast.host)
    left = factories.organisation(is_active=False)
    factories.resource(name="Of who left", organisation=left)

    page = visitor(cast, who).get("/")

    assert names(page) == ["Motion lab", "Sound studio"]
    assert "2 resources" in text_of(page)
    assert "Needs approval" in text_of(page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=sound", ["Sound studio"]),
        ("q=WHISPER+room", ["Whisper room"]),
        ("q=acoustics", ["Whisper room"]),  # a tag
        ("kind=premises", ["Whisper room"]),
        ("tag=%20Acoustics", ["Whisper room"]),
        ("people=9", ["Whisper room"]),
        ("site=quiet-house", ["Whisper room"]),
        ("organisation=quiet-people", ["Whisper room"]),
        ("kind=laboratory&people=8&q=&tag=", ["Motion lab", "Sound studio"]),
    ],
)
def test_front__filters__leave_what_is_asked_for(
    cast: Cast, query: str, found: list[str]
) -> None:
    factories.resource(
        name="Whisper room",
        kind="premises",
        tags=["acoustics"],
        people=9,
        site=factories.site(slug="quiet-house"),
        organisation=factories.organisation(slug="quiet-people"),
    )
    page = Client().get(f"/?{query}")
    assert names(page) == found
    assert page.context["form"]["q"].value() in {
        None,
        "",
        *page.context["form"].data.values(),
    }


def test_front__nothing_found__says_which_filter_to_loosen(cast: Cast) -> None:
    page = Client().get("/?q=sound&people=99&kind=laboratory")
    assert names(page) == []
    text = text_of(page)
    assert "Without “People”: 1 resource" in text
    assert "Without “Words”" not in text
    (looser,) = page.context["looser"]
    assert names(Client().get(looser[2])) == ["Sound studio"]


@pytest.mark.parametrize("query", ["kind=7", "people=0", "people=x", f"q={'x' * 101}"])
def test_front__bad_filter__is_told_and_kept(cast: Cast, query: str) -> None:
    page = Client().get(f"/?{query}")
    assert page.status_code == 400
    assert "Please check the input" in text_of(page)
    name, value = query.split("=")
    assert page.context["form"][name].value() == value


def test_front__htmx__gets_the_results_alone(cast: Cast) -> None:
    part = Client().get("/?q=sound", headers={"hx-request": "true"})
    assert part.content.strip().startswith(b'<div id="results">')
    assert "Sound studio" in text_of(part)


def test_front__empty_hub__says_what_it_is_for(db: None) -> None:
    assert "Nothing is published yet" in text_of(Client().get("/"))


def test_front__more_rows__same_statements(cast: Cast) -> None:
    def more() -> None:
        for number in range(20):
            factories.resource(tags=[f"tag-{number}"])

    assert_flat(Client(), "/", few=list, many=more)


# A resource


@pytest.mark.parametrize("who", PEOPLE)
def test_resource__draft__is_for_its_managers(cast: Cast, who: str) -> None:
    draft = factories.open_lab(name="Secret", organisation=cast.host, listing="draft")
    for listing in ("draft", "archived"):
        Resource.objects.filter(pk=draft.pk).update(listing=listing)
        page = visitor(cast, who).get(address(draft))
        expected = 200 if who in {"manager", "staff"} else 404
        assert page.status_code == expected, listing
        assert ("Secret" in text_of(page)) == (expected == 200)


def test_resource__nobody__reads_all_that_is_public(cast: Cast) -> None:
    Resource.objects.filter(pk=cast.studio.pk).update(
        description="Quiet <b>and</b> dark.", tags=["acoustics"]
    )
    factories.publish(cast.studio, factories.OFFICE_HOURS)
    factories.set_policy(
        cast.studio,
        needs_approval=True,
        decide_within_hours=48,
        turnaround_minutes=15,
        notice_minutes=120,
    )
    text = text_of(page := Client().get(address(cast.studio)))
    for said in (
        "Quiet <b>and</b> dark.",
        "Monday 09:00–18:00",
        "Sunday closed",
        "Times in Sofia",
        f"{cast.host.name} or hub staff.",
        "Each has 48 working hours",
        "at least 2 h ahead",
        "15 min stay free",
        "up to 8 people",
    ):
        assert said in text, said
    assert "<b>and" not in page.content.decode()
    assert "Usually answered" not in text
    reserve = reverse("reserve", args=[cast.studio.slug])
    assert f"{reverse('sign-in')}?next={reserve}" in page.content.decode()


def test_resource__host__has_more_to_do_than_others(cast: Cast) -> None:
    door = reverse("door-page", args=[cast.lab.slug])
    for who in PEOPLE:
        page = visitor(cast, who).get(address(cast.lab)).content.decode()
        assert (door in page) == (who in {"manager", "staff"}), who


def test_resource__closure__keeps_its_reason_from_others(cast: Cast) -> None:
    start = factories.tomorrow_at(10)
    closure_add(
        actor=cast.manager,
        resource_slug=cast.lab.slug,
        starts_at=start,
        ends_at=start + HOUR,
        reason="private_use",
        note="Secret visitors",
    )
    for who in PEOPLE:
        text = text_of(visitor(cast, who).get(address(cast.lab)))
        assert "10:00–11:00" in text
        knows = who in {"manager", "staff"}
        assert ("Secret visitors" in text) == knows, who
        assert ("Private use" in text) == knows, who


def test_resource__reserved__tells_no_tenant(cast: Cast) -> None:
    factories.reserve(cast.lab, cast.booker, purpose="Secret pilot")
    for path in ("/", address(cast.lab), reverse("site", args=[cast.lab.site.slug])):
        text = text_of(Client().get(path))
        assert "Startup" not in text
        assert "Secret pilot" not in text


def test_resource__hall_and_parts__lead_to_one_another(cast: Cast) -> None:
    hall = factories.hall([cast.lab, cast.studio], name="Great hall")
    Resource.objects.filter(pk=cast.studio.pk).update(listing="draft")
    text = text_of(Client().get(address(hall)))
    assert "Its parts" in text
    assert "Motion lab" in text
    assert "Sound studio" not in text
    assert "Part of Great hall" in text_of(Client().get(address(cast.lab)))


def test_resource__what_search_engines_read__ends_no_script(cast: Cast) -> None:
    Resource.objects.filter(pk=cast.lab.pk).update(
        name="Lab </script><script>alert(1)</script>", tags=["film"]
    )
    html = Client().get(address(cast.lab)).content.decode()
    assert "<script>alert" not in html
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    told = json.loads(data)
    assert told["name"] == "Lab </script><script>alert(1)</script>"
    assert (told["@type"], told["keywords"]) == ("Place", "film")
    assert told["url"].endswith(address(cast.lab))
    assert f'<link rel="canonical" href="{told["url"]}">' in html


def test_resource__costs__few_statements(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12):
        Client().get(address(cast.lab))


# Places


def test_sites__of_nothing_published__are_for_staff(cast: Cast) -> None:
    factories.site(name="Empty barn")
    for who in PEOPLE:
        text = text_of(visitor(cast, who).get("/sites/"))
        assert cast.lab.site.name in text
        assert ("Empty barn" in text) == (who == "staff"), who


@pytest.mark.parametrize("who", PEOPLE)
def test_site__access_notes__are_not_public(cast: Cast, who: str) -> None:
    Site.objects.update(access_notes="The code is 4711.", latitude=42.7, longitude=23.3)
    page = visitor(cast, who).get(reverse("site", args=[cast.lab.site.slug]))
    assert ("4711" in text_of(page)) == (who in {"manager", "staff"})
    html = page.content.decode()
    assert 'href="geo:42.700000,23.300000"' in html
    assert "Motion lab" in html


def test_site__unknown__404(cast: Cast) -> None:
    for name in ("site", "organisation", "resource"):
        assert Client().get(reverse(name, args=["nowhere"])).status_code == 404


def test_site__floor__shows_what_holds_now(cast: Cast, monkeypatch: Any) -> None:
    rooms = {
        cast.lab.slug: Rectangle(*METRES),
        cast.studio.slug: Rectangle(METRES[0] + 20, *METRES[1:]),
    }
    site = cast.lab.site
    plan_save(
        actor=cast.staff, site_slug=site.slug, plan_id=None, floor=FLOOR, rooms=rooms
    )
    factories.reserve(cast.lab, cast.booker)
    then = factories.tomorrow_at(10, 15)
    monkeypatch.setattr(clock, "now", lambda: then)
    page = Client().get(reverse("site", args=[site.slug]))
    html = page.content.decode()
    assert f'<a href="{address(cast.lab)}" class="room waiting">' in html
    assert f'<a href="{address(cast.studio)}" class="room free">' in html
    assert "Motion lab Waiting for check-in until 11:00" in text_of(page)

    Resource.objects.filter(pk=cast.lab.pk).update(listing="draft")
    drawn = Client().get(reverse("site", args=[site.slug]))
    assert "Motion lab" not in text_of(drawn)
    assert FloorPlan.objects.get().rooms.count() == 2


def test_site__more_rooms__same_statements(cast: Cast) -> None:
    site = cast.lab.site
    plan = FloorPlan.objects.create(site=site, **FLOOR)
    plan.rooms.create(
        resource=cast.lab, **dict(zip(Rectangle._fields, METRES, strict=True))
    )

    def more() -> None:
        for _ in range(10):
            made = factories.open_lab(site=site)
            plan.rooms.create(
                resource=made, **dict(zip(Rectangle._fields, METRES, strict=True))
            )

    assert_flat(Client(), reverse("site", args=[site.slug]), few=list, many=more)


def test_organisation__website__is_linked_only_if_it_is_one(cast: Cast) -> None:
    url = reverse("organisation", args=[cast.host.slug])
    for website, is_linked in (
        ("https://example.org/", True),
        ("ftp://example.org/", False),
        ("javascript:alert(1)", False),
    ):
        type(cast.host).objects.filter(pk=cast.host.pk).update(website=website)
        html = Client().get(url).content.decode()
        assert (f'<a href="{website}"' in html) == is_linked


def test_organisation__that_left__is_gone(cast: Cast) -> None:
    url = reverse("organisation", args=[cast.host.slug])
    factories.resource(name="Secret draft", listing="draft", organisation=cast.host)
    text = text_of(signed_in(cast.manager).get(url))
    assert "Motion lab" in text
    assert "Secret draft" not in text
    type(cast.host).objects.filter(pk=cast.host.pk).update(is_active=False)
    assert Client().get(url).status_code == 404
    assert "Organisation" in text_of(Client().get("/organisations/"))
    assert cast.host.name not in text_of(Client().get("/organisations/"))


# Robots


def test_sitemap__lists_what_is_public(cast: Cast) -> None:
    draft = factories.resource(listing="draft", organisation=cast.host)
    response = Client().get("/sitemap.xml")
    assert response["Content-Type"] == "application/xml"
    text = response.content.decode()
    assert f"{address(cast.lab)}</loc>" in text
    assert address(draft) not in text
    assert reverse("site", args=[draft.site.slug]) not in text


#: What anybody may read, and what is no page.
PUBLIC = {"", "sites", "organisations", "resources", "photos", "healthz"}
PUBLIC |= {"robots.txt", "sitemap.xml"}


def every_path(patterns: list[Any], before: str = "") -> Iterator[str]:
    for each in patterns:
        path = before + str(each.pattern).lstrip("^")
        if isinstance(each, URLResolver):
            yield from every_path(each.url_patterns, path)
        else:
            yield path


def test_robots__leave_secrets_alone(db: None) -> None:
    text = Client().get("/robots.txt").content.decode()
    assert "Disallow: /door/" in text.splitlines()
    left_alone = set(re.findall(r"^Disallow: /(\w[\w-]*)/?$", text, re.MULTILINE))
    paths = every_path(get_resolver().url_patterns)
    first_parts = {path.partition("/")[0] for path in paths}
    assert first_parts - left_alone == PUBLIC
    assert re.search(r"^Sitemap: https?://.+/sitemap.xml$", text, re.MULTILINE)
