from __future__ import annotations

from typing import Any

from booking.models import EffectivePolicy, OpenPeriod
from booking.weekly import WeeklyHours
from labs.models import Resource
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, text_of, when
from tests.booking.web.test_journey import hours
from tests.cast import Cast


def test_desk__manager__sees_own_only(cast: Cast) -> None:
    other = factories.open_lab(name="Somebody else's")
    page = text_of(signed_in(cast.manager).get("/desk/"))
    assert "Motion lab" in page
    assert "Somebody else's" not in page
    assert "Somebody else's" in text_of(signed_in(cast.staff).get("/desk/"))
    theirs = signed_in(cast.manager).get(f"/desk/{other.slug}/")
    assert theirs.status_code == 403


def test_desk__who_manages_nothing__is_refused(cast: Cast) -> None:
    client = signed_in(cast.booker)
    assert client.get("/desk/").status_code == 403
    assert client.post("/desk/", {"name": "Mine"}).status_code == 403
    for name in ("", "details/", "policy/", "hours/", "closures/", "holidays/"):
        response = client.post(f"/desk/{cast.lab.slug}/{name}")
        assert response.status_code in {403, 405}, name
    sent = client.post(f"/desk/{cast.lab.slug}/listing/", {"to": "archive"})
    assert sent.status_code == 403
    assert Resource.objects.filter(listing="published").count() == 2


def test_desk__draft_of_another__is_missing(cast: Cast) -> None:
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    url = f"/desk/{cast.lab.slug}/"
    assert signed_in(cast.stranger).get(url).status_code == 404
    assert signed_in(cast.manager).get(url).status_code == 200


