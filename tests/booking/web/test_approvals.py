from __future__ import annotations

from typing import Any

from booking.models import Reservation
from booking.models.reservation import Status
from booking.services.decisions import reservation_approve
from booking.services.reservations import reservation_move
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.factories import DAY, reserve, tomorrow_at, wish


def test_queue__who_decides__sees_it_soonest_first(cast: Cast) -> None:
    reserve(cast.studio, cast.booker, wish(15), purpose="Later")
    reserve(cast.studio, cast.stranger, wish(9), purpose="Sooner")
    for user in (cast.manager, cast.staff):
        page = text_of(signed_in(user).get("/approvals/"))
        assert page.index("Sooner") < page.index("Later")
        assert "Approvals 2" in page
        assert "Lapses in" in page


def test_queue__who_decides_nothing__is_forbidden(cast: Cast) -> None:
    response = signed_in(cast.booker).get("/approvals/")
    assert response.status_code == 403
    assert "Approvals" not in text_of(response)


def test_queue__another_host__sees_nothing(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    other = factories.person(factories.organisation(), "manager")
    client = signed_in(other)
    assert "Nothing waits for your decision" in text_of(client.get("/approvals/"))
    url = f"/approvals/{made.reference}/approve/"
    assert client.post(url, {"version": made.version}).status_code == 404


def test_decline__with_reason__tells_and_returns(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    client = signed_in(cast.manager)
    url = f"/approvals/{made.reference}/decline/"
    refused = client.post(url, {"version": made.version, "reason": ""})
    assert refused.status_code == 400
    assert 'data-step="decline" open>' in refused.content.decode()
    sent = {
        "version": made.version,
        "code": "other",
        "reason": "We need it ourselves.",
    }
    assert client.post(url, sent).headers["Location"] == "/approvals/"
    made.refresh_from_db()
    assert (made.status, made.reason) == (Status.DECLINED, "We need it ourselves.")


def test_approve__a_colleague_was_first__says_who_and_when(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_approve(actor=cast.staff, reference=made.reference)
    response = signed_in(cast.manager).post(
        f"/approvals/{made.reference}/approve/", {"version": made.version}
    )
    assert response.status_code == 409
    assert "Approved by Stella Staff, " in text_of(response)
    assert "Nothing waits for your decision" in text_of(response)


def test_approve__moved_meanwhile__stays_in_the_queue(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    reservation_move(
        actor=cast.booker,
        reference=made.reference,
        starts_at=tomorrow_at(15),
        ends_at=tomorrow_at(16),
    )
    client = signed_in(cast.manager)
    url = f"/approvals/{made.reference}/approve/"
    refused = client.post(url, {"version": made.version})
    assert refused.status_code == 409
    assert "15:00–16:00" in text_of(refused)
    made.refresh_from_db()
    assert made.status == Status.PENDING
    assert client.post(url, {"version": made.version}).status_code == 302


def test_queue__other_verbs__are_not_there(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    client = signed_in(cast.manager)
    assert client.post(f"/approvals/{made.reference}/cancel/").status_code == 404
    visit = client.get(f"/approvals/{made.reference}/approve/")
    assert visit.headers["Location"] == "/approvals/"


def test_queue__lapsed__is_no_more(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    made.lapses_at = tomorrow_at(0, days=-1)
    made.save()
    page = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "Nothing waits for your decision" in page


def test_queue__more_rows__same_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client = signed_in(cast.staff)
    reserve(cast.studio, cast.booker, wish(4))
    # Expect 15: session, person, roles, what others delegated, count for the page and
    # for the navigation, the rows, what holds for each, what else is there that day,
    # what was used, who waits for that time, what they need, what is decided of them,
    # what was asked, what was decided a moment ago.
    with django_assert_num_queries(15):
        client.get("/approvals/")
    for hour in range(5, 24):
        reserve(cast.studio, cast.booker, wish(hour))
    with django_assert_num_queries(15):
        client.get("/approvals/")


def test_approve_many__odd_input__approves_nothing(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    client = signed_in(cast.manager)
    for wrong in ("\0:1", f"{made.reference}:{'9' * 5_000}", ":", "x"):
        sent = {"chosen": [wrong]}
        assert client.post("/approvals/approve/", sent).status_code == 302
    made.refresh_from_db()
    assert made.status == Status.PENDING


def test_queue__use__a_host_sees_that_of_its_own_resources(cast: Cast) -> None:
    elsewhere = factories.open_lab()
    for lab, hours in ((cast.lab, 2), (elsewhere, 3)):
        used = reserve(lab, cast.booker, wish(9, hours))
        past = {
            "status": Status.COMPLETED if lab == cast.lab else Status.NO_SHOW,
            "starts_at": used.starts_at - 3 * DAY,
            "ends_at": used.ends_at - 3 * DAY,
            "free_at": used.free_at - 3 * DAY,
        }
        Reservation.objects.filter(pk=used.pk).update(**past)
    reserve(cast.studio, cast.booker)
    host = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "They used 2 h of yours in 90 days" in host
    assert "no-show" not in host
    staff = text_of(signed_in(cast.staff).get("/approvals/"))
    assert "They used 2 h in 90 days" in staff
    assert "1 no-show" in staff
