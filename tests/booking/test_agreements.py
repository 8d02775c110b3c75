"""What was agreed goes before the resource's own, and it can be told why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from booking.exceptions import RuleViolation
from booking.models import Agreement, EffectivePolicy, Policy, Programme, Quota
from booking.selectors.policies import agreements_for, policy_explained, policy_for
from booking.services.agreements import (
    agreement_add,
    agreement_change,
    agreement_end,
    agreement_preview,
    programme_save,
)
from config import clock
from config.errors import Forbidden, Invalid, Missing
from labs.models import Resource
from tests import factories
from tests.booking.test_limits import monday_at, on, refused
from tests.cast import Cast
from tests.factories import reserve, wish


def agree(cast: Cast, **values: Any) -> Agreement:
    """Agree between the cast's host and its startup, unless told otherwise."""
    given: dict[str, Any] = {
        "name": "Early birds",
        "host": cast.host,
        "valid_from": clock.today(),
        **values,
    }
    if "programme" not in given:
        given.setdefault("organisation", cast.startup)
    return agreement_add(actor=cast.staff, values=given)


def held(cast: Cast, name: str, *, days: int = 0, of: Resource | None = None) -> Any:
    day = clock.today() + dt.timedelta(days=days)
    return getattr(policy_for((of or cast.lab).pk, cast.startup.pk, day), name)


def test_policy__nothing_agreed__is_that_of_the_view(cast: Cast) -> None:
    agree(cast, organisation=factories.organisation(), horizon_days=9)
    view = EffectivePolicy.objects.get(resource=cast.lab)
    for guest in (None, cast.startup.pk):
        found = policy_for(cast.lab.pk, guest, clock.today())
        names = ("resource_id", *Policy.VALUES)
        assert [getattr(found, n) for n in names] == [getattr(view, n) for n in names]


@pytest.mark.parametrize("name", Policy.VALUES)
def test_policy__one_value_agreed__goes_first_and_leaves_the_others(
    cast: Cast, name: str
) -> None:
    others = {
        "start_grid_minutes": 30,
        "approval_path": "hub_host",
        "approvals_needed": 4,
        "when_undecided": "approve",
        "others_see": "everything",
        "check_in_needs_code": True,
    }
    value = others.get(name, 90)
    agree(cast, **{name: value})
    assert held(cast, name) == value
    view = EffectivePolicy.objects.get(resource=cast.lab)
    for other in set(Policy.VALUES) - {name}:
        assert held(cast, other) == getattr(view, other)


def test_policy__several_agreed__the_narrowest_then_the_newest_goes_first(
    cast: Cast,
) -> None:
    Resource.objects.filter(pk=cast.lab.pk).update(tags=["motion"])
    cohort = Programme.objects.create(
        name="Cohort", starts_on=clock.today(), ends_on=clock.today()
    )
    cohort.organisations.add(cast.startup)
    # The newest is the widest here, so that age alone would get it wrong.
    order = [
        agree(cast, covers="resources", resources=[cast.lab], horizon_days=1),
        agree(cast, covers="tag", tag="motion", horizon_days=2, notice_minutes=2),
        agree(cast, horizon_days=4),
        agree(cast, programme=cohort, horizon_days=5, most_active=5),
        agree(cast, host=None, horizon_days=6, most_people=6),
    ]
    newer = agree(cast, horizon_days=3)
    order.insert(2, newer)
    found = agreements_for(cast.lab.pk, cast.startup.pk, clock.today())
    assert found == order
    names = ("horizon_days", "notice_minutes", "most_active", "most_people")
    assert [held(cast, name) for name in names] == [1, 2, 5, 6]
    assert held(cast, "horizon_days", of=cast.studio) == 3


def test_policy__outside_of_its_days__does_not_hold(cast: Cast) -> None:
    start = clock.today() + dt.timedelta(days=2)
    agree(
        cast,
        valid_from=start,
        valid_until=start + dt.timedelta(days=1),
        horizon_days=9,
    )
    usual = Policy.FIRST_VALUES["horizon_days"]
    found = [held(cast, "horizon_days", days=days) for days in range(1, 5)]
    assert found == [usual, 9, 9, usual]


def test_policy__the_programme_is_over_or_left__does_not_hold(cast: Cast) -> None:
    cohort = Programme.objects.create(
        name="Cohort",
        starts_on=clock.today(),
        ends_on=clock.today() + dt.timedelta(days=1),
    )
    agree(cast, programme=cohort, horizon_days=9)
    assert held(cast, "horizon_days") != 9
    cohort.organisations.add(cast.startup)
    assert held(cast, "horizon_days") == 9
    assert held(cast, "horizon_days", days=2) != 9


