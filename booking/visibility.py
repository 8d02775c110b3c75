"""What a viewer sees of somebody else's reservation: decided here and nowhere else."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser

from booking.models import AvailabilityRule
from booking.models.reservation import Status
from labs.models import User
from labs.permissions import can_manage_organisation

#: What anybody may know of a time that is taken.
BUSY = ("starts_at", "ends_at", "free_at", "quantity")
#: What the two parties and hub staff see beside it.
DETAILS = ("reference", "status", "organisation", "organisation_name", "purpose")


def sees_details(viewer: User | AnonymousUser, *, guest_id: int, host_id: int) -> bool:
    """The guest's members, the host's managers and hub staff; nobody signed out."""
    if not viewer.is_authenticated:
        return False
    return (
        viewer.is_hub_staff or guest_id in viewer.roles or host_id in viewer.managed_ids
    )


def taken_seen_by(
    viewer: User | AnonymousUser, taken: dict[str, Any], host_id: int
) -> dict[str, Any]:
    """Return a taken time as the viewer may see it.

    `taken` has BUSY, DETAILS and `organisation_id`. Others see that it is busy, and
    whether it only waits for a decision; of a hold nobody sees more.
    """
    known = {name: taken[name] for name in BUSY}
    known["pending"] = taken["status"] == Status.PENDING
    if taken["status"] == Status.HELD:
        return known
    if sees_details(viewer, guest_id=taken["organisation_id"], host_id=host_id):
        known |= {name: taken[name] for name in DETAILS}
    return known


def names_guest_on_door(status: str, *, shows_names: bool) -> bool:
    """Whoever passes a door sees who is in, if its host says so; never who asked."""
    return shows_names and status in {Status.APPROVED, Status.IN_USE}


def closure_seen_by(
    viewer: User | AnonymousUser, closure: AvailabilityRule, host_id: int
) -> AvailabilityRule:
    """Return a closure as the viewer may see it; it is not to be saved.

    Why a host closes is the host's: others see that it is closed. Shared calendars,
    such as the holidays, are everybody's.
    """
    is_own = closure.event.calendar.availability.resource_id is not None
    if is_own and not can_manage_organisation(viewer, host_id):
        closure.note = closure.note_bg = ""
        closure.reason = AvailabilityRule.Reason.OTHER
    return closure
