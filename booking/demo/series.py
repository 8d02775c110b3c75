"""What a startup does every week: a series with one date that somebody else has."""

from __future__ import annotations

import datetime as dt

from booking.demo import data
from booking.demo.places import Hub
from booking.demo.stories import days_from
from booking.series import Pattern, Repeats
from booking.services.series import SeriesWish, series_create, series_preview
from booking.weekly import parse_clock


def series_play(hub: Hub, today: dt.date) -> None:
    """Reserve it on the first day from which just one date is taken; through services.

    That one stays wanted.
    """
    row = data.read("stories")["series"]
    guest = hub.people[row["by"]]
    for day in days_from(today, row["day"]):
        for clock in row["at"]:
            midnight = dt.datetime.combine(day, dt.time())
            first = midnight + dt.timedelta(minutes=parse_clock(clock))
            wish = SeriesWish(
                row["resource"],
                guest.organisation.slug,
                Pattern(Repeats.WEEKLY, first, row["minutes"], count=row["count"]),
                row["purpose"],
                row["people"],
            )
            _resource, judged = series_preview(actor=guest.user, wish=wish)
            if [verdict.state for verdict in judged.bad] == ["taken"]:
                series_create(actor=guest.user, wish=wish, keep=True)
                return
