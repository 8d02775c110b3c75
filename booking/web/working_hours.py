from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from booking.permissions import require
from booking.services.working_hours import working_hours_set
from booking.web.forms.working_hours import WorkingHoursForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """Show and set when the hub works; for hub staff."""
    actor = actor_of(request)
    require(actor.is_hub_staff)
    form = WorkingHoursForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            working_hours_set(actor=actor, week=form.week())
        except Forbidden:
            raise
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. What was promised already stays."))
            return redirect("desk-working-hours")
    context = {"form": form}
    return render(request, "booking/working_hours.html", context, status=form.status)
