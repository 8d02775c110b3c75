"""Who may say when a resource is open, and what they are told who may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from booking.services import availability
from booking.services.policies import resource_policy_set
from config import clock
from config.errors import Forbidden, Missing
from labs.models import Membership
from tests import factories
from tests.booking.opened import MONDAY, TODAY, published
from tests.cast import Cast
from tests.factories import HOUR


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)


CLOSURE = {
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


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("who", "of_published", "of_draft"),
    [
        ("manager", None, None),
        ("staff", None, None),
        ("clerk", Forbidden, Missing),
        ("booker", Forbidden, Missing),
        ("stranger", Forbidden, Missing),
    ],
)
def test_availability__verb_by_verb__is_for_the_hosts_managers_and_staff(
    cast: Cast,
    verb: str,
    who: str,
    of_published: type[Exception] | None,
    of_draft: type[Exception] | None,
) -> None:
    service, given = VERBS[verb]
    # The host's own people who manage nothing are guests here like all others.
    clerk = factories.person(cast.host, Membership.Role.BOOKER)
    actor = clerk if who == "clerk" else getattr(cast, who)
    draft = factories.resource(organisation=cast.host, site=cast.lab.site, listing="draft")
    for resource, refusal in ((cast.lab, of_published), (draft, of_draft)):
        if verb == "reopen" and refusal is None:
            rule = availability.closure_add(
                actor=cast.manager, resource_slug=resource.slug, **CLOSURE
            ).rule
            given = {"closure_id": rule.pk if rule else 0}
        call = {"actor": actor, "resource_slug": resource.slug, **given}
        before = published()
        if refusal is None:
            service(**call)
        else:
            with pytest.raises(refusal):
                service(**call)
            assert published() == before
    with pytest.raises(Missing):
        service(actor=actor, resource_slug="nowhere", **given)
