"""One message for the whole of a kit; who comes is told, also when it is another."""

from __future__ import annotations

from typing import Any

from booking.services.handing import reservation_hand_over
from booking.services.kits import PartWish, kit_reserve
from booking.services.reservations import reservation_reserve
from config import clock
from labs.models import Membership, User
from notifications.models import Kind, Message, State
from notifications.selectors import messages_to_judge
from notifications.texts import Text, message_write
from tests.cast import Cast
from tests.factories import open_lab, organisation, person, reserve
from tests.notifications.scenes import approved, in_three_days, plan, reminders, told


def text_to(reader: User, kind: Kind) -> Text:
    message = messages_to_judge().get(person=reader, kind=kind)
    return message_write(message, clock.now())


def test_plan__kit__the_guest_hears_once_and_each_host_of_its_part(cast: Cast) -> None:
    other = organisation()
    other_manager = person(other, Membership.Role.MANAGER)
    sensors = open_lab(organisation=other, units=3, name="Sensors")
    kit = kit_reserve(
        actor=cast.booker,
        organisation_slug="",
        parts=[PartWish(cast.studio.slug), PartWish(sensors.slug, 2)],
        wish=in_three_days(),
        purpose="A pilot",
    )
    plan()
    assert {each for each in told() if each[1] == cast.booker} == {
        (Kind.REQUESTED, cast.booker)
    }
    assert (Kind.REQUESTED, cast.manager) in told()
    assert {kind for kind, who in told() if who == other_manager} == {Kind.RESERVED}
    assert Message.objects.filter(person=other_manager).count() == 1
    whole = text_to(cast.booker, Kind.REQUESTED)
    assert whole.subject.startswith("Asked for: Sound studio and 1 more, ")
    assert "- Sensors, 2 of it: Approved" in whole.body
    assert f"/kits/{kit.reference}/" in whole.body
    one = text_to(cast.manager, Kind.REQUESTED)
    assert one.subject.startswith("To decide: Sound studio")
    assert "Sensors" not in one.body


def test_plan__on_behalf__who_comes_is_told_by_whom(cast: Cast) -> None:
    given: dict[str, Any] = {
        "actor": cast.colleague,
        "organisation_slug": cast.startup.slug,
        "purpose": "A pilot",
        "guest": cast.booker.email,
    }
    for each in (cast.lab, cast.studio):
        reservation_reserve(resource_slug=each.slug, wish=in_three_days(), **given)
    plan()
    mine = {kind for kind, who in told() if who == cast.booker}
    assert mine == {Kind.RESERVED, Kind.REQUESTED}
    assert not {kind for kind, who in told() if who == cast.colleague}
    name = cast.colleague.name
    assert f"{name} reserved Motion lab for you." in (
        text_to(cast.booker, Kind.RESERVED).body
    )
    asked = text_to(cast.booker, Kind.REQUESTED)
    assert asked.subject.startswith("Asked for, for you: Sound studio")


def test_plan__handed_over__both_are_told_and_reminders_follow(cast: Cast) -> None:
    made = approved(cast)
    plan()
    other = person(cast.startup, name="Other")
    manager = cast.colleague
    reservation_hand_over(actor=manager, reference=made.reference, to=other.email)
    plan()
    assert told(Kind.HANDED_OVER) == {
        (Kind.HANDED_OVER, cast.booker),
        (Kind.HANDED_OVER, other),
    }
    rows = Message.objects.filter(kind=Kind.REMINDER, state=State.PLANNED)
    assert {each.person for each in rows} == {other}
    assert rows.count() == 2
    assert sum(reminders(made).values()) == 4
    assert "over to you" in text_to(other, Kind.HANDED_OVER).body
    assert "over to Other" in text_to(cast.booker, Kind.HANDED_OVER).body


def test_plan__handed_back__the_first_is_reminded_again(cast: Cast) -> None:
    made = reserve(cast.lab, cast.booker, in_three_days())
    plan()
    for by, to in ((cast.booker, cast.colleague), (cast.colleague, cast.booker)):
        reservation_hand_over(actor=by, reference=made.reference, to=to.email)
        plan()
    rows = Message.objects.filter(kind=Kind.REMINDER, state=State.PLANNED)
    assert {each.person for each in rows} == {cast.booker}
    # The first hand-over is no longer what is so.
    first = Message.objects.filter(kind=Kind.HANDED_OVER, person=cast.colleague)
    assert {each.state for each in first} == {State.WITHDRAWN}
