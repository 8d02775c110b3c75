from __future__ import annotations

from django.urls import path

from booking.web import (
    approvals,
    catalogue,
    desk,
    desk_closures,
    desk_details,
    desk_hours,
    desk_rules,
    desk_several,
    door,
    favourites,
    find,
    here,
    places,
    plans,
    reservations,
    reserve,
    robots,
)
from booking.web.timelines import moves
from booking.web.timelines import views as timelines

urlpatterns = [
    # The front door
    path("", catalogue.front, name="front"),
    path("resources/<slug:slug>/", catalogue.resource, name="resource"),
    path("sites/", places.sites, name="sites"),
    path("sites/<slug:slug>/", places.site, name="site"),
    path("sites/<slug:slug>/plan/", plans.plan, name="site-plan"),
    path("organisations/", places.organisations, name="organisations"),
    path("organisations/<slug:slug>/", places.organisation, name="organisation"),
    path("resources/<slug:slug>/door/", door.door_page, name="door-page"),
    path("door/<str:secret>/", door.door, name="door"),
    path("door/here/<str:code>/", here.here, name="door-here"),
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
    # Find
    path("find/", find.find, name="find"),
    path("find/favourites/<slug:slug>/", favourites.favourite, name="favourite"),
    # Timelines
    path("timeline/", timelines.timeline, name="timeline"),
    path("timeline/week/", timelines.timeline_week, name="timeline-week"),
    path("timeline/move/", moves.move, name="timeline-move"),
    path("resources/<slug:slug>/week/", timelines.resource_week, name="resource-week"),
    path(
        "resources/<slug:slug>/month/", timelines.resource_month, name="resource-month"
    ),
    # Reserve, and what one has
    path("reserve/<slug:slug>/", reserve.reserve, name="reserve"),
    path("reserve/<slug:slug>/hold/", reserve.hold, name="hold"),
    path("reserve/<slug:slug>/release/", reserve.release, name="release"),
    path("reservations/", reservations.reservations, name="reservations"),
    path(
        "reservations/<slug:reference>/", reservations.reservation, name="reservation"
    ),
    path(
        "reservations/<slug:reference>/calendar.ics",
        reservations.calendar_file,
        name="reservation-calendar",
    ),
    path("reservations/<slug:reference>/<slug:verb>/", reservations.act, name="act"),
    # Staff's desk
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/approve/", approvals.approve_many, name="approve-many"),
    path("approvals/<slug:reference>/<slug:verb>/", approvals.decide, name="decide"),
    # The member's desk
    path("desk/", desk.desk, name="desk"),
    path("desk/add/", desk.add, name="desk-add"),
    path("desk/several/", desk_several.several, name="desk-several"),
    path("desk/policy/", desk_rules.hub_policy, name="desk-policies"),
    path(
        "desk/policy/<slug:organisation>/",
        desk_rules.organisation_policy,
        name="desk-organisation-policy",
    ),
    path("desk/<slug:slug>/", desk.resource, name="desk-resource"),
    path("desk/<slug:slug>/details/", desk_details.details, name="desk-details"),
    path("desk/<slug:slug>/photo/", desk_details.photo, name="desk-photo"),
    path("desk/<slug:slug>/policy/", desk_rules.policy, name="desk-policy"),
    path("desk/<slug:slug>/listing/", desk.listing, name="desk-listing"),
    path("desk/<slug:slug>/hours/", desk_hours.hours, name="desk-hours"),
    path("desk/<slug:slug>/hours/date/", desk_hours.date, name="desk-date"),
    path(
        "desk/<slug:slug>/hours/<slug:day>/forget/",
        desk_hours.date_forget,
        name="desk-date-forget",
    ),
    path("desk/<slug:slug>/closures/", desk_closures.closures, name="desk-closures"),
    path(
        "desk/<slug:slug>/closures/<int:closure>/remove/",
        desk_closures.closure_remove,
        name="desk-closure-remove",
    ),
    path("desk/<slug:slug>/holidays/", desk_closures.holidays, name="desk-holidays"),
    path("desk/<slug:slug>/outside/", desk_closures.outside, name="desk-outside"),
]
