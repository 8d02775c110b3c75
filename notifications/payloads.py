"""What a receiver is told: the history row, and the reservation as it may know it."""

from __future__ import annotations

import json
from typing import Any

from booking.models import Reservation
from booking.models.policy import OthersSee
from booking.visibility import OrganisationItself, Sight, sight_of
from notifications.models import Delivery


def payload(delivery: Delivery) -> bytes:
    """Return the body, written at the moment of sending; as `docs/webhooks.md` says.

    The delivery comes from `deliveries_to_send`.
    """
    organisation = delivery.webhook.organisation
    said: dict[str, Any] = {
        "id": str(delivery.key),
        "event": delivery.event,
        "organisation": organisation.slug,
        "at": delivery.created_at,
    }
    if delivery.reservation and delivery.history:
        said["at"] = delivery.history.at
        known = _is_known(delivery.reservation, organisation.pk)
        said["reservation"] = {"reference": delivery.reservation.reference}
        if known:
            said["reservation"] |= _reservation(delivery.reservation)
            said["history"] = _history(delivery)
    said["at"] = said["at"].isoformat()
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _is_known(reservation: Reservation, organisation_id: int) -> bool:
    """Whether it is theirs: not where it went to another host's resource."""
    sight = sight_of(
        OrganisationItself(organisation_id),
        status=reservation.status,
        guest_id=reservation.organisation_id,
        host_id=reservation.resource.organisation_id,
        others_see=OthersSee.BUSY,
        is_offer=reservation.offered_to_id is not None,
    )
    return sight == Sight.OWN


def _history(delivery: Delivery) -> dict[str, Any]:
    """As the API's `history/` has it, but for when: `at` says that."""
    row = delivery.history
    if row is None:
        return {}
    return {
        "action": row.action,
        "actor": row.actor.name if row.actor else None,
        "from_status": row.from_status,
        "to_status": row.to_status,
        "reason": row.reason,
        "changes": row.changes,
    }


def _reservation(shown: Reservation) -> dict[str, Any]:
    """As the API's `reservations/{reference}/` has it, the most of it."""
    return {
        "version": shown.version,
        "status": shown.status,
        "resource": shown.resource.slug,
        "organisation": shown.organisation.slug,
        "requested_by": shown.requested_by.name,
        "starts_at": shown.starts_at.isoformat(),
        "ends_at": shown.ends_at.isoformat(),
        "free_at": shown.free_at.isoformat(),
        "purpose": shown.purpose,
        "people": shown.people,
        "quantity": shown.quantity,
        "series": shown.series.reference if shown.series else None,
        "kit": shown.kit.reference if shown.kit else None,
        "decline_code": shown.decline_code,
        "reason": shown.reason,
    }
