"""Who may say when a resource is open, and what they are told who may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from booking.services import availability
from booking.services.policies import resource_policy_set
from config import clock
from config.errors import Forbidden, Missing
from labs.models import Membership, Resource
from tests import factories
from tests.booking.opened import MONDAY, TODAY, published
from tests.cast import Cast
from tests.factories import HOUR


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


CLOSURE: dict[str, Any] = {
    "starts_at": MONDAY + HOUR,
    "ends_at": MONDAY + 2 * HOUR,
    "reason": "maintenance",
}
#: Everything that a host says about a resource, in its smallest form.
VERBS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "publish": (availability.opening_hours_publish, {"weekly": ()}),
    "date": (availability.opening_date_set, {"day": TODAY, "hours": ()}),
    "forget": (availability.opening_date_forget, {"day": TODAY}),
    "close": (availability.closure_add, CLOSURE),
    "reopen": (availability.closure_remove, {"closure_id": 0}),
    "calendars": (availability.shared_calendars_set, {"slugs": ()}),
    "policy": (resource_policy_set, {"values": {}}),
}


#: What each is told about a published resource, and about a draft.
TOLD: dict[str, tuple[type[Exception] | None, type[Exception] | None]] = {
    "manager": (None, None),
    "staff": (None, None),
    # The host's own people who manage nothing are guests here like all others.
    "clerk": (Forbidden, Missing),
    "booker": (Forbidden, Missing),
    "stranger": (Forbidden, Missing),
}


@pytest.mark.parametrize("verb", VERBS)
def test_availability__verb_by_verb__is_for_the_hosts_managers_and_staff(
    cast: Cast, verb: str
) -> None:
    service, given = VERBS[verb]
    clerk = factories.person(cast.host, Membership.Role.BOOKER)
    draft = factories.resource(
        organisation=cast.host, site=cast.lab.site, listing="draft"
    )
    for who, refusals in TOLD.items():
        actor = clerk if who == "clerk" else getattr(cast, who)
        for resource, refusal in zip((cast.lab, draft), refusals, strict=True):
            if verb == "reopen":
                given = {"closure_id": closed(cast, resource)}
            call = {"actor": actor, "resource_slug": resource.slug, **given}
            if refusal is None:
                service(**call)
                continue
            before = published()
            with pytest.raises(refusal):
                service(**call)
            assert published() == before
        with pytest.raises(Missing):
            service(actor=actor, resource_slug="nowhere", **given)


def closed(cast: Cast, resource: Resource) -> int:
    """Close it, and return what names the closure."""
    outcome = availability.closure_add(
        actor=cast.manager, resource_slug=resource.slug, **CLOSURE
    )
    assert outcome.rule is not None
    return outcome.rule.pk
