"""The waiting list: join, leave, and whose turn it is when there is time again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.deadlines import answer_by
from booking.exceptions import Busy, RuleViolation, SlotTaken, WrongStatus
from booking.models import History, Reservation, WaitingEntry
from booking.models.reservation import Status
from booking.periods import Period
from booking.permissions import is_party, require
from booking.rules import violations
from booking.selectors.facts import Party, Wish, facts_gather
from booking.selectors.lines import entry_get, places_for, sharing_with
from booking.services import ledger
from booking.services.changes import expire_lapsed_on
from booking.services.history import history_record
from booking.services.offers import offer_end
from booking.services.placing import check, place
from booking.services.reservations import organisation_for, resource_seen_by
from config import clock
from config.errors import Invalid, from_integrity_error
from labs.models import Resource, User

#: A window is no longer, so that looking into it stays quick.
LONGEST_WINDOW = dt.timedelta(days=62)
#: So many gaps are tried for one entry: a quota may allow the second.
MOST_TRIED = 5
#: These fail at any time of the window; what depends on the time is judged then.
WHENEVER = frozenset(
    {"not_bookable", "too_short", "too_long", "too_many_people", "too_many_units"}
)


@dataclass(frozen=True, slots=True)
class Want:
    """So many minutes at any time within a window; both instants aware."""

    window_starts_at: dt.datetime
    window_ends_at: dt.datetime
    minutes: int
    people: int = 1
    quantity: int = 1


def waiting_join(
    *,
    actor: User,
    resource_slug: str,
    organisation_slug: str,
    want: Want,
    purpose: str,
) -> WaitingEntry:
    """Get in line for some time within a window; what is free then is offered at once.

    Raises Missing (404), Forbidden (403), Invalid (400) for a window that is over or
    too short, RuleViolation (422) for what the resource never allows, Conflict (409,
    `waiting_already`) for a second place in the same line.
    """
    resource = resource_seen_by(actor, resource_slug)
    organisation = organisation_for(actor, organisation_slug)
    _require_sense(resource, want)
    entry = WaitingEntry(
        person=actor,
        organisation=organisation,
        resource=resource,
        purpose=purpose,
        created_at=clock.now(),
        **asdict(want),
    )
    try:
        with transaction.atomic(durable=True):
            entry.save()
    except IntegrityError as error:
        known = from_integrity_error(error)
        if known is None:
            raise
        raise known from error
    # Where too many are at it the next sweep serves the line.
    with suppress(Busy):
        waiting_serve([resource.pk])
    return entry_get(actor, entry.reference)


def _require_sense(resource: Resource, want: Want) -> None:
    """Refuse what could never be offered. Raises Invalid (400), RuleViolation (422)."""
    now, length = clock.now(), dt.timedelta(minutes=want.minutes)
    gathered = facts_gather(
        resource.pk,
        Wish(
            want.window_starts_at,
            want.window_starts_at + length,
            want.people,
            want.quantity,
        ),
        now,
    )
    faults: dict[str, list[StrOrPromise]] = {}
    if want.window_ends_at - max(want.window_starts_at, now) < length:
        text = _("From now on the window is shorter than what you want.")
        faults["window_ends_at"] = [text]
    elif want.window_ends_at - want.window_starts_at > LONGEST_WINDOW:
        text = _("Wait for at most %(n)d days in one entry.")
        faults["window_ends_at"] = [text % {"n": LONGEST_WINDOW.days}]
    if want.minutes % (grid := gathered.policy.start_grid_minutes):
        text = _("Here times are multiples of %(n)d minutes.")
        faults["minutes"] = [text % {"n": grid}]
    if faults:
        raise Invalid(faults)
    found = violations(gathered.facts)
    if never := [each for each in found if each.code in WHENEVER]:
        raise RuleViolation(never)


def waiting_leave(*, actor: User, reference: str) -> WaitingEntry:
    """Leave the line, and pass what is offered. Raises Missing, Forbidden, WrongStatus.

    Its person may, and the managers of that organisation.
    """
    entry = entry_get(actor, reference)
    require(is_party(actor, _as_asked(entry)))
    with ledger.writing():
        expire_lapsed_on(ledger.lock_units([entry.resource_id]), clock.now())
        left = WaitingEntry.objects.waiting().filter(pk=entry.pk)
        if not left.update(status=WaitingEntry.Status.LEFT):
            text = _("You are not in that line any more.")
            raise WrongStatus(text, code="not_waiting")
        offers = Reservation.objects.filter(offered_to=entry, status=Status.HELD)
        for offer in offers.select_for_update(no_key=True):
            offer_end(actor, offer)
    return entry_get(actor, reference)


def _as_asked(entry: WaitingEntry) -> Reservation:
    """Return a reservation of the entry's parties, which is not to be saved."""
    return Reservation(
        resource=entry.resource,
        organisation_id=entry.organisation_id,
        requested_by_id=entry.person_id,
    )


