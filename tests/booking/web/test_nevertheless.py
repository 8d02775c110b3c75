"""Staff's second step: what it overrides is named, and both sides read it after."""

from __future__ import annotations

from typing import Any

from booking.models import History, Reservation
from booking.models.reservation import Status
from tests import factories
from tests.booking.web.browser import ask_for, signed_in, step, text_of, when
from tests.cast import Cast

HEADING = "Reserve nevertheless"
STRICT = {"max_duration_minutes": 30, "notice_minutes": 5 * 24 * 60}
CODES = ["too_long", "too_little_notice"]


def test_reserve__staff_against_rules__may_as_a_second_step(cast: Cast) -> None:
    factories.set_policy(cast.studio, needs_approval=True, **STRICT)
    client, whom = signed_in(cast.staff), cast.startup.slug
    page = ask_for(client, cast.studio, organisation=whom)
    assert page.status_code == 422
    assert HEADING in text_of(page)
    assert "Longest length : A reservation takes at most 30 minutes." in text_of(page)
    sent: dict[str, Any] = {
        "organisation": whom,
        "overrides": CODES,
        "nevertheless": "1",
    }
    unsaid = ask_for(client, cast.studio, **sent)
    assert unsaid.status_code == 400
    assert "Say why you override a rule; both sides read it." in text_of(unsaid)
    assert HEADING in text_of(unsaid)
    assert not Reservation.objects.sent().exists()
    done = ask_for(client, cast.studio, override_reason="The jury comes.", **sent)
    made = Reservation.objects.sent().get()
    assert done.headers["Location"] == f"/reservations/{made.reference}/"
    said = "Longest length: 1 h instead of 30 min"
    for reader in (cast.booker, cast.manager):
        told = text_of(signed_in(reader).get(f"/reservations/{made.reference}/"))
        assert said in told.replace("\xa0", " ")
        assert "The jury comes." in told
    queue = text_of(signed_in(cast.manager).get("/approvals/"))
    assert said in queue.replace("\xa0", " ")


def test_reserve__staff_against_one_rule__both_sides_read_it(cast: Cast) -> None:
    factories.set_policy(cast.studio, max_duration_minutes=30)
    sent: dict[str, Any] = {"overrides": CODES[:1], "nevertheless": "1"}
    sent |= {"organisation": cast.startup.slug, "override_reason": "The jury comes."}
    done = ask_for(signed_in(cast.staff), cast.studio, **sent)
    said = "Longest length: 1 h instead of 30 min"
    for reader in (cast.booker, cast.staff):
        told = text_of(signed_in(reader).get(done.headers["Location"]))
        assert said in told.replace("\xa0", " ")


def test_reserve__overrides_left_behind__are_not_taken_without_the_step(
    cast: Cast,
) -> None:
    factories.set_policy(cast.lab, **STRICT)
    sent: dict[str, Any] = {"overrides": CODES, "override_reason": "The jury comes."}
    page = ask_for(
        signed_in(cast.staff), cast.lab, organisation=cast.startup.slug, **sent
    )
    assert page.status_code == 422
    assert not Reservation.objects.exists()


def test_reserve__a_firm_rule_too__offers_no_second_step(cast: Cast) -> None:
    factories.set_policy(cast.lab, start_grid_minutes=45, **STRICT)
    page = ask_for(signed_in(cast.staff), cast.lab, organisation=cast.startup.slug)
    assert page.status_code == 422
    assert HEADING not in text_of(page)


def test_reserve__booker__is_offered_none_and_refused(cast: Cast) -> None:
    factories.set_policy(cast.lab, **STRICT)
    client = signed_in(cast.booker)
    page = ask_for(client, cast.lab)
    assert page.status_code == 422
    assert HEADING not in text_of(page)
    sent: dict[str, Any] = {"overrides": CODES, "nevertheless": "1"}
    assert ask_for(client, cast.lab, **sent).status_code == 403
    assert not Reservation.objects.exists()


def test_move__staff_against_a_rule__may_as_a_second_step(cast: Cast) -> None:
    made = factories.reserve(cast.lab, cast.booker)
    factories.set_policy(cast.lab, **STRICT)
    client, later = signed_in(cast.staff), when(14)
    page = step(client, made, "move", **later)
    assert page.status_code == 422
    assert "Move nevertheless" in text_of(page)
    sent: dict[str, Any] = {"overrides": CODES, "nevertheless": "1"}
    sent["override_reason"] = "A fault."
    assert step(client, made, "move", **later, **sent).status_code == 302
    row = History.objects.get(action=History.Action.MOVED)
    assert [each["code"] for each in row.changes["overrides"]] == CODES
    made.refresh_from_db()
    assert (made.status, made.starts_at) == (Status.APPROVED, factories.tomorrow_at(14))
