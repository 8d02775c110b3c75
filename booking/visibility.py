"""What a viewer sees of somebody else's reservation: decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser

from booking.models import AvailabilityRule
from booking.models.policy import OthersSee
from booking.models.reservation import Status
from labs.models import Membership, User
from labs.permissions import can_manage_organisation

#: What anybody may know of a time that is taken.
BUSY = ("starts_at", "ends_at", "free_at", "quantity")
#: What can be known beside it.
WHOSE = ("organisation", "organisation_name")
DETAILS = ("reference", "status", *WHOSE, "purpose")
#: Of these others may learn more; who only asks, or has a form open, is not told of.
CERTAIN = frozenset({Status.APPROVED, Status.IN_USE, Status.COMPLETED})


class Sight(IntEnum):
    """How much of a reservation somebody sees; OWN with its page."""

    BUSY = 0
    ORGANISATION = 1
    EVERYTHING = 2
    OWN = 3


OTHERS = {
    OthersSee.BUSY: Sight.BUSY,
    OthersSee.ORGANISATION: Sight.ORGANISATION,
    OthersSee.EVERYTHING: Sight.EVERYTHING,
}
KNOWN = {
    Sight.BUSY: (),
    Sight.ORGANISATION: WHOSE,
    Sight.EVERYTHING: (*WHOSE, "purpose"),
    Sight.OWN: DETAILS,
}


@dataclass(frozen=True)
class OrganisationItself:
    """An organisation as a viewer, such as its own programs: it sees as a manager."""

    pk: int
    is_authenticated = True
    is_hub_staff = False

    @property
    def roles(self) -> dict[int, str]:
        return {self.pk: Membership.Role.MANAGER}

    @property
    def managed_ids(self) -> set[int]:
        return {self.pk}


def sight_of(
    viewer: User | AnonymousUser | OrganisationItself,
    *,
    status: str,
    guest_id: int,
    host_id: int,
    others_see: str,
    is_offer: bool = False,
    shown_on_door: bool = False,
) -> Sight:
    """Return how much a viewer sees of a reservation, at whichever place.

    The guest's members, the host's managers and hub staff see it all, other members of
    the hub what its host chose for the resource. Whoever is signed out, or belongs to
    no organisation, sees that it is busy; and on a door whose host shows names, whose
    it is.
    """
    if status == Status.HELD and not is_offer:
        return Sight.BUSY
    if viewer.is_authenticated and (
        viewer.is_hub_staff or guest_id in viewer.roles or host_id in viewer.managed_ids
    ):
        return Sight.OWN
    if status not in CERTAIN:
        return Sight.BUSY
    if viewer.is_authenticated and viewer.roles:
        return OTHERS[OthersSee(others_see)]
    return Sight.ORGANISATION if shown_on_door else Sight.BUSY


def taken_seen_by(
    viewer: User | AnonymousUser, taken: dict[str, Any], host_id: int
) -> dict[str, Any]:
    """Return a taken time as the viewer may see it.

    `taken` has BUSY, DETAILS, `organisation_id` and `others_see`. That it only waits
    for a decision everybody sees.
    """
    sight = sight_of(
        viewer,
        status=taken["status"],
        guest_id=taken["organisation_id"],
        host_id=host_id,
        others_see=taken["others_see"],
    )
    known = {name: taken[name] for name in (*BUSY, *KNOWN[sight])}
    known["pending"] = taken["status"] == Status.PENDING
    return known


def names_guest_on_door(status: str, *, shows_names: bool) -> bool:
    """Whoever passes a door sees who is in, if its host says so; never who asked."""
    sight = sight_of(
        AnonymousUser(),
        status=status,
        guest_id=0,
        host_id=0,
        others_see=OthersSee.BUSY,
        shown_on_door=shows_names,
    )
    return sight >= Sight.ORGANISATION


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
