from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from booking.models import Reservation, Series
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve
from labs.models import User
from tests import factories
from tests.booking.series import date_of, reserve_series, states
from tests.booking.test_series import in_weeks
from tests.booking.truth import assert_all_is_well
from tests.cast import Cast
from tests.factories import SOFIA, reserve, tomorrow_at
from tests.statements import statements


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "day": str(tomorrow_at(10).astimezone(SOFIA).date()),
        "from": "10:00",
        "hours": "1",
        "people": "2",
        "purpose": "Every week",
        "repeats": "weekly",
        "interval": "1",
        "count": "4",
    } | changes


def url(cast: Cast) -> str:
    return reverse("repeat", args=[cast.lab.slug])


def test_repeat__looked_at__says_of_each_date_what_is_in_its_way(cast: Cast) -> None:
    reserve(cast.lab, cast.stranger, in_weeks(2))
    client = client_of(cast.booker)
    page = client.post(f"{url(cast)}?look=1", typed()).content.decode()
    assert page.count('<tr class="free">') == 3
    assert page.count('<tr class="taken">') == 1
    assert "Reserve 3 dates" in page
    assert "Elsewhere" not in page
    assert not Series.objects.exists()
    part = client.post(
        f"{url(cast)}?look=1",
        typed(),
        headers={"HX-Request": "true", "HX-Target": "preview"},
    ).content.decode()
    assert part.lstrip().startswith('<section id="preview"')
    staff = client_of(cast.staff).post(
        f"{url(cast)}?look=1", typed(organisation=cast.startup.slug)
    )
    assert "Elsewhere" in staff.content.decode()


def test_repeat__from_an_address_or_the_reserve_form__is_filled_in(cast: Cast) -> None:
    client = client_of(cast.booker)
    assert client.get(url(cast)).status_code == 200
    reserve_form = {"day": typed()["day"], "from": "14:00", "hours": "2", "key": "x"}
    page = client.post(f"{url(cast)}?look=1", reserve_form).content.decode()
    assert '<option value="14:00" selected>' in page
    assert page.count('<tr class="free">') == 10


def test_repeat__sent__makes_the_series_once(cast: Cast) -> None:
    client = client_of(cast.booker)
    key = "6b4e6a1c-6c6e-4f7e-9c50-0d5a3c1f2b3a"
    for _ in range(2):
        answer = client.post(url(cast), typed(key=key))
        made = Series.objects.get()
        assert answer.headers["Location"] == reverse("series", args=[made.reference])
    assert states(made) == ["booked"] * 4
    page = client.get(answer.headers["Location"]).content.decode()
    assert "4 dates" in page
    assert "Every week, 4 times" in page


def test_repeat__a_date_taken__is_refused_with_it_and_kept_if_asked(
    cast: Cast,
) -> None:
    reserve(cast.lab, cast.stranger, in_weeks(2))
    client = client_of(cast.booker)
    refused = client.post(url(cast), typed())
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "1 of 4 dates cannot be had, so nothing was changed." in page
    assert 'value="Every week"' in page
    client.post(url(cast), typed(keep="on"))
    assert states(Series.objects.get()) == ["booked", "booked", "wanted", "booked"]
    made = Series.objects.get()
    page = client.get(reverse("series", args=[made.reference])).content.decode()
    assert "It is yours as soon as it is free." in page


def test_repeat__bad_input__is_said_and_kept(cast: Cast) -> None:
    client = client_of(cast.booker)
    for changes in (
        {"count": ""},
        {"until": "2001-01-01"},
        {"picked": "soon"},
        {"repeats": "hourly"},
        {"interval": "x"},
        {"days": ["XX"]},
        {"repeats": "monthly", "week": "9"},
        {"purpose": ""},
        {"from": "99"},
    ):
        answer = client.post(url(cast), typed(**changes))
        assert answer.status_code == 400, changes
        looked = client.post(f"{url(cast)}?look=1", typed(**changes))
        assert looked.status_code == 200, changes
    assert not Series.objects.exists()


def test_repeat__monthly_by_weekday__is_that_of_the_first(cast: Cast) -> None:
    factories.set_policy(cast.lab, horizon_days=540)
    client = client_of(cast.booker)
    client.post(url(cast), typed(repeats="monthly", week="-1", count="2"))
    made = Series.objects.get()
    first = tomorrow_at(10).astimezone(SOFIA)
    assert [d.when.start.astimezone(SOFIA).weekday() for d in made.dates.all()] == [
        first.weekday()
    ] * 2


def test_series__its_pages__in_few_statements_however_many_dates(cast: Cast) -> None:
    factories.set_policy(cast.lab, horizon_days=540)
    client = client_of(cast.booker)
    counts = []
    for count, hour in ((3, 8), (40, 12)):
        made = reserve_series(cast.lab, cast.booker, count=count, hour=hour)
        address = reverse("series", args=[made.reference])
        counts.append(len(statements(client, address)[1]))
    assert counts[0] == counts[1] <= 15
    few, many = (
        len(statements(client, f"{url(cast)}?repeats=weekly&interval=1&count={n}")[1])
        for n in (3, 50)
    )
    assert few == many <= 15


