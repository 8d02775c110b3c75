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
from booking.permissions import (
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
from booking.web.offered import (
    colleagues_of,
    may_answer,
    may_ask,
    may_cancel,
    may_check_in,
    may_check_out,
    may_confirm,
    may_decide,
    may_hand_over,
    may_miss,
    may_move,
    may_take_offer,
    was_there,
)
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


VERBS = {
    verb.name: verb
    for verb in (
        Verb(
            "approve",
            _("Approve"),
            _("Approved. They are told in a moment."),
            History.Action.APPROVED,
            decisions.reservation_approve,
            may_decide,
            looks="primary",
        ),
        Verb(
            "decline",
            _("Decline"),
            _("Declined. They are told why in a moment."),
            History.Action.DECLINED,
            decisions.reservation_decline,
            may_decide,
            DeclineForm,
            "danger",
        ),
        Verb(
            "ask",
            _("Ask"),
            _("Your question is sent."),
            History.Action.ASKED,
            decisions.reservation_ask,
            may_ask,
            QuestionForm,
        ),
        Verb(
            "counter",
            _("Offer another time"),
            _("Your offer is sent. Both times are held until they answer."),
            History.Action.COUNTERED,
            offers.reservation_counter,
            may_decide,
            CounterForm,
        ),
        Verb(
            "accept",
            _("Accept"),
            _("Accepted."),
            History.Action.ACCEPTED,
            offers.offer_accept,
            may_take_offer,
            looks="primary",
        ),
        Verb(
            "pass",
            _("Pass"),
            _("Passed. It is not held for you any more."),
            History.Action.PASSED,
            offers.offer_pass,
            may_take_offer,
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
            may_answer,
            AnswerForm,
            "primary",
        ),
        Verb(
            "confirm",
            _("Confirm attendance"),
            _("Confirmed. Your host sees that you come."),
            History.Action.CONFIRMED,
            lifecycle.reservation_confirm,
            may_confirm,
        ),
        Verb(
            "check-in",
            _("Check in"),
            _("Checked in. Have a good time."),
            History.Action.CHECKED_IN,
            lifecycle.reservation_check_in,
            may_check_in,
            looks="primary",
        ),
        Verb(
            "check-out",
            _("Check out"),
            _("Checked out. Thank you; it is free again."),
            History.Action.CHECKED_OUT,
            lifecycle.reservation_check_out,
            may_check_out,
            looks="primary",
        ),
        Verb(
            "no-show",
            _("Nobody came"),
            _("Noted. What is left of the time is free again."),
            History.Action.MISSED,
            no_shows.reservation_miss,
            may_miss,
        ),
        Verb(
            "was-there",
            _("They were there"),
            _("Put right: it is no no-show."),
            History.Action.CHECKED_IN,
            no_shows.reservation_was_there,
            was_there,
        ),
        Verb(
            "move",
            _("Move"),
            _("Moved."),
            History.Action.MOVED,
            reservations.reservation_move,
            may_move,
            MoveForm,
        ),
        Verb(
            "change",
            _("Change"),
            _("Changed."),
            History.Action.CHANGED,
            reservations.reservation_change,
            may_move,
            ChangeForm,
        ),
        Verb(
            "hand-over",
            _("Hand over"),
            _("Handed over. Your colleague is told, and reminded from now on."),
            History.Action.HANDED_OVER,
            handing.reservation_hand_over,
            may_hand_over,
            HandOverForm,
        ),
        Verb(
            "cancel",
            _("Cancel the reservation"),
            _("Cancelled. The time is free again."),
            History.Action.CANCELLED,
            lifecycle.reservation_cancel,
            may_cancel,
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
