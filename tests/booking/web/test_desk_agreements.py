from __future__ import annotations

import datetime as dt
from typing import Any

from booking.models import Agreement, PeakHours, Programme, Quota
from booking.models.reservation import Status
from config import clock
from tests import factories
from tests.booking.test_agreements import agree
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.factories import reserve


def typed(cast: Cast, **values: Any) -> dict[str, Any]:
    """A form that agrees with the cast's startup."""
    usual = {
        "name": "Early birds",
        "host": cast.host.slug,
        "guest": f"organisation-{cast.startup.pk}",
        "covers": "all",
        "valid_from": clock.today().isoformat(),
    }
    return usual | values


def test_add__host__agrees_and_it_holds(cast: Cast) -> None:
    client = signed_in(cast.manager)
    sent = typed(cast, approval_path="none", covers="resources")
    empty = client.post("/desk/agreements/add/", sent)
    assert empty.status_code == 400
    assert "Name resources of the host" in text_of(empty)
    assert not Agreement.objects.exists()
    sent["resources"] = [cast.studio.slug]
    made = client.post("/desk/agreements/add/", sent, follow=True)
    assert "Agreed. It holds from its first day on." in text_of(made)
    assert reserve(cast.studio, cast.booker).status == Status.APPROVED
    assert "Early birds" in text_of(client.get("/desk/agreements/"))


def test_agreement__looked_at_before_saving__shows_both_and_writes_nothing(
    cast: Cast,
) -> None:
    made = agree(cast, horizon_days=30)
    client, url = signed_in(cast.manager), f"/desk/agreements/{made.pk}/"
    before = text_of(client.get(url))
    assert "agreement “Early birds”" in before
    assert "rules of the hub: 180 days" in before
    sent = typed(cast, horizon_days="60", deed="look")
    sent |= {"at": cast.studio.slug, "by": cast.startup.slug}
    looked = client.post(url, sent)
    rows = {row["label"]: row for row in looked.context["explained"]["rows"]}
    assert (rows["Horizon"]["value"], rows["Horizon"]["after"]) == (
        "30 days",
        "60 days",
    )
    assert [name for name, row in rows.items() if row["is_changed"]] == ["Horizon"]
    made.refresh_from_db()
    assert made.horizon_days == 30
    assert client.post(url, typed(cast, horizon_days="60")).status_code == 302
    made.refresh_from_db()
    assert made.horizon_days == 60


def test_agreement__of_others__is_not_there_or_not_ones_own(cast: Cast) -> None:
    made = agree(cast)
    url = f"/desk/agreements/{made.pk}/"
    elsewhere = factories.person(factories.organisation(), "manager")
    assert signed_in(elsewhere).get(url).status_code == 404
    assert signed_in(cast.booker).get(url).status_code == 403
    assert signed_in(cast.booker).post(f"{url}end/").status_code == 403
    assert signed_in(cast.booker).get("/desk/agreements/").status_code == 403
    assert signed_in(cast.manager).get("/desk/programmes/").status_code == 403
    assert signed_in(cast.manager).post(f"{url}end/").status_code == 302
    assert not Agreement.objects.exists()


def test_agreements__of_a_guest__are_listed_without_a_way_in(cast: Cast) -> None:
    made = agree(cast)
    page = signed_in(cast.colleague).get("/desk/agreements/")
    assert "Early birds" in text_of(page)
    assert f"/desk/agreements/{made.pk}/" not in page.content.decode()


