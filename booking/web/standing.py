"""How things stand with what a form asks for, before it is sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from booking.approval_rules import Request
from booking.expander import from_wall, to_wall
from booking.models import Reservation
from booking.models.reservation import Status
from booking.periods import Period
from booking.rules import Facts
from booking.selectors.alternatives import choices_for
from booking.selectors.approving import way_of
from booking.selectors.facts import Party, Wish
from booking.selectors.finding import Search, free_slots
from booking.selectors.limits import facts_in_full
from booking.selectors.takers import taker_of
from booking.selectors.waiting import usual_waiting
from booking.services.holds import can_renew, reservation_hold
from booking.services.paths import decide_by
from booking.web.deciding_words import names_of, rule_text
from booking.web.forms.reserving import WishForm
from booking.web.links import reserve_url, when_values
from booking.web.outcomes import outcomes_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from labs.models import Organisation, Resource, User

Context = dict[str, Any]


def standing_of(
    actor: User, resource: Resource, asked: WishForm, key: str, *, hold: bool
) -> Context:
    """Return what the part of the page needs; with `hold`, hold the slot first.

    What is looked up for a wish that is refused leads on: who has it, what else.
    """
    context: Context = {"asked": asked, "wish": None}
    if not asked.is_valid():
        return context
    wish, now = asked.wish(), clock.now()
    held = _held(actor, resource, asked, key) if hold else None
    if held is not None and held.status != Status.HELD:
        return context | {"wish": wish, "sent": held}
    context |= _judged(actor, resource, wish, held, now, asked.guest())
    if resource.effective_policy.needs_approval:
        context |= _decided(resource, asked, wish, now)
    if held is not None:
        left = (held.lapses_at or now) - now
        context |= {
            "held": held,
            "can_renew": can_renew(held),
            "seconds_left": int(left.total_seconds()),
        }
    return context


def _held(
    actor: User, resource: Resource, asked: WishForm, key: str
) -> Reservation | None:
    """Hold it, or return None: the page then says why it is not to be had."""
    try:
        return reservation_hold(
            actor=actor,
            resource_slug=resource.slug,
            organisation_slug=asked.organisation_slug(),
            wish=asked.wish(),
            key=key,
        )
    except (Missing, Forbidden):
        raise
    except DomainError:
        return None


def _judged(
    actor: User,
    resource: Resource,
    wish: Wish,
    held: Reservation | None,
    now: dt.datetime,
    guest: Organisation | None,
) -> Context:
    facts = _facts(actor, resource, wish, held, now, guest)
    outcomes = outcomes_of(facts)
    free = _free_that_day(resource, wish, held, guest)
    wanted = Period(wish.starts_at, wish.ends_at)
    is_right = all(outcome.is_right for outcome in outcomes)
    is_free = held is not None or any(slot.contains(wanted) for slot in free)
    context: Context = {
        "wish": wish,
        "outcomes": outcomes,
        "free": free,
        "is_right": is_right,
        "is_free": is_free,
        "cancel_by": resource.effective_policy.cancel_by(wish.starts_at),
    }
    if is_right and is_free:
        context["usual"] = usual_waiting([resource]).get(resource.pk)
    else:
        context["choices"] = _choices(actor, resource, wish, held, guest)
    if is_right and not is_free:
        context["taker"] = taker_of(actor, resource, wish)
    return context


def _facts(
    actor: User,
    resource: Resource,
    wish: Wish,
    held: Reservation | None,
    now: dt.datetime,
    guest: Organisation | None,
) -> Facts:
    """Return what the rules would look at, were it sent now."""
    party = Party(actor.pk, guest.pk if guest else 0)
    moving = held.pk if held else None
    # The form asks beside it whether they accept the terms.
    unasked = replace(wish, with_terms=False)
    return facts_in_full(resource.pk, unasked, now, party, moving).facts


def _decided(
    resource: Resource, asked: WishForm, wish: Wish, now: dt.datetime
) -> Context:
    """Return until when it is decided, or which rule approves it at once."""
    way, policy = way_of(resource.pk, now), resource.effective_policy
    guest = asked.guest()
    terms = None
    if guest is not None:
        host_id = resource.organisation_id
        terms = way.rule_for(Request(host_id, guest.pk, wish.starts_at, wish.ends_at))
    if terms is not None:
        rule = terms.as_dict()
        return {"rule": rule_text(rule, names_of([rule]))}
    return {"decide_by": decide_by(policy, now, wish.starts_at, way.time)}


def _free_that_day(
    resource: Resource,
    wish: Wish,
    held: Reservation | None,
    guest: Organisation | None,
) -> list[Period]:
    """Return when a reservation of that length can start and end on that day."""
    zone = resource.site.zone
    midnight = dt.datetime.combine(to_wall(wish.starts_at, zone), dt.time())
    start = from_wall(midnight, zone)
    # What is wanted may end after midnight.
    end = max(from_wall(midnight + dt.timedelta(days=1), zone), wish.ends_at)
    minutes = int((wish.ends_at - wish.starts_at).total_seconds() // 60)
    moving = held.pk if held else None
    by = guest.pk if guest else None
    search = Search(start, end, minutes, wish.quantity, moving, by)
    slots = free_slots(resource, search, clock.now())
    # Of a pool's, those within a longer one say nothing more.
    return [
        slot
        for slot in slots
        if not any(other != slot and other.contains(slot) for other in slots)
    ]


def _choices(
    actor: User,
    resource: Resource,
    wish: Wish,
    held: Reservation | None,
    guest: Organisation | None,
) -> list[Context]:
    """Return what could be reserved instead, each with the address of its form."""
    by = guest.pk if guest else None
    policy = resource.effective_policy
    found = choices_for(actor, resource, wish, apart_from=held, guest=by, policy=policy)
    return [_choice(of, place, why) for of, place, why in found]


def _choice(resource: Resource, place: Period, why: str) -> Context:
    zone = resource.site.zone
    return {
        "resource": resource.slug,
        "name": resource.local_name,
        "starts_at": place.start,
        "ends_at": place.end,
        "zone": zone,
        "why": why,
        "url": reserve_url(
            resource.slug, when_values(place.start, place.end, zone), look="1"
        ),
    }
