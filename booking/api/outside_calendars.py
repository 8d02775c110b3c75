from __future__ import annotations

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.hours_serializers import HitOutput
from booking.api.requests import is_preview, validated
from booking.models import OutsideCalendar
from booking.models.outside_calendar import LONGEST_URL
from booking.selectors.outside_calendars import outside_calendars_of
from booking.services.availability import managed_resource
from booking.services.outside_calendars import (
    outside_calendar_add,
    outside_calendar_refresh,
    outside_calendar_remove,
)
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in

_Base = viewsets.GenericViewSet[Model]
CALENDAR = OpenApiParameter("calendar", int, OpenApiParameter.PATH)
PREVIEW = OpenApiParameter(
    "preview", bool, description="Only read it and list what it would hit."
)


class OutsideCalendarInput(StrictSerializer):
    url = serializers.CharField(max_length=LONGEST_URL)


class OutsideCalendarOutput(serializers.ModelSerializer[OutsideCalendar]):
    """Its address is a secret, of which only the host is told again."""

    detail = serializers.CharField(source="error_text", help_text="What failed.")

    class Meta:
        model = OutsideCalendar
        fields = (
            "id",
            "name",
            "host",
            "read_at",
            "due_at",
            "failures",
            "failed_since",
            "error",
            "detail",
        )
        read_only_fields = fields


class GlanceOutput(serializers.Serializer[Any]):
    """`soon`: how many events it has in the next 60 days."""

    preview = serializers.BooleanField()
    soon = serializers.IntegerField()
    hits = HitOutput(many=True)
    calendar = OutsideCalendarOutput(allow_null=True)


class OutsideCalendarsMixin(_Base):
    """Calendars kept elsewhere whose events close a resource; for its managers."""

    @extend_schema(responses=OutsideCalendarOutput(many=True), filters=False)
    @action(
        detail=True,
        url_path="outside-calendars",
        url_name="outside-calendars",
        pagination_class=None,
        filterset_class=None,
    )
    def outside_calendars(self, request: Request, slug: str) -> Response:
        """List them with their state."""
        rows = outside_calendars_of(managed_resource(signed_in(request), slug))
        return Response(OutsideCalendarOutput(rows, many=True).data)

    @extend_schema(
        request=OutsideCalendarInput,
        responses={201: GlanceOutput, 200: GlanceOutput},
        parameters=[PREVIEW],
    )
    @outside_calendars.mapping.post
    def add_outside_calendar(self, request: Request, slug: str) -> Response:
        """Read one, and let it close the resource; lists what it hits."""
        given = validated(OutsideCalendarInput(data=request.data))
        preview = is_preview(request)
        glance = outside_calendar_add(
            actor=signed_in(request), resource_slug=slug, preview=preview, **given
        )
        body = {
            "preview": preview,
            "soon": glance.soon,
            "hits": glance.outcome.hits,
            "calendar": None if preview else glance.calendar,
        }
        code = status.HTTP_200_OK if preview else status.HTTP_201_CREATED
        return Response(GlanceOutput(body).data, code)

    @extend_schema(request=None, responses=OutsideCalendarOutput, parameters=[CALENDAR])
    @action(
        detail=True,
        methods=["post"],
        url_path=r"outside-calendars/(?P<calendar>[0-9]{1,9})/read",
        url_name="outside-calendar-read",
    )
    def read_outside_calendar(
        self, request: Request, slug: str, calendar: str
    ) -> Response:
        """Read one now; what came of it is in the answer."""
        found = outside_calendar_refresh(
            actor=signed_in(request), resource_slug=slug, calendar_id=int(calendar)
        )
        return Response(OutsideCalendarOutput(found).data)

    @extend_schema(responses={204: None}, parameters=[CALENDAR])
    @action(
        detail=True,
        methods=["delete"],
        url_path=r"outside-calendars/(?P<calendar>[0-9]{1,9})",
        url_name="outside-calendar",
    )
    def remove_outside_calendar(
        self, request: Request, slug: str, calendar: str
    ) -> Response:
        """Forget one, and open what it closed."""
        outside_calendar_remove(
            actor=signed_in(request), resource_slug=slug, calendar_id=int(calendar)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