def test_rules__explained__takes_few_statements(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    made = agree(cast, horizon_days=9)
    client = signed_in(cast.manager)
    url = f"/desk/{cast.lab.slug}/policy/"
    with django_assert_max_num_queries(16):
        client.get(url, {"organisation": cast.startup.slug})
    for number in range(5):
        agree(cast, horizon_days=number + 1)
        Quota.objects.create(resource=cast.lab, most_count=number + 1)
    with django_assert_max_num_queries(16):
        client.get(url, {"organisation": cast.startup.slug})
    with django_assert_max_num_queries(16):
        client.get(f"/desk/agreements/{made.pk}/")
    with django_assert_max_num_queries(8):
        client.get("/desk/agreements/")


def test_agreement__its_quota__is_added_and_removed(cast: Cast) -> None:
    made = agree(cast)
    client, url = signed_in(cast.manager), f"/desk/agreements/{made.pk}/"
    sent = {"deed": "quota-add", "per": "person", "window": "day", "hours": "2"}
    assert client.post(url, sent).status_code == 302
    quota = Quota.objects.get(agreement=made)
    assert (quota.per, quota.most_minutes) == ("person", 120)
    gone = {"deed": "quota-remove", "quota": str(quota.pk)}
    client.post(url, gone)
    assert not Quota.objects.exists()
    assert client.post(url, gone).status_code == 404


def test_programme__staff__write_it_down_and_agree_with_it(cast: Cast) -> None:
    client = signed_in(cast.staff)
    today = clock.today()
    sent = {
        "name": "Cohort",
        "starts_on": today.isoformat(),
        "ends_on": (today - dt.timedelta(days=1)).isoformat(),
        "allowance_hours": "10",
        "organisations": [cast.startup.slug],
    }
    wrong = client.post("/desk/programmes/add/", sent)
    assert wrong.status_code == 400
    assert "The last day lies before the first." in text_of(wrong)
    sent["ends_on"] = (today + dt.timedelta(days=9)).isoformat()
    assert client.post("/desk/programmes/add/", sent).status_code == 302
    made = Programme.objects.get()
    assert list(made.organisations.all()) == [cast.startup]
    page = text_of(client.get(f"/desk/programmes/{made.pk}/"))
    assert "Cohort" in page
    agreed = typed(cast, guest=f"programme-{made.pk}", notice_minutes="60")
    assert client.post("/desk/agreements/add/", agreed).status_code == 302
    assert Agreement.objects.get().programme == made


def test_rules__quotas_and_peak_hours__are_added_and_removed(cast: Cast) -> None:
    client = signed_in(cast.manager)
    urls = (f"/desk/{cast.lab.slug}/policy/", f"/desk/policy/{cast.host.slug}/")
    for url in urls:
        nothing = {"deed": "quota-add", "per": "person", "window": "day"}
        refused = client.post(url, nothing)
        assert refused.status_code == 400
        assert "Say how many hours or reservations." in text_of(refused)
        client.post(url, nothing | {"most_count": "3"})
        assert "Each person, a day: 3 reservations" in text_of(client.get(url))
        peak = {"deed": "peak-add", "days": ["TU", "MO"], "from": "10:00"}
        assert client.post(url, peak | {"to": "09:00"}).status_code == 400
        client.post(url, peak | {"to": "12:00"})
        assert "Mon, Tue, 10:00–12:00" in text_of(client.get(url))
    for url, made in zip(urls, PeakHours.objects.order_by("pk"), strict=True):
        client.post(url, {"deed": "peak-remove", "peak": str(made.pk)})
    assert not PeakHours.objects.exists()
    assert Quota.objects.count() == 2
    assert (
        signed_in(cast.staff)
        .post(
            "/desk/policy/",
            {
                "deed": "quota-add",
                "per": "organisation",
                "window": "month",
                "hours": "40",
            },
        )
        .status_code
        == 302
    )
    assert Quota.objects.filter(resource=None, organisation=None).count() == 1


def test_rules__for_an_organisation__say_what_holds_and_why(cast: Cast) -> None:
    agree(cast, approval_path="none")
    client = signed_in(cast.manager)
    url = f"/desk/{cast.studio.slug}/policy/"
    assert "explained" not in client.get(url).context
    shown = client.get(url, {"organisation": cast.startup.slug})
    rows = {row["label"]: row for row in shown.context["explained"]["rows"]}
    assert rows["Who decides"]["origin"] == "agreement “Early birds”"
    assert "the resource itself: The host or hub staff" in rows["Who decides"]["others"]
    assert client.get(url, {"organisation": "nobody"}).status_code == 200


def test_organisation__its_own_people__see_what_was_agreed(cast: Cast) -> None:
    agree(cast, allowance_hours=40)
    url = f"/organisations/{cast.startup.slug}/"
    for person, sees in (
        (cast.booker, True),
        (cast.staff, True),
        (cast.stranger, False),
        (cast.manager, False),
    ):
        page = text_of(signed_in(person).get(url))
        assert ("Early birds" in page) is sees
        assert (f"with {cast.host.name}" in page) is sees


def test_reserve__what_was_agreed__shows_before_sending(cast: Cast) -> None:
    agree(cast, approval_path="none", cancel_until_minutes=60)
    when = {"day": str(clock.today() + dt.timedelta(days=2)), "from": "10:00"}
    sent = when | {"hours": "1", "people": "1"}
    url = f"/reserve/{cast.studio.slug}/"
    ours = text_of(signed_in(cast.booker).get(url, sent))
    assert "No approval needed: it is yours once you send it." in ours
    assert "Needs approval" not in ours
    assert "Cancel until" in ours
    theirs = text_of(signed_in(cast.stranger).get(url, sent))
    assert "Needs approval" in theirs
    assert "You can cancel until it ends." in theirs


def test_reserve__a_quota_is_used_up__says_so_before_sending(cast: Cast) -> None:
    Quota.objects.create(resource=cast.lab, window="month", most_count=1)
    Quota.objects.create(resource=cast.lab, window="week", most_count=1)
    made = reserve(cast.lab, cast.booker)
    wall = made.starts_at + dt.timedelta(hours=5)
    sent = {"day": str(wall.date()), "from": "18:00", "hours": "1", "people": "1"}
    page = text_of(signed_in(cast.colleague).get(f"/reserve/{cast.lab.slug}/", sent))
    assert "with this it would be 2" in page