def test_explained__each_value__is_the_one_that_holds_and_says_why(cast: Cast) -> None:
    Policy.objects.create(organisation=cast.host, turnaround_minutes=15)
    agree(cast, approval_path="none", name_bg="Ранни пилета")
    found = {
        each.name: each
        for each in policy_explained(cast.studio, cast.startup, clock.today())
    }
    said = {
        name: (each.value, each.origin.scope, each.origin.name)
        for name, each in found.items()
    }
    assert said["approval_path"] == ("none", "agreement", "Early birds")
    assert said["notice_minutes"] == (0, "resource", cast.studio.name)
    assert said["turnaround_minutes"] == (15, "host", cast.host.name)
    assert said["horizon_days"] == (180, "hub", "")
    layers = found["approval_path"].layers
    assert [layer.value for layer in layers] == ["none", "any", None, "any"]
    for each in found.values():
        assert each.value == each.origin.value


def test_reserve__agreed_without_approval__is_theirs_at_once(cast: Cast) -> None:
    agree(cast, covers="resources", resources=[cast.studio], approval_path="none")
    assert reserve(cast.studio, cast.booker).status == "approved"
    assert reserve(cast.studio, cast.stranger, wish(12)).status == "pending"


def test_reserve__agreed_longer__is_accepted_from_them_alone(cast: Cast) -> None:
    factories.set_policy(cast.lab, max_duration_minutes=120)
    agree(cast, max_duration_minutes=240, turnaround_minutes=30)
    made = reserve(cast.lab, cast.booker, wish(8, 4))
    assert made.free_at - made.ends_at == dt.timedelta(minutes=30)
    with pytest.raises(RuleViolation):
        reserve(cast.lab, cast.stranger, wish(14, 4))


def test_allowance__used_up__is_refused_until_the_agreement_ends(cast: Cast) -> None:
    until = monday_at(0).date() + dt.timedelta(days=6)
    agree(cast, name="Ten mornings", allowance_hours=5, valid_until=until)
    reserve(cast.lab, cast.booker, on(monday_at(9), 2))
    reserve(cast.studio, cast.colleague, on(monday_at(9), 2))
    told = refused(cast.lab, cast.booker, on(monday_at(14), 2))
    assert (told["code"], told["found"], told["needed"]) == (
        "allowance_used_up",
        360,
        300,
    )
    assert "“Ten mornings”" in told["detail"]
    reserve(cast.lab, cast.booker, on(monday_at(14), 1))
    reserve(cast.lab, cast.booker, on(monday_at(9, weeks=2), 2))
    reserve(cast.lab, cast.stranger, on(monday_at(16), 4))


def test_allowance__of_a_programme__is_one_for_all_its_agreements(cast: Cast) -> None:
    other = factories.open_lab()
    cohort = Programme.objects.create(
        name="Cohort",
        starts_on=clock.today(),
        ends_on=clock.today() + dt.timedelta(days=30),
        allowance_hours=3,
    )
    cohort.organisations.add(cast.startup)
    agree(cast, programme=cohort)
    agree(cast, programme=cohort, host=other.organisation)
    reserve(cast.lab, cast.booker, on(monday_at(9), 2))
    assert refused(other, cast.booker, on(monday_at(12), 2))["found"] == 240
    reserve(other, cast.booker, on(monday_at(12), 1))


def test_quotas__replaced_by_an_agreement__no_longer_count(cast: Cast) -> None:
    Quota.objects.create(organisation=cast.host, most_count=1)
    reserve(cast.lab, cast.booker, on(monday_at(9)))
    refused(cast.lab, cast.booker, on(monday_at(11)))
    agreed = agree(cast, replaces_quotas=True)
    reserve(cast.lab, cast.booker, on(monday_at(11)))
    Quota.objects.create(agreement=agreed, most_count=3)
    reserve(cast.lab, cast.booker, on(monday_at(13)))
    assert refused(cast.lab, cast.booker, on(monday_at(15)))["needed"] == 3


