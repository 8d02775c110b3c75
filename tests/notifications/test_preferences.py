"""What people chose to hear, when: none of it lost, and none of it twice."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from booking.services.decisions import reservation_approve
from booking.services.lifecycle import reservation_cancel
from config.errors import Invalid
from labs.models import User
from notifications.models import Kind, Message, Preference, State
from notifications.services.digests import digests_plan, weekly_plan
from notifications.services.preferences import preferences_save
from notifications.wishes import next_digest, quiet_at
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, SOFIA
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import (
    approved,
    body,
    deliver,
    plan,
    reminders,
    requested,
)
from tests.races.threads import Job, race

DIGEST = {"decisions": "digest"}


def states(kind: Kind) -> dict[str, str]:
    rows = Message.objects.filter(kind=kind).select_related("person")
    return {message.person.name: message.state for message in rows}


def test_plan__not_wanted__is_noted_and_not_sent(cast: Cast, inbox: Inbox) -> None:
    preferences_save(actor=cast.booker, choices={"decisions": "none"})
    approved(cast)
    plan()
    deliver()

    assert states(Kind.APPROVED) == {cast.booker.name: State.UNWANTED}
    assert inbox.to(cast.booker.email) == []


@pytest.mark.parametrize(
    "choices",
    [{"requests": "none"}, {"changes": "none"}, {"weekly": "digest"}, {"all": "none"}],
)
def test_choose__what_must_arrive__is_refused(
    cast: Cast, choices: dict[str, str]
) -> None:
    with pytest.raises(Invalid):
        preferences_save(actor=cast.booker, choices=choices)
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("since", "until"), [(dt.time(22), None), (None, dt.time(7)), (dt.time(7),) * 2]
)
def test_choose__half_of_quiet_hours__is_refused(
    cast: Cast, since: dt.time | None, until: dt.time | None
) -> None:
    with pytest.raises(Invalid):
        preferences_save(actor=cast.booker, quiet_from=since, quiet_until=until)


def test_digest__several__one_mail_with_what_is_still_so(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    preferences_save(actor=cast.booker, choices=DIGEST)
    kept, gone = approved(cast, 10), approved(cast, 12)
    plan()
    assert set(states(Kind.APPROVED).values()) == {State.COLLECTED}
    reservation_cancel(actor=cast.booker, reference=gone.reference)
    plan()
    assert not digests_plan()
    due = Message.objects.filter(state=State.COLLECTED).first()
    assert due is not None
    assert due.due_at.astimezone(SOFIA).time() == dt.time(8)

    time.set(due.due_at)
    assert digests_plan()
    assert not digests_plan()
    deliver()
    deliver()

    (mail,) = inbox.to(cast.booker.email)
    assert mail["Subject"] == "1 message about reservations"
    text = body(mail)
    assert "Approved: Sound studio" in text
    assert text.count("- ") == 1
    assert kept.reference not in mail["Subject"]
    digest = Message.objects.get(kind=Kind.DIGEST)
    assert digest.state == State.SENT
    assert digest.collected.count() == 2


def test_digest__nothing_of_it_is_so__is_withdrawn(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    preferences_save(actor=cast.booker, choices=DIGEST)
    gone = approved(cast)
    plan()
    reservation_cancel(actor=cast.booker, reference=gone.reference)
    time.forward(days=1)
    digests_plan()
    deliver()

    assert states(Kind.DIGEST) == {cast.booker.name: State.WITHDRAWN}
    assert inbox.to(cast.booker.email) == []


def test_digest__too_late_to_be_of_use__comes_at_once(cast: Cast, time: Clock) -> None:
    """Before the next digest it will be over."""
    preferences_save(actor=cast.booker, choices=DIGEST)
    made = requested(cast)
    time.set(made.starts_at - HOUR)
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    assert states(Kind.APPROVED) == {cast.booker.name: State.PLANNED}


@pytest.mark.django_db(transaction=True)
def test_digest__two_sweeps_at_once__make_one(cast: Cast, time: Clock) -> None:
    preferences_save(actor=cast.booker, choices=DIGEST)
    approved(cast)
    plan()
    time.forward(days=1)

    assert sorted(race([digests_plan] * 8)) == [False] * 7 + [True]
    assert Message.objects.filter(kind=Kind.DIGEST).count() == 1


def night(person: User, **more: Any) -> None:
    preferences_save(
        actor=person, quiet_from=dt.time(22), quiet_until=dt.time(7), **more
    )


@pytest.mark.parametrize(
    ("hour", "day", "due"),
    [(21, 1, None), (22, 1, (2, 7)), (3, 2, (2, 7)), (7, 2, None)],
)
def test_quiet_at__over_midnight(
    cast: Cast, hour: int, day: int, due: tuple[int, int] | None
) -> None:
    night(cast.booker)
    preference = Preference.objects.get()
    moment = dt.datetime(2027, 3, day, hour, tzinfo=SOFIA)
    quiet = quiet_at(preference, moment)
    expected = dt.datetime(2027, 3, due[0], due[1], tzinfo=SOFIA) if due else None
    assert (quiet and quiet.end) == expected


def test_quiet_at__by_ones_own_clock(cast: Cast) -> None:
    cast.booker.time_zone = "America/New_York"
    cast.booker.save()
    night(cast.booker)
    preference = Preference.objects.get()
    assert quiet_at(preference, dt.datetime(2027, 3, 1, 23, tzinfo=SOFIA)) is None
    there = dt.datetime(2027, 3, 1, 23, tzinfo=ZoneInfo("America/New_York"))
    assert quiet_at(preference, there)


def test_next_digest__across_summer_time__keeps_the_clock(cast: Cast) -> None:
    preference = Preference(person=cast.booker, digest_hour=8)
    late = dt.datetime(2027, 3, 27, 9, tzinfo=SOFIA)
    assert next_digest(preference, late) == dt.datetime(2027, 3, 28, 8, tzinfo=SOFIA)


def test_quiet_hours__a_decision__waits_and_a_reminder_comes_before(
    cast: Cast, time: Clock
) -> None:
    night(cast.booker)
    made = approved(cast, 6)
    eve = made.starts_at - 8 * HOUR
    plan()

    day_before, hour_before = Message.objects.filter(kind=Kind.REMINDER).order_by(
        "offset_minutes"
    )[::-1]
    # A day before is 6 o'clock: in the night, so it waits until 7.
    assert day_before.due_at == made.starts_at - 23 * HOUR
    # An hour before is 5 o'clock, and 7 would be too late: before the night begins.
    assert hour_before.due_at == eve
    time.set(eve + HOUR)
    again = requested(cast, 12)
    reservation_approve(actor=cast.manager, reference=again.reference)
    plan()
    told = Message.objects.get(kind=Kind.APPROVED, reservation=again)
    assert told.due_at == made.starts_at + HOUR
    assert told.state == State.PLANNED


def test_reminders__other_times__are_planned_and_the_old_withdrawn(
    cast: Cast,
) -> None:
    made = approved(cast)
    plan()
    preferences_save(actor=cast.booker, reminders=[180, 60])
    assert reminders(made) == {
        (1440, "withdrawn"): 1,
        (180, "planned"): 1,
        (60, "planned"): 1,
    }
    preferences_save(actor=cast.booker, reminders=[1440, 180, 60])
    preferences_save(actor=cast.booker, reminders=[1440])
    assert reminders(made) == {
        (1440, "planned"): 1,
        (180, "withdrawn"): 1,
        (60, "withdrawn"): 1,
    }
    preferences_save(actor=cast.booker, reminders=[])
    assert {state for _minutes, state in reminders(made)} == {"withdrawn"}


def test_reminders__a_week_before__are_planned_for_what_is_far_ahead(
    cast: Cast,
) -> None:
    preferences_save(actor=cast.booker, reminders=[10_080])
    with pytest.raises(Invalid):
        preferences_save(actor=cast.booker, reminders=[17])
    approved(cast)
    plan()
    # In three days: the week before has passed.
    assert not Message.objects.filter(kind=Kind.REMINDER).exists()


def test_change__at_once_to_digest_and_back__each_is_told_once(
    cast: Cast, inbox: Inbox
) -> None:
    approved(cast)
    plan()
    preferences_save(actor=cast.booker, choices=DIGEST)
    assert states(Kind.APPROVED) == {cast.booker.name: State.COLLECTED}
    preferences_save(actor=cast.booker, choices={})
    assert states(Kind.APPROVED) == {cast.booker.name: State.PLANNED}
    deliver()
    preferences_save(actor=cast.booker, choices=DIGEST)
    assert states(Kind.APPROVED) == {cast.booker.name: State.SENT}
    assert len(inbox.to(cast.booker.email)) == 1


@pytest.mark.django_db(transaction=True)
def test_change__while_it_is_planned__ends_as_chosen(cast: Cast) -> None:
    made = approved(cast)
    choose = partial(preferences_save, actor=cast.booker, reminders=[180])
    jobs: list[Job] = [plan, choose]
    for result in race(jobs * 4):
        assert not isinstance(result, Exception), result
    assert reminders(made)[180, "planned"] == 1
    assert (60, "planned") not in reminders(made)


def test_weekly__monday__once_to_hosts_and_staff(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    requested(cast)
    plan()
    deliver()
    inbox.reset()
    preferences_save(actor=cast.staff, choices={"weekly": "none"})
    today = dt.datetime.now(SOFIA)
    monday = today + dt.timedelta(days=7 - today.weekday())
    at = monday.replace(hour=8, minute=0, second=0, microsecond=0)
    time.set(at - HOUR)
    assert not weekly_plan()
    time.set(at + HOUR)
    assert weekly_plan()
    assert not weekly_plan()
    deliver()

    weekly = Message.objects.filter(kind=Kind.WEEKLY)
    told = dict(weekly.values_list("person__name", "state"))
    assert told[cast.manager.name] == State.SENT
    assert told[cast.staff.name] == State.UNWANTED
    assert not {cast.booker.name, cast.colleague.name} & told.keys()
    (mail,) = inbox.to(cast.manager.email)
    assert "This week: " in body(mail)


def unsubscribing(mail: Any) -> str:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    return str(mail["List-Unsubscribe"]).strip("<>").partition("localhost:8000")[2]


def test_unsubscribe__a_look_changes_nothing__one_click_does(
    cast: Cast, inbox: Inbox, client: Client
) -> None:
    made = requested(cast)
    plan()
    deliver()
    reservation_approve(actor=cast.manager, reference=made.reference)
    plan()
    deliver()
    (mail,) = inbox.to(cast.booker.email)
    url = unsubscribing(mail)
    (asked,) = inbox.to(cast.manager.email)
    assert asked["List-Unsubscribe"] is None

    assert client.get(url).status_code == 200
    assert client.head(url).status_code == 200
    assert not Preference.objects.exists()
    one_click = {"List-Unsubscribe": "One-Click"}
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(url, one_click).status_code == 200
    assert strict.post(url, one_click).status_code == 200
    assert Preference.objects.get().choices == {"decisions": "none"}
    strict.post(url, {"do": "undo"})
    assert Preference.objects.get().choices == {}
    assert client.post(f"{url[:-2]}x/").status_code == 404
    assert reminders(made)


def test_page__chosen__is_kept_and_shown(cast: Cast, client: Client) -> None:
    client.force_login(cast.booker)
    sent = {
        "requests": "at_once",
        "decisions": "digest",
        "changes": "at_once",
        "weekly": "none",
        "reminders": ["60", "180"],
        "quiet_from": "22:00",
        "quiet_until": "07:00",
        "digest_hour": "9",
        "language": "bg",
    }
    assert client.post("/account/messages/", sent).status_code == 302
    row = Preference.objects.get(person=cast.booker)
    assert row.choices == {"decisions": "digest", "weekly": "none"}
    assert row.reminders == [180, 60]
    cast.booker.refresh_from_db()
    assert cast.booker.language == "bg"
    page = client.get("/account/messages/").content.decode()
    assert 'value="22:00"' in page
    wrong = client.post("/account/messages/", sent | {"quiet_until": ""})
    assert wrong.status_code == 400
    assert 'value="22:00"' in wrong.content.decode()


def test_api__put__is_strict(cast: Cast) -> None:
    api = cast.api(cast.booker)
    url = "/api/v1/me/preferences/"
    assert api.get(url).json()["reminders"] == [1440, 60]
    put = api.put(url, {"reminders": [15], "quiet_from": "22:00"}, format="json")
    assert put.status_code == 400
    chosen = {"reminders": [15], "choices": {"decisions": "none"}}
    assert api.put(url, chosen, format="json").json()["reminders"] == [15]
    assert api.get(url).json()["choices"] == {"decisions": "none"}
    for wrong in ({"choices": {"changes": "none"}}, {"reminders": [16]}, {"x": 1}):
        assert api.put(url, wrong, format="json").status_code == 400
    assert cast.api(None).get(url).status_code == 401


def test_someone_else__has_ones_own(cast: Cast) -> None:
    other = factories.person(cast.startup)
    preferences_save(actor=cast.booker, reminders=[15])
    assert preferences_save(actor=other).reminders == [1440, 60]
