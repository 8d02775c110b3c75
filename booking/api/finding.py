"""What is free for a window, the first free slot of each, and a day's timeline."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api import serializers as shapes
from booking.api.requests import validated
from booking.selectors.facts import Wish
from booking.selectors.finding import (
    Search,
    first_free,
    has_room_for,
    resources_free,
)
from booking.selectors.restricting import guests_of
from booking.selectors.timeline import timeline_day
from config import clock
from config.serializers import YEARS, InstantField, StrictSerializer
from labs.api.authentication import signed_in
from labs.models import Resource, User
from labs.selectors.qualifications import lacks

#: How far ahead `first-free` looks, unless told and at the most.
SEARCH_DAYS, LONGEST_SEARCH_DAYS = 14, 92


class WhichInput(StrictSerializer):
    kind = serializers.ChoiceField(choices=Resource.Kind.choices, required=False)
    site = serializers.SlugField(max_length=80, required=False)
    organisation = serializers.SlugField(max_length=80, required=False)
    people = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)
    qualified = serializers.BooleanField(
        default=False,
        help_text="Only what requires no qualification that one does not have then.",
    )

    def resources(
        self, viewer: User, start: dt.datetime, end: dt.datetime
    ) -> QuerySet[Resource]:
        """Return the published resources that the filters leave."""
        given = self.validated_data
        paths = {
            "kind": "kind",
            "site": "site__slug",
            "organisation": "organisation__slug",
        }
        wanted = {path: given[name] for name, path in paths.items() if name in given}
        found = Resource.objects.visible_to(viewer).filter(
            has_room_for(given["people"]), **wanted
        )
        if not given["qualified"]:
            return found
        zone = ZoneInfo(settings.TIME_ZONE)
        last = end - dt.timedelta(microseconds=1)
        days = (start.astimezone(zone).date(), last.astimezone(zone).date())
        return found.exclude(lacks(viewer, *days))


class FreeInput(WhichInput):
    starts_at = InstantField()
    ends_at = InstantField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["ends_at"] <= attrs["starts_at"]:
            text = _("The end must come after the start.")
            raise serializers.ValidationError({"ends_at": [text]})
        return attrs


class FirstFreeInput(WhichInput):
    minutes = serializers.IntegerField(min_value=5, max_value=31 * 1440)
    until = InstantField(required=False)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {**super().get_fields(), "from": InstantField(required=False)}

    def search(self, now: dt.datetime) -> Search:
        given = self.validated_data
        start = max(given.get("from", now), now)
        end = given.get("until", start + dt.timedelta(days=SEARCH_DAYS))
        end = min(end, start + dt.timedelta(days=LONGEST_SEARCH_DAYS))
        if end <= start:
            text = _("The end must come after the start.")
            raise serializers.ValidationError({"until": [text]})
        return Search(start, end, given["minutes"], given["quantity"])


class TimelineInput(StrictSerializer):
    date = serializers.DateField(required=False)
    site = serializers.SlugField(max_length=80, required=False)

    def validate_date(self, value: dt.date) -> dt.date:
        if value.year not in YEARS:
            raise serializers.ValidationError(
                _("The year must lie between 2000 and 2200."), code="absurd_year"
            )
        return value


def _query(shape: type[StrictSerializer], request: Request) -> Any:
    serializer = shape(data=request.query_params.dict())
    validated(serializer)
    return serializer


class FreeView(APIView):
    @extend_schema(
        parameters=[FreeInput], responses=shapes.FreeForWindowOutput(many=True)
    )
    def get(self, request: Request) -> Response:
        """List the resources that can be reserved for exactly that window."""
        shape = _query(FreeInput, request)
        given = shape.validated_data
        wish = Wish(
            given["starts_at"], given["ends_at"], given["people"], given["quantity"]
        )
        found = resources_free(
            shape.resources(signed_in(request), wish.starts_at, wish.ends_at),
            wish,
            clock.now(),
            guests_of(signed_in(request)),
        )
        rows = [
            {
                "resource": resource.slug,
                "name": resource.name,
                "name_bg": resource.name_bg,
                "kind": resource.kind,
                "organisation": resource.organisation.slug,
                "site": resource.site.slug,
                "people": resource.people,
                "needs_approval": resource.effective_policy.needs_approval,
                "starts_at": wish.starts_at,
                "ends_at": wish.ends_at,
            }
            for resource in found
        ]
        return Response(rows)


class FirstFreeView(APIView):
    @extend_schema(parameters=[FirstFreeInput], responses=shapes.FreeOutput(many=True))
    def get(self, request: Request) -> Response:
        """List each resource's first free slot of so many minutes, soonest first."""
        shape = _query(FirstFreeInput, request)
        now = clock.now()
        guests = guests_of(signed_in(request))
        search = replace(shape.search(now), guests=guests)
        length = dt.timedelta(minutes=search.minutes)
        # When it will be is not known yet: judged by the day from which one looks.
        which = shape.resources(signed_in(request), search.start, search.start + length)
        found = first_free(which, search, now)
        rows = []
        for slot in found:
            row = slot._asdict()
            row["resource"] = row.pop("slug")
            rows.append(row | {"ends_at": slot.starts_at + length})
        return Response(rows)


class TimelineView(APIView):
    @extend_schema(parameters=[TimelineInput], responses=shapes.TimelineOutput)
    def get(self, request: Request) -> Response:
        """Show a day (today): each resource's open and taken times, local to its site.

        Taken times of others are busy only.
        """
        given = _query(TimelineInput, request).validated_data
        viewer = signed_in(request)
        resources = Resource.objects.visible_to(viewer).filter(
            listing=Resource.Listing.PUBLISHED
        )
        if "site" in given:
            resources = resources.filter(site__slug=given["site"])
        day = given.get("date") or clock.today()
        rows = timeline_day(viewer, resources, day)
        return Response({"date": day, "resources": rows})
