"""Let a colleague come instead."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from booking.exceptions import RuleViolation, WrongStatus
from booking.models import History, Reservation
from booking.models.reservation import MOVABLE, Status
from booking.permissions import can_hand_over, require
from booking.rules import Violation, violations
from booking.selectors.facts import Party, Wish, facts_gather
from booking.services.changes import changing, require_status, transition
from booking.services.reservations import member_named
from config import clock
from config.errors import Invalid
from labs.models import User


def reservation_hand_over(
    *, actor: User, reference: str, to: str, version: int | None = None
) -> Reservation:
    """Hand what is ahead over to another member of the organisation, by e-mail.

    Raises Missing (404), Forbidden (403), Invalid (400), WrongStatus (409),
    ChangedMeanwhile (409), RuleViolation (422) for what only the new person breaks.
    """
    with changing(reference, actor=actor, version=version) as (reservation, _units):
        require(can_hand_over(actor, reservation))
        require_status(reservation, MOVABLE)
        now = clock.now()
        if reservation.ends_at <= now:
            raise WrongStatus(_("It is over; there is nothing to hand over."))
        before = reservation.requested_by
        after = member_named(reservation.organisation_id, to, field="to")
        if after == before:
            raise Invalid({"to": [_("It is theirs already.")]})
        _require_as_good(reservation, before, after)
        # Whoever sent it is still who a second request with its key comes from.
        reservation.sent_by = reservation.sent_by or before
        reservation.requested_by = after
        transition(
            reservation,
            Status(reservation.status),
            History.Action.HANDED_OVER,
            actor=actor,
            at=now,
            changes={
                "requested_by": [before.name, after.name],
                "requested_by_id": [before.pk, after.pk],
            },
        )
    return reservation


def _require_as_good(reservation: Reservation, before: User, after: User) -> None:
    """Raise RuleViolation for rules that the one who came before did not break.

    What time has made of the others, such as the notice, is not about who comes.
    """
    wish = Wish(
        reservation.starts_at,
        reservation.ends_at,
        reservation.people,
        reservation.quantity,
        with_terms=False,
    )

    def broken_by(person: User) -> dict[str, Violation]:
        party = Party(person.pk, reservation.organisation_id)
        found = facts_gather(
            reservation.resource_id, wish, clock.now(), party, reservation.pk
        )
        return {each.code: each for each in violations(found.facts)}

    known = broken_by(before)
    new = [each for code, each in broken_by(after).items() if code not in known]
    if new:
        raise RuleViolation(new)
