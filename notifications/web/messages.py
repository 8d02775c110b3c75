from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from notifications.selectors import messages_visible_to

PAGE_ROWS = 50


@login_required
def messages_page(request: HttpRequest) -> HttpResponse:
    """Show the messages one may read, with their texts; `?reservation=` narrows."""
    messages = messages_visible_to(request.user)
    reference = request.GET.get("reservation", "")
    if reference:
        # Without what PostgreSQL cannot even look for, such as a NUL byte.
        wanted = reference if reference.isalnum() else ""
        messages = messages.filter(reservation__reference=wanted)
    page = Paginator(messages, PAGE_ROWS).get_page(request.GET.get("page"))
    zone = ZoneInfo(settings.TIME_ZONE)
    context = {"page": page, "reference": reference, "zone": zone}
    return render(request, "notifications/messages.html", context)
