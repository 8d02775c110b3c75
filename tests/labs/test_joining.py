from __future__ import annotations

from typing import Any

import pytest

from config.errors import Conflict, DomainError, Invalid, Missing, TooMany
from labs.models import JoinRequest, Letter, Membership, Organisation, User
from labs.services.joining import (
    MOST_A_DAY,
    email_confirmed,
    join_request_add,
    join_request_approve,
    join_request_decline,
    join_request_make,
    join_request_withdraw,
)
from labs.services.memberships import membership_remove
from labs.services.organisations import organisation_set_active
from tests import factories
from tests.cast import Cast
from tests.notifications.conftest import time as clock_to_set

pytestmark = pytest.mark.django_db(transaction=True)
time = clock_to_set
Status = JoinRequest.Status
NEW = {"new_name": "Firefly", "new_kind": "startup", "new_website": ""}


@pytest.fixture
def newcomer(cast: Cast) -> User:
    return factories.person(email="nia@firefly.example", name="Nia New")


def ask(who: User, **whither: Any) -> JoinRequest:
    return join_request_make(actor=who, reason="We need a lab.", **whither)


def told() -> dict[str, str]:
    """The letters that wait, by whom they go to."""
    return dict(Letter.objects.values_list("to", "subject"))


def test_make__organisation_that_is_here__its_managers_and_staff_hear(
    cast: Cast, newcomer: User
) -> None:
    asked = ask(newcomer, organisation=cast.host.slug)
    assert (asked.status, asked.organisation) == (Status.PENDING, cast.host)
    assert set(told()) >= {cast.manager.email, cast.staff.email}
    others = {cast.booker.email, cast.colleague.email, cast.stranger.email}
    assert not others & set(told())
    body = Letter.objects.get(to=cast.manager.email).body
    assert "We need a lab." in body
    assert "/hub/organisations/" in Letter.objects.get(to=cast.staff.email).body
    assert f"/my-organisations/{cast.host.slug}/" in body


def test_make__new_organisation__only_staff_hear(cast: Cast, newcomer: User) -> None:
    asked = ask(newcomer, **NEW)
    assert asked.organisation is None
    assert cast.staff.email in told()
    assert cast.manager.email not in told()