def test_series__others__find_nothing(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    client = client_of(cast.stranger)
    for name in ("series", "series-calendar"):
        assert client.get(reverse(name, args=[made.reference])).status_code == 404
    act = reverse("series-act", args=[made.reference, "cancel"])
    refused = client.post(act, {"version": "1", "which": "all"})
    assert refused.status_code == 404
    approve = reverse("series-approve", args=[made.reference])
    assert client.post(approve).status_code == 404


def test_series__changed_and_cancelled_from_its_page(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    client = client_of(cast.booker)
    act = reverse("series-act", args=[made.reference, "change"])
    wrong = client.post(act, {"version": "1", "which": "following"})
    assert wrong.status_code == 400
    change = {"version": "1", "which": "all", "days": "7", "minutes": "60"}
    assert client.post(act, change).status_code == 302
    assert date_of(made, 1).when.start == in_weeks(1, 11).starts_at
    assert client.post(act, change).status_code == 409, "stale"
    cancel = reverse("series-act", args=[made.reference, "cancel"])
    given = {"version": "2", "which": "following", "number": "3"}
    assert client.post(cancel, given).status_code == 302
    assert Reservation.objects.filter(status=Status.CANCELLED).count() == 2
    assert_all_is_well()


def test_series__calendar__has_all_its_dates(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    answer = client_of(cast.booker).get(
        reverse("series-calendar", args=[made.reference])
    )
    assert answer.content.count(b"BEGIN:VEVENT") == 4
    assert f"{made.reference}.ics" in answer["Content-Disposition"]


def test_reservation__of_a_series__moves_or_cancels_those_after_it(
    cast: Cast,
) -> None:
    made = reserve_series(cast.lab, cast.booker)
    second = date_of(made, 2).reservation
    assert second is not None
    client = client_of(cast.booker)
    page = client.get(reverse("reservation", args=[second.reference])).content.decode()
    assert "This and following" in page
    assert reverse("series", args=[made.reference]) in page
    move = reverse("act", args=[second.reference, "move"])
    wanted = in_weeks(1, 13).starts_at.astimezone(SOFIA)
    given = {
        "version": "1",
        "day": str(wanted.date()),
        "from": "13:00",
        "hours": "1",
        "which": "following",
    }
    assert client.post(move, given).status_code == 302
    assert [d.when.start for d in made.dates.order_by("number")] == [
        in_weeks(0).starts_at,
        *(in_weeks(n, 13).starts_at for n in (1, 2, 3)),
    ]
    cancel = reverse("act", args=[second.reference, "cancel"])
    assert client.post(cancel, {"version": "2", "which": "this"}).status_code == 302
    assert Reservation.objects.filter(status=Status.CANCELLED).count() == 1
    third = date_of(made, 3).reservation
    assert third is not None
    cancel = reverse("act", args=[third.reference, "cancel"])
    assert client.post(cancel, {"version": "2", "which": "all"}).status_code == 302
    assert Reservation.objects.filter(status=Status.CANCELLED).count() == 4
    assert_all_is_well()


def test_reservation__a_clash_of_those_after_it__is_said_by_date(cast: Cast) -> None:
    made = reserve_series(cast.lab, cast.booker)
    reserve(cast.lab, cast.stranger, in_weeks(3, 13))
    second = date_of(made, 2).reservation
    assert second is not None
    given = {
        "version": "1",
        "day": str(in_weeks(1).starts_at.astimezone(SOFIA).date()),
        "from": "13:00",
        "hours": "1",
        "which": "following",
    }
    client = client_of(cast.booker)
    answer = client.post(reverse("act", args=[second.reference, "move"]), given)
    assert answer.status_code == 409
    assert "1 of 3 dates cannot be had" in answer.content.decode()
    assert "Somebody else has this time already." in answer.content.decode()


def test_queue__a_series__is_one_row_and_approved_at_once(cast: Cast) -> None:
    made = reserve_series(cast.studio, cast.booker)
    reserve(cast.studio, cast.stranger, in_weeks(0, 15))
    client = client_of(cast.manager)
    page = client.get(reverse("approvals")).content.decode()
    assert page.count("data-request") == 2
    assert "Approve all 4 dates" in page
    assert "and 3 more dates of it wait" in page
    answer = client.post(reverse("series-approve", args=[made.reference]), follow=True)
    assert "4 requests are approved" in answer.content.decode()
    rows = Reservation.objects.filter(series=made)
    assert {row.status for row in rows} == {Status.APPROVED}
    listed = client_of(cast.booker).get(reverse("reservations")).content.decode()
    assert listed.count(reverse("series", args=[made.reference])) == 4


def test_queue__a_date_at_a_later_stage__hides_none_of_the_others(cast: Cast) -> None:
    factories.set_policy(cast.studio, approval_path="host_hub")
    made = reserve_series(cast.studio, cast.booker)
    first = date_of(made, 1).reservation
    assert first is not None
    reservation_approve(actor=cast.manager, reference=first.reference)
    host, hub = client_of(cast.manager), client_of(cast.staff)
    page = host.get(reverse("approvals")).content.decode()
    assert "Approve all 3 dates" in page
    assert first.reference in hub.get(reverse("approvals")).content.decode()
    url = reverse("series-approve", args=[made.reference])
    answer = host.post(url, follow=True).content.decode()
    assert "3 requests are approved" in answer
    assert "Approve all 4 dates" in hub.get(reverse("approvals")).content.decode()


def test_queue__a_date_gone_meanwhile__the_others_are_approved(cast: Cast) -> None:
    made = reserve_series(cast.studio, cast.booker)
    gone = date_of(made, 1).reservation
    assert gone is not None
    client_of(cast.booker).post(
        reverse("act", args=[gone.reference, "cancel"]), {"version": "1"}
    )
    answer = client_of(cast.manager).post(
        reverse("series-approve", args=[made.reference]), follow=True
    )
    assert "3 requests are approved" in answer.content.decode()
