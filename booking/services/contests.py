"""Several want one time: give it to one, and offer the others what is nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from booking.exceptions import WrongStatus
from booking.models import Reservation, WaitingEntry
from booking.models.paths import DeclineCode
from booking.periods import Period
from booking.selectors.alternatives import alternatives_for
from booking.selectors.contests import entries_against, requests_beside
from booking.selectors.facts import Wish
from booking.selectors.lines import places_for
from booking.selectors.reservations import reservation_get
from booking.services import ledger
from booking.services.changes import (
    changing,
    expire_lapsed_on,
)
from booking.services.decisions import decide, require_reason, reservation_approve
from booking.services.offers import reservation_counter
from booking.services.waiting import offer_hold
from config import clock
from config.errors import DomainError, Missing
from labs.models import Resource, User


@dataclass(frozen=True, slots=True)
class Offered:
    """What became of one of the others: where it was offered what, or why not."""

    to: Reservation | WaitingEntry
    resource: Resource | None = None
    period: Period | None = None
    refusal: DomainError | None = None


class NothingNear(WrongStatus):
    """409: there is nothing like it to be offered."""

    code = "nothing_near"

    def __init__(self) -> None:
        super().__init__(_("Nothing like it is free near that time."))


def contest_approve(
    *,
    actor: User,
    reference: str,
    offer_to: Sequence[str] = (),
    version: int | None = None,
) -> tuple[Reservation, list[Offered]]:
    """Approve a request and offer the others the nearest alternative, each by itself.

    `offer_to`: references of entries in line and of other requests. One that cannot be
    offered anything holds up none of the others. Raises as `reservation_approve` does.
    """
    request = reservation_get(actor, reference)
    entries = entries_against(actor, request).filter(reference__in=offer_to)
    others = requests_beside(actor, request).filter(reference__in=offer_to)
    rest: list[Reservation | WaitingEntry] = [*entries, *others]
    approved = reservation_approve(actor=actor, reference=reference, version=version)
    return approved, [_offer_instead(actor, request, each) for each in rest]


def _offer_instead(
    actor: User, contested: Reservation, to: Reservation | WaitingEntry
) -> Offered:
    try:
        if isinstance(to, WaitingEntry):
            resource, period = _nearest_for(actor, to, contested)
            _offer_in_line(actor, to, resource, period)
        else:
            wish = Wish(to.starts_at, to.ends_at, to.people, to.quantity)
            resource, period = _alternative(actor, to.resource, wish, to)
            reservation_counter(
                actor=actor,
                reference=to.reference,
                resource=resource.slug,
                starts_at=period.start,
                ends_at=period.end,
            )
    except DomainError as refusal:
        return Offered(to, refusal=refusal)
    return Offered(to, resource, period)


def _nearest_for(
    actor: User, entry: WaitingEntry, contested: Reservation
) -> tuple[Resource, Period]:
    """Return where an entry could go: within its window, or what is most like it."""
    near = max(contested.starts_at, entry.window_starts_at)
    for period in places_for(entry, clock.now(), near):
        return entry.resource, period
    length = entry.minutes * WaitingEntry.MINUTE
    wish = Wish(near, near + length, entry.people, entry.quantity)
    return _alternative(actor, entry.resource, wish)


def _alternative(
    actor: User, resource: Resource, wish: Wish, moving: Reservation | None = None
) -> tuple[Resource, Period]:
    """Return another resource at that time, or the nearest time here.

    Only where the actor decides. Raises NothingNear (409).
    """
    rows = alternatives_for(actor, resource, wish, apart_from=moving)
    rows.sort(key=lambda row: row["why"] != "same_kind")
    theirs = Resource.objects.manageable_by(actor).select_related("site")
    known = {each.slug: each for each in theirs.filter(kind=resource.kind)}
    for row in rows:
        period = Period(row["starts_at"], row["ends_at"])
        same = row["resource"] == resource.slug and period.start == wish.starts_at
        if row["resource"] in known and not same:
            return known[row["resource"]], period
    raise NothingNear


def _offer_in_line(
    actor: User, entry: WaitingEntry, resource: Resource, period: Period
) -> None:
    with ledger.writing():
        units = ledger.lock_units([entry.resource_id, resource.pk])
        expire_lapsed_on(units, clock.now())
        locked = _in_line(entry)
        offer_hold(locked, period, clock.now(), by=actor, resource=resource)


def _in_line(entry: WaitingEntry) -> WaitingEntry:
    """Lock an entry that has no offer yet. Raises WrongStatus (409)."""
    rows = WaitingEntry.objects.in_line().filter(pk=entry.pk)
    locked = (
        rows.select_related("resource__site", "person", "organisation")
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    if locked is None:
        text = _("They are not waiting any more, or have an offer already.")
        raise WrongStatus(text, code="not_waiting")
    return locked


def contest_swap(
    *,
    actor: User,
    reference: str,
    entry: str,
    reason: str,
    version: int | None = None,
) -> Reservation:
    """Decline a request and offer its time to somebody in line alone; returns that.

    Both or neither. Whoever is offered it has the actor's approval. Raises Missing
    (404), Forbidden (403), WrongStatus (409), ChangedMeanwhile (409), SlotTaken (409),
    RuleViolation (422) by the rules for whom it would be.
    """
    found = reservation_get(actor, reference)
    waiting = entries_against(actor, found).filter(reference=entry).first()
    if waiting is None:
        raise Missing
    also = [waiting.resource_id]
    reason = require_reason(reason)
    with changing(reference, actor=actor, also=also) as (request, _units):
        now, locked = clock.now(), _in_line(waiting)
        period = _place_in(locked, request)
        decide(actor, request, version, code=DeclineCode.PRIORITY, reason=reason)
        return offer_hold(locked, period, now, by=actor)


def _place_in(entry: WaitingEntry, request: Reservation) -> Period:
    """Return where an entry could go if a request gave up its time."""
    given_up = Period(request.starts_at, request.ends_at)
    near = max(request.starts_at, entry.window_starts_at)
    places = places_for(entry, clock.now(), near, apart_from=request)
    for place in places:
        if place.overlaps(given_up):
            return place
    raise WrongStatus(_("What they want does not fit there."), code="does_not_fit")
