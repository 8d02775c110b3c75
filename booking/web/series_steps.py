"""Steps of a date that the others of its series take, too."""

from __future__ import annotations

import datetime as dt

from booking.expander import to_wall
from booking.models import Reservation
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from booking.web.forms.base import PageForm
from labs.models import User

#: The steps that can be taken for more than one date.
OF_SERIES = frozenset({"move", "cancel"})


def is_for_more(form: PageForm) -> bool:
    """Whether the person chose more than this one date."""
    which = form.cleaned_data.get("which")
    return bool(which) and which != Which.THIS


def series_step(
    actor: User, reservation: Reservation, name: str, form: PageForm
) -> None:
    """Move or cancel this date and others as the form says; raises as those do."""
    given, series = form.cleaned_data, reservation.series
    if series is None:
        return
    number = reservation.series_date.number
    chosen = Chosen(series.reference, given["which"], number)
    if name == "cancel":
        series_cancel(actor=actor, chosen=chosen, reason=given["reason"])
        return
    change = shift_to(reservation, given["starts_at"], given["ends_at"])
    series_change(actor=actor, chosen=chosen, change=change, keep=given["keep"])


def shift_to(
    reservation: Reservation, starts_at: dt.datetime, ends_at: dt.datetime
) -> Change:
    """Return by how much that moves one date, by the clock on the wall."""
    zone = reservation.resource.site.zone
    was, now = to_wall(reservation.starts_at, zone), to_wall(starts_at, zone)
    length = ends_at - starts_at
    same = length == reservation.ends_at - reservation.starts_at
    minutes = None if same else int(length.total_seconds() // 60)
    return Change(shift=now - was, minutes=minutes)