@pytest.mark.parametrize(
    ("whither", "fields"),
    [
        ({}, {"organisation"}),
        ({"organisation": "nowhere"}, {"organisation"}),
        ({"new_name": "Firefly"}, {"new_kind"}),
        (NEW | {"new_name": "x" * 300}, {"new_name"}),
        (NEW | {"new_name": "two\nlines"}, {"new_name"}),
        (NEW | {"new_website": "javascript:alert(1)"}, {"new_website"}),
    ],
)
def test_make__wrong__every_fault_by_field(
    newcomer: User, whither: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(newcomer, **whither)
    assert refused.value.extra["fields"].keys() == fields
    assert not JoinRequest.objects.exists()


def test_make__member_or_asked_already__is_told(cast: Cast, newcomer: User) -> None:
    with pytest.raises(Conflict, match="member already") as refused:
        ask(cast.booker, organisation=cast.startup.slug)
    assert refused.value.code == "member_already"
    ask(newcomer, **NEW)
    with pytest.raises(Conflict) as again:
        ask(newcomer, organisation=cast.host.slug)
    assert again.value.code == "asked_already"


def test_unconfirmed__nobody_hears_and_nobody_can_answer(
    cast: Cast, newcomer: User
) -> None:
    asked = join_request_add(
        actor=newcomer, reason="We film.", organisation=cast.host.slug
    )
    assert not Letter.objects.exists()
    with pytest.raises(Missing):
        join_request_approve(actor=cast.staff, request_id=asked.pk)
    email_confirmed(user=newcomer)
    email_confirmed(user=newcomer)
    asked.refresh_from_db()
    assert asked.status == Status.PENDING
    assert Letter.objects.filter(to=cast.manager.email).count() == 1


def test_domain_of_an_organisation__joins_at_once_as_booker(
    cast: Cast, newcomer: User
) -> None:
    Organisation.objects.filter(pk=cast.host.pk).update(email_domain="firefly.example")
    asked = join_request_add(
        actor=newcomer, reason="We film.", organisation=cast.host.slug
    )
    assert not newcomer.memberships.exists()  # before it is known whose e-mail it is
    email_confirmed(user=newcomer)
    email_confirmed(user=newcomer)
    asked.refresh_from_db()
    assert asked.status == Status.APPROVED
    assert newcomer.memberships.get().role == Membership.Role.BOOKER
    assert not Letter.objects.exists()
    other = factories.person(email="eve@notfirefly.example")
    email_confirmed(user=other)
    assert not other.memberships.exists()


@pytest.mark.parametrize("who", ["manager", "newcomer"])
def test_domain_of_an_organisation__lets_nobody_back_in(
    cast: Cast, newcomer: User, who: str
) -> None:
    Organisation.objects.filter(pk=cast.host.pk).update(email_domain="firefly.example")
    email_confirmed(user=newcomer)
    actor = newcomer if who == "newcomer" else cast.manager
    membership_remove(actor=actor, slug=cast.host.slug, user_id=newcomer.pk)
    asked = ask(newcomer, organisation=cast.host.slug)
    email_confirmed(user=newcomer)
    assert not newcomer.memberships.exists()
    colleague = factories.person(email="new@firefly.example")
    email_confirmed(user=colleague)
    assert colleague.memberships.exists()
    join_request_approve(actor=cast.manager, request_id=asked.pk)
    email_confirmed(user=newcomer)
    assert newcomer.memberships.get().organisation == cast.host


def test_make__many_in_a_day__waits_until_tomorrow(
    cast: Cast, newcomer: User, time: Any
) -> None:
    for _again in range(MOST_A_DAY):
        ask(newcomer, **NEW)
        join_request_withdraw(actor=newcomer)
    told_before = Letter.objects.count()
    with pytest.raises(TooMany) as refused:
        ask(newcomer, **NEW)
    assert refused.value.code == "too_many_requests"
    assert Letter.objects.count() == told_before
    ask(factories.person(), **NEW)
    time.forward(days=1)
    ask(newcomer, **NEW)


def test_approve__organisation_that_left_meanwhile__is_told(
    cast: Cast, newcomer: User
) -> None:
    asked = ask(newcomer, organisation=cast.host.slug)
    organisation_set_active(actor=cast.staff, slug=cast.host.slug, is_active=False)
    with pytest.raises(Conflict) as refused:
        join_request_approve(actor=cast.staff, request_id=asked.pk)
    assert refused.value.code == "organisation_left"
    assert not newcomer.memberships.exists()


def test_approve__new_organisation__is_made_and_managed(
    cast: Cast, newcomer: User
) -> None:
    asked = ask(newcomer, **NEW)
    join_request_approve(actor=cast.staff, request_id=asked.pk)
    membership = newcomer.memberships.get()
    assert membership.role == Membership.Role.MANAGER
    assert membership.organisation.slug == "firefly"
    assert told()[newcomer.email] == "Welcome to Firefly"
    with pytest.raises(Conflict) as refused:
        join_request_decline(actor=cast.staff, request_id=asked.pk, reason="No")
    assert refused.value.code == "decided_already"
    assert Organisation.objects.filter(name="Firefly").count() == 1


@pytest.mark.parametrize(
    ("who", "outcome"),
    [
        ("manager", "done"),
        ("staff", "done"),
        ("booker", "Missing"),
        ("colleague", "Missing"),
        ("stranger", "Missing"),
        ("newcomer", "Missing"),
    ],
)
def test_answer__to_whom_it_belongs(
    cast: Cast, newcomer: User, who: str, outcome: str
) -> None:
    asked = ask(newcomer, organisation=cast.host.slug)
    actor = newcomer if who == "newcomer" else getattr(cast, who)
    result = "done"
    try:
        join_request_approve(actor=actor, request_id=asked.pk, role="manager")
    except DomainError as error:
        result = type(error).__name__
    assert result == outcome
    assert newcomer.memberships.exists() == (outcome == "done")


def test_new_organisation__a_manager_of_another__cannot_answer(
    cast: Cast, newcomer: User
) -> None:
    asked = ask(newcomer, **NEW)
    with pytest.raises(Missing):
        join_request_approve(actor=cast.manager, request_id=asked.pk)


def test_decline__with_a_reason__which_the_person_reads(
    cast: Cast, newcomer: User
) -> None:
    asked = ask(newcomer, organisation=cast.host.slug)
    with pytest.raises(Invalid):
        join_request_decline(actor=cast.manager, request_id=asked.pk, reason="  ")
    join_request_decline(
        actor=cast.manager, request_id=asked.pk, reason="Ask your own university."
    )
    assert "Ask your own university." in Letter.objects.get(to=newcomer.email).body
    assert not newcomer.memberships.exists()
    ask(newcomer, **NEW)  # and may ask again


def test_withdraw__takes_back_what_is_open(cast: Cast, newcomer: User) -> None:
    asked = ask(newcomer, **NEW)
    join_request_withdraw(actor=newcomer)
    with pytest.raises(Conflict):
        join_request_approve(actor=cast.staff, request_id=asked.pk)
    ask(newcomer, **NEW)
