"""Paths, threads, deputies, rules and working hours on their pages."""

from __future__ import annotations

from typing import Any

from booking.models import ApprovalRule, Delegation, Reservation, WorkingHours
from booking.models.reservation import Status
from booking.services.decisions import (
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_decline,
)
from config import clock
from tests import factories
from tests.booking.web.browser import signed_in, text_of
from tests.cast import Cast
from tests.factories import reserve, wish


def asked(cast: Cast, path: str = "host_hub") -> Reservation:
    factories.set_policy(cast.studio, approval_path=path)
    return reserve(cast.studio, cast.booker)


def test_reservation__two_stages__shows_who_and_by_when(cast: Cast) -> None:
    made = asked(cast)
    url = f"/reservations/{made.reference}/"
    page = text_of(signed_in(cast.booker).get(url))
    assert f"{cast.host.name} decides by" in page
    assert "Hub staff after that" in page
    reservation_approve(actor=cast.manager, reference=made.reference)
    page = text_of(signed_in(cast.booker).get(url))
    assert "Hub staff decide by" in page
    assert "Approved · Hristo Host," in page
    staff = text_of(signed_in(cast.staff).get("/approvals/"))
    assert "Approved · Hristo Host," in staff
    host = text_of(signed_in(cast.manager).get("/approvals/"))
    assert "Your part is done; the next decides." in host


def test_reservation__thread__both_sides_and_the_queue(cast: Cast) -> None:
    made = asked(cast, "any")
    known: dict[str, Any] = {"reference": made.reference}
    reservation_ask(actor=cast.manager, reason="How many mics?", **known)
    reservation_answer(actor=cast.booker, reason="Two.", **known)
    for reader in (cast.manager, cast.booker):
        page = text_of(signed_in(reader).get(f"/reservations/{made.reference}/"))
        assert "Hristo Host asks" in page
        assert "Boyana Booker answers" in page
    queue = text_of(signed_in(cast.staff).get("/approvals/"))
    assert "Questions and answers (2)" in queue
    assert "How many mics?" in queue


def test_reservation__declined_by_code__says_it_in_words(cast: Cast) -> None:
    made = asked(cast, "any")
    reservation_decline(
        actor=cast.manager, reference=made.reference, code="capacity", reason="Sorry."
    )
    page = text_of(signed_in(cast.booker).get(f"/reservations/{made.reference}/"))
    assert "You are too many for it. Sorry." in page


def test_change__people__asks_again_and_history_says_before(cast: Cast) -> None:
    made = asked(cast, "any")
    reservation_approve(actor=cast.manager, reference=made.reference)
    client = signed_in(cast.booker)
    url = f"/reservations/{made.reference}/change/"
    given = {
        "version": made.version + 1,
        "purpose": made.purpose,
        "people": 3,
        "resource": cast.studio.slug,
    }
    wrong = client.post(url, given | {"people": 99})
    assert wrong.status_code == 422
    assert client.post(url, given).status_code == 302
    made.refresh_from_db()
    assert (made.status, made.people) == (Status.PENDING, 3)
    page = text_of(client.get(f"/reservations/{made.reference}/"))
    assert "People: 1 → 3" in page


def test_reserve__rule_holds__says_so_before(cast: Cast) -> None:
    ApprovalRule.objects.create(resource=cast.studio, at_most_minutes=120)
    made = asked(cast, "host")
    assert made.status == Status.APPROVED
    page = text_of(signed_in(cast.booker).get(f"/reservations/{made.reference}/"))
    assert "Approved at once by a rule of the host: at most 2 h" in page


def test_deputy__sees_the_queue_decides_and_history_says_for_whom(cast: Cast) -> None:
    made = asked(cast, "host")
    deputy = factories.person(cast.host, name="Diana Deputy")
    assert signed_in(deputy).get("/approvals/").status_code == 403
    today = clock.today()
    client = signed_in(cast.manager)
    given = {
        "organisation": cast.host.slug,
        "deputy": "nobody@example.com",
        "starts_on": today.isoformat(),
        "ends_on": today.isoformat(),
    }
    wrong = client.post("/approvals/deputies/", given)
    assert wrong.status_code == 400
    assert "Nobody of your side" in text_of(wrong)
    given["deputy"] = deputy.email
    assert client.post("/approvals/deputies/", given).status_code == 302
    queue = text_of(signed_in(deputy).get("/approvals/"))
    assert "You decide for Hristo Host" in queue
    decide = f"/approvals/{made.reference}/approve/"
    done = signed_in(deputy).post(decide, {"version": made.version})
    assert done.status_code == 302
    page = text_of(signed_in(cast.booker).get(f"/reservations/{made.reference}/"))
    assert "Diana Deputy (for Hristo Host)" in page
    listed = text_of(signed_in(deputy).get("/approvals/deputies/"))
    assert "Diana Deputy for Hristo Host" in listed
    end = f"/approvals/deputies/{Delegation.objects.get().pk}/end/"
    assert signed_in(deputy).post(end).status_code == 404
    assert client.post(end).status_code == 302
    assert not Delegation.objects.exists()


def test_rules__tried_then_added_then_removed(cast: Cast) -> None:
    factories.set_policy(cast.studio, approval_path="any")
    reserve(cast.studio, cast.booker)
    reserve(cast.studio, cast.booker, wish(14, 3))
    client = signed_in(cast.manager)
    url = f"/desk/{cast.studio.slug}/approval/"
    assert "No rule yet" in text_of(client.get(url))
    tried = client.post(url, {"hours": "2", "do": "try"})
    assert "Of 2 requests of the last 90 days it would have approved 1" in text_of(
        tried
    )
    assert not ApprovalRule.objects.exists()
    empty = client.post(url, {"do": "add"})
    assert empty.status_code == 400
    assert "at least one condition" in text_of(empty)
    given = {"hours": "2", "organisations": [cast.startup.slug], "do": "add"}
    assert client.post(url, given).status_code == 302
    assert "Startup; at most 2 h" in text_of(client.get(url))
    assert signed_in(cast.booker).get(url).status_code == 403
    rule = ApprovalRule.objects.get()
    assert client.post(f"{url}{rule.pk}/remove/").status_code == 302
    assert not ApprovalRule.objects.exists()


def test_working_hours__staff__set_them(cast: Cast) -> None:
    url = "/desk/working-hours/"
    assert signed_in(cast.manager).get(url).status_code == 403
    client = signed_in(cast.staff)
    half = client.post(url, {"from_0": "09:00"})
    assert half.status_code == 400
    assert "Give both times, or none." in text_of(half)
    wrong = client.post(url, {"from_0": "18:00", "until_0": "09:00"})
    assert wrong.status_code == 400
    assert client.post(url, {"from_0": "09:00", "until_0": "18:00"}).status_code == 302
    row = WorkingHours.objects.get()
    assert (row.weekday, row.opens, row.closes) == (0, 540, 1080)
