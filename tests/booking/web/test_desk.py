from __future__ import annotations

from typing import Any

from labs.models import Resource
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, text_of
from tests.cast import Cast

PAGES = ("details", "photo", "policy", "hours", "closures", "outside")
DEEDS = ("hours/date", "holidays", "listing", "closures/1/remove")


def new(cast: Cast, **fields: Any) -> dict[str, Any]:
    given = {"name": "Benches", "kind": "laboratory", "site": cast.lab.site.slug}
    return given | {"people": "1", "shape": "single"} | fields


def test_desk__manager__sees_own_only(cast: Cast) -> None:
    other = factories.open_lab(name="Somebody else's")
    page = text_of(signed_in(cast.manager).get("/desk/"))
    assert "Motion lab" in page
    assert "Somebody else's" not in page
    assert "Somebody else's" in text_of(signed_in(cast.staff).get("/desk/"))
    for name in ("", *(f"{each}/" for each in PAGES)):
        theirs = signed_in(cast.manager).get(f"/desk/{other.slug}/{name}")
        assert theirs.status_code == 403, name


def test_desk__who_manages_nothing__is_refused(cast: Cast) -> None:
    client = signed_in(cast.booker)
    for url in ("/desk/", "/desk/add/", "/desk/several/", "/desk/policy/"):
        assert client.get(url).status_code == 403, url
    for name in ("", *(f"{each}/" for each in PAGES)):
        response = client.get(f"/desk/{cast.lab.slug}/{name}")
        assert response.status_code == 403, name
    for name in (*PAGES, *DEEDS):
        response = client.post(f"/desk/{cast.lab.slug}/{name}/", {"to": "archive"})
        assert response.status_code == 403, name
    assert client.post("/desk/add/", new(cast)).status_code == 403
    assert Resource.objects.filter(listing="published").count() == 2


def test_desk__draft_of_another__is_missing(cast: Cast) -> None:
    cast.lab.listing = Resource.Listing.DRAFT
    cast.lab.save()
    url = f"/desk/{cast.lab.slug}/"
    assert signed_in(cast.stranger).get(url).status_code == 404
    assert signed_in(cast.manager).get(url).status_code == 200


def test_desk__state_at_a_glance(cast: Cast) -> None:
    factories.publish(cast.lab, factories.OFFICE_HOURS)
    ask_for(signed_in(cast.booker), cast.studio)
    factories.resource(organisation=cast.host, name="Empty room", listing="draft")
    page = text_of(signed_in(cast.manager).get("/desk/"))
    lab, studio = page.split("Motion lab", 1)[1].split("Sound studio", 1)
    assert "45 h a week" in lab
    assert "0 reservations in 7 days" in lab
    assert "1 reservation in 7 days" in studio
    assert "1 request waits" in studio
    assert "No hours" in page.split("Empty room", 1)[1].split("Motion lab")[0]


def test_desk__search__by_word_and_state(cast: Cast) -> None:
    client = signed_in(cast.manager)
    assert "Sound studio" not in text_of(client.get("/desk/?q=MOTION+lab"))
    none = text_of(client.get("/desk/?q=%00%27;drop&listing=archived"))
    assert "None of your resources is like that." in none
    part = client.get("/desk/?q=sound", headers={"HX-Request": "true"})
    assert part.content.strip().startswith(b'<div id="rows">')


def test_add__pool__has_its_units(cast: Cast) -> None:
    client = signed_in(cast.manager)
    wrong = client.post("/desk/add/", new(cast, people="0", units="99999"))
    assert wrong.status_code == 400
    assert wrong.context["form"]["name"].value() == "Benches"
    none = client.post("/desk/add/", new(cast, shape="pool", units=""))
    assert "How many are there?" in text_of(none)
    client.post("/desk/add/", new(cast, shape="pool", units="4"))
    benches = Resource.objects.get(name="Benches")
    assert (benches.is_pool, benches.coverage.count()) == (True, 4)
    assert (benches.organisation, benches.listing) == (cast.host, "draft")


def test_add__hall__covers_its_parts(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = new(cast, name="Hall", shape="hall")
    assert client.post("/desk/add/", sent).status_code == 400
    other = factories.open_lab(name="Elsewhere")
    foreign = client.post("/desk/add/", sent | {"covers": [other.slug]})
    assert foreign.status_code == 400
    client.post("/desk/add/", sent | {"covers": [cast.lab.slug, cast.studio.slug]})
    assert Resource.objects.get(name="Hall").coverage.count() == 2


def test_add__staff__choose_the_host(cast: Cast) -> None:
    client = signed_in(cast.staff)
    assert client.post("/desk/add/", new(cast, name="New")).status_code == 400
    client.post("/desk/add/", new(cast, name="New", organisation=cast.startup.slug))
    assert Resource.objects.get(name="New").organisation == cast.startup


def test_add__named_like_a_page_of_the_desk__has_its_own_address(cast: Cast) -> None:
    client = signed_in(cast.manager)
    made = client.post("/desk/add/", new(cast, name="Policy"), follow=True)
    assert made.redirect_chain[-1][0] == "/desk/policy-2/"
    assert "Before you publish it" in text_of(made)


def test_checklist__follows_what_is_done(cast: Cast) -> None:
    draft = factories.resource(
        organisation=cast.host, site=cast.lab.site, listing="draft"
    )
    client = signed_in(cast.manager)
    url = f"/desk/{draft.slug}/"
    steps = client.get(url).context["steps_to_publish"]
    assert [each["done"] for each in steps] == [False] * 4
    factories.publish(draft)
    factories.set_policy(draft)
    steps = client.get(url).context["steps_to_publish"]
    assert [each["done"] for each in steps] == [False, False, True, True]
    client.post(f"{url}listing/", {"to": "publish"})
    assert client.get(url).context["steps_to_publish"] == []


def test_listing__archive_and_back__is_done(cast: Cast) -> None:
    client = signed_in(cast.manager)
    for to, then in (("archive", "archived"), ("draft", "draft"), ("nix", "draft")):
        client.post(f"/desk/{cast.lab.slug}/listing/", {"to": to})
        cast.lab.refresh_from_db()
        assert cast.lab.listing == then


def test_desk__names_of_all_kinds__are_shown_as_they_are(cast: Cast) -> None:
    name = "<script>alert(1)</script> 🧪 \u202eمختبر " + "я" * 70
    cast.lab.name = name
    cast.lab.save()
    client = signed_in(cast.manager)
    for url in ("/desk/", f"/desk/{cast.lab.slug}/", f"/desk/{cast.lab.slug}/hours/"):
        page = client.get(url).content.decode()
        assert "<script>alert" not in page
        assert "🧪" in page


def test_desk__more_rows__same_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.manager)
    # Session, person, roles, count, rows, hours, count of the navigation.
    with django_assert_max_num_queries(8):
        client.get("/desk/")
    for _each in range(20):
        factories.resource(organisation=cast.host, site=cast.lab.site)
    with django_assert_max_num_queries(8):
        client.get("/desk/")


def test_resource_pages__more_rows__same_queries(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/"
    factories.publish(cast.lab)
    for hour in range(4, 24):
        factories.reserve(cast.lab, cast.booker, factories.wish(hour))
    factories.publish(cast.lab, ())
    for name in ("", *(f"{each}/" for each in PAGES)):
        with django_assert_max_num_queries(15):
            page = client.get(f"{url}{name}")
        assert page.status_code == 200, name
    assert len(client.get(f"{url}outside/").context["hits_form"].hits) == 20
