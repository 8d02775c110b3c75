from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client

from booking.models import History, Reservation
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.decisions import reservation_ask
from booking.services.lifecycle import reservation_cancel
from booking.words import date_text
from tests import factories
from tests.booking.web.browser import hidden, signed_in, step, text_of, when
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at, wish
from tests.statements import assert_flat


def test_list__mine__upcoming_before_what_is_over(cast: Cast) -> None:
    gone = reserve(cast.lab, cast.booker, wish(8))
    reservation_cancel(actor=cast.booker, reference=gone.reference)
    reserve(cast.lab, cast.booker, wish(12), purpose="Later")
    reserve(cast.lab, cast.booker, wish(9), purpose="Sooner")
    reserve(cast.lab, cast.stranger, wish(15), purpose="Not mine")
    page = text_of(signed_in(cast.booker).get("/reservations/"))
    parts = ("Upcoming", "Sooner", "Later", "Past, declined and cancelled")
    at = [page.index(part) for part in parts]
    assert at == sorted(at)
    assert "Not mine" not in page


def test_list__host__sees_those_of_its_resources(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, purpose="A guest's")
    host = signed_in(cast.manager)
    assert "A guest's" not in text_of(host.get("/reservations/"))
    assert "A guest's" in text_of(host.get("/reservations/?of=resources"))
    stranger = signed_in(cast.stranger)
    assert "A guest's" not in text_of(stranger.get("/reservations/?of=resources"))


def test_list__organisation__has_what_colleagues_reserved(cast: Cast) -> None:
    reserve(cast.lab, cast.colleague, purpose="A colleague's")
    booker = signed_in(cast.booker)
    assert "A colleague's" not in text_of(booker.get("/reservations/"))
    assert "A colleague's" in text_of(booker.get("/reservations/?of=organisation"))
    elsewhere = signed_in(cast.stranger).get("/reservations/?of=organisation")
    assert "A colleague's" not in text_of(elsewhere)


def test_list__upcoming__is_grouped_by_day_and_says_what_is_next(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(23, 2), purpose="Over midnight")
    reserve(cast.studio, cast.booker, wish(9))
    page = text_of(signed_in(cast.booker).get("/reservations/"))
    day = date_text(factories.tomorrow_at(9).astimezone(factories.SOFIA))
    assert page.count(day.replace("\u00a0", " ")) == 1
    assert f"{cast.host.name} or hub staff decide by" in page
    assert "It is yours. Check in from 15 minutes before the start." in page


def test_list__of_ones_resources__speaks_of_the_guests(cast: Cast) -> None:
    reserve(cast.lab, cast.booker, wish(9))
    hosted = text_of(signed_in(cast.manager).get("/reservations/?of=resources"))
    assert "They check in from 15 minutes before the start." in hosted
    assert "It is yours." not in hosted


def test_list__filters__by_status_and_resource(cast: Cast) -> None:
    gone = reserve(cast.lab, cast.booker, wish(8), purpose="Given up")
    reservation_cancel(actor=cast.booker, reference=gone.reference, reason="Flu")
    reserve(cast.lab, cast.booker, wish(9), purpose="In the lab")
    reserve(cast.studio, cast.booker, wish(9), purpose="In the studio")
    client = signed_in(cast.booker)

    def found(**wanted: str) -> set[str]:
        page = client.get("/reservations/", wanted)
        return {row["reservation"].purpose for row in page.context["rows"]}

    assert found(status="cancelled") == {"Given up"}
    assert found(resource=cast.studio.slug) == {"In the studio"}
    assert found(status="approved", resource=cast.lab.slug) == {"In the lab"}
    assert found(status="held") == found(status="nonsense", resource="none") != set()
    assert found(status="declined") == set()
    nothing = text_of(client.get("/reservations/", {"status": "declined"}))
    assert "None is like that. Show all" in nothing
    assert "Cancelled Reason: Flu" in text_of(client.get("/reservations/"))


def test_list__by_htmx__is_the_list_alone(cast: Cast) -> None:
    reserve(cast.lab, cast.booker)
    part = signed_in(cast.booker).get("/reservations/", HTTP_HX_REQUEST="true")
    assert part.content.decode().strip().startswith('<div id="list">')


