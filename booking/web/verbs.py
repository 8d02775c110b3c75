"""The steps that a reservation can take: who is offered which, and how it is taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.models import History, Reservation
from booking.models.reservation import CANCELLABLE, MOVABLE, Status
from booking.permissions import (
    can_change,
    can_decide,
    can_hand_over,
    is_host_side,
    is_party,
)
from booking.services import (
    decisions,
    handing,
    lifecycle,
    no_shows,
    offers,
    reservations,
)
from booking.web.forms.base import PageForm
from booking.web.forms.repeating import ask_which
from booking.web.forms.reserving import (
    ActionForm,
    AnswerForm,
    ChangeForm,
    CounterForm,
    DeclineForm,
    HandOverForm,
    MoveForm,
    OptionalReasonForm,
    QuestionForm,
    ReasonForm,
)
from booking.web.links import when_values
from booking.web.nevertheless import overriding
from booking.web.series_steps import OF_SERIES, is_for_more, series_step
from config.errors import DomainError, Forbidden, Missing
from labs.models import Resource, User

Offered = Callable[[User, Reservation, dt.datetime], bool]


@dataclass(frozen=True, slots=True)
class Verb:
    """One step: its name in addresses, its service, and when a page offers it.

    What is offered is a courtesy; the service decides what is allowed.
    """

    name: str
    label: StrOrPromise
    done: StrOrPromise
    action: History.Action
    service: Callable[..., Reservation]
    offered: Offered
    form: type[PageForm] = ActionForm
    looks: str = ""

    def form_for(
        self, actor: User, reservation: Reservation, data: QueryDict | None = None
    ) -> PageForm:
        form = self._form_for(actor, reservation, data)
        if reservation.series_id is not None and self.name in OF_SERIES:
            ask_which(form, moves=self.form is MoveForm)
        return form

    def _form_for(
        self, actor: User, reservation: Reservation, data: QueryDict | None
    ) -> PageForm:
        # A queue has many of the same; ids are unique in a page.
        auto_id = f"{reservation.reference}-{self.name}-%s"
        if self.form is MoveForm:
            zone = reservation.resource.site.zone
            now = when_values(reservation.starts_at, reservation.ends_at, zone)
            return MoveForm(data, initial=now, zone=zone, auto_id=auto_id)
        if self.form is CounterForm:
            return _counter_form(actor, reservation, data, auto_id)
        if self.form is ChangeForm:
            return ChangeForm(
                data, actor=actor, reservation=reservation, auto_id=auto_id
            )
        if self.form is HandOverForm:
            colleagues = colleagues_of(reservation)
            return HandOverForm(data, colleagues=colleagues, auto_id=auto_id)
        if self.form is OptionalReasonForm and not is_party(actor, reservation):
            return ReasonForm(data, auto_id=auto_id)
        return self.form(data, auto_id=auto_id)


def _counter_form(
    actor: User, reservation: Reservation, data: QueryDict | None, auto_id: str
) -> CounterForm:
    """Offer what the actor decides about, like it and by the same clock."""
    asked = reservation.resource
    like_it = Resource.objects.manageable_by(actor).published()
    others = like_it.filter(kind=asked.kind, site__time_zone=asked.site.time_zone)
    others = others.exclude(pk=asked.pk).order_by("name", "pk")
    now = when_values(reservation.starts_at, reservation.ends_at, asked.site.zone)
    return CounterForm(
        data,
        initial={**now, "resource": asked.slug},
        zone=asked.site.zone,
        resources=[asked, *others],
        auto_id=auto_id,
    )


def _is_ahead(reservation: Reservation, now: dt.datetime) -> bool:
    return reservation.ends_at > now


def _waits(reservation: Reservation, now: dt.datetime) -> bool:
    lapses_at = reservation.lapses_at
    pending = reservation.status == Status.PENDING
    return pending and lapses_at is not None and lapses_at > now


def _may_decide(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    return _waits(reservation, now) and can_decide(actor, reservation)


def _may_ask(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    concerned = is_host_side(actor, reservation) or can_decide(actor, reservation)
    return _waits(reservation, now) and concerned


def _may_answer(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    if not (_waits(reservation, now) and is_party(actor, reservation)):
        return False
    return reservation.history.filter(action=History.Action.ASKED).exists()


def _may_take_offer(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    held = reservation
    if not reservation.is_offer:
        # A hold at most, which is looked up once for the page.
        held = getattr(reservation, "counter", None) or reservation
    is_open = held.status == Status.HELD and (held.lapses_at or now) > now
    return is_open and is_party(actor, reservation)


def _may_check_in(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    opens_at = reservation.starts_at - lifecycle.CHECK_IN_EARLY
    in_time = opens_at <= now < reservation.ends_at
    approved = reservation.status == Status.APPROVED
    can = approved and in_time and can_change(actor, reservation)
    return can and not lifecycle.needs_code(actor, reservation)


def _may_check_out(actor: User, reservation: Reservation, _now: dt.datetime) -> bool:
    return reservation.status == Status.IN_USE and can_change(actor, reservation)


def _may_miss(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    if reservation.status not in no_shows.MISSABLE or now < reservation.starts_at:
        return False
    came = History.Action.CHECKED_IN
    return (
        is_host_side(actor, reservation)
        and not reservation.history.filter(action=came).exists()
    )


def _was_there(actor: User, reservation: Reservation, _now: dt.datetime) -> bool:
    return reservation.status == Status.NO_SHOW and is_host_side(actor, reservation)


def _may_move(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    movable = reservation.status in MOVABLE and _is_ahead(reservation, now)
    return movable and can_change(actor, reservation)


def colleagues_of(reservation: Reservation) -> list[User]:
    """Return who could come instead: the other active members, by name.

    Looked up once: who is offered the step is shown its form.
    """
    known: list[User] | None = vars(reservation).get("colleagues")
    if known is None:
        members = User.objects.filter(
            is_active=True, memberships__organisation=reservation.organisation_id
        )
        others = members.exclude(pk=reservation.requested_by_id)
        known = vars(reservation)["colleagues"] = list(others.order_by("name", "pk"))
    return known


def _may_hand_over(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    movable = reservation.status in MOVABLE and _is_ahead(reservation, now)
    may = movable and can_hand_over(actor, reservation)
    return may and bool(colleagues_of(reservation))


def _may_cancel(actor: User, reservation: Reservation, now: dt.datetime) -> bool:
    cancellable = reservation.status in CANCELLABLE and _is_ahead(reservation, now)
    return cancellable and can_change(actor, reservation)


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "approve",
            _("Approve"),
            _("Approved. They are told in a moment."),
            History.Action.APPROVED,
            decisions.reservation_approve,
            _may_decide,
            looks="primary",
        ),
        Verb(
            "decline",
            _("Decline"),
            _("Declined. They are told why in a moment."),
            History.Action.DECLINED,
            decisions.reservation_decline,
            _may_decide,
            DeclineForm,
            "danger",
        ),
        Verb(
            "ask",
            _("Ask"),
            _("Your question is sent."),
            History.Action.ASKED,
            decisions.reservation_ask,
            _may_ask,
            QuestionForm,
        ),
        Verb(
            "counter",
            _("Offer another time"),
            _("Your offer is sent. Both times are held until they answer."),
            History.Action.COUNTERED,
            offers.reservation_counter,
            _may_decide,
            CounterForm,
        ),
        Verb(
            "accept",
            _("Accept"),
            _("Accepted."),
            History.Action.ACCEPTED,
            offers.offer_accept,
            _may_take_offer,
            looks="primary",
        ),
        Verb(
            "pass",
            _("Pass"),
            _("Passed. It is not held for you any more."),
            History.Action.PASSED,
            offers.offer_pass,
            _may_take_offer,
        ),
        Verb(
            "take-back",
            _("Undo"),
            _("Undone: it waits for a decision again, and nobody was told."),
            History.Action.TAKEN_BACK,
            decisions.reservation_take_back,
            decisions.can_take_back,
        ),
        Verb(
            "answer",
            _("Answer"),
            _("Your answer is sent."),
            History.Action.ANSWERED,
            decisions.reservation_answer,
            _may_answer,
            AnswerForm,
            "primary",
        ),
        Verb(
            "check-in",
            _("Check in"),
            _("Checked in. Have a good time."),
            History.Action.CHECKED_IN,
            lifecycle.reservation_check_in,
            _may_check_in,
            looks="primary",
        ),
        Verb(
            "check-out",
            _("Check out"),
            _("Checked out. Thank you; it is free again."),
            History.Action.CHECKED_OUT,
            lifecycle.reservation_check_out,
            _may_check_out,
            looks="primary",
        ),
        Verb(
            "no-show",
            _("Nobody came"),
            _("Noted. What is left of the time is free again."),
            History.Action.MISSED,
            no_shows.reservation_miss,
            _may_miss,
        ),
        Verb(
            "was-there",
            _("They were there"),
            _("Put right: it is no no-show."),
            History.Action.CHECKED_IN,
            no_shows.reservation_was_there,
            _was_there,
        ),
        Verb(
            "move",
            _("Move"),
            _("Moved."),
            History.Action.MOVED,
            reservations.reservation_move,
            _may_move,
            MoveForm,
        ),
        Verb(
            "change",
            _("Change"),
            _("Changed."),
            History.Action.CHANGED,
            reservations.reservation_change,
            _may_move,
            ChangeForm,
        ),
        Verb(
            "hand-over",
            _("Hand over"),
            _("Handed over. Your colleague is told, and reminded from now on."),
            History.Action.HANDED_OVER,
            handing.reservation_hand_over,
            _may_hand_over,
            HandOverForm,
        ),
        Verb(
            "cancel",
            _("Cancel the reservation"),
            _("Cancelled. The time is free again."),
            History.Action.CANCELLED,
            lifecycle.reservation_cancel,
            _may_cancel,
            OptionalReasonForm,
            "danger",
        ),
    )
}
#: What a step leaves where it is one of several.
PART_OF = {History.Action.APPROVED: History.Action.STAGE_APPROVED}
#: Those that clear the queue, and the one that undoes.
DECIDING = ("approve", "decline", "ask")
FROM_QUEUE = (*DECIDING, "take-back")
#: These stand beside what is offered.
ANSWERS = ("accept", "pass")


def verb_named(name: str, among: Any = VERBS) -> Verb:
    """Return the verb; raises Missing (404)."""
    if name not in among or name not in VERBS:
        raise Missing
    return VERBS[name]


def taken(actor: User, reservation: Reservation, verb: Verb, form: PageForm) -> bool:
    """Take the step, or let the form say why not."""
    if not form.is_valid():
        return False
    values = form.values() if isinstance(form, ActionForm) else {}
    values.pop("which", None)
    try:
        if is_for_more(form):
            series_step(actor, reservation, verb.name, form)
            return True
        if isinstance(form, MoveForm):
            values |= overriding(form)
        verb.service(actor=actor, reference=reservation.reference, **values)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        if _by_a_double_click(actor, reservation, verb, values["version"]):
            return True
        form.refuse(refusal)
        return False
    return True


def _by_a_double_click(
    actor: User, reservation: Reservation, verb: Verb, version: int
) -> bool:
    """Tell whether this very step was taken by the same person a moment ago."""
    last = History.objects.filter(reservation=reservation).last()
    return (
        last is not None
        and last.actor_id == actor.pk
        and last.action in {verb.action, PART_OF.get(verb.action)}
        and Reservation.objects.filter(pk=reservation.pk, version=version + 1).exists()
    )
