from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from booking.exceptions import IdempotencyKeyReused, WrongStatus
from booking.models import Reservation
from booking.models.reservation import Status
from booking.selectors.policies import policy_for
from booking.selectors.questions import with_questions
from booking.services.holds import hold_release, hold_renew
from booking.services.reservations import reservation_reserve
from booking.web.asking import asking_of
from booking.web.drafts import draft_take, to_sign_in
from booking.web.forms.finding import FindForm
from booking.web.forms.reserving import (
    ReserveForm,
    WishForm,
    form_key,
    guest_among,
    organisations_for,
)
from booking.web.links import WHEN, find_url
from booking.web.nevertheless import overridable, overriding
from booking.web.requests import actor_of
from booking.web.standing import standing_of
from config import clock
from config.errors import DomainError, Forbidden, Missing
from config.pages import go_to, render_part, wants_part
from labs.models import User
from labs.selectors.resources import resource_list

PAGE = "booking/reserve.html"


@require_http_methods(["GET", "HEAD", "POST"])
def reserve(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a resource with the form that reserves it, and reserve.

    A form that comes with `look` in its address is shown for the time and the resource
    of that address, with all else that was typed.
    """
    if not request.user.is_authenticated:
        return to_sign_in(request, request.path)
    actor = actor_of(request)
    page = Page(actor, slug)
    if request.method != "POST":
        return render(request, PAGE, page.opened(_typed(request)))
    key = form_key(request.POST.get("key", ""))
    sent = page.asking.sent(actor, request, request.POST)
    if "look" in request.GET:
        hold_release(actor=actor, key=key)
        typed: Any = sent.dict() | request.GET.dict()
        return render(request, PAGE, page.opened(typed, hold=True))
    page.agreed_with(sent)
    form = page.form(sent)
    if form.is_valid() and (made := _reserved(page, form, key)):
        messages.success(request, _words(made))
        return go_to(request, reverse("reservation", args=[made.reference]))
    if isinstance(form.refusal, IdempotencyKeyReused):
        key = form_key("")
    return render(request, PAGE, page.refused(form, key), status=form.status)


def _typed(request: HttpRequest) -> dict[str, str]:
    """Return what the address asks for, unless something else was typed since."""
    kept = draft_take(request) or QueryDict()
    typed = {name: str(text) for name, text in kept.items() if text}
    return request.GET.dict() | typed


class Page:
    """A resource's form, in each state that it is shown in."""

    def __init__(self, actor: User, slug: str) -> None:
        self.organisations = organisations_for(actor)
        rows = resource_list(user=actor).select_related("effective_policy")
        rows = with_questions(rows.prefetch_related(None))
        resource = rows.filter(slug=slug).first()
        if resource is None:
            raise Missing
        self.actor, self.resource = actor, resource
        self._known: dict[str, Any] = {
            "resource": resource,
            "organisations": self.organisations,
        }
        self.asking = asking_of(actor, resource)

    def form(self, *args: Any, **options: Any) -> ReserveForm:
        return ReserveForm(
            *args, actor=self.actor, asking=self.asking, **self._known, **options
        )

    def agreed_with(self, typed: Any) -> None:
        """Let the values be those that hold for whom it is, on the wanted day."""
        guest = guest_among(self.organisations, str(typed.get("organisation", "")))
        if guest is not None:
            agreed = policy_for(self.resource.pk, guest.pk, _day(typed))
            self.resource.effective_policy = agreed

    def opened(self, typed: dict[str, str], *, hold: bool = False) -> dict[str, Any]:
        """Return the context of a form that was not sent."""
        typed = FindForm.usual(clock.now()) | typed
        self.agreed_with(typed)
        form = self.form(initial=typed)
        return self._context(form, form.initial, form_key(""), hold=hold)

    def held(self, typed: dict[str, str], key: str) -> dict[str, Any]:
        """Return the context of one that is filled in; what it asks for is held."""
        self.agreed_with(typed)
        return self._context(self.form(initial=typed), typed, key, hold=True)

    def refused(self, form: ReserveForm, key: str) -> dict[str, Any]:
        """Return the context of one that was sent in vain; what it asks for is held."""
        context = self._context(form, form.data, key, hold=True)
        return context | {"overridable": overridable(self.actor, form)}

    def _context(
        self, form: ReserveForm, typed: Any, key: str, *, hold: bool
    ) -> dict[str, Any]:
        hold = hold and bool(self.organisations)
        asked = WishForm(typed, **self._known)
        return standing_of(self.actor, self.resource, asked, key, hold=hold) | {
            "resource": self.resource,
            "policy": self.resource.effective_policy,
            "zone": self.resource.site.zone,
            "form": form,
            "key": key,
            "asking": self.asking,
        }


def _day(typed: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(str(typed.get("day", "")))
    except ValueError:
        return clock.today()


def _reserved(page: Page, form: ReserveForm, key: str) -> Reservation | None:
    """Return what was made, or None: the form then says why not."""
    try:
        return reservation_reserve(
            actor=page.actor,
            resource_slug=page.resource.slug,
            organisation_slug=form.organisation_slug(),
            wish=form.wish(),
            purpose=form.cleaned_data["purpose"],
            idempotency=form.idempotency(key),
            guest=form.cleaned_data.get("for", ""),
            **overriding(form),
        )
    except IdempotencyKeyReused as refusal:
        # The person went back and changed what was sent already.
        refusal.detail = _(
            "You have sent this form before, and that reservation stands. Send it once "
            "more to make another one."
        )
        form.refuse(refusal)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
    return None


def _words(made: Reservation) -> str:
    if made.status == Status.PENDING:
        return _("Your request is sent. You get a message when it is decided.")
    return _("Reserved. You get a reminder before it starts.")


@require_POST
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Hold what the open form asks for, or with `longer` hold on to it, and say so."""
    if not request.user.is_authenticated:
        if not wants_part(request):
            return to_sign_in(request, reverse("reserve", args=[slug]))
        # Not to the sign-in page: that would take away what is being typed.
        return render_part(request, PAGE, "standing", {"signed_out": True}, status=401)
    actor, key = actor_of(request), form_key(request.POST.get("key", ""))
    page = Page(actor, slug)
    context: dict[str, Any] = {}
    if "longer" in request.GET:
        # Its button is gone then, so the reader goes on at what it did.
        context["is_prolonged"] = True
        try:
            hold_renew(actor=actor, key=key)
        except WrongStatus as refusal:
            context["refusal"] = refusal
    context |= page.held(request.POST.dict(), key)
    return render_part(request, PAGE, "standing", context)


@login_required
@require_POST
def release(request: HttpRequest, slug: str) -> HttpResponse:
    """Let go of what the form holds, when it is left or given up."""
    hold_release(actor=actor_of(request), key=form_key(request.POST.get("key", "")))
    if "left" in request.POST:
        return HttpResponse(status=204)
    asked = {name: request.POST[name] for name in WHEN if name in request.POST}
    return redirect(find_url(asked))
