from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from booking.ics.events import calendar_of
from booking.models import Series
from booking.models.reservation import Status
from booking.permissions import can_change, is_host_side
from booking.selectors.questions import with_questions
from booking.selectors.series import series_get
from booking.services.series import series_create, series_preview
from booking.services.series_changes import parties_of_series, series_cancel
from booking.services.series_deciding import series_approve
from booking.services.series_moving import series_change
from booking.web.approvals import tell_approved
from booking.web.asking import asking_of
from booking.web.drafts import draft_take, login_required_keeping
from booking.web.forms.base import PageForm
from booking.web.forms.finding import FindForm
from booking.web.forms.repeating import (
    USUAL,
    CancelSeriesForm,
    ChangeSeriesForm,
    RepeatForm,
)
from booking.web.forms.reserving import form_key, organisations_for
from booking.web.links import LONGEST_QUERY, WHEN
from booking.web.requests import actor_of
from booking.web.series_words import pattern_text
from config import clock
from config.errors import DomainError, Forbidden, Missing
from config.pages import go_to, render_part, wants_part
from labs.models import Resource, User
from labs.selectors.resources import resource_list

#: What the address of the page carries over from the form for a single time.
NAMES = (*WHEN, "people", "quantity", "organisation", "purpose")
REPEAT, SERIES = "booking/repeat.html", "booking/series.html"


@login_required_keeping("repeat")
@require_http_methods(["GET", "HEAD", "POST"])
def repeat(request: HttpRequest, slug: str) -> HttpResponse:
    """Show which dates of a series could be had, and reserve them.

    What is posted with `look` in the address is only looked at.
    """
    page = Page(actor_of(request), slug)
    if request.method != "POST":
        typed = draft_take(request) or request.GET
        return render(request, REPEAT, page.opened(typed))
    if "look" in request.GET:
        if wants_part(request) and request.htmx.target != "preview":  # type: ignore[attr-defined]
            # From the reserve form: this is another page, with a style of its own.
            return go_to(request, _address(request))
        return render_part(request, REPEAT, "preview", page.opened(request.POST))
    sent = page.asking.sent(page.actor, request, request.POST)
    form = page.form(sent)
    if form.is_valid() and (made := page.made(form, sent.get("key", ""))):
        messages.success(request, _words(made))
        return go_to(request, reverse("series", args=[made.reference]))
    context = page.refused(form, sent)
    return render(request, REPEAT, context, status=form.status)


def _address(request: HttpRequest) -> str:
    """Return the page's address with what was typed, as far as it fits."""
    typed = {name: request.POST[name] for name in NAMES if name in request.POST}
    if len(urlencode(typed)) > LONGEST_QUERY:
        typed.pop("purpose", None)
    return f"{request.path}?{urlencode(typed)}"


def _words(made: Series) -> str:
    booked = [date.reservation for date in made.in_order if date.reservation]
    if any(each.status == Status.PENDING for each in booked):
        text = ngettext(
            "%(n)d date is asked for. You get a message when it is decided.",
            "%(n)d dates are asked for. You get a message when they are decided.",
            len(booked),
        )
    else:
        text = ngettext(
            "%(n)d date is reserved. You get a reminder before it starts.",
            "%(n)d dates are reserved. You get a reminder before each of them.",
            len(booked),
        )
    return text % {"n": len(booked)}


class Page:
    """The form of a series, in each state that it is shown in."""

    def __init__(self, actor: User, slug: str) -> None:
        rows = resource_list(user=actor).select_related("effective_policy")
        resource = with_questions(rows).filter(slug=slug).first()
        if resource is None:
            raise Missing
        self.actor, self.resource = actor, resource
        self.asking = asking_of(actor, resource)
        self._known: dict[str, Any] = {
            "resource": resource,
            "organisations": organisations_for(actor),
            "asking": self.asking,
        }

    def form(self, *args: Any, **options: Any) -> RepeatForm:
        return RepeatForm(*args, **self._known, **options)

    def opened(self, typed: Any) -> dict[str, Any]:
        """Return the context of a form that was not sent."""
        lists = {"days": typed.getlist("days")}
        usual = FindForm.usual(clock.now())
        usual |= USUAL if "repeats" not in typed else {}
        initial = usual | typed.dict() | lists
        form = self.form(initial=initial)
        return self._context(form, form.initial, form_key(typed.get("key", "")))

    def refused(self, form: RepeatForm, typed: Any) -> dict[str, Any]:
        """Return the context of one that was sent in vain."""
        return self._context(form, typed, form_key(typed.get("key", "")))

    def made(self, form: RepeatForm, key: str) -> Series | None:
        """Return what was made, or None: the form then says why not."""
        try:
            return series_create(
                actor=self.actor,
                wish=form.series_wish(self.resource),
                keep=form.cleaned_data["keep"],
                idempotency=form.idempotency(form_key(key)),
            )
        except (Missing, Forbidden):
            raise
        except DomainError as refusal:
            form.refuse(refusal)
        return None

    def _context(self, form: RepeatForm, typed: Any, key: str) -> dict[str, Any]:
        asked = self.form(typed, is_asked=True)
        context: dict[str, Any] = {
            "resource": self.resource,
            "policy": self.resource.effective_policy,
            "zone": self.resource.site.zone,
            "form": form,
            "asked": asked,
            "asking": self.asking,
            "key": key,
        }
        if not form.organisations or not asked.is_valid():
            return context
        # The form asks beside it for what its host wants.
        wish = replace(asked.series_wish(self.resource), with_terms=False)
        try:
            _resource, judged = series_preview(actor=self.actor, wish=wish)
        except DomainError as refusal:
            asked.refuse(refusal)
            return context
        return context | {
            "verdicts": judged.verdicts,
            "free": len(judged.verdicts) - len(judged.bad),
            "bad": len(judged.bad),
            "says": pattern_text(wish.pattern),
        }


