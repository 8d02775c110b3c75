"""Notices about people: said once, to the right one, while it is so."""

from __future__ import annotations

import datetime as dt

import pytest

from booking.models import Delegation
from booking.services.delegations import delegation_end, delegation_make
from config import clock
from labs.models import Qualification, QualificationType
from labs.services.qualifications import qualification_grant, qualification_revoke
from notifications.models import Kind, Message, State
from notifications.selectors import messages_to_judge
from notifications.services.about_people import notices_plan
from notifications.services.delivery import messages_deliver_due
from tests.cast import Cast
from tests.notifications.conftest import Clock
from tests.notifications.inbox import Inbox, subject
from tests.notifications.scenes import body

pytestmark = pytest.mark.django_db(transaction=True)
DAY = dt.timedelta(days=1)


def delegated(cast: Cast) -> Delegation:
    return delegation_make(
        actor=cast.manager,
        organisation_slug=cast.host.slug,
        deputy_email=cast.staff.email,
        starts_on=clock.today(),
        ends_on=clock.today() + 7 * DAY,
    )


def granted(cast: Cast, *, days: int) -> Qualification:
    of, _made = QualificationType.objects.get_or_create(
        organisation=cast.host, name="Laser safety", name_bg="Лазери", slug="laser"
    )
    cast.lab.required_qualifications.add(of)
    return qualification_grant(
        actor=cast.manager,
        type_slug=of.slug,
        email=cast.booker.email,
        valid_until=clock.today() + days * DAY,
    )


def test_deputising__the_deputy_is_told_once(cast: Cast, inbox: Inbox) -> None:
    delegated(cast)
    assert notices_plan()
    assert not notices_plan()
    assert messages_deliver_due() == 1
    (mail,) = inbox.to(cast.staff.email)
    assert subject(mail).startswith("You are the deputy of Hristo Host, ")
    assert f"For: {cast.host}" in body(mail)
    assert body(mail).endswith("/approvals/\n")


def test_deputising__called_off_before_it_went_out__is_withdrawn(
    cast: Cast, inbox: Inbox
) -> None:
    made = delegated(cast)
    notices_plan()
    delegation_end(actor=cast.manager, delegation_id=made.pk)
    assert messages_deliver_due() == 0
    assert Message.objects.get(kind=Kind.DEPUTISING).state == State.WITHDRAWN


def test_deputising__delegated_long_ago__is_nobodys_news(cast: Cast) -> None:
    made = delegated(cast)
    Delegation.objects.filter(pk=made.pk).update(created_at=clock.now() - 2 * DAY)
    assert not notices_plan()
    assert not Message.objects.exists()


def test_qualification__a_month_and_a_week_before__the_person_is_told(
    cast: Cast, inbox: Inbox, time: Clock
) -> None:
    held = granted(cast, days=60)
    assert not notices_plan()
    for days_before in (30, 7, 1):
        time.set(clock_at(held, days_before))
        notices_plan()
        notices_plan()
        messages_deliver_due()
    mails = inbox.to(cast.booker.email)
    assert [subject(mail).split(",")[0] for mail in mails] == [
        "Your qualification “Laser safety” expires in 30 days",
        "Your qualification “Laser safety” expires in 7 days",
    ]
    assert f"Required by: {cast.lab}" in body(mails[0])
    assert f"Ask {cast.host} to renew it." in body(mails[0])


def clock_at(held: Qualification, days_before: int) -> dt.datetime:
    """Noon of that day."""
    assert held.valid_until is not None
    day = held.valid_until - days_before * DAY
    return dt.datetime.combine(day, dt.time(12), clock.now().tzinfo)


def test_qualification__the_first_was_missed__only_the_second_is_said(
    cast: Cast, time: Clock
) -> None:
    held = granted(cast, days=60)
    time.set(clock_at(held, 5))
    notices_plan()
    causes = Message.objects.values_list("cause", flat=True)
    assert list(causes) == [f"qualification-{held.pk}-7-{held.valid_until}"]


@pytest.mark.parametrize("renewed", [True, False])
def test_qualification__renewed_or_revoked__is_withdrawn(
    cast: Cast, inbox: Inbox, time: Clock, *, renewed: bool
) -> None:
    held = granted(cast, days=60)
    time.set(clock_at(held, 30))
    notices_plan()
    if renewed:
        granted(cast, days=400)
    else:
        qualification_revoke(
            actor=cast.manager, qualification_id=held.pk, reason="An accident"
        )
    assert messages_deliver_due() == 0
    message = messages_to_judge().get(cause__contains="-30-")
    assert message.state == State.WITHDRAWN
