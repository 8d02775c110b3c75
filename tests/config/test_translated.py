"""Pages, letters and problems, as a Bulgarian reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from booking.models import Reservation
from booking.selectors.facts import Wish
from booking.services.decisions import (
    reservation_answer,
    reservation_approve,
    reservation_ask,
    reservation_ask_to_move,
    reservation_decline,
)
from booking.services.escalation import reservations_pass_on
from booking.services.lifecycle import reservation_cancel, reservations_expire_lapsed
from booking.services.reservations import reservation_change, reservation_move
from config import clock
from labs.models import Resource, User
from labs.services.doors import door_renew
from notifications.models import Kind
from notifications.models import Message as Mail
from notifications.selectors import messages_to_judge
from notifications.texts import message_write
from tests import factories
from tests.booking.web.browser import ask_for, hidden, signed_in, step, when
from tests.booking.web.test_journey import hours
from tests.booking.web.test_plans import sent as plan_sent
from tests.cast import Cast
from tests.config.bulgarian import english_in, hub, require_bulgarian
from tests.factories import HOUR
from tests.notifications.scenes import TOLD, make_offers, plan

__all__ = ["hub"]


def pages_of(cast: Cast, client: Client, asked: Reservation) -> Iterator[Any]:
    """Yield what a person comes by on a day, mistakes included."""
    lab = cast.lab.slug
    for url in (
        "/",
        "/?people=0&kind=7",
        "/?q=я&people=99&kind=laboratory",
        f"/resources/{lab}/",
        f"/resources/{cast.studio.slug}/",
        "/sites/",
        f"/sites/{cast.lab.site.slug}/",
        "/organisations/",
        f"/organisations/{cast.host.slug}/",
        f"/door/{door_renew(actor=cast.manager, slug=lab)}/",
        "/door/unknown/",
        "/find/?day=x&from=99&hours=-1&people=0&kind=7",
        "/find/?day=2020-01-01&from=10:00&hours=2&people=1",
        "/find/?q=нищо&favourites=on&at_once=on&kind=equipment",
        "/reservations/",
        f"/reservations/{asked.reference}/",
        "/messages/",
        f"/messages/?reservation={asked.reference}",
        "/no/such/page",
        f"/reserve/{lab}/",
        f"/reserve/{cast.studio.slug}/",
        "/waiting/",
        f"/waiting/join/{lab}/",
    ):
        yield url, client.get(url)
    yield "none is free", client.get("/find/", when(10) | {"people": "8"})
    for wanted in ({"q": "нищо"}, {"favourites": "on"}, {"people": "99"}):
        yield f"{wanted} is free", client.get("/find/", when(10, 3) | wanted)
    window = when(10) | {"until_day": "x", "until": "12:00", "people": "1"}
    yield "no window", client.post(f"/waiting/join/{lab}/", window)
    window |= {"until_day": window["day"], "purpose": "Запис"}
    window |= {"organisation": cast.startup.slug}
    for time in ("in line", "in line twice"):
        yield time, client.post(f"/waiting/join/{lab}/", window, follow=True)
    # Staff may reserve for anyone, so they are asked for whom.
    whom: dict[str, Any] = {"organisation": cast.startup.slug, "purpose": "Запис"}
    wrong: dict[str, Any] = {"people": "99", "hours": "20", "from": "10:01"}
    yield "against the rules", ask_for(client, cast.lab, 10, **wrong, **whom)
    long = whom | {"purpose": "я" * 501}
    yield "too long", ask_for(client, cast.lab, 10, **long)
    yield "taken", ask_for(client, cast.studio, 10, **whom)
    yield "too late", step(client, asked, "check-in")


def pages_of_deciders(cast: Cast, client: Client, asked: Reservation) -> Iterator[Any]:
    desk = f"/desk/{cast.lab.slug}/"
    door = f"/resources/{cast.lab.slug}/door/"
    for do in ("", "renew", "names", "revoke"):
        yield f"door, {do}", client.post(door, {"do": do}, follow=True)
    plan = f"/sites/{cast.lab.site.slug}/plan/"
    for do, width in (("", 5), ("save", 5), ("save", ""), ("save", 1), ("remove", 1)):
        row = (cast.lab.slug, 0, 0, width, 1)
        drawn = plan_sent(do, row, name="Партер", width=4)
        yield f"plan, {do} {width}", client.post(plan, drawn, follow=True)
    names = ("hours", "closures", "outside", "details", "photo", "policy", "approval")
    for url in (
        plan,
        "/approvals/",
        "/approvals/deputies/",
        "/desk/working-hours/",
        f"/approvals/{asked.reference}/contest/",
        "/waiting/?of=resources",
        "/reservations/?of=resources",
        "/desk/",
        "/desk/add/",
        "/desk/policy/",
        f"/desk/policy/{cast.host.slug}/",
        desk,
        *(f"{desk}{name}/" for name in names),
    ):
        yield url, client.get(url)
    for deed in ("hours", "close", "holidays", "publish", "archive"):
        several = {"deed": deed, "r": [cast.lab.slug, cast.studio.slug]}
        yield deed, client.get("/desk/several/", several)
    yield "no reason", step(client, asked, "decline", reason="")
    yield "add nothing", client.post("/desk/add/", {"people": "0", "units": "501"})
    no_hours = hours("18:00", "09:00") | {"valid_from": "x"}
    yield "no hours", client.post(f"{desk}hours/", no_hours)
    sent = hours("12:00", "14:00") | {"valid_from": when(days=0)["day"]}
    for do in ("preview", "publish"):
        told = client.post(f"{desk}hours/", sent | {"do": do}, follow=True)
        yield f"{do} hours", told
    day = when()["day"]
    closed = {"from_day": day, "from_time": "00:00", "to_day": day, "to_time": "24:00"}
    closed |= {"reason": "maintenance", "note": "Подът", "do": "close"}
    yield "closed", client.post(f"{desk}closures/", closed, follow=True)
    yield "reversed", client.post(f"{desk}closures/", closed | {"from_day": "2030-1-1"})
    yield "holidays", client.post(f"{desk}holidays/", {"holidays": "1"}, follow=True)
    keep = {f"hit-{each.reference}": "move" for each in Reservation.objects.all()}
    moved = closed | keep | {"deed": "close", "r": several["r"], "tell": "Подът"}
    yield "several closed", client.post("/desk/several/", moved | {"note": "Друг"})
    rules = {"min_duration_minutes": "600", "max_duration_minutes": "30"}
    yield "rules", client.post(f"{desk}policy/", rules)
    for to in ("archive", "draft", "publish"):
        told = client.post(f"{desk}listing/", {"to": to}, follow=True)
        yield to, told


@pytest.mark.parametrize("who", ["booker", "manager", "staff", "stranger"])
def test_pages__in_bulgarian__have_no_english_left(hub: Cast, who: str) -> None:
    factories.reserve(hub.lab, hub.booker, factories.wish(10), purpose="Запис")
    asked = factories.reserve(
        hub.studio, hub.booker, factories.wish(10), purpose="Запис"
    )
    plan()
    client = signed_in(getattr(hub, who))
    for what, page in pages_of(hub, client, asked):
        require_bulgarian(page.content.decode(), f"{who}, {what}")
    if who in {"manager", "staff"}:
        for what, page in pages_of_deciders(hub, client, asked):
            require_bulgarian(page.content.decode(), f"{who}, {what}")


def test_main_job__in_bulgarian__has_no_english_left(hub: Cast) -> None:
    booker, manager = signed_in(hub.booker), signed_in(hub.manager)
    sent = ask_for(booker, hub.studio, purpose="Запис", follow=True)
    asked = Reservation.objects.get()
    url = f"/reservations/{asked.reference}/"
    assert sent.status_code == 302
    require_bulgarian(booker.get(url).content.decode(), "sent")
    for client, verb, fields in (
        (manager, "ask", {"reason": "Колко души?"}),
        (booker, "answer", {"reason": "Двама."}),
        (booker, "move", when(12)),
        (manager, "approve", {}),
        (booker, "cancel", {"reason": "Настинка"}),
    ):
        version = hidden(client.get(url), "version")
        done = client.post(f"{url}{verb}/", {"version": version, **fields}, follow=True)
        assert done.status_code == 200, verb
        require_bulgarian(done.content.decode(), verb)
        require_bulgarian(manager.get(url).content.decode(), f"{verb}, at the host's")
    asked.refresh_from_db()
    assert asked.status == Reservation.Status.CANCELLED


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_pages__without_a_person__have_no_english_left(name: str) -> None:
    with translation.override("bg"):
        require_bulgarian(render_to_string(f"{name}.html"), name)


def test_sign_in__of_a_bulgarian_browser__has_no_english_left(db: None) -> None:
    client = Client(headers={"accept-language": "bg-BG,bg;q=0.9,en;q=0.5"})
    sent = {"login": "ana@example.com", "password": "wrong"}
    for page in (client.get("/sign-in/"), client.post("/sign-in/", sent)):
        require_bulgarian(page.content.decode(), "sign-in")


def in_stages(hub: Cast, asked: Callable[[int], str]) -> None:
    """Let the host approve one, another be passed on, and a guest change a third."""
    factories.set_policy(hub.studio, approval_path="host_hub")
    reservation_approve(actor=hub.manager, reference=asked(6))
    Reservation.objects.filter(reference=asked(8)).update(
        alarm_at=clock.now() - HOUR, turn_since=clock.now() - 90 * HOUR
    )
    reservations_pass_on()
    reservation_change(actor=hub.booker, reference=asked(5), people=2, purpose="Хор")


def test_mails__in_bulgarian__have_no_english_left(hub: Cast) -> None:
    def asked(hour: int, of: Resource = hub.studio) -> str:
        start = factories.tomorrow_at(hour, days=3)
        wish = Wish(start, start + HOUR)
        made = factories.reserve(of, hub.booker, wish, purpose="Запис")
        return made.reference

    host, guest, first = hub.manager, hub.booker, asked(10)
    reservation_ask(actor=host, reference=first, reason="Колко души?")
    reservation_answer(actor=guest, reference=first, reason="Двама.")
    start = factories.tomorrow_at(12, days=3)
    reservation_move(
        actor=guest, reference=first, starts_at=start, ends_at=start + HOUR
    )
    reservation_approve(actor=host, reference=first)
    reservation_cancel(actor=host, reference=asked(14), reason="Ремонт")
    reservation_decline(actor=host, reference=asked(16), reason="Ремонт")
    reservation_ask_to_move(
        actor=host, reference=asked(10, hub.lab), reason="Преместете я"
    )
    make_offers(hub, [asked(20), asked(22)])
    late = asked(18)
    Reservation.objects.filter(reference=late).update(lapses_at=clock.now() - HOUR)
    reservations_expire_lapsed()
    in_stages(hub, asked)
    User.objects.update(time_zone="Europe/London")
    plan()

    kinds = set()
    for mail in messages_to_judge().filter(pk__in=Mail.objects.values("pk")):
        text = message_write(mail, clock.now() + dt.timedelta(minutes=1))
        assert not english_in(text.subject), text.subject
        assert not english_in(text.body), text.body
        kinds.add(Kind(mail.kind))
    assert kinds == set(TOLD)


def test_problems__in_bulgarian__have_no_english_left(hub: Cast) -> None:
    factories.reserve(hub.lab, hub.booker, factories.wish(10))
    wish = factories.wish(10)
    body: dict[str, Any] = {
        "resource": hub.lab.slug,
        "starts_at": wish.starts_at.isoformat(),
        "ends_at": wish.ends_at.isoformat(),
        "people": 1,
        "purpose": "Запис",
    }
    wrong = {"people": "x", "starts_at": "2027-03-01T09:00", "purpose": "", "x": 1}
    client, nobody = hub.api(hub.booker), hub.api(None)
    bulgarian: dict[str, Any] = {"headers": {"accept-language": "bg"}}
    url = "/api/v1/reservations/"
    for expected, response in (
        (401, nobody.get(url, **bulgarian)),
        (404, client.get(f"{url}22222222/", **bulgarian)),
        (405, client.delete(url, **bulgarian)),
        (400, client.post(url, wrong, **bulgarian)),
        (400, client.post(url, body | {"people": 0, "ends_at": None}, **bulgarian)),
        (409, client.post(url, body, **bulgarian)),
        (422, client.post(url, body | {"people": 99}, **bulgarian)),
    ):
        assert response.status_code == expected, response.data
        said = [response.data["title"], response.data["detail"]]
        for found in response.data.get("fields", {}).values():
            said += found
        said += [each["detail"] for each in response.data.get("violations", [])]
        foreign = [text for text in said if set(english_in(text)) - {"DELETE", "null"}]
        assert not foreign, foreign
