"""What search engines may read, and where it is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from booking.web.meta import absolute
from labs.models import Organisation, Resource, Site

HOUR_SECONDS = 3600
#: What needs a person, a secret or a program; the rest is public.
NOT_FOR_ROBOTS = (
    "/account/",
    "/admin/",
    "/api/",
    "/approvals/",
    "/calendars/",
    "/desk/",
    "/do/",
    "/door/",
    "/find/",
    "/hub/",
    "/invitations/",
    "/join/",
    "/kits/",
    "/language/",
    "/messages/",
    "/metrics",
    "/my-organisations/",
    "/qualifications/",
    "/requests/",
    "/reservations/",
    "/reserve/",
    "/series/",
    "/sign-in/",
    "/sign-out/",
    "/sign-up/",
    "/timeline/",
    "/unsubscribe/",
    "/waiting/",
)


@require_safe
@cache_control(public=True, max_age=HOUR_SECONDS)
def robots(request: HttpRequest) -> HttpResponse:
    """Tell robots what to leave alone, and where the map is."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS),
        f"Sitemap: {absolute(reverse('sitemap'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain")


@require_safe
@cache_control(public=True, max_age=HOUR_SECONDS)
def sitemap(request: HttpRequest) -> HttpResponse:
    """List every public page."""
    published = Resource.objects.published()
    slugs = {
        "resource": published,
        "site": Site.objects.filter(pk__in=published.values("site")),
        "organisation": Organisation.objects.filter(is_active=True),
    }
    paths = [reverse(name) for name in ("front", "sites", "organisations")]
    for name, rows in slugs.items():
        paths += [
            reverse(name, args=[slug]) for slug in rows.values_list("slug", flat=True)
        ]
    context = {"addresses": [absolute(path) for path in paths]}
    return render(
        request, "booking/sitemap.xml", context, content_type="application/xml"
    )
