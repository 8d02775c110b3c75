"""A feed as text, piece by piece, so that the longest takes no more memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from icalendar import Calendar, Event, vDuration

from booking.ics.events import (
    CALENDAR,
    Known,
    Said,
    event,
    known_of,
    plain,
    said_of,
    uid_of,
    zone_texts,
)
from booking.ics.series import rule_of, series_events
from booking.models import Feed, Reservation, Series
from booking.visibility import Sight, sight_of

#: How often whoever subscribed should look, if their program asks us.
REFRESH = dt.timedelta(hours=1)

Dates = Sequence[Reservation]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes reservations as a feed may show them: to its maker, or less.

    `since`: of a series that cannot be told as one, nothing older is shown.
    """

    feed: Feed
    since: dt.datetime

    def head(
        self, zones: Iterable[str], first: dt.datetime, last: dt.datetime
    ) -> bytes:
        with translation.override(self.feed.made_by.language):
            name = " ".join(plain(f"{self._title()} · Atrium").split())
        about = Calendar()
        about.add("name", name)
        about.add("x-wr-calname", name)
        about.add("refresh-interval", REFRESH)
        about["refresh-interval"].params["VALUE"] = "DURATION"
        about.add("x-published-ttl", vDuration(REFRESH))
        lines = about.to_ical().split(b"\r\n")[1:-2]
        return b"".join([CALENDAR, *(line + b"\r\n" for line in lines)]) + b"".join(
            zone_texts(zones, first, last)
        )

    def _title(self) -> str:
        owner = self.feed.owner
        return str(getattr(owner, "local_name", owner))

    def singles(self, rows: Dates) -> bytes:
        with translation.override(self.feed.made_by.language):
            return b"".join(self._event(row).to_ical() for row in rows)

    def series(self, pairs: Iterable[tuple[Series, Dates]]) -> Iterator[bytes]:
        for series, dates in pairs:
            with translation.override(self.feed.made_by.language):
                text = b"".join(
                    event.to_ical() for event in self._repeating(series, dates)
                )
            yield text

    def _event(self, row: Reservation) -> Event:
        zone, sight = row.resource.site.zone, self._sight(row)
        return event(
            self._known(row, sight),
            self._said(row, sight),
            row.starts_at.astimezone(zone),
            row.ends_at.astimezone(zone),
        )

    def _repeating(self, series: Series, dates: Dates) -> list[Event]:
        events: list[Event] = []
        # A date that was reserved elsewhere, by an import for one, has no number.
        numbered = {
            each.series_date.number: each
            for each in dates
            if hasattr(each, "series_date")
        }
        rule = rule_of(series) if len(numbered) == len(dates) else None
        if rule is not None:
            sights = {number: self._sight(each) for number, each in numbered.items()}
            known = self._known_series(series, dates, min(sights.values()))
            events = series_events(
                rule,
                known,
                {
                    number: (each, self._said(each, sights[number], alone=False))
                    for number, each in numbered.items()
                },
            )
        shown = (each for each in dates if each.starts_at > self.since)
        return events or [self._event(each) for each in shown]

    def _sight(self, row: Reservation) -> Sight:
        if self.feed.shows == Feed.Shows.BUSY:
            return Sight.BUSY
        return sight_of(
            self.feed.made_by,
            status=row.status,
            guest_id=row.organisation_id,
            host_id=row.resource.organisation_id,
            others_see=row.resource.effective_policy.others_see,
        )

    def _known(self, row: Reservation, sight: Sight) -> Known:
        stamp = self.feed.changed_at
        if sight == Sight.OWN:
            return known_of(row, stamp)
        return Known(_hidden(row.reference), row.version, stamp)

    def _known_series(self, series: Series, dates: Dates, sight: Sight) -> Known:
        # The dates' versions: those only grow, and with each thing that happens.
        sequence, stamp = sum(each.version for each in dates), self.feed.changed_at
        if sight < Sight.OWN:
            return Known(_hidden(series.reference), sequence, stamp)
        page = reverse("series", args=[series.reference])
        uid = uid_of(series.reference)
        return Known(uid, sequence, stamp, settings.BASE_URL + page)

    def _said(self, row: Reservation, sight: Sight, *, alone: bool = True) -> Said:
        said = said_of(row, alone=alone)
        guest = plain(row.organisation.local_name)
        place = said.summary
        if sight == Sight.BUSY:
            known = Said(said.status, said.takes_time, pgettext("calendar", "Busy"))
            if not self._tells_where(row):
                return known
            summary = _("%(resource)s: taken") % {"resource": place}
            return replace(known, summary=summary, location=said.location)
        if self.feed.person_id is not None:
            return said
        lines = {
            Sight.ORGANISATION: [],
            Sight.EVERYTHING: [row.purpose],
            Sight.OWN: [said.description, row.requested_by.name],
        }
        return replace(
            said,
            summary=f"{place} · {guest}",
            description="\n".join(lines[sight]),
        )

    def _tells_where(self, row: Reservation) -> bool:
        """Whether the feed is of the place: where a guest goes is the guest's."""
        feed = self.feed
        if feed.organisation_id is not None:
            return feed.organisation_id == row.resource.organisation_id
        return feed.person_id is None


def _hidden(reference: str) -> str:
    """Return a UID that stays and from which no reference can be guessed."""
    secret = salted_hmac("booking.feeds", reference, algorithm="sha256")
    return uid_of(secret.hexdigest()[:32])
