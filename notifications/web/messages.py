"""The log of what was sent to whom, when, and why not."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages as toasts
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from labs.web.requests import actor_of
from notifications.log import messages_log, readable, why_text
from notifications.services.resending import RESENDABLE, can_resend, message_resend
from notifications.web.log_forms import LogForm

PAGE_ROWS = 50


@login_required
def messages_page(request: HttpRequest) -> HttpResponse:
    """Show what one may know of, by the filters in the address."""
    viewer, form = actor_of(request), LogForm(request.GET)
    reference = request.GET.get("reservation", "").strip().upper()
    # Without what PostgreSQL cannot even look for, such as a NUL byte.
    wanted = reference if reference.isalnum() or not reference else "-"
    found = form.narrow(messages_log(viewer, wanted))
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    mine = readable(viewer, list(page))
    context = {
        "page": page,
        "rows": [
            {
                "message": each,
                "why": why_text(each),
                "is_mine": each.pk in mine,
                "resends": each.state in RESENDABLE and can_resend(viewer, each),
            }
            for each in page
        ],
        "form": form,
        "reference": reference,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "zone": ZoneInfo(settings.TIME_ZONE),
    }
    status = 400 if form.errors else 200
    return render(request, "notifications/messages.html", context, status=status)


@login_required
@require_POST
def resend(request: HttpRequest, message: int) -> HttpResponse:
    """Send a message once more."""
    again = message_resend(actor=actor_of(request), message_id=message)
    toasts.success(request, _("It is on its way once more."))
    about = again.reservation.reference if again.reservation else ""
    return redirect(f"{reverse('messages')}?reservation={about}")
