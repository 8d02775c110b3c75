from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from booking.web import approvals, desk, desk_hours, find, reservations, reserve


def soon(request: HttpRequest, **_given: str) -> HttpResponse:
    return render(request, "soon.html")


urlpatterns = [
    # The front door
    path("", soon, name="front"),
    path("resources/<slug:slug>/", soon, name="resource"),
    path("sites/", soon, name="sites"),
    path("sites/<slug:slug>/", soon, name="site"),
    path("organisations/", soon, name="organisations"),
    path("organisations/<slug:slug>/", soon, name="organisation"),
    path("door/<str:secret>/", soon, name="door"),
    # Find
    path("find/", find.find, name="find"),
    # Timelines
    path("timeline/", soon, name="timeline"),
    path("timeline/week/", soon, name="timeline-week"),
    path("resources/<slug:slug>/week/", soon, name="resource-week"),
    path("resources/<slug:slug>/month/", soon, name="resource-month"),
    # Reserve, and what one has
    path("reserve/<slug:slug>/", reserve.reserve, name="reserve"),
    path("reservations/", reservations.reservations, name="reservations"),
    path(
        "reservations/<slug:reference>/", reservations.reservation, name="reservation"
    ),
    path("reservations/<slug:reference>/<slug:verb>/", reservations.act, name="act"),
    # Staff's desk
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<slug:reference>/<slug:verb>/", approvals.decide, name="decide"),
    # The member's desk
    path("desk/", desk.desk, name="desk"),
    path("desk/<slug:slug>/", desk.resource, name="desk-resource"),
    path("desk/<slug:slug>/details/", desk.details, name="desk-details"),
    path("desk/<slug:slug>/policy/", desk.policy, name="desk-policy"),
    path("desk/<slug:slug>/listing/", desk.listing, name="desk-listing"),
    path("desk/<slug:slug>/hours/", desk_hours.hours, name="desk-hours"),
    path("desk/<slug:slug>/closures/", desk_hours.closures, name="desk-closures"),
    path(
        "desk/<slug:slug>/closures/<int:closure>/remove/",
        desk_hours.closure_remove,
        name="desk-closure-remove",
    ),
    path("desk/<slug:slug>/holidays/", desk_hours.holidays, name="desk-holidays"),
]
