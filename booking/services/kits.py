"""Several resources at once: all of them, or nothing.

Each part is a reservation of its own, which its host decides. The units of all are
locked in one go, in the order that everybody locks in.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from booking.exceptions import (
    Busy,
    IdempotencyKeyReused,
    PartsRefused,
    RuleViolation,
    SlotTaken,
    WrongStatus,
)
from booking.models import History, Kit, Reservation
from booking.models.reservation import CANCELLABLE, MOVABLE, Status
from booking.permissions import can_hand_over, is_party, require
from booking.selectors.facts import Wish
from booking.selectors.kits import Piece, together_near
from booking.services import ledger
from booking.services.amending import amend
from booking.services.answer_files import with_files
from booking.services.changes import expire_lapsed_on, transition
from booking.services.decisions import require_reason
from booking.services.reservations import (
    Coming,
    Idempotency,
    organisation_for,
    person_for,
    resource_seen_by,
    write,
)
from config import clock
from config.errors import Invalid, Missing, from_integrity_error
from labs.models import Coverage, User

#: Fewer than that are one reservation, and more a list that nobody has thought about.
LEAST, MOST = 2, 8


@dataclass(frozen=True, slots=True)
class PartWish:
    """One resource of a kit; `people` may be fewer than come in all.

    `accepts` its terms of use, `answers` what its host asks.
    """

    resource_slug: str
    quantity: int = 1
    people: int | None = None
    accepts: int | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


def kit_reserve(
    *,
    actor: User,
    organisation_slug: str,
    parts: Sequence[PartWish],
    wish: Wish,
    purpose: str,
    idempotency: Idempotency | None = None,
    guest: str = "",
) -> Kit:
    """Reserve all the parts for the wish's period, or ask to; or none of them.

    Raises as `reservation_reserve` does, but PartsRefused (409, 422) with every part
    that cannot be had, and with the nearest times at which all can.
    """
    _require_several(parts)
    pieces = [_piece(actor, part, wish) for part in parts]
    organisation = organisation_for(actor, organisation_slug)
    coming = Coming(person_for(actor, organisation, guest), organisation, purpose)
    try:
        return _reserve(actor, pieces, coming, idempotency)
    except PartsRefused as error:
        # Outside of the transaction: the loser holds no lock while looking around.
        error.extra["alternatives"] = together_near(pieces)
        raise


def _require_several(parts: Sequence[PartWish]) -> None:
    slugs = {part.resource_slug for part in parts}
    if len(slugs) < len(parts):
        text = _("Name each resource once; of a pool, say how many.")
        raise Invalid({"parts": [text]})
    if not LEAST <= len(parts) <= MOST:
        text = _("Name from %(least)d to %(most)d resources.")
        raise Invalid({"parts": [text % {"least": LEAST, "most": MOST}]})


def _piece(actor: User, part: PartWish, wish: Wish) -> Piece:
    piece = Piece.of(resource_seen_by(actor, part.resource_slug), wish, part.quantity)
    own = replace(
        piece.wish,
        people=part.people or piece.wish.people,
        accepts=part.accepts,
        answers=with_files(actor, part.answers),
    )
    return replace(piece, wish=own)


def _reserve(
    actor: User,
    pieces: Sequence[Piece],
    coming: Coming,
    idempotency: Idempotency | None,
) -> Kit:
    with ledger.writing():
        units = _lock([piece.resource.pk for piece in pieces])
        now = clock.now()
        if idempotency and (made := _made_with(actor, idempotency)):
            return made
        kit = _kit_create(actor, coming, idempotency, now)

        def reserve(piece: Piece) -> None:
            part = Reservation(resource=piece.resource, kit=kit)
            mine = units[piece.resource.pk]
            write(actor, part, coming, piece.wish, mine, now)

        _all_or_none(pieces, reserve)
    return kit


def _lock(resource_ids: Sequence[int]) -> dict[int, list[int]]:
    """Lock the units of all in one go; return those of each resource, in order.

    Raises Busy where one of them came to cover others while we waited.
    """
    locked = set(ledger.lock_units(resource_ids))
    units: dict[int, list[int]] = defaultdict(list)
    covered = Coverage.objects.filter(resource__in=resource_ids).order_by("unit")
    for resource_id, unit_id in covered.values_list("resource_id", "unit_id"):
        if unit_id not in locked:
            raise Busy
        units[resource_id].append(unit_id)
    return units


def _made_with(actor: User, idempotency: Idempotency) -> Kit | None:
    made = Kit.objects.filter(sent_by=actor, idempotency_key=idempotency.key).first()
    if made is not None and made.idempotency_hash != idempotency.body_hash:
        raise IdempotencyKeyReused
    return made


def _kit_create(
    actor: User, coming: Coming, idempotency: Idempotency | None, now: dt.datetime
) -> Kit:
    try:
        return Kit.objects.create(
            organisation=coming.organisation,
            sent_by=actor,
            idempotency_key=idempotency.key if idempotency else None,
            idempotency_hash=idempotency.body_hash if idempotency else "",
            created_at=now,
        )
    except IntegrityError as error:
        known = from_integrity_error(error)
        if known is not None and known.code == IdempotencyKeyReused.code:
            raise IdempotencyKeyReused from error
        raise


def _all_or_none(pieces: Sequence[Piece], write_one: Callable[[Piece], None]) -> None:
    """Write each; raises PartsRefused with all that cannot be, and so writes none.

    Each is written before the next is judged, so that a hall and its half clash here.
    """
    refused: dict[str, SlotTaken | RuleViolation] = {}
    for piece in pieces:
        try:
            write_one(piece)
        except (SlotTaken, RuleViolation) as why:
            refused[piece.resource.slug] = why
            if why.__cause__ is not None:
                break  # the constraint has refused, and the transaction is over
    if refused:
        raise PartsRefused(refused)


@contextmanager
def _changing(
    actor: User, reference: str, statuses: frozenset[Status]
) -> Iterator[tuple[list[Reservation], dict[int, list[int]]]]:
    """Open a transaction on the parts that are ahead and at one of those steps.

    Yields them with the units of each resource, locked. Raises Missing (404) where the
    actor sees none, Forbidden (403) for the host's side, WrongStatus (409) for none.
    """
    seen = Reservation.objects.visible_to(actor).filter(kit__reference=reference)
    if not seen.exists():
        raise Missing
    of_kit = Reservation.objects.filter(kit__reference=reference)
    with ledger.writing():
        units = _lock(list(of_kit.values_list("resource_id", flat=True)))
        now = clock.now()
        expire_lapsed_on([pk for each in units.values() for pk in each], now)
        rows = of_kit.select_for_update(of=("self",), no_key=True).select_related(
            "resource__site", "resource__organisation", "organisation"
        )
        parts = list(rows.order_by("pk"))
        require(all(can_hand_over(actor, part) for part in parts))
        ahead = [each for each in parts if each.status in statuses]
        ahead = [each for each in ahead if each.ends_at > now]
        if not ahead:
            raise WrongStatus(_("Nothing of it is ahead any more."))
        yield ahead, units


def kit_cancel(*, actor: User, reference: str, reason: str = "") -> Kit:
    """Cancel all of it that is ahead; the hub must say why."""
    with _changing(actor, reference, CANCELLABLE) as (parts, _units):
        if not all(is_party(actor, part) for part in parts):
            reason = require_reason(reason)
        now = clock.now()
        for part in parts:
            part.reason = reason.strip()
            transition(
                part,
                Status.CANCELLED,
                History.Action.CANCELLED,
                actor=actor,
                at=now,
                reason=part.reason,
            )
    return Kit.objects.get(reference=reference)


def kit_move(
    *, actor: User, reference: str, starts_at: dt.datetime, ends_at: dt.datetime
) -> Kit:
    """Move all of it that is ahead to one period, or none; raises as `kit_reserve`."""
    pieces: list[Piece] = []
    try:
        with _changing(actor, reference, MOVABLE) as (parts, units):
            by_resource = {part.resource_id: part for part in parts}
            pieces = [
                Piece(
                    part.resource,
                    Wish(starts_at, ends_at, part.people, part.quantity),
                    part.pk,
                )
                for part in parts
                if (part.starts_at, part.ends_at) != (starts_at, ends_at)
            ]

            def move(piece: Piece) -> None:
                mine = units[piece.resource.pk]
                part = by_resource[piece.resource.pk]
                amend(actor, part, piece.wish, mine, action=History.Action.MOVED)

            _all_or_none(pieces, move)
    except PartsRefused as error:
        error.extra["alternatives"] = together_near(pieces)
        raise
    return Kit.objects.get(reference=reference)
