"""A series is told once, and each of its dates is reminded of."""

from __future__ import annotations

from booking.models import Reservation
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_moving import Change, series_change
from notifications.models import Kind, Message, State
from tests.booking.series import date_of, reserve_series, week
from tests.cast import Cast
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import body, deliver, plan, told


def test_plan__a_series_reserved__one_message_each_and_all_reminders(
    cast: Cast, inbox: Inbox
) -> None:
    made = reserve_series(cast.lab, cast.booker, count=6, hour=10)
    plan()
    assert told() == {(Kind.RESERVED, cast.booker), (Kind.RESERVED, cast.manager)}
    assert Message.objects.exclude(kind=Kind.REMINDER).count() == 2
    reminded = Message.objects.filter(kind=Kind.REMINDER).values("reservation")
    rest = Reservation.objects.filter(series=made, pk__in=reminded)
    assert rest.count() >= 5, "the first is tomorrow, and may be too near"
    deliver()
    (mail,) = (mail for mail in inbox.mails if mail["To"] == cast.booker.email)
    assert "Series: and 5 more dates" in body(mail)
    dates = [date.when.start for date in made.in_order]
    assert body(mail).count(", 10:00–11:00") == len(dates)


def test_plan__a_series_asked_for__the_deciders_get_one_each(cast: Cast) -> None:
    reserve_series(cast.studio, cast.booker)
    plan()
    kinds = Message.objects.values_list("kind", "person")
    assert len(kinds) == len(set(kinds)), "nobody is told twice"


def test_plan__moved_and_cancelled__once_and_of_those_dates(
    cast: Cast, inbox: Inbox
) -> None:
    made = reserve_series(cast.lab, cast.booker)
    plan()
    Message.objects.update(state=State.WITHDRAWN)
    change = Change(shift=week())
    chosen = Chosen(made.reference, Which.FOLLOWING, 2)
    series_change(actor=cast.booker, chosen=chosen, change=change)
    plan()
    deliver()
    (mail,) = inbox.mails
    assert "Moved: Motion lab" in mail["Subject"]
    assert "and 2 more dates" in body(mail)
    inbox.reset()
    series_cancel(actor=cast.booker, chosen=Chosen(made.reference, Which.THIS, 1))
    plan()
    deliver()
    (mail,) = inbox.mails
    assert "more date" not in body(mail)
    assert date_of(made, 1).state == "booked"
