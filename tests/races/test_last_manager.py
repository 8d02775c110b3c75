"""Two managers of one organisation leave at the same moment: one of them stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from labs.models import Membership, Organisation
from labs.services.memberships import membership_remove, membership_set_role
from tests import factories
from tests.races.threads import race

pytestmark = pytest.mark.django_db(transaction=True)
Role = Membership.Role


def leave(organisation: Organisation, user: Any) -> Callable[[], Any]:
    return partial(
        membership_remove, actor=user, slug=organisation.slug, user_id=user.pk
    )


def step_down(organisation: Organisation, user: Any) -> Callable[[], Any]:
    return partial(
        membership_set_role,
        actor=user,
        slug=organisation.slug,
        user_id=user.pk,
        role=Role.BOOKER,
    )


def by_another_door(organisation: Organisation, user: Any) -> Callable[[], Any]:
    rows = Membership.objects.filter(organisation=organisation, user=user)
    return rows.delete


@pytest.mark.parametrize("way", [leave, step_down, by_another_door])
def test_managers_leave_at_once__one_stays(
    way: Callable[[Organisation, Any], Callable[[], Any]],
) -> None:
    for _round in range(5):
        organisation = factories.organisation()
        managers = [factories.person(organisation, Role.MANAGER) for _ in range(4)]
        results = race([way(organisation, user) for user in managers])
        rows = organisation.memberships.filter(role=Role.MANAGER)
        assert rows.count() == 1
        refused = Counter(type(each).__name__ for each in results)
        # The service looks under a lock, the trigger at the end.
        assert refused["Conflict"] + refused["IntegrityError"] == 1
        assert IntegrityError.__name__ not in refused or way is by_another_door
