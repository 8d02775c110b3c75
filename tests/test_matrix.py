"""Every verb with every role over HTTP; and no verb that the table forgot."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern
from rest_framework.test import APIClient

import booking.web.urls
import labs.web.urls
import notifications.web.urls
from booking.models import (
    Agreement,
    ApprovalRule,
    Delegation,
    OutsideCalendar,
    Programme,
    Reservation,
    WaitingEntry,
)
from booking.questions import Asked
from booking.selectors.feeds import Owner
from booking.services import outside_calendars
from booking.services.answer_files import answer_file_add
from booking.services.availability import closure_add, opening_date_set
from booking.services.decisions import reservation_decline
from booking.services.door_codes import door_code
from booking.services.feeds import feed_make
from booking.services.kits import PartWish, kit_reserve
from booking.services.lifecycle import reservation_check_in
from booking.services.no_shows import reservation_miss
from booking.services.offers import reservation_counter
from booking.services.restricting import restricted_hours_add
from booking.web.verbs import FROM_QUEUE, VERBS
from booking.weekly import DAYS
from config import clock
from config.outbound import Answer
from labs.models import (
    Door,
    Membership,
    Qualification,
    QualificationType,
    Resource,
    User,
)
from labs.services.doors import door_renew
from labs.services.invitations import invitation_send
from labs.services.joining import join_request_make
from labs.services.tokens import token_issue
from notifications.models import Delivery, Kind, Message
from notifications.services.webhooks import webhook_add
from notifications.web.webhooks import DEEDS
from tests import factories
from tests.booking.examples import rolled_back
from tests.booking.outside import added, calendar
from tests.booking.series import reserve_series
from tests.cast import Cast
from tests.factories import HOUR
from tests.labs.images import picture
from tests.matrix import API, PAGES, PHOTO, PUBLIC, PUBLIC_API, ROLES, SHEET, Row

UPLOADS = {"resource-photo", "answer-file-list"}
REFUSED = {401: "1", 403: "3", 404: "4", 409: "9"}
#: Both are asked for in every row, and get the same in all of them.
OUTSIDE = ("anonymous", "switched_off")


Ask = Callable[["Scene", Row, str], str]


def _evenings(cast: Cast) -> int:
    """Keep hours for some, long after all that the scene does."""
    day = DAYS[(factories.tomorrow_at(12, days=6)).weekday()]
    given: dict[str, Any] = {"days": [day], "starts": 0, "ends": 15}
    return restricted_hours_add(actor=cast.manager, resource=cast.lab, **given).pk


def _answer(reservation: Reservation, by: User) -> None:
    """Let it have answered its host with a file."""
    sheet = answer_file_add(
        actor=by, file=io.BytesIO(b"%PDF-1.7"), size=8, name="sheet.pdf"
    )
    value = {"file": str(sheet.pk), "name": sheet.name}
    reservation.answers = [Asked("sheet", "file", "Data sheet").kept(value)]
    reservation.save(update_fields=["answers"])


class Scene:
    """One of everything, made by those who do such things."""

    def __init__(self, cast: Cast, patch: pytest.MonkeyPatch) -> None:
        begun = factories.tomorrow_at(10)
        manager = Membership.Role.MANAGER
        self.people: dict[str, User] = {
            "nobody": factories.person(),
            "other": factories.person(factories.organisation(), manager),
            "guest": cast.booker,
            "guests": cast.colleague,
            "hand": factories.person(cast.host),
            "host": cast.manager,
            "staff": cast.staff,
            "switched_off": factories.person(cast.host, manager),
        }
        self.tokens = {
            role: token_issue(email=person.email, name="program")[1]
            for role, person in self.people.items()
        }
        off = self.people["switched_off"]
        off.is_active = False
        off.save()
        labs = [factories.open_lab(organisation=cast.host) for _ in range(3)]
        labs.insert(0, cast.lab)
        wish = factories.wish(10, 2)
        made = [factories.reserve(lab, cast.booker, wish) for lab in labs[:3]]
        _answer(made[0], cast.booker)
        pending = factories.reserve(cast.studio, cast.booker, factories.wish(14))
        declined = factories.reserve(cast.studio, cast.booker, factories.wish(16))
        kit = kit_reserve(
            actor=cast.booker,
            organisation_slug=cast.startup.slug,
            parts=[PartWish(each.slug) for each in labs[2:]],
            wish=factories.wish(18),
            purpose="x",
        )
        later = factories.tomorrow_at(12, days=3)
        closure = closure_add(
            actor=cast.manager,
            resource_slug=cast.lab.slug,
            starts_at=later + 24 * HOUR,
            ends_at=later + 25 * HOUR,
            reason="other",
        )
        dated = (later + 48 * HOUR).date()
        opening_date_set(
            actor=cast.manager, resource_slug=cast.lab.slug, day=dated, hours=[]
        )
        door_renew(actor=cast.manager, slug=cast.lab.slug)
        owner = Owner("resource", cast.lab.slug)
        feed, _secret = feed_make(actor=cast.manager, owner=owner, name="desk")
        invited = invitation_send(
            actor=cast.manager, slug=cast.host.slug, email="new@example.com"
        )
        asks = join_request_make(
            actor=factories.person(), reason="Mine", organisation=cast.host.slug
        )
        told = Message.objects.create(
            cause="test",
            kind=Kind.RESERVED,
            history=made[0].history.first(),
            person=factories.person(),
            reservation=made[0],
            due_at=begun,
            created_at=begun,
        )
        hook, _secret = webhook_add(
            actor=cast.manager,
            slug=cast.host.slug,
            url="https://example.com/",
            events=["approved"],
        )
        webhook_told = Delivery.objects.create(
            webhook=hook,
            history=made[0].history.first(),
            reservation=made[0],
            event="approved",
            state=Delivery.State.GIVEN_UP,
            due_at=begun,
            ended_at=begun,
            created_at=begun,
        )
        draft = factories.resource(
            organisation=cast.host, site=cast.lab.site, listing=Resource.Listing.DRAFT
        )
        answer = Answer(200, {}, calendar())
        patch.setattr(outside_calendars, "fetch", lambda *args, **more: answer)
        added("https://there.example/", cast.manager, cast.lab)
        patch.setattr(clock, "now", lambda: begun + dt.timedelta(minutes=5))
        reservation_decline(
            actor=cast.staff, reference=declined.reference, reason="Full"
        )
        reservation_check_in(actor=cast.booker, reference=made[1].reference)
        reservation_miss(actor=cast.manager, reference=made[2].reference)
        self.known = self._agreed(cast, later, begun) | {
            "approved": made[0].reference,
            "in_use": made[1].reference,
            "missed": made[2].reference,
            "pending": pending.reference,
            "declined": declined.reference,
            "feed": str(feed.pk),
            "lab": cast.lab.slug,
            "second": labs[3].slug,
            "kit": kit.reference,
            "studio": cast.studio.slug,
            "draft": draft.slug,
            "site": cast.lab.site.slug,
            "startup": cast.startup.slug,
            "host": cast.host.slug,
            "hosts": cast.host.slug,
            "hand_email": self.people["hand"].email,
            "guest_email": cast.booker.email,
            "guests_email": cast.colleague.email,
            "taken": begun.isoformat(),
            "taken_end": (begun + 2 * HOUR).isoformat(),
            "hand": str(self.people["hand"].pk),
            "later": later.isoformat(),
            "later_end": (later + HOUR).isoformat(),
            "end": (later + 24 * HOUR).isoformat(),
            "day": later.date().isoformat(),
            "dated": dated.isoformat(),
            "closure": str(closure.rule.pk if closure.rule else 0),
            "invitation": str(invited.pk),
            "join": str(asks.pk),
            "message": str(told.pk),
            "webhook": str(hook.pk),
            "told": str(webhook_told.key),
            "evenings": str(_evenings(cast)),
            "code": door_code(Door.objects.get(), clock.now()),
        }

    def _agreed(
        self, cast: Cast, later: dt.datetime, begun: dt.datetime
    ) -> dict[str, str]:
        """What hosts, the hub and guests agree upon: offers, deputies, permits."""
        day = later.date()
        countered = factories.reserve(cast.studio, cast.booker, factories.wish(12))
        reservation_counter(
            actor=cast.manager,
            reference=countered.reference,
            starts_at=later + 5 * HOUR,
            ends_at=later + 6 * HOUR,
        )
        series = reserve_series(cast.studio, cast.booker)
        entry = WaitingEntry.objects.create(
            resource=cast.studio,
            organisation=cast.startup,
            person=cast.booker,
            created_at=begun,
            window_starts_at=begun,
            window_ends_at=begun + 2 * HOUR,
            minutes=60,
            purpose="x",
        )
        delegation = Delegation.objects.create(
            person=cast.manager,
            organisation=cast.host,
            deputy=factories.person(),
            starts_on=day,
            ends_on=day,
        )
        rule = ApprovalRule.objects.create(resource=cast.lab, at_most_minutes=30)
        agreement = Agreement.objects.create(
            name="A",
            host=cast.host,
            organisation=cast.startup,
            valid_from=day,
            created_at=begun,
        )
        programme = Programme.objects.create(name="P", starts_on=day, ends_on=day)
        kind = QualificationType.objects.create(
            name="Laser", slug="laser", organisation=cast.host
        )
        permit = Qualification.objects.create(
            person=cast.booker,
            type=kind,
            granted_by=cast.manager,
            granted_at=begun,
            valid_from=begun.date(),
        )
        permit.proof.save("proof.pdf", ContentFile(b"%PDF-1.4"))
        return {
            "countered": countered.reference,
            "series": series.reference,
            "entry": entry.reference,
            "delegation": str(delegation.pk),
            "rule": str(rule.pk),
            "outside": str(OutsideCalendar.objects.get().pk),
            "agreement": str(agreement.pk),
            "programme": str(programme.pk),
            "type": kind.slug,
            "qualification": str(permit.pk),
        }

    def filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return value.format(**self.known) if isinstance(value, str) else value

    def address(self, row: Row, room: str = "") -> str:
        return reverse(room + row.url, args=[self.filled(each) for each in row.args])

    def body(self, row: Row) -> dict[str, Any]:
        found: dict[str, Any] = self.filled(row.body)
        return found


@pytest.fixture
def scene(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(cast, monkeypatch)


def named(row: Row) -> str:
    return "-".join((row.method, row.url, *row.args)).replace("{", "").replace("}", "")


def expected(row: Row) -> dict[str, str]:
    return dict(zip(ROLES, row.letters, strict=True)) | dict.fromkeys(OUTSIDE, "1")


def tried(scene: Scene, rows: Iterable[Row], ask: Ask) -> dict[str, Any]:
    """Try every row as everybody; return those that differ, with what came instead."""
    wrong = {}
    for row in rows:
        found = {}
        for role in (*ROLES, *OUTSIDE):
            with rolled_back():
                found[role] = ask(scene, row, role)
        if found != expected(row):
            wrong[named(row)] = "".join(found.values())
    return wrong


def of_the_api(scene: Scene, row: Row, role: str) -> str:
    token = scene.tokens.get(role)
    signed = {"authorization": f"Bearer {token}"} if token else {}
    shape = "multipart" if row.url in UPLOADS else "json"
    call = getattr(APIClient(headers=signed), row.method)
    sent = {"format": shape} if row.method != "get" else {}
    body = scene.body(row)
    if row == PHOTO:
        body["photo"] = SimpleUploadedFile("lab.png", picture(), "image/png")
    if row == SHEET:
        body["file"] = SimpleUploadedFile("sheet.pdf", b"%PDF-1.7")
    answer = call(scene.address(row, "api:"), body, **sent)
    code = answer.status_code
    if answer.streaming:
        b"".join(answer)  # which closes the file
    return "." if code < 300 else REFUSED.get(code, str(code))


def of_a_page(scene: Scene, row: Row, role: str) -> str:
    client = Client()
    if person := scene.people.get(role):
        client.force_login(User.objects.get(pk=person.pk))
    call = getattr(client, row.method)
    body = scene.body(row)
    about = [body.get("reference"), *map(scene.filled, row.args)]
    found = Reservation.objects.filter(reference__in=about).first()
    answer = call(
        scene.address(row), {"version": found.version if found else 1, **body}
    )
    assert answer.status_code < 500, named(row)
    if answer.streaming:
        b"".join(answer)  # which closes the file
    to = answer.headers.get("Location", "")
    if answer.status_code == 302 and to.startswith(reverse("sign-in")):
        return "1"
    return {403: "3", 404: "4"}.get(answer.status_code, ".")


def test_api__every_role__gets_what_the_table_says(scene: Scene) -> None:
    wrong = tried(scene, API, of_the_api)
    assert not wrong, wrong


def test_pages__every_role__gets_what_the_table_says(scene: Scene) -> None:
    wrong = tried(scene, PAGES, of_a_page)
    assert not wrong, wrong


def routes() -> Iterator[tuple[str, set[str]]]:
    """Every address of the API with the methods that it answers to."""
    for pattern in get_resolver("config.api").url_patterns:
        inner = getattr(pattern, "url_patterns", [pattern])
        for each in inner:
            assert isinstance(each, URLPattern)
            actions = getattr(each.callback, "actions", None)
            shape = getattr(each.callback, "cls", None)
            methods = set(actions) if actions else {"get", "post", "put", "patch"}
            if shape is not None and not actions:
                methods = {
                    name for name in methods | {"delete"} if hasattr(shape, name)
                }
            yield str(each.name), methods - {"head", "options"}


def test_table__every_route_of_the_api__is_in_it() -> None:
    named = {(row.url, row.method) for row in API}
    there = {
        (name, method)
        for name, methods in routes()
        for method in methods
        if name not in PUBLIC_API
    }
    assert there == named


def test_table__every_page_and_every_step__is_in_it() -> None:
    patterns = (
        *booking.web.urls.urlpatterns,
        *labs.web.urls.urlpatterns,
        *notifications.web.urls.urlpatterns,
    )
    names = {
        str(each.name)
        for each in patterns
        if isinstance(each, URLPattern) and not str(each.name).startswith("account_")
    }
    assert names == {row.url for row in PAGES} | PUBLIC
    deeds = {row.args[2] for row in PAGES if row.url == "webhook-act"}
    assert deeds == set(DEEDS)
    steps = {(row.url, row.args[1]) for row in PAGES if row.url in {"act", "decide"}}
    assert steps == {("act", name) for name in VERBS} | {
        ("decide", name) for name in FROM_QUEUE
    }


def test_table__every_row_that_refuses__lets_somebody_in() -> None:
    """Or it would prove nothing; one's own token has no other owner to be tried.

    What is confirmed is ahead, and what is approved in the scene has begun.
    """
    closed = {row.url for row in (*API, *PAGES) if "." not in row.letters}
    assert closed == {"token-end", "reservation-confirm"}
