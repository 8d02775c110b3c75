from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from booking.services.favourites import favourite_set
from booking.web.requests import actor_of, way_back
from config.pages import wants_part


@login_required
def favourite(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a favourite or let it go; whoever comes without a form goes to Find."""
    if request.method != "POST":
        return redirect("find")
    kept = request.POST.get("keep") == "yes"
    resource = favourite_set(actor=actor_of(request), resource_slug=slug, kept=kept)
    if wants_part(request):
        back = way_back(request, "next", "")
        context = {"resource": resource, "next": back}
        return render(request, "booking/star.html", context)
    return redirect(way_back(request, "next", "find"))
