"""What all pages of one resource at the desk show: its tabs, what it still needs."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Exists, Func, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking.models import History, OpenPeriod, Reservation
from booking.models.reservation import Status
from booking.selectors.hours import opening_hours_of
from booking.services.holidays import SLUG as HOLIDAYS
from booking.web.requests import actor_of
from config import clock
from config.errors import Forbidden, Missing
from labs.models import Resource
from labs.permissions import can_manage_resource


def managed(request: HttpRequest, slug: str) -> Resource:
    """Return a resource that this person manages; Missing (404), Forbidden (403)."""
    actor = actor_of(request)
    visible = Resource.objects.visible_to(actor)
    shown = (
        visible.select_related("organisation", "site", "effective_policy", "policy")
        .filter(slug=slug)
        .first()
    )
    if shown is None:
        raise Missing
    if not can_manage_resource(actor, shown):
        raise Forbidden(_("Only its organisation's managers and hub staff may do so."))
    return shown


def desk_context(shown: Resource) -> dict[str, Any]:
    """Return what every page of the resource needs; five queries."""
    published = opening_hours_of(shown)
    seasons = published["seasons"]
    return {
        "resource": shown,
        "zone": shown.site.zone,
        "seasons": seasons,
        "has_holidays": HOLIDAYS in published["calendars"],
        "steps_to_publish": steps_to_publish(shown, has_hours=bool(seasons)),
        "tabs": (
            ("desk-resource", _("Overview")),
            ("desk-hours", _("Opening hours")),
            ("desk-closures", _("Closures")),
            ("desk-outside-calendars", _("Outside calendars")),
            ("desk-details", _("Details")),
            ("desk-photo", _("Photo")),
            ("desk-policy", _("Rules")),
            ("desk-approval", _("Approved at once")),
            ("desk-terms", _("Terms of use")),
            ("desk-questions", _("Questions")),
            ("desk-restricted", _("Hours for some")),
            ("feeds-resource", _("Subscribe in my calendar")),
        ),
    }


def steps_to_publish(shown: Resource, *, has_hours: bool) -> list[dict[str, Any]]:
    """Return what a resource needs before it is offered, and whether it has it."""
    if shown.listing != Resource.Listing.DRAFT:
        return []
    return [
        {
            "url": "desk-details",
            "text": _("Say what it is, in both languages"),
            "done": bool(shown.description and shown.name_bg and shown.description_bg),
        },
        {"url": "desk-photo", "text": _("Show a photo"), "done": bool(shown.photo)},
        {"url": "desk-hours", "text": _("Publish its hours"), "done": has_hours},
        {
            "url": "desk-policy",
            "text": _("Look at its rules"),
            "done": hasattr(shown, "policy"),
        },
    ]


def outside_hours(shown: Resource) -> QuerySet[Reservation]:
    """Return what is reserved outside of the published hours, the soonest first."""
    wanted = Func(
        OuterRef("starts_at"),
        OuterRef("ends_at"),
        function="tstzrange",
        output_field=DateTimeRangeField(),
    )
    held = OpenPeriod.objects.filter(resource=shown.pk, during__contains=wanted)
    ahead = (
        Reservation.objects.occupying()
        .exclude(status=Status.HELD)
        .filter(resource=shown, ends_at__gt=clock.now())
    )
    asked = History.objects.filter(
        reservation=OuterRef("pk"), action=History.Action.MOVE_ASKED
    )
    found = ahead.exclude(Exists(held)).annotate(is_asked=Exists(asked))
    return found.select_related("organisation", "resource__site")
