"""Preview and create a series: as many statements for 366 dates as for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from booking.exceptions import Busy, IdempotencyKeyReused
from booking.models import Series, SeriesDate
from booking.models.series import pattern_fields
from booking.selectors.facts import Party, Wish
from booking.selectors.series import Judged, dates_judge, series_get
from booking.series import Pattern, faults, periods
from booking.services import ledger
from booking.services.answer_files import answer_files_keep, with_files
from booking.services.bulk import rows_write
from booking.services.changes import expire_lapsed_on
from booking.services.reservations import (
    Idempotency,
    organisation_for,
    resource_seen_by,
)
from booking.services.series_writing import (
    dates_book,
    note,
    own_holds_let_go,
    require_all,
)
from booking.services.terms import terms_accept
from config import clock
from config.errors import Invalid
from labs.models import Organisation, Resource, User


@dataclass(frozen=True, slots=True)
class SeriesWish:
    """What somebody asks for, on each date of the pattern; see Wish."""

    resource_slug: str
    organisation_slug: str
    pattern: Pattern
    purpose: str = ""
    people: int = 1
    quantity: int = 1
    accepts: int | None = None
    with_terms: bool = True
    answers: Mapping[str, Any] = field(default_factory=dict)

    def wishes(self, zone: ZoneInfo) -> list[Wish]:
        """Return them in order. Raises Invalid (400) for a pattern without sense."""
        if found := faults(self.pattern):
            raise Invalid(found)
        wishes = [
            Wish(
                *period,
                self.people,
                self.quantity,
                accepts=self.accepts,
                with_terms=self.with_terms,
                answers=self.answers,
            )
            for period in periods(self.pattern, zone)
        ]
        if not wishes:
            raise Invalid({"repeats": [_("There is no such date.")]})
        return wishes


def series_preview(*, actor: User, wish: SeriesWish) -> tuple[Resource, Judged]:
    """Return which dates could be had now and why the others not; four queries.

    Raises Missing (404), Forbidden (403), Invalid (400).
    """
    resource = resource_seen_by(actor, wish.resource_slug)
    organisation = organisation_for(actor, wish.organisation_slug)
    party = Party(actor.pk, organisation.pk)
    wish = replace(wish, answers=with_files(actor, wish.answers))
    wishes = wish.wishes(resource.site.zone)
    return resource, dates_judge(actor, party, resource.pk, wishes, clock.now())


def series_create(
    *,
    actor: User,
    wish: SeriesWish,
    keep: bool = False,
    idempotency: Idempotency | None = None,
) -> Series:
    """Reserve every date, or ask to; returns it with its dates `in_order`.

    With `keep` what can be had is reserved, what is taken stays wanted and what is
    against the rules is skipped. Raises as `series_preview` does, and SeriesClash
    (409) with the dates where one of them, or with `keep` all, cannot be had; Busy
    (503), IdempotencyKeyReused (422).
    """
    resource = resource_seen_by(actor, wish.resource_slug)
    organisation = organisation_for(actor, wish.organisation_slug)
    wish = replace(wish, answers=with_files(actor, wish.answers))
    with ledger.writing():
        units = ledger.lock_units([resource.pk])
        ledger.lock_guests([organisation.pk])
        if idempotency and (made := _made_with(actor, idempotency)):
            return made
        return _create(actor, resource, organisation, wish, units, keep, idempotency)


def _made_with(actor: User, idempotency: Idempotency) -> Series | None:
    known = Series.objects.filter(requested_by=actor, idempotency_key=idempotency.key)
    made = known.first()
    if made is None:
        return None
    if made.idempotency_hash != idempotency.body_hash:
        raise IdempotencyKeyReused
    return series_get(actor, made.reference)


def _create(
    actor: User,
    resource: Resource,
    organisation: Organisation,
    wish: SeriesWish,
    units: list[int],
    keep: bool,
    idempotency: Idempotency | None,
) -> Series:
    now = clock.now()
    wishes = wish.wishes(resource.site.zone)
    party = Party(actor.pk, organisation.pk)
    judged = dates_judge(actor, party, resource.pk, wishes, now)
    if judged.unit_ids != units:
        raise Busy
    if judged.has_lapsed:
        # Some of it may be approved by that, as nobody decided.
        expire_lapsed_on(units, now)
        judged = dates_judge(actor, party, resource.pk, wishes, now)
    if not keep or len(judged.bad) == len(wishes):
        require_all(judged)
    own_holds_let_go(judged.verdicts)
    series = Series.objects.create(
        resource=resource,
        organisation=organisation,
        requested_by=actor,
        purpose=wish.purpose,
        answers=wish.answers,
        people=wish.people,
        quantity=wish.quantity,
        idempotency_key=idempotency.key if idempotency else None,
        idempotency_hash=idempotency.body_hash if idempotency else "",
        created_at=now,
        **pattern_fields(wish.pattern),
    )
    dates = [
        SeriesDate(
            series=series, number=n, starts_at=each.starts_at, ends_at=each.ends_at
        )
        for n, each in enumerate(wishes, 1)
    ]
    both = list(zip(dates, judged.verdicts, strict=True))
    booked = [(date, verdict) for date, verdict in both if verdict.is_free]
    dates_book(series, booked, judged.policy, actor=actor, now=now)
    answer_files_keep(judged.policy.answers)
    if judged.policy.terms_id is not None:
        terms_accept(actor, judged.policy.terms_id, now)
    for date, verdict in both:
        if not verdict.is_free:
            note(date, verdict)
    rows_write(SeriesDate, dates)
    series.in_order = dates
    return series