def test_add__pool__has_its_units(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = {"name": "Benches", "kind": "laboratory", "site": cast.lab.site.slug}
    wrong = client.post("/desk/", sent | {"people": "0", "units": "99999"})
    assert wrong.status_code == 400
    assert wrong.context["form"]["name"].value() == "Benches"
    client.post("/desk/", sent | {"people": "1", "units": "4"})
    benches = Resource.objects.get(name="Benches")
    assert (benches.is_pool, benches.coverage.count()) == (True, 4)
    assert (benches.organisation, benches.listing) == (cast.host, "draft")


def test_add__staff__choose_the_host(cast: Cast) -> None:
    sent = {"name": "New", "kind": "premises", "site": cast.lab.site.slug}
    sent |= {"people": "1", "units": "1"}
    client = signed_in(cast.staff)
    assert client.post("/desk/", sent).status_code == 400
    client.post("/desk/", sent | {"organisation": cast.startup.slug})
    assert Resource.objects.get(name="New").organisation == cast.startup


def test_details__changed__are_saved_and_escaped(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = {
        "name": "Motion <lab>",
        "name_bg": "Движение",
        "kind": "equipment",
        "site": cast.lab.site.slug,
        "people": "3",
        "description": "One\r\n<script>two</script>",
        "description_bg": "",
    }
    url = f"/desk/{cast.lab.slug}/details/"
    assert client.post(url, sent | {"name": ""}).status_code == 400
    assert client.post(url, sent).status_code == 302
    cast.lab.refresh_from_db()
    assert (cast.lab.name, cast.lab.people) == ("Motion <lab>", 3)
    assert cast.lab.description == "One\n<script>two</script>"
    seen = signed_in(cast.booker).get(f"/reserve/{cast.lab.slug}/")
    assert "<script" not in seen.content.decode()


def test_policy__changed__only_that_is_own(cast: Cast) -> None:
    client = signed_in(cast.manager)
    values = {"turnaround_minutes": "0", "min_duration_minutes": "30"}
    values |= {"max_duration_minutes": "480", "needs_approval": "on"}
    url = f"/desk/{cast.lab.slug}/policy/"
    assert client.post(url, values).status_code == 302
    effective = EffectivePolicy.objects.get(resource=cast.lab)
    assert effective.needs_approval is True
    assert cast.lab.policy.max_duration_minutes is None
    wrong = client.post(url, values | {"max_duration_minutes": "10"})
    assert wrong.status_code == 400
    assert "The longest is shorter than the shortest." in text_of(wrong)


def test_listing__archive_and_back__is_done(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for to, then in (("archive", "archived"), ("draft", "draft"), ("nix", "draft")):
        client.post(f"/desk/{cast.lab.slug}/listing/", {"to": to})
        cast.lab.refresh_from_db()
        assert cast.lab.listing == then


def test_hours__wrong__are_kept_and_told(cast: Cast) -> None:
    before = list(OpenPeriod.objects.values_list("pk", flat=True))
    sent = hours("18:00", "09:00") | {"valid_from": "2020-13-01", "do": "publish"}
    response = signed_in(cast.manager).post(f"/desk/{cast.lab.slug}/hours/", sent)
    assert response.status_code == 400
    assert "It must close after it opens." in text_of(response)
    assert response.context["forms"]["hours"]["MO_from"].value() == "18:00"
    assert list(OpenPeriod.objects.values_list("pk", flat=True)) == before


def test_hours__split_day__is_not_lost_silently(cast: Cast) -> None:
    split = (WeeklyHours(("MO",), 540, 720), WeeklyHours(("MO",), 780, 1080))
    factories.publish(cast.lab, split)
    page = text_of(signed_in(cast.manager).get(f"/desk/{cast.lab.slug}/"))
    assert "More is published than this form shows" in page
    assert "13:00–18:00" in page


def test_closure__previewed_made_and_taken_back(cast: Cast) -> None:
    ask_for(signed_in(cast.booker), cast.lab, 10)
    client = signed_in(cast.manager)
    day = when()["day"]
    sent = {"from_day": day, "from_time": "00:00", "to_day": day, "to_time": "24:00"}
    sent |= {"reason": "maintenance", "note": "New <floor>"}
    url = f"/desk/{cast.lab.slug}/closures/"
    preview = client.post(url, sent | {"do": "preview"})
    assert "1 reservation would fall outside." in text_of(preview)
    assert "None is planned." in text_of(preview)
    assert preview.context["forms"]["closure"]["note"].value() == "New <floor>"
    made = client.post(url, sent | {"do": "close"}, follow=True)
    assert "Maintenance · New <floor>" in text_of(made)
    assert "00:00–24:00" not in text_of(made).split("Close for a while")[0]
    assert "Reserved outside of the published hours" in text_of(made)
    closure = made.context["closures"][0]
    client.post(f"{url}{closure.pk}/remove/")
    assert "None is planned." in text_of(client.get(f"/desk/{cast.lab.slug}/"))
    assert client.post(f"{url}{closure.pk}/remove/").status_code == 404
    assert client.post(f"{url}{10**30}/remove/").status_code == 404


def test_closure__reversed__is_told(cast: Cast) -> None:
    sent = {"from_day": "2027-03-02", "from_time": "00:00", "to_day": "2027-03-01"}
    sent |= {"to_time": "24:00", "reason": "other", "do": "close"}
    url = f"/desk/{cast.lab.slug}/closures/"
    response = signed_in(cast.manager).post(url, sent)
    assert response.status_code == 400
    assert "The end must come after the start." in text_of(response)


def test_holidays__ticked_and_unticked(cast: Cast) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/holidays/"
    ticked = client.post(url, {"holidays": "1"}, follow=True)
    assert ticked.context["has_holidays"] is True
    assert "Liberation Day" in text_of(ticked)
    assert "Take back" not in text_of(ticked)
    assert client.post(url, follow=True).context["has_holidays"] is False


def test_desk__more_rows__same_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.manager)
    # Session, person, roles, count, rows, sites, host, count of the navigation.
    with django_assert_max_num_queries(8):
        client.get("/desk/")
    for _each in range(20):
        factories.resource(organisation=cast.host, site=cast.lab.site)
    with django_assert_max_num_queries(8):
        client.get("/desk/")


def test_resource_page__more_rows__same_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/"
    client.post(f"{url}holidays/", {"holidays": "1"})
    factories.publish(cast.lab, ())
    with django_assert_max_num_queries(12):
        client.get(url)
    factories.publish(cast.lab)
    for hour in range(4, 24):
        factories.reserve(cast.lab, cast.booker, factories.wish(hour))
    factories.publish(cast.lab, ())
    with django_assert_max_num_queries(12):
        page = client.get(url)
    assert len(page.context["outside"]) == 20
