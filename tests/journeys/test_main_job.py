"""The main job over real parts: a web server, a worker, a mail server, two databases.

A member company registers a laboratory and publishes its hours; a startup finds it free
and asks for it; staff approve; the mails arrive and the reminders are waiting.
"""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Q
from django.db.models.functions import Now

from booking.models import Occupancy
from labs.models import Membership, User
from labs.services.tokens import token_issue
from notifications.models import Message
from notifications.tasks import deliver_due
from tests import factories
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import body
from tests.notifications.workers import forget_tasks, wait_until, worker
from tests.serving import Caller, serve

DUE = Q(kind="approved", due_at__lte=Now())

pytestmark = pytest.mark.django_db(transaction=True)


def caller(address: str, user: User) -> Caller:
    _token, secret = token_issue(email=user.email, name="journey")
    return Caller(address, secret)


def test_main_job__from_an_empty_hub_to_the_reminder(
    inbox: Inbox, tmp_path: Path
) -> None:
    forget_tasks()
    host, startup = factories.organisation(), factories.organisation()
    site, staff = factories.site(), factories.staff()
    manager = factories.person(host, Membership.Role.MANAGER)
    booker = factories.person(startup, language="bg")
    with serve(tmp_path / "web.log") as address, worker(inbox, tmp_path / "worker.log"):
        as_host, as_guest = caller(address, manager), caller(address, booker)
        as_staff = caller(address, staff)
        slug = register_lab(as_host, host.slug, site.slug)
        found = find_and_ask(as_guest, slug)
        url = f"/api/v1/reservations/{found['reference']}/"
        wait_until(lambda: bool(inbox.to(manager.email) and inbox.to(staff.email)))
        assert as_host.get(url)["status"] == "pending"
        assert as_guest.post(f"{url}approve/", {}, expect=403)["code"]
        assert as_staff.post(f"{url}approve/", {})["status"] == "approved"
        # The decision can be taken back for ten seconds; then the beat has it told.
        wait_until(lambda: ("approved", "planned") in waiting(as_guest))
        wait_until(lambda: Message.objects.filter(DUE).exists())
        deliver_due.delay()
        wait_until(lambda: bool(inbox.to(booker.email)))
        wait_until(lambda: {*waiting(as_guest)} == {("reminder", "planned")})
    [mail] = inbox.to(booker.email)
    assert found["reference"] in body(mail)
    assert inbox.repeats() == 0
    assert Occupancy.objects.count() == 1


def register_lab(as_host: Caller, organisation: str, site: str) -> str:
    lab = as_host.post(
        "/api/v1/resources/",
        {
            "name": "Volumetric studio",
            "name_bg": "Обемно студио",
            "kind": "laboratory",
            "organisation": organisation,
            "site": site,
            "people": 6,
        },
        expect=201,
    )
    slug = str(lab["slug"])
    every_day = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    weekly = [{"days": every_day, "from": "08:00", "to": "20:00"}]
    hours = f"/api/v1/resources/{slug}/opening-hours/"
    assert as_host.put(hours, {"weekly": weekly})["minutes_a_week"] == 7 * 720
    as_host.post(f"/api/v1/resources/{slug}/publish/", {})
    return slug


def find_and_ask(as_guest: Caller, slug: str) -> dict[str, Any]:
    start = factories.tomorrow_at(10, days=3)
    times = {
        "starts_at": start.isoformat(),
        "ends_at": (start + dt.timedelta(hours=2)).isoformat(),
    }
    free = as_guest.get("/api/v1/free/", **times)
    assert [row["resource"] for row in free] == [slug]
    wanted = times | {"resource": slug, "purpose": "Заснемане на пилот", "people": 4}
    found: dict[str, Any] = as_guest.post("/api/v1/reservations/", wanted, expect=201)
    assert found["status"] == "pending"
    again = as_guest.post("/api/v1/reservations/", wanted, expect=409)
    assert again["code"] == "slot_taken"
    assert again["alternatives"]
    return found


def waiting(as_guest: Caller) -> list[tuple[str, str]]:
    rows = as_guest.get("/api/v1/messages/", state="planned")["results"]
    return [(row["kind"], row["state"]) for row in rows]


def test_fifty_at_one_slot__over_http__one_is_answered_201(tmp_path: Path) -> None:
    lab = factories.open_lab()
    people = [factories.person(factories.organisation()) for _ in range(50)]
    start = factories.tomorrow_at(10)
    body = {
        "resource": lab.slug,
        "starts_at": start.isoformat(),
        "ends_at": (start + dt.timedelta(hours=1)).isoformat(),
        "purpose": "First come",
    }
    answers: list[int] = []
    ready = threading.Barrier(50)
    with serve(tmp_path / "web.log") as address:
        callers = [caller(address, person) for person in people]

        def ask(one: Caller) -> None:
            ready.wait()
            answers.append(one.ask("POST", "/api/v1/reservations/", body)[0])

        threads = [threading.Thread(target=ask, args=(one,)) for one in callers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(answers) == [201, *[409] * 49]
    assert Message.objects.exclude(state="planned").count() == 0
