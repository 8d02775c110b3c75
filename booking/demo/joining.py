"""Writes who waits at the door of the example hub: requests to join, an invitation."""

from __future__ import annotations

from booking.demo import data
from config import clock
from labs.models import Invitation, JoinRequest, Organisation, User


def joining_create() -> None:
    """Write them without a mail to anybody; in the caller's transaction."""
    words = data.read("people")
    organisations = Organisation.objects.in_bulk(field_name="slug")
    for row in words["asks"]:
        fields = dict(row)
        person = User.objects.create_user(
            **{name: fields.pop(name) for name in ("email", "name", "language")}
        )
        whither = organisations.get(fields.pop("organisation", ""))
        JoinRequest.objects.create(
            user=person,
            organisation=whither,
            status=JoinRequest.Status.PENDING,
            **fields,
        )
    for row in words["invited"]:
        Invitation.objects.create(
            organisation=organisations[row["organisation"]],
            email=row["email"],
            role=row["role"],
            invited_by=User.objects.get(email=row["by"]),
            expires_at=clock.now() + Invitation.VALID_FOR,
        )
