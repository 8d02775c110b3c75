"""What the state machine does with series, beside all that it does with single ones."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from booking.exceptions import SeriesClash, WrongStatus
from booking.expander import to_wall
from booking.models import Series, SeriesDate
from booking.models.reservation import MOVABLE
from booking.series import Pattern, Repeats
from booking.services.series import SeriesWish, series_create
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from booking.services.series_wanted import series_wanted_book
from config.errors import Invalid
from labs.models import Resource
from tests.cast import Cast
from tests.factories import HOUR, SOFIA

picks = st.integers(0, 99)
which = st.sampled_from(Which.values)


class SeriesRules(RuleBasedStateMachine):
    """Daily series of two or three dates, shifted, cancelled, and what they want."""

    cast: ClassVar[Cast]
    resources: ClassVar[list[Resource]]

    def __init__(self, now: dt.datetime) -> None:
        super().__init__()
        self.now = now

    @rule(
        of=st.integers(0, 4),
        hour=st.integers(1, 14),
        length=st.integers(1, 2),
        count=st.integers(2, 3),
        keep=st.booleans(),
    )
    def reserve_series(
        self, of: int, hour: int, length: int, count: int, keep: bool
    ) -> None:
        resource = self.resources[of]
        first = to_wall(self.now, SOFIA).replace(minute=0) + hour * HOUR
        pattern = Pattern(Repeats.DAILY, first, length * 60, count=count)
        wish = SeriesWish(resource.slug, "", pattern, "Daily")
        before, clashes = Series.objects.count(), 0
        try:
            made = series_create(actor=self.cast.booker, wish=wish, keep=keep)
        except SeriesClash as error:
            clashes = len(error.extra["dates"])
        except Invalid:
            # Summer time's hour was all that there was.
            assert first.hour == 3
        else:
            booked = [date for date in made.in_order if date.reservation]
            assert booked
            assert keep or len(booked) == len(made.in_order)
            before += 1
        assert Series.objects.count() == before
        assert not clashes or clashes == count or not keep

    @rule(number=picks, date=picks, hours=st.integers(-3, 26), keep=st.booleans())
    def shift_series(self, number: int, date: int, hours: int, keep: bool) -> None:
        change = Change(shift=hours * HOUR)
        self._of_series(number, date, series_change, change=change, keep=keep)

    @rule(number=picks, date=picks, host=st.booleans())
    def cancel_series(self, number: int, date: int, host: bool) -> None:
        actor = self.cast.manager if host else self.cast.booker
        self._of_series(number, date, series_cancel, actor=actor, reason="Flood")

    def _of_series(self, number: int, date: int, service: Any, **given: Any) -> None:
        every = list(Series.objects.order_by("pk"))
        if not every:
            return
        series = every[number % len(every)]
        one = date % series.dates.count() + 1
        chosen = Chosen(series.reference, Which.values[number % 3], one)
        untouched = self._begun(series)
        try:
            service(**{"actor": self.cast.booker, "chosen": chosen} | given)
        except (SeriesClash, WrongStatus, Invalid):
            assert Series.objects.get(pk=series.pk).version == series.version
        else:
            assert Series.objects.get(pk=series.pk).version == series.version + 1
        assert untouched == self._begun(series)

    def _begun(self, series: Series) -> list[Any]:
        rows = series.reservations.filter(starts_at__lte=self.now)
        # Whose time runs out just now expires, whatever is done.
        rows = rows.exclude(status__in=MOVABLE)
        return list(rows.order_by("pk").values_list("pk", "status", "starts_at"))

    @rule()
    def book_wanted(self) -> None:
        wanted = SeriesDate.objects.filter(state="wanted")
        before = wanted.count()
        booked = series_wanted_book()
        assert wanted.count() == before - booked
        assert series_wanted_book() == 0
