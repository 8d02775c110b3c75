"""Which value holds for a resource: its own, its owner's, the hub's."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from booking.exceptions import RuleViolation, SlotTaken
from booking.models import EffectivePolicy, Policy
from booking.models.policy import GRIDS_MINUTES
from booking.selectors.facts import Wish
from booking.services.policies import resource_policy_set
from config.errors import Invalid
from labs.models import Resource
from tests import factories
from tests.cast import Cast
from tests.factories import HOUR, reserve, tomorrow_at, wish

#: Two values for each, other than the hub's first where there are as many; zero and
#: no are values too.
OTHERS: dict[str, tuple[Any, Any]] = {
    "min_duration_minutes": (60, 45),
    "max_duration_minutes": (240, 600),
    "start_grid_minutes": (30, 60),
    "notice_minutes": (120, 0),
    "horizon_days": (30, 540),
    "turnaround_minutes": (15, 0),
    "approval_path": ("host_hub", "none"),
    "approvals_needed": (3, 4),
    "decide_within_hours": (24, 1),
    "min_gap_minutes": (60, 15),
    "most_active": (5, 1),
    "cancel_until_minutes": (1440, 60),
    "most_people": (4, 2),
    "when_undecided": ("approve", "expire"),
    "no_show_after_minutes": (15, 30),
    "check_in_needs_code": (True, False),
    "others_see": ("organisation", "everything"),
}


@pytest.fixture
def lab(db: None) -> Resource:
    """Published, and with no policy of its own."""
    return factories.resource()


def effective(lab: Resource, name: str) -> Any:
    return getattr(EffectivePolicy.objects.get(resource=lab), name)


def put(lab: Resource, **values: Any) -> EffectivePolicy:
    return resource_policy_set(
        actor=factories.staff(), resource_slug=lab.slug, values=values
    )


def test_policy__every_value__is_tried_here() -> None:
    assert set(OTHERS) == set(Policy.VALUES)


@pytest.mark.parametrize("name", Policy.VALUES)
def test_effective__value_by_value__is_the_nearest_that_is_set(
    lab: Resource, name: str
) -> None:
    hub = Policy.FIRST_VALUES[name]
    owners, own = OTHERS[name]
    assert effective(lab, name) == hub
    owner = Policy.objects.create(organisation=lab.organisation, **{name: owners})
    assert effective(lab, name) == owners
    policy = Policy.objects.create(resource=lab, **{name: own})
    assert effective(lab, name) == own
    # The others come from the hub still, and other owners' are not touched.
    for other in set(Policy.VALUES) - {name}:
        assert effective(lab, other) == Policy.FIRST_VALUES[other]
    elsewhere = factories.resource()
    assert effective(elsewhere, name) == hub
    owner.delete()
    assert effective(lab, name) == own
    policy.delete()
    assert effective(lab, name) == hub


def test_effective__whoever_has_a_policy__is_one_row_for_each(lab: Resource) -> None:
    for own in (True, False):
        other = factories.resource()
        Policy.objects.create(organisation=other.organisation, notice_minutes=1)
        if own:
            factories.set_policy(other)
    assert EffectivePolicy.objects.count() == Resource.objects.count() == 3


@pytest.mark.parametrize("name", Policy.VALUES)
def test_policy_set__a_value_and_none__holds_and_falls_back(
    lab: Resource, name: str
) -> None:
    for own in OTHERS[name]:
        assert getattr(put(lab, **{name: own}), name) == own
    assert getattr(put(lab, **{name: None}), name) == Policy.FIRST_VALUES[name]


def test_policy_set__one_value__leaves_the_others(lab: Resource) -> None:
    put(lab, notice_minutes=60)
    put(lab, turnaround_minutes=15)
    own = Policy.objects.get(resource=lab)
    assert (own.notice_minutes, own.turnaround_minutes) == (60, 15)
    assert own.horizon_days is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"min_duration_minutes": 4}, "min_duration_minutes"),
        ({"max_duration_minutes": 31 * 1440 + 1}, "max_duration_minutes"),
        ({"min_duration_minutes": 90, "max_duration_minutes": 60}, None),
        # Against what it inherits, too: the hub's longest is eight hours.
        ({"min_duration_minutes": 8 * 60 + 1}, "max_duration_minutes"),
        ({"max_duration_minutes": 29}, "max_duration_minutes"),
        ({"start_grid_minutes": 7}, "start_grid_minutes"),
        ({"start_grid_minutes": 0}, "start_grid_minutes"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"notice_minutes": 90 * 1440 + 1}, "notice_minutes"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"horizon_days": 541}, "horizon_days"),
        ({"turnaround_minutes": 1441}, "turnaround_minutes"),
        ({"decide_within_hours": 0}, "decide_within_hours"),
        ({"decide_within_hours": "soon"}, "decide_within_hours"),
        ({"approval_path": "perhaps"}, "approval_path"),
        ({"approvals_needed": 1}, "approvals_needed"),
        ({"when_undecided": "wait"}, "when_undecided"),
    ],
)
def test_policy_set__bad_value__is_refused_and_changes_nothing(
    lab: Resource, values: dict[str, Any], field: str | None
) -> None:
    put(lab, notice_minutes=60)
    with pytest.raises(Invalid) as refused:
        put(lab, **{"horizon_days": 20, **values})
    assert set(refused.value.extra["fields"]) == {field or "max_duration_minutes"}
    own = Policy.objects.get(resource=lab)
    assert (own.notice_minutes, own.horizon_days) == (60, None)


@pytest.mark.parametrize(
    "values",
    [
        {"min_duration_minutes": 5, "max_duration_minutes": 31 * 1440},
        {"min_duration_minutes": 60, "max_duration_minutes": 60},
        {"notice_minutes": 90 * 1440},
        {"horizon_days": 540},
        {"turnaround_minutes": 1440},
        {"decide_within_hours": 720},
        *(
            {"start_grid_minutes": grid, "max_duration_minutes": 1440}
            for grid in GRIDS_MINUTES
        ),
    ],
)
def test_policy_set__at_the_edge__is_accepted(
    lab: Resource, values: dict[str, Any]
) -> None:
    policy = put(lab, **values)
    assert {name: getattr(policy, name) for name in values} == values


def test_grids__each__divides_the_day() -> None:
    # The finder rounds to the grid from midnight on; the day must come out even.
    assert all(1440 % grid == 0 for grid in GRIDS_MINUTES)


def test_clean__longest_below_shortest__is_refused() -> None:
    with pytest.raises(ValidationError):
        Policy(min_duration_minutes=60, max_duration_minutes=59).clean()
    Policy(min_duration_minutes=60, max_duration_minutes=60).clean()
    Policy(min_duration_minutes=60).clean()


def test_turnaround__one_seat_has_no_room_for_it__takes_another(cast: Cast) -> None:
    pool = factories.open_lab(
        units=2, organisation=cast.host, policy={"turnaround_minutes": 30}
    )
    first = reserve(pool, cast.booker, wish(11)).occupancy.get()
    before_it = reserve(pool, cast.booker, wish(10)).occupancy.get()
    assert before_it.unit_id != first.unit_id
    # And now no seat has room for it.
    with pytest.raises(SlotTaken):
        reserve(pool, cast.booker, wish(10))


def test_policy_set__afterwards__holds_for_new_ones_only(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, wish(10, 2))
    put(cast.lab, turnaround_minutes=60, max_duration_minutes=60)
    made.refresh_from_db()
    assert (made.status, made.free_at) == ("approved", made.ends_at)
    with pytest.raises(RuleViolation):
        reserve(cast.lab, cast.booker, wish(14, 2))
    # What is reserved already keeps no turnaround, but a new one before it needs one.
    with pytest.raises(SlotTaken):
        reserve(cast.lab, cast.booker, wish(9, 1))
    assert reserve(cast.lab, cast.booker, wish(12, 1)).free_at == tomorrow_at(14)
    early = Wish(tomorrow_at(8), tomorrow_at(8) + HOUR)
    assert reserve(cast.lab, cast.booker, early).free_at == tomorrow_at(10)


def test_hub_policy__deleted_or_given_away__is_refused(cast: Cast) -> None:
    hub = Policy.objects.get(resource=None, organisation=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        hub.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.filter(pk=hub.pk).update(organisation=cast.host)
    Policy.objects.filter(pk=hub.pk).update(horizon_days=90)
    admin = factories.person(is_superuser=True)
    client = Client()
    client.force_login(admin)
    page = client.post(f"/admin/booking/policy/{hub.pk}/delete/", {"post": "yes"})
    assert page.status_code == 403
