"""Hub staff's programmes: several organisations that come together for a while."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking.permissions import require
from booking.selectors.agreements import programmes as all_programmes
from booking.services.agreements import programme_save
from booking.web.forms.agreements import ProgrammeForm
from booking.web.requests import actor_of, page_of
from config.errors import Invalid, Missing
from labs.models import User


@login_required
@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """List the programmes, the newest first."""
    require(actor_of(request).is_hub_staff)
    context = {"page": page_of(request, all_programmes())}
    return render(request, "booking/desk_programmes.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest, programme: int | None = None) -> HttpResponse:
    """Add a programme, or change one."""
    actor = actor_of(request)
    require(actor.is_hub_staff)
    shown = None
    if programme is not None:
        shown = all_programmes().filter(pk=programme).first()
        if shown is None:
            raise Missing
    sent = request.POST if request.method == "POST" else None
    form = ProgrammeForm(sent, actor=actor, programme=shown)
    if form.is_valid() and _saved(actor, form, programme):
        messages.success(request, _("The programme is saved."))
        return redirect("desk-programmes")
    context = {"form": form, "programme": shown}
    return render(request, "booking/desk_programme.html", context, status=form.status)


def _saved(actor: User, form: ProgrammeForm, programme_id: int | None) -> bool:
    try:
        programme_save(actor=actor, programme_id=programme_id, values=form.values())
    except Invalid as refusal:
        form.refuse(refusal)
        return False
    return True