def waiting_serve(resource_ids: Iterable[int]) -> int:
    """Offer what is free to those in line, the first of them first; returns how many.

    These resources and those that share a unit with them, under one lock: twice at once
    makes one offer. Who cannot have it by the rules is passed over this time.
    """
    shared = [resource.pk for resource in sharing_with(resource_ids)]
    line = WaitingEntry.objects.in_line().filter(resource__in=shared)
    if not line.exists():
        return 0
    with ledger.writing():
        expire_lapsed_on(ledger.lock_units(shared), clock.now())
        locked = line.select_related("resource__site", "person", "organisation")
        rows = list(locked.select_for_update(of=("self",), no_key=True))
        ledger.lock_guests({entry.organisation_id for entry in rows})
        return sum(_offer_first(entry) for entry in rows)


def _offer_first(entry: WaitingEntry) -> bool:
    now = clock.now()
    for period in places_for(entry, now)[:MOST_TRIED]:
        try:
            with transaction.atomic():
                offer_hold(entry, period, now)
        except (RuleViolation, SlotTaken, Busy):
            # Against the rules for them as things are; the next sweep looks again.
            continue
        return True
    return False


def offer_hold(
    entry: WaitingEntry,
    period: Period,
    now: dt.datetime,
    *,
    by: User | None = None,
    resource: Resource | None = None,
) -> Reservation:
    """Hold a time for somebody in line until they answer, under the lock; tell them.

    `by`: who gives it to them; nobody where it is their turn. `resource`: another one
    than they wait for.
    """
    where = resource or entry.resource
    quantity = entry.quantity if where.is_pool else 1
    wish = Wish(period.start, period.end, entry.people, quantity, with_terms=False)
    units = ledger.lock_units([where.pk])
    party = Party(entry.person_id, entry.organisation_id)
    policy, chosen = check(entry.person, party, where.pk, wish, units, now)
    offer = Reservation(
        resource=where,
        organisation=entry.organisation,
        requested_by=entry.person,
        status=Status.HELD,
        purpose=entry.purpose,
        offered_to=entry,
        lapses_at=answer_by(now, period.start, where.site.zone),
        decided_by=by,
        decided_at=now if by else None,
        created_at=now,
    )
    place(offer, policy, wish, chosen)
    history_record(offer, History.Action.OFFERED, actor=by, at=now)
    return offer


def waiting_sweep() -> int:
    """Close what is over and serve every line; returns how many offers were made.

    Finds what no signal told of. A resource at a time, so that one whose lock is busy,
    which is found again by the next sweep, holds up none of the others.
    """
    waiting = WaitingEntry.objects.waiting()
    open_offers = Reservation.objects.filter(status=Status.HELD, offered_to__in=waiting)
    over = waiting.filter(window_ends_at__lte=clock.now())
    over.exclude(pk__in=open_offers.values("offered_to")).update(
        status=WaitingEntry.Status.EXPIRED
    )
    made = 0
    for resource_id in (
        waiting.order_by("resource").values_list("resource", flat=True).distinct()
    ):
        try:
            made += waiting_serve([resource_id])
        except Busy:
            continue
    return made