@login_required
@require_safe
def series(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a series with its dates, and what this person may do with it now."""
    viewer = actor_of(request)
    context = _context(viewer, series_get(viewer, reference))
    return render(request, SERIES, context)


@login_required
@require_safe
def series_calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """Download all dates of a series for a calendar."""
    found = series_get(actor_of(request), reference)
    booked = [date.reservation for date in found.in_order if date.reservation]
    response = HttpResponse(
        calendar_of(booked, clock.now()), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{found.reference}.ics"'
    return response


@login_required
def series_act(request: HttpRequest, reference: str, verb: str) -> HttpResponse:
    """Change or cancel dates; whoever comes without a form sees the series."""
    actor = actor_of(request)
    if verb not in DEEDS:
        raise Missing
    if request.method != "POST":
        return redirect("series", reference)
    found = series_get(actor, reference)
    form = _form(verb, actor, found, request.POST)
    if form.is_valid() and _done(actor, found, verb, form):
        messages.success(request, str(DEEDS[verb]()))
        return redirect("series", reference)
    context = _context(actor, series_get(actor, reference), (verb, form))
    return render(request, SERIES, context, status=form.status)


DEEDS = {
    "change": lambda: _("Changed."),
    "cancel": lambda: _("Cancelled. The times are free again."),
}


def _done(actor: User, found: Series, verb: str, form: Any) -> bool:
    chosen = form.chosen(found.reference)
    given = form.cleaned_data
    try:
        if verb == "cancel":
            series_cancel(actor=actor, chosen=chosen, reason=given["reason"])
        else:
            change, keep = form.change(), given["keep"]
            series_change(actor=actor, chosen=chosen, change=change, keep=keep)
    except (Missing, Forbidden):
        raise
    except DomainError as refusal:
        form.refuse(refusal)
        return False
    return True


@login_required
@require_POST
def series_approve_all(request: HttpRequest, reference: str) -> HttpResponse:
    """Approve every date that waits; say of each that could not be, why."""
    results = series_approve(actor=actor_of(request), reference=reference)
    tell_approved(request, results, {})
    return redirect("approvals")


def _form(verb: str, viewer: User, shown: Series, data: Any = None) -> PageForm:
    now = clock.now()
    known: dict[str, Any] = {
        "dates": [date for date in shown.in_order if date.is_ahead(now)],
        "zone": shown.resource.site.zone,
        "auto_id": f"{verb}-%s",
    }
    if verb == "cancel":
        return CancelSeriesForm(data, **known)
    same = Resource.objects.visible_to(viewer).filter(
        kind=shown.resource.kind, listing=Resource.Listing.PUBLISHED
    )
    others = same.exclude(pk=shown.resource_id).order_by("name", "pk")
    return ChangeSeriesForm(data, resources=others, **known)


def _context(
    viewer: User, shown: Series, failed: tuple[str, PageForm] | None = None
) -> dict[str, Any]:
    now = clock.now()
    is_ahead = any(date.is_ahead(now) for date in shown.in_order)
    context: dict[str, Any] = {
        "series": shown,
        "zone": shown.resource.site.zone,
        "dates": shown.in_order,
        "says": pattern_text(shown.pattern),
        "failed": failed[1] if failed else None,
        "steps": [],
        "waits": sum(
            date.reservation is not None and date.reservation.status == Status.PENDING
            for date in shown.in_order
        ),
        "may_decide": is_host_side(viewer, parties_of_series(shown)),
    }
    if is_ahead and can_change(viewer, parties_of_series(shown)):
        context["steps"] = [
            {
                "name": verb,
                "label": label,
                "looks": looks,
                "form": failed[1]
                if failed and failed[0] == verb
                else _form(verb, viewer, shown),
                "open": bool(failed and failed[0] == verb),
            }
            for verb, label, looks in (
                ("change", _("Change the series"), ""),
                ("cancel", _("Cancel dates"), "danger"),
            )
        ]
    return context
