from __future__ import annotations

from django.urls import path

from booking.web import approvals, desk, desk_hours, find, reservations, reserve

urlpatterns = [
    path("", find.find, name="find"),
    path("reserve/<slug:slug>/", reserve.reserve, name="reserve"),
    path("reservations/", reservations.reservations, name="reservations"),
    path(
        "reservations/<slug:reference>/", reservations.reservation, name="reservation"
    ),
    path("reservations/<slug:reference>/<slug:verb>/", reservations.act, name="act"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/<slug:reference>/<slug:verb>/", approvals.decide, name="decide"),
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
