from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from labs.services.invitations import (
    invitation_accept,
    invitation_fault,
    invitation_of,
)
from labs.web.entrance import INVITATION


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Say who invites whom to what; by POST, become a member."""
    shown = invitation_of(secret)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        joined = invitation_accept(actor=request.user, secret=secret)
        request.session.pop(INVITATION, None)
        values = {"organisation": joined.organisation.local_name}
        messages.success(request, _("Welcome to %(organisation)s.") % values)
        return redirect("my-organisations")
    fault = invitation_fault(shown)
    if not fault and not request.user.is_authenticated:
        request.session[INVITATION] = secret
    context = {"invitation": shown, "fault": fault}
    status = 409 if fault else 200
    return render(request, "labs/invitation.html", context, status=status)
