"""What the database refuses of agreements, programmes, quotas and peak hours."""

from __future__ import annotations

from typing import Any

import pytest

from booking.models import Agreement, PeakHours, Programme, Quota
from config import clock
from tests.booking.test_guards import assert_refused_by
from tests.cast import Cast


def an_agreement(cast: Cast, **fields: Any) -> Agreement:
    """Write a row past every service."""
    given: dict[str, Any] = {
        "name": "Early birds",
        "host": cast.host,
        "organisation": cast.startup,
        "valid_from": "2027-03-01",
        "created_at": clock.now(),
    }
    return Agreement.objects.create(**given | fields)


def test_agreement__beyond_a_check__is_refused(cast: Cast) -> None:
    cohort = Programme.objects.create(
        name="Cohort", starts_on="2027-03-01", ends_on="2027-03-01"
    )
    for guests in (
        {"organisation": None},
        {"organisation": cast.startup, "programme": cohort},
    ):
        with assert_refused_by("booking_agreement_one_guest"):
            an_agreement(cast, **guests)
    for scope in ({"covers": "tag"}, {"covers": "all", "tag": "film"}):
        with assert_refused_by("booking_agreement_tag"):
            an_agreement(cast, **scope)
    with assert_refused_by("booking_agreement_order"):
        an_agreement(cast, valid_until="2027-02-28")
    assert an_agreement(cast, valid_until="2027-03-01").pk
    assert an_agreement(cast, organisation=None, programme=cohort).pk
    assert an_agreement(cast, covers="tag", tag="film").pk


def test_programme__ends_before_it_starts__is_refused(db: None) -> None:
    with assert_refused_by("booking_programme_order"):
        Programme.objects.create(
            name="Cohort", starts_on="2027-03-02", ends_on="2027-03-01"
        )


def test_quota__beyond_a_check__is_refused(cast: Cast) -> None:
    with assert_refused_by("booking_quota_one_scope"):
        Quota.objects.create(resource=cast.lab, organisation=cast.host, most_count=1)
    with assert_refused_by("booking_quota_tag"):
        Quota.objects.create(resource=cast.lab, tag="film", most_count=1)
    with assert_refused_by("booking_quota_says_how_much"):
        Quota.objects.create(resource=cast.lab)
    assert Quota.objects.create(organisation=cast.host, tag="film", most_count=1).pk
    assert Quota.objects.create(most_minutes=60).pk


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("booking_peakhours_order", {"starts": 60, "ends": 60}),
        ("booking_peakhours_order", {"starts": 60, "ends": 1441}),
        ("booking_peakhours_days", {"days": []}),
    ],
)
def test_peak_hours__beyond_a_check__are_refused(
    cast: Cast, name: str, wrong: dict[str, Any]
) -> None:
    given = {"resource": cast.lab, "days": ["MO"], "starts": 0, "ends": 1440}
    with assert_refused_by(name):
        PeakHours.objects.create(**given | wrong)
    for both in (
        {"resource": None},
        {"resource": cast.lab, "organisation": cast.host},
    ):
        with assert_refused_by("booking_peakhours_one_owner"):
            PeakHours.objects.create(**given | both)
    assert PeakHours.objects.create(**given).pk
