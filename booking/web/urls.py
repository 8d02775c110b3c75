from __future__ import annotations

from django.urls import path

from booking.web import (
    approvals,
    catalogue,
    contests,
    deputies,
    desk,
    desk_agreements,
    desk_approval,
    desk_closures,
    desk_details,
    desk_hours,
    desk_outside_calendars,
    desk_programmes,
    desk_questions,
    desk_restricted,
    desk_rules,
    desk_several,
    desk_terms,
    door,
    favourites,
    find,
    here,
    kits,
    places,
    plans,
    reservations,
    reserve,
    robots,
    series,
    waiting,
    working_hours,
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
    path("reserve/<slug:slug>/repeat/", series.repeat, name="repeat"),
    path("series/<slug:reference>/", series.series, name="series"),
    path(
        "series/<slug:reference>/calendar.ics",
        series.series_calendar,
        name="series-calendar",
    ),
    path("series/<slug:reference>/<slug:verb>/", series.series_act, name="series-act"),
    path("reservations/", reservations.reservations, name="reservations"),
    path(
        "reservations/<slug:reference>/", reservations.reservation, name="reservation"
    ),
    path(
        "reservations/<slug:reference>/calendar.ics",
        reservations.calendar_file,
        name="reservation-calendar",
    ),
    path(
        "reservations/<slug:reference>/answers/<slug:key>/",
        reservations.answer_file,
        name="answer-file",
    ),
    path("reservations/<slug:reference>/<slug:verb>/", reservations.act, name="act"),
    # The waiting list
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/join/<slug:slug>/", waiting.join, name="waiting-join"),
    path("waiting/<slug:reference>/leave/", waiting.leave, name="waiting-leave"),
    path("kits/new/", kits.new, name="kit-new"),
    path("kits/<slug:reference>/", kits.kit, name="kit"),
    path("kits/<slug:reference>/calendar.ics", kits.calendar_file, name="kit-calendar"),
    path("kits/<slug:reference>/<slug:verb>/", kits.act, name="kit-act"),
    # Staff's desk
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/deputies/", deputies.deputies, name="deputies"),
    path(
        "approvals/deputies/<int:delegation>/end/",
        deputies.deputy_end,
        name="deputy-end",
    ),
    path("approvals/approve/", approvals.approve_many, name="approve-many"),
    path("approvals/<slug:reference>/contest/", contests.contest, name="contest"),
    path(
        "approvals/series/<slug:reference>/approve/",
        series.series_approve_all,
        name="series-approve",
    ),
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
    path(
        "desk/terms/<slug:organisation>/",
        desk_terms.organisation_terms,
        name="desk-organisation-terms",
    ),
    path("desk/agreements/", desk_agreements.agreements, name="desk-agreements"),
    path("desk/agreements/add/", desk_agreements.add, name="desk-agreement-add"),
    path(
        "desk/agreements/<int:agreement>/",
        desk_agreements.agreement,
        name="desk-agreement",
    ),
    path(
        "desk/agreements/<int:agreement>/end/",
        desk_agreements.end,
        name="desk-agreement-end",
    ),
    path("desk/programmes/", desk_programmes.programmes, name="desk-programmes"),
    path("desk/programmes/add/", desk_programmes.programme, name="desk-programme-add"),
    path(
        "desk/programmes/<int:programme>/",
        desk_programmes.programme,
        name="desk-programme",
    ),
    path("desk/working-hours/", working_hours.hours, name="desk-working-hours"),
    path("desk/<slug:slug>/", desk.resource, name="desk-resource"),
    path("desk/<slug:slug>/details/", desk_details.details, name="desk-details"),
    path("desk/<slug:slug>/photo/", desk_details.photo, name="desk-photo"),
    path("desk/<slug:slug>/policy/", desk_rules.policy, name="desk-policy"),
    path("desk/<slug:slug>/approval/", desk_approval.rules, name="desk-approval"),
    path(
        "desk/<slug:slug>/approval/<int:rule>/remove/",
        desk_approval.rule_remove,
        name="desk-approval-remove",
    ),
    path("desk/<slug:slug>/terms/", desk_terms.terms, name="desk-terms"),
    path(
        "desk/<slug:slug>/questions/", desk_questions.questions, name="desk-questions"
    ),
    path("desk/<slug:slug>/restricted/", desk_restricted.hours, name="desk-restricted"),
    path(
        "desk/<slug:slug>/restricted/<int:hours>/remove/",
        desk_restricted.remove,
        name="desk-restricted-remove",
    ),
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
    path(
        "desk/<slug:slug>/calendars/",
        desk_outside_calendars.calendars,
        name="desk-outside-calendars",
    ),
    path(
        "desk/<slug:slug>/calendars/<int:calendar>/read/",
        desk_outside_calendars.read,
        name="desk-outside-calendar-read",
    ),
    path(
        "desk/<slug:slug>/calendars/<int:calendar>/remove/",
        desk_outside_calendars.remove,
        name="desk-outside-calendar-remove",
    ),
]
