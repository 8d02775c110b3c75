from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.models import Reservation
from booking.models.paths import DeclineCode
from booking.selectors.facts import Wish
from booking.services.reservations import Idempotency
from booking.web.forms.asking import Asking
from booking.web.forms.base import PageForm, WhenForm, choose, names_by_slug
from booking.web.forms.fields import LongText, lengths_between
from booking.web.forms.finding import MOST_PEOPLE
from labs.models import Membership, Organisation, Resource, User
from labs.selectors.organisations import membership_list, organisation_list

MOST_UNITS = 1_000


def organisations_for(actor: User) -> list[Organisation]:
    """Return whom this person may reserve for, by name: staff for anyone."""
    if actor.is_hub_staff:
        return list(organisation_list(user=actor).filter(is_active=True))
    memberships = membership_list(user=actor)
    # They say the roles, too, which a page is sure to ask for.
    actor.roles = {each.organisation_id: each.role for each in memberships}
    return [membership.organisation for membership in memberships]


def guest_among(organisations: list[Organisation], slug: str) -> Organisation | None:
    """Return the one with that slug, or the first."""
    named = (each for each in organisations if each.slug == slug)
    return next(named, organisations[0] if organisations else None)


def add_guest(form: forms.Form, actor: User) -> None:
    """Let managers choose who of their members comes, and staff name anybody."""
    if actor.is_hub_staff:
        form.fields["for"] = forms.EmailField(
            label=_("For"),
            required=False,
            help_text=_("The e-mail of who comes, if that is not you."),
        )
    elif actor.managed_ids:
        form.fields["for"] = forms.ChoiceField(label=_("For"), required=False)
        choose(form, "for", [("", _("Myself")), *_members(actor)])


def _members(actor: User) -> list[tuple[str, str]]:
    """Return whom this manager may reserve for, by e-mail; one query."""
    of = Membership.objects.filter(
        organisation__in=actor.managed_ids, user__is_active=True
    ).exclude(user=actor)
    rows = of.select_related("user", "organisation").order_by("user__name", "pk")
    if len(actor.managed_ids) == 1:
        return [(each.user.email, each.user.name) for each in rows]
    return [
        (each.user.email, f"{each.user.name} ({each.organisation.local_name})")
        for each in rows
    ]


class WishForm(WhenForm):
    """What the rules judge, and for whom: all but the purpose."""

    people = forms.IntegerField(label=_("People"), min_value=1, max_value=MOST_PEOPLE)
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MOST_UNITS,
        help_text=_("How many units of a pool."),
    )
    organisation = forms.ChoiceField(label=_("Organisation"))

    def __init__(
        self,
        *args: Any,
        resource: Resource,
        organisations: list[Organisation],
        **options: Any,
    ) -> None:
        super().__init__(*args, zone=resource.site.zone, **options)
        self.order_fields(["day", "from", "hours", "people", "quantity"])
        policy = resource.effective_policy
        self.offer_hours(
            lengths_between(
                policy.min_duration_minutes,
                policy.max_duration_minutes,
                policy.start_grid_minutes,
            )
        )
        if not resource.is_pool:
            del self.fields["quantity"]
        elif not self.initial.get("quantity"):
            self.initial["quantity"] = 1
        self.organisations = organisations
        if len(self.organisations) > 1:
            choose(self, "organisation", names_by_slug(self.organisations))
            self.initial.setdefault("organisation", self.organisations[0].slug)
        else:
            del self.fields["organisation"]

    def organisation_slug(self) -> str:
        only = self.organisations[0].slug if self.organisations else ""
        return str(self.cleaned_data.get("organisation", only))

    def guest(self) -> Organisation | None:
        """Return whom it is for; None for somebody of no organisation."""
        return guest_among(self.organisations, self.organisation_slug())


