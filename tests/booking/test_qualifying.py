from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from booking.exceptions import RuleViolation
from booking.models import Reservation
from booking.qualifying import Need, cautions, expiring, is_qualified, missing
from booking.selectors.deciding import briefs_for, with_rules
from booking.selectors.facts import Party, Wish, facts_gather
from booking.services.holds import reservation_hold
from booking.services.reservations import reservation_move
from config import clock
from labs.models import Qualification, QualificationType, User
from labs.services.qualifications import qualification_grant, qualification_revoke
from tests import factories
from tests.cast import Cast
from tests.factories import DAY, HOUR, SOFIA, tomorrow_at, wish

TOMORROW = 1


def day(ahead: int) -> dt.date:
    """A day by the clock in Sofia, so many from today."""
    return (clock.now().astimezone(SOFIA) + ahead * DAY).date()


@pytest.fixture
def laser(cast: Cast) -> QualificationType:
    """What lab and studio require, of their host."""
    made = QualificationType.objects.create(
        slug="laser-safety",
        name="Laser safety",
        name_bg="Лазерна безопасност",
        organisation=cast.host,
    )
    cast.lab.required_qualifications.add(made)
    cast.studio.required_qualifications.add(made)
    return made


def grant(
    cast: Cast, of: QualificationType, first: int, last: int | None, **given: Any
) -> Qualification:
    """From so many days ahead to so many."""
    fields: dict[str, Any] = {"actor": cast.staff, "email": cast.booker.email}
    return qualification_grant(
        type_slug=of.slug,
        valid_from=day(first),
        valid_until=None if last is None else day(last),
        **fields | given,
    )


def test_reserve__without__refused_with_which_and_where(
    cast: Cast, laser: QualificationType
) -> None:
    with pytest.raises(RuleViolation) as refused:
        factories.reserve(cast.lab, cast.booker)
    (violation,) = refused.value.violations
    assert violation.as_dict() == {
        "code": "missing_qualification",
        "name": "Qualifications",
        "detail": "Whoever comes needs on that day: Laser safety "
        f"(granted by {cast.host.name}).",
        "overridable": True,
        "found": [],
        "needed": ["laser-safety"],
    }
    with translation.override("bg"):
        assert "Лазерна безопасност" in str(violation.detail)
    grant(cast, laser, 0, 90)
    assert factories.reserve(cast.lab, cast.booker).status == "approved"


def test_reserve__colleague_has_it__is_not_enough(
    cast: Cast, laser: QualificationType
) -> None:
    grant(cast, laser, 0, None, email=cast.colleague.email)
    with pytest.raises(RuleViolation):
        factories.reserve(cast.lab, cast.booker)
    assert factories.reserve(cast.lab, cast.colleague).pk


@pytest.mark.parametrize(
    ("first", "last", "is_fine"),
    [
        (1, 1, True),  # just the day of use, though not today
        (0, 0, False),  # valid now, expired by then
        (2, None, False),  # only later
        (-9, 1, True),
        (-9, None, True),
    ],
)
def test_reserve__judged_on_the_day_of_use(
    cast: Cast, laser: QualificationType, first: int, last: int | None, is_fine: bool
) -> None:
    grant(cast, laser, first, last)
    if is_fine:
        assert factories.reserve(cast.lab, cast.booker).pk
    else:
        with pytest.raises(RuleViolation):
            factories.reserve(cast.lab, cast.booker)


def test_reserve__past_midnight__needs_both_days_of_the_site(
    cast: Cast, laser: QualificationType
) -> None:
    first = grant(cast, laser, 1, 1)
    night = Wish(tomorrow_at(22), tomorrow_at(22) + 3 * HOUR)
    until_midnight = Wish(tomorrow_at(22), tomorrow_at(22) + 2 * HOUR)
    with pytest.raises(RuleViolation):
        factories.reserve(cast.lab, cast.booker, night)
    assert factories.reserve(cast.lab, cast.booker, until_midnight).pk
    # A renewal begins where the last one ends.
    grant(cast, laser, 2, 2)
    later = Wish(tomorrow_at(22) + 2 * HOUR, tomorrow_at(22) + 3 * HOUR)
    assert factories.reserve(cast.lab, cast.booker, later).pk
    assert first.valid_until == day(1)


def test_reserve__revoked_or_one_of_two__is_refused(
    cast: Cast, laser: QualificationType
) -> None:
    hubs = QualificationType.objects.create(slug="induction", name="Induction")
    cast.lab.required_qualifications.add(hubs)
    mine = grant(cast, laser, 0, None)
    with pytest.raises(RuleViolation) as refused:
        factories.reserve(cast.lab, cast.booker)
    (violation,) = refused.value.violations
    assert violation.found == ["laser-safety"]
    assert violation.needed == ["induction", "laser-safety"]
    assert "Induction (granted by the hub’s staff)" in str(violation.detail)
    grant(cast, hubs, 0, None)
    assert factories.reserve(cast.lab, cast.booker).pk
    qualification_revoke(
        actor=cast.manager, qualification_id=mine.pk, reason="Mirror broken"
    )
    with pytest.raises(RuleViolation):
        factories.reserve(cast.lab, cast.booker, wish(15))


