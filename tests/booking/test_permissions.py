"""The three shapes of each rule say the same, whoever looks at whatever."""

from __future__ import annotations

import pytest

from booking.models import Reservation
from booking.permissions import (
    RULES,
    can_decide,
    can_see,
    holds_for,
    people_for,
    rows_for,
    users_who_can_decide,
)
from labs.models import Membership, User
from notifications.selectors import parties_of
from tests import factories
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(cast: Cast) -> list[User]:
    """Everybody that somebody can be, those who were it with them."""
    closed = factories.organisation(is_active=False)
    manager = Membership.Role.MANAGER
    gone = factories.person(cast.host, manager, is_active=False)
    both = factories.person(cast.startup)
    Membership.objects.create(user=both, organisation=cast.host, role=manager)
    return [
        cast.booker,
        cast.colleague,
        cast.manager,
        cast.staff,
        cast.stranger,
        gone,
        both,
        factories.person(cast.host),
        factories.person(cast.startup, is_active=False),
        factories.person(closed, manager),
        factories.staff(is_active=False),
        factories.person(),
    ]


@pytest.fixture
def reservations(cast: Cast, people: list[User]) -> list[Reservation]:
    left = factories.person(cast.startup)
    made = [
        factories.reserve(cast.studio, cast.booker),
        factories.reserve(cast.studio, cast.stranger, factories.wish(12)),
        factories.reserve(cast.studio, cast.manager, factories.wish(14)),
        factories.reserve(cast.studio, left, factories.wish(16)),
    ]
    left.memberships.all().delete()
    return made


def again(person: User) -> User:
    """The same person without what a row of before has learnt of them."""
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("name", RULES)
def test_rules__everybody_and_everything__three_shapes_agree(
    name: str, people: list[User], reservations: list[Reservation]
) -> None:
    rule, said = RULES[name], set()
    for reservation in reservations:
        told = set(people_for(rule, reservation))
        for person in map(again, people):
            can = holds_for(rule, person, reservation)
            rows = Reservation.objects.filter(rows_for(rule, person))
            assert (person in told) == can, (person, reservation)
            assert rows.filter(pk=reservation.pk).exists() == can, (person, reservation)
            said.add(can)
    assert said == {True, False}


def test_decide__everybody__queue_rule_and_recipients_agree(
    people: list[User], reservations: list[Reservation]
) -> None:
    for reservation in reservations:
        told = set(users_who_can_decide(reservation))
        parties = parties_of(reservation)
        for person in map(again, people):
            can = can_decide(person, reservation)
            assert (person in told) == can
            assert (person.pk in parties.deciders) == can
            queue = Reservation.objects.decidable_by(person)
            assert (reservation in queue) == can


def test_see__everybody__visible_to_agrees(
    people: list[User], reservations: list[Reservation]
) -> None:
    for person in map(again, people):
        visible = set(Reservation.objects.visible_to(person))
        assert visible >= {each for each in reservations if can_see(person, each)}
        assert not visible & {
            each for each in reservations if not can_see(person, each)
        }