def test_quotas__of_an_agreement_that_replaces_none__count_as_well(cast: Cast) -> None:
    agreed = agree(cast)
    Quota.objects.create(organisation=cast.host, most_count=9)
    Quota.objects.create(agreement=agreed, most_count=1)
    reserve(cast.lab, cast.booker, on(monday_at(9)))
    refused(cast.studio, cast.booker, on(monday_at(11)))
    reserve(cast.lab, cast.stranger, on(monday_at(11)))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"organisation": None}, "__all__"),
        ({"covers": "tag"}, "__all__"),
        ({"covers": "tag", "tag": "nobody-has-it"}, "tag"),
        ({"covers": "resources", "resources": []}, "resources"),
        ({"valid_until": dt.date(2020, 1, 1)}, "__all__"),
        ({"max_duration_minutes": 10}, "max_duration_minutes"),
        ({"min_duration_minutes": 90, "max_duration_minutes": 60}, None),
        ({"allowance_hours": 0}, "allowance_hours"),
    ],
)
def test_agree__without_sense__is_refused_and_writes_nothing(
    cast: Cast, values: dict[str, Any], field: str | None
) -> None:
    with pytest.raises(Invalid) as refusal:
        agree(cast, **values)
    assert set(refusal.value.extra["fields"]) == {field or "max_duration_minutes"}
    assert not Agreement.objects.exists()


def test_agree__anothers_resource_or_with_itself__is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        agree(cast, covers="resources", resources=[factories.open_lab()])
    with pytest.raises(Invalid):
        agree(cast, organisation=cast.host)


def test_agree__who_may__its_managers_and_hub_staff(cast: Cast) -> None:
    def values(**more: Any) -> dict[str, Any]:
        usual = {"name": "A", "organisation": cast.startup, "valid_from": "2020-01-01"}
        return usual | more

    made = agreement_add(actor=cast.manager, values=values(host=cast.host))
    unseen, seen = Missing, Forbidden
    for person, refusal in (
        (cast.booker, seen),
        (cast.stranger, unseen),
        (cast.colleague, seen),
    ):
        with pytest.raises(Forbidden):
            agreement_add(actor=person, values=values(host=cast.host))
        with pytest.raises(refusal):
            agreement_change(actor=person, agreement_id=made.pk, values={"name": "B"})
        with pytest.raises(refusal):
            agreement_end(actor=person, agreement_id=made.pk)
    # The hub's is hub staff's, and nobody gives theirs away to another host.
    with pytest.raises(Forbidden):
        agreement_add(actor=cast.manager, values=values(host=None))
    with pytest.raises(Forbidden):
        agreement_change(
            actor=cast.manager, agreement_id=made.pk, values={"host": None}
        )
    with pytest.raises(Forbidden):
        programme_save(actor=cast.manager, values={"name": "C"})
    agreement_end(actor=cast.manager, agreement_id=made.pk)
    assert not Agreement.objects.exists()


def test_preview__of_a_change__tells_what_would_hold_and_writes_nothing(
    cast: Cast,
) -> None:
    made = agree(cast, horizon_days=9)
    explained = agreement_preview(
        actor=cast.manager,
        agreement_id=made.pk,
        values={"horizon_days": 7},
        resource=cast.lab,
        guest=cast.startup,
        day=clock.today(),
    )
    assert {each.name: each.value for each in explained}["horizon_days"] == 7
    assert held(cast, "horizon_days") == 9


def test_api__policy_for_an_organisation__says_what_holds_and_why(cast: Cast) -> None:
    agree(cast, approval_path="none")
    Quota.objects.create(organisation=cast.host, most_minutes=600)
    url = f"/api/v1/resources/{cast.studio.slug}/policy/"
    ours = {"organisation": cast.startup.slug}
    body = cast.api(cast.booker).get(url, ours).json()
    assert body["needs_approval"] is False
    explained = {each["name"]: each for each in body["explained"]}
    assert explained["approval_path"]["origin"] == {
        "scope": "agreement",
        "name": "Early birds",
        "value": "none",
    }
    assert [each["most_minutes"] for each in body["quotas"]] == [600]
    before = clock.today() - dt.timedelta(days=1)
    earlier = cast.api(cast.booker).get(url, ours | {"date": str(before)}).json()
    assert earlier["needs_approval"] is True
    plain = cast.api(cast.booker).get(url).json()
    assert plain["needs_approval"] is True
    for person, status in (
        (cast.manager, 200),
        (cast.staff, 200),
        (cast.stranger, 403),
    ):
        assert cast.api(person).get(url, ours).status_code == status
    wrong = cast.api(cast.booker)
    assert wrong.get(url, {"organisation": "nobody"}).status_code == 400
    assert wrong.get(url, ours | {"date": "soon"}).status_code == 400