class ReserveForm(WishForm):
    """All that a resource's reservation needs."""

    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        help_text=_("What you will do there. Its host reads it."),
        # Whichever way its language is written.
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(
        self,
        *args: Any,
        actor: User | None = None,
        asking: Asking | None = None,
        **options: Any,
    ) -> None:
        """`actor`: who may name another that comes; a series and a line are one's own.

        `asking`: what the host wants beside it.
        """
        super().__init__(*args, **options)
        if actor is not None:
            add_guest(self, actor)
        self.asking = asking or Asking()
        self._plain = set(self.fields)
        self.asking.add_to(self)

    @property
    def before(self) -> list[forms.BoundField]:
        """Return the fields of when, how many and for whom."""
        return [
            field
            for field in self
            if field.name in self._plain and field.name != "purpose"
        ]

    @property
    def of_host(self) -> list[forms.BoundField]:
        return self.asking.questions_in(self)

    @property
    def of_terms(self) -> list[forms.BoundField]:
        return self.asking.terms_in(self)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self.asking.tell_faults(self)
        return given

    def wish(self) -> Wish:
        """Return what is asked for, with what the host wants as it was said."""
        return replace(
            super().wish(),
            accepts=self.asking.accepts(self),
            answers=self.asking.answers(self),
        )

    def idempotency(self, key: str) -> Idempotency:
        """Return the key with the hash of what was typed."""
        overrides = cast(Any, self.data).getlist("overrides")
        sent = self.cleaned_data | {"overrides": overrides}
        body = json.dumps(sent, sort_keys=True, default=str)
        return Idempotency(key, hashlib.sha256(body.encode()).hexdigest())


def form_key(given: str) -> str:
    """Return the key that came with a form, or a new one where none did."""
    try:
        return str(uuid.UUID(given))
    except ValueError:
        return str(uuid.uuid4())


class ActionForm(PageForm):
    """One step of a reservation; `version` is what the person was looking at."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def values(self) -> dict[str, Any]:
        """Return what the service takes beside the reference."""
        return dict(self.cleaned_data)


class ReasonForm(ActionForm):
    reason = LongText(label=_("Reason"), max_length=500)


class DeclineForm(ActionForm):
    """A reason from the list, and words of one's own where none of them says it.

    The reader gets the listed one in their own language.
    """

    code = forms.ChoiceField(
        label=_("Reason"), choices=DeclineCode, widget=forms.RadioSelect
    )
    reason = LongText(
        label=_("In your own words"),
        max_length=500,
        required=False,
        help_text=_("The other side reads it."),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        needs_words = given.get("code") == DeclineCode.OTHER and "reason" in given
        if needs_words and not given["reason"]:
            self.add_error("reason", _("Say why; the other side reads it."))
        return given


class OptionalReasonForm(ActionForm):
    reason = LongText(label=_("Reason"), max_length=500, required=False)


class QuestionForm(ActionForm):
    reason = LongText(label=_("Question"), max_length=500)


class AnswerForm(ActionForm):
    reason = LongText(label=_("Answer"), max_length=500)


class HandOverForm(ActionForm):
    """Which colleague comes instead."""

    to = forms.ChoiceField(label=_("Colleague"))

    def __init__(self, *args: Any, colleagues: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "to", [(each.email, each.name) for each in colleagues])


class MoveForm(WhenForm, ActionForm):
    def values(self) -> dict[str, Any]:
        names = ("version", "starts_at", "ends_at")
        return {name: self.cleaned_data[name] for name in names}


class CounterForm(WhenForm, ActionForm):
    """Another time, and another resource of the same kind; in the request's zone."""

    resource = forms.ChoiceField(label=_("Resource"))
    reason = LongText(
        label=_("In your own words"),
        max_length=300,
        required=False,
        help_text=_("The other side reads it."),
    )

    def __init__(self, *args: Any, resources: list[Resource], **options: Any) -> None:
        super().__init__(*args, **options)
        choose(self, "resource", names_by_slug(resources))
        self.order_fields(["resource", "day", "from", "hours"])

    def values(self) -> dict[str, Any]:
        names = ("version", "resource", "starts_at", "ends_at", "reason")
        return {name: self.cleaned_data[name] for name in names}


class ChangeForm(ActionForm):
    """What can be changed beside the time, as it is now; the resource: of that host."""

    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )
    people = forms.IntegerField(label=_("People"), min_value=1, max_value=MOST_PEOPLE)
    resource = forms.ChoiceField(
        label=_("Resource"),
        help_text=_("Another resource or number of people may need approval again."),
    )

    def __init__(
        self, *args: Any, actor: User, reservation: Reservation, **options: Any
    ) -> None:
        now = {
            "purpose": reservation.purpose,
            "people": reservation.people,
            "resource": reservation.resource.slug,
        }
        super().__init__(*args, initial=now, **options)
        theirs = Resource.objects.visible_to(actor).published()
        others = theirs.filter(
            organisation=reservation.resource.organisation_id,
            kind=reservation.resource.kind,
        )
        names = dict(names_by_slug(others.order_by("name", "pk")))
        names[reservation.resource.slug] = reservation.resource.local_name
        choose(self, "resource", names.items())

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["resource_slug"] = given.pop("resource")
        return given