def test_hold__without__is_refused(cast: Cast, laser: QualificationType) -> None:
    asked = {
        "actor": cast.booker,
        "resource_slug": cast.lab.slug,
        "organisation_slug": cast.startup.slug,
        "wish": wish(),
        "key": "form",
    }
    with pytest.raises(RuleViolation):
        reservation_hold(**asked)  # type: ignore[arg-type]
    grant(cast, laser, 0, None)
    assert reservation_hold(**asked).status == "held"  # type: ignore[arg-type]


def test_reserve__expires_within_30_days__recorded(
    cast: Cast, laser: QualificationType
) -> None:
    grant(cast, laser, 0, TOMORROW + 30)
    row = factories.reserve(cast.lab, cast.booker).history.get()
    assert row.changes["cautions"] == [
        [],
        [
            {
                "code": "qualification_expires",
                "slug": "laser-safety",
                "name": "Laser safety",
                "name_bg": "Лазерна безопасност",
                "until": day(TOMORROW + 30).isoformat(),
            }
        ],
    ]


def test_reserve__expires_later_or_never__nothing_recorded(
    cast: Cast, laser: QualificationType
) -> None:
    grant(cast, laser, 0, TOMORROW + 31)
    assert factories.reserve(cast.lab, cast.booker).history.get().changes == {}
    grant(cast, laser, 0, None)
    later = factories.reserve(cast.lab, cast.booker, wish(15))
    assert later.history.get().changes == {}


def moved(cast: Cast, reservation: Reservation, days: int) -> Reservation:
    return reservation_move(
        actor=cast.booker,
        reference=reservation.reference,
        starts_at=reservation.starts_at + days * DAY,
        ends_at=reservation.ends_at + days * DAY,
    )


def test_move__beyond_its_end__is_a_caution(
    cast: Cast, laser: QualificationType
) -> None:
    grant(cast, laser, 0, 5)
    reservation = factories.reserve(cast.lab, cast.booker)
    moved(cast, reservation, 7)
    row = reservation.history.last()
    assert row is not None
    assert set(row.changes) == {"starts_at", "ends_at", "cautions"}
    assert row.changes["cautions"][1][0]["until"] == day(5).isoformat()


def test_move__revoked_meanwhile__is_refused(
    cast: Cast, laser: QualificationType
) -> None:
    mine = grant(cast, laser, 0, None)
    reservation = factories.reserve(cast.lab, cast.booker)
    qualification_revoke(actor=cast.staff, qualification_id=mine.pk, reason="Lost")
    with pytest.raises(RuleViolation):
        moved(cast, reservation, 7)


def test_queue__revoked_or_expiring__says_so(
    cast: Cast, laser: QualificationType
) -> None:
    mine = grant(cast, laser, 0, 9)
    waiting = factories.reserve(cast.studio, cast.booker)

    def brief() -> Any:
        rows = with_rules(Reservation.objects.filter(pk=waiting.pk))
        return briefs_for(cast.staff, list(rows), clock.now())[waiting.pk]

    assert brief().flags == []
    assert [need.until for need in brief().expiring] == [day(9)]
    qualification_revoke(actor=cast.staff, qualification_id=mine.pk, reason="Lost")
    assert [flag.code for flag in brief().flags] == ["missing_qualification"]
    assert brief().expiring == []
    grant(cast, laser, 0, None)
    assert (brief().flags, brief().expiring) == ([], [])


def test_queue__more_rows__no_more_statements(
    cast: Cast, laser: QualificationType
) -> None:
    grant(cast, laser, 0, None)

    def statements() -> int:
        joined = Reservation.objects.select_related(
            "resource__site", "resource__organisation"
        )
        rows = list(with_rules(joined))
        viewer = User.objects.get(pk=cast.staff.pk)
        with CaptureQueriesContext(connection) as captured:
            briefs_for(viewer, rows, clock.now())
        return len(captured)

    factories.reserve(cast.studio, cast.booker)
    before = statements()
    for hour in (12, 14, 16):
        factories.reserve(cast.studio, cast.booker, wish(hour))
    assert statements() == before


def test_facts__nobody_named__nothing_needed(
    cast: Cast, laser: QualificationType
) -> None:
    def needs(party: Party | None) -> tuple[Need, ...]:
        gathered = facts_gather(cast.lab.pk, wish(), clock.now(), party)
        return gathered.facts.needs

    assert needs(None) == ()
    (need,) = needs(Party(cast.booker.pk, cast.startup.pk))
    assert (need.slug, need.now, need.then, need.until) == (
        laser.slug,
        *[False] * 2,
        None,
    )


HERE, SOON = dt.date(2027, 3, 1), dt.date(2027, 3, 10)
HAS = Need("a", "A", now=True, then=True, until=SOON)
LAPSES = Need("b", "B", now=True, until=dt.date(2027, 2, 1))
NEVER = Need("c", "C")
FOREVER = Need("d", "D", now=True, then=True)


def test_needs__pure__sorted_into_missing_and_expiring() -> None:
    needs = (HAS, LAPSES, NEVER, FOREVER)
    assert missing(needs, may_renew=False) == [LAPSES, NEVER]
    assert missing(needs, may_renew=True) == [NEVER]
    assert expiring(needs, HERE) == [HAS, LAPSES]
    assert expiring(needs, HERE - 60 * DAY) == []
    assert [each["slug"] for each in cautions(needs, HERE)] == ["a", "b"]
    assert is_qualified((HAS, FOREVER))
    assert not is_qualified(needs)