def test_list__held__is_not_listed(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    Reservation.objects.update(status=Status.HELD, lapses_at=made.ends_at)
    for person in (cast.booker, cast.manager, cast.staff):
        for of in ("mine", "organisation", "resources"):
            page = signed_in(person).get("/reservations/", {"of": of})
            assert not page.context["rows"]
        url = f"/reservations/{made.reference}/"
        assert signed_in(person).get(url).status_code == 404


def test_again__from_the_list__is_one_form_away(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker, wish(10, 2, people=3), purpose="Шум 👣")
    client = signed_in(cast.booker)
    (row,) = client.get("/reservations/").context["rows"]
    page = client.get(f"/reservations/{made.reference}/")
    assert page.context["again_url"] == row["again"]
    opened = client.get(row["again"])
    form = opened.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent["key"] = hidden(opened, "key")
    assert client.post(f"/reserve/{cast.studio.slug}/", sent).status_code == 302
    again = Reservation.objects.exclude(pk=made.pk).get()
    assert (again.purpose, again.people, again.resource) == ("Шум 👣", 3, cast.studio)
    zone = factories.SOFIA
    was, now = (each.starts_at.astimezone(zone) for each in (made, again))
    assert (now.date() - was.date()).days == 7
    assert (now.hour, again.ends_at - again.starts_at) == (10, 2 * factories.HOUR)


def test_again__of_anothers__is_not_offered(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    hosted = signed_in(cast.manager).get("/reservations/", {"of": "resources"})
    assert [row["again"] for row in hosted.context["rows"]] == [""]
    page = signed_in(cast.manager).get(f"/reservations/{made.reference}/")
    assert page.context["again_url"] == ""


def test_page__approved__tells_the_way_and_until_when_to_cancel(cast: Cast) -> None:
    site = cast.lab.site
    site.latitude, site.longitude = Decimal("42.5"), Decimal("23.25")
    site.access_notes = "Ring twice"
    site.save()
    made = reserve(cast.lab, cast.booker)
    client = signed_in(cast.booker)
    cast.booker.language = "bg"
    cast.booker.save()
    content = client.get(f"/reservations/{made.reference}/").content.decode()
    assert 'href="geo:42.500000,23.250000"' in content
    assert "Ring twice" in content
    cast.booker.language = "en"
    cast.booker.save()
    page = text_of(client.get(f"/reservations/{made.reference}/"))
    assert "You can cancel until" in page
    assert "Add to calendar" in page
    reservation_cancel(actor=cast.booker, reference=made.reference)
    page = text_of(client.get(f"/reservations/{made.reference}/"))
    assert "You can cancel until" not in page
    assert "Add to calendar" not in page
    assert "Ring twice" not in page


def test_move__taken__offers_times_that_move_it_at_once(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    reserve(cast.lab, cast.stranger, wish(14))
    client = signed_in(cast.booker)
    refused = step(client, made, "move", **when(14))
    other = refused.context["instead"][0]
    assert "Move to" in text_of(refused)
    assert step(client, made, "move", **other["when"]).status_code == 302
    made.refresh_from_db()
    assert made.starts_at == other["starts_at"]


def test_list__empty__says_what_it_is_for(cast: Cast) -> None:
    page = text_of(signed_in(cast.booker).get("/reservations/"))
    assert "Nothing is reserved yet." in page


def test_list__more_rows__same_queries(
    cast: Cast, django_assert_num_queries: Any
) -> None:
    client = signed_in(cast.booker)
    reserve(cast.lab, cast.booker, wish(4))
    # Expect 8: session, person, roles, what others delegated, the filter's resources,
    # count, the page's rows, when each could be had again.
    with django_assert_num_queries(8):
        client.get("/reservations/")
    for hour in range(5, 24):
        reserve(cast.lab, cast.booker, wish(hour))
    with django_assert_num_queries(8):
        client.get("/reservations/")


def test_page__of_another__is_missing(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    url = f"/reservations/{made.reference}/"
    assert signed_in(cast.stranger).get(url).status_code == 404
    assert signed_in(cast.stranger).post(f"{url}cancel/").status_code == 404
    assert Client().get(url).status_code == 302
    assert signed_in(cast.booker).get("/reservations/ABCDEFGH/").status_code == 404
    assert signed_in(cast.booker).get("/reservations/%00/").status_code == 404


def test_page__pending__says_who_decides_and_offers_steps(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    url = f"/reservations/{made.reference}/"
    guest = signed_in(cast.booker).get(url)
    assert "or hub staff decide by" in text_of(guest)
    assert names(guest) == ["move", "change", "hand-over", "cancel"]
    host = signed_in(cast.manager).get(url)
    steps = ["approve", "decline", "ask", "counter", "move", "change", "cancel"]
    assert names(host) == steps
    assert "Requested" in text_of(host)


def names(response: Any) -> list[str]:
    return [offered["verb"].name for offered in response.context["steps"]]


def test_page__nasty_words__are_escaped(cast: Cast) -> None:
    cast.lab.site.access_notes = "<img src=x onerror=alert(1)>"
    cast.lab.site.save()
    made = reserve(cast.lab, cast.booker, purpose="<script>alert(1)</script>")
    response = signed_in(cast.booker).get(f"/reservations/{made.reference}/")
    content = response.content.decode()
    assert "<script>alert" not in content
    assert "<img src=x" not in content
    assert "<script>alert(1)</script>" in text_of(response).replace("  ", " ")


def test_cancel__guest__needs_no_reason(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    response = step(signed_in(cast.booker), made, "cancel")
    assert response.headers["Location"] == f"/reservations/{made.reference}/"
    made.refresh_from_db()
    assert made.status == Status.CANCELLED


def test_cancel__host_without_reason__is_asked_for_one(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    host = signed_in(cast.manager)
    refused = step(host, made, "cancel", reason=" ")
    assert refused.status_code == 400
    assert "This field is required." in text_of(refused)
    assert step(host, made, "cancel", reason="Flooded").status_code == 302
    made.refresh_from_db()
    assert (made.status, made.reason) == (Status.CANCELLED, "Flooded")


def test_move__free_time__moves_and_shows_what_was(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    client = signed_in(cast.booker)
    assert step(client, made, "move", **when(14)).status_code == 302
    page = text_of(client.get(f"/reservations/{made.reference}/"))
    assert "14:00–15:00" in page
    assert "It was" in page


def test_move__taken__keeps_what_was_typed(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    reserve(cast.lab, cast.stranger, wish(14))
    response = step(signed_in(cast.booker), made, "move", **when(14))
    assert response.status_code == 409
    assert "Somebody else has this time already." in text_of(response)
    moving = next(s for s in response.context["steps"] if s["verb"].name == "move")
    assert moving["form"]["from"].value() == "14:00"
    made.refresh_from_db()
    assert made.starts_at == factories.tomorrow_at(10)


def test_step__stale__shows_the_fresh_page(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    stale = made.version
    reservation_ask(actor=cast.manager, reference=made.reference, reason="Who?")
    client = signed_in(cast.booker)
    refused = step(client, made, "cancel")
    assert refused.status_code == 409
    assert "Somebody changed this reservation meanwhile" in text_of(refused)
    assert "Who?" in text_of(refused)
    assert f'name="version" value="{stale + 1}"' in refused.content.decode()
    made.refresh_from_db()
    assert step(client, made, "cancel").status_code == 302


@pytest.mark.parametrize("version", [{}, {"version": "latest"}, {"version": ""}])
def test_step__without_version__is_refused(cast: Cast, version: dict[str, str]) -> None:
    made = reserve(cast.lab, cast.booker)
    url = f"/reservations/{made.reference}/cancel/"
    assert signed_in(cast.booker).post(url, version).status_code == 400
    assert Reservation.objects.get().status == Status.APPROVED


def test_step__double_click__is_taken_once(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    host = signed_in(cast.manager)
    for _click in range(2):
        assert step(host, made, "approve").status_code == 302
    assert made.history.filter(action=History.Action.APPROVED).count() == 1


def test_step__guest_approves__is_forbidden(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    for verb, fields in (("approve", {}), ("decline", {"code": "safety"})):
        refused = step(signed_in(cast.booker), made, verb, **fields)
        assert refused.status_code == 403
    made.refresh_from_db()
    assert made.status == Status.PENDING


def test_step__plain_visit_or_unknown__does_nothing(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    host = signed_in(cast.manager)
    visit = host.get(f"/reservations/{made.reference}/approve/")
    assert visit.headers["Location"] == f"/reservations/{made.reference}/"
    assert step(host, made, "destroy").status_code == 404


def test_ask_and_answer__both_sides__read_it(cast: Cast) -> None:
    made = reserve(cast.studio, cast.booker)
    guest = signed_in(cast.booker)
    step(signed_in(cast.staff), made, "ask", reason="How loud\r\nis it?")
    made.refresh_from_db()
    page = guest.get(f"/reservations/{made.reference}/")
    assert "How loud is it?" in text_of(page)
    assert names(page) == ["answer", "move", "change", "hand-over", "cancel"]
    assert step(guest, made, "answer", reason="Not very.").status_code == 302
    assert made.history.filter(reason="Not very.").exists()


def test_check_in_and_out__in_time__are_offered(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker)
    client = signed_in(cast.booker)
    early = step(client, made, "check-in")
    assert early.status_code == 409
    assert "Check in between 15 minutes before" in text_of(early)
    now = factories.tomorrow_at(10) - factories.DAY
    Reservation.objects.filter(pk=made.pk).update(
        starts_at=now - factories.DAY, ends_at=made.ends_at
    )
    assert "check-in" in names(client.get(f"/reservations/{made.reference}/"))
    assert step(client, made, "check-in").status_code == 302
    made.refresh_from_db()
    assert names(client.get(f"/reservations/{made.reference}/")) == ["check-out"]
    assert step(client, made, "check-out").status_code == 302


def test_list__fifty_rows__takes_no_more_statements_than_one(cast: Cast) -> None:
    def reserve_on(first: int, last: int) -> None:
        for day in range(first, last + 1):
            starts_at = tomorrow_at(10, days=day)
            reserve(cast.lab, cast.booker, Wish(starts_at, starts_at + HOUR))

    few, many = partial(reserve_on, 1, 1), partial(reserve_on, 2, 50)
    assert_flat(signed_in(cast.booker), "/reservations/", few, many)
