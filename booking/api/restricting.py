"""Hours of a resource that only some may use."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.hours_serializers import SpanInput
from booking.api.requests import validated
from booking.models import RestrictedHours
from booking.selectors.restricting import (
    restricted_hours_named,
    restricted_hours_of,
)
from booking.services.restricting import (
    restricted_hours_add,
    restricted_hours_remove,
)
from booking.weekly import DAYS, format_clock
from labs.api.authentication import signed_in


class RestrictedHoursInput(SpanInput):
    """Of some days, from when until when, and who may use them: any of those named."""

    days = serializers.ListField(
        child=serializers.ChoiceField(choices=DAYS), min_length=1, max_length=7
    )
    for_host = serializers.BooleanField(
        default=True, help_text="The host’s own people may use them, too."
    )
    organisations = serializers.ListField(
        child=serializers.SlugField(max_length=80), max_length=50, default=list
    )
    programmes = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31),
        max_length=50,
        default=list,
    )
    qualifications = serializers.ListField(
        child=serializers.SlugField(max_length=80), max_length=50, default=list
    )


class RestrictedHoursOutput(serializers.ModelSerializer[RestrictedHours]):
    organisations = serializers.SlugRelatedField[Any](
        slug_field="slug", many=True, read_only=True
    )
    programmes = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    qualifications = serializers.SlugRelatedField[Any](
        slug_field="slug", many=True, read_only=True
    )
    to = serializers.SerializerMethodField()

    class Meta:
        model = RestrictedHours
        fields = (
            "id",
            "days",
            "to",
            "for_host",
            "organisations",
            "programmes",
            "qualifications",
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it cannot be declared as an attribute.
        start = serializers.SerializerMethodField(method_name="get_start")
        return {"from": start, **super().get_fields()}

    def get_start(self, hours: RestrictedHours) -> str:
        return format_clock(hours.starts)

    def get_to(self, hours: RestrictedHours) -> str:
        return format_clock(hours.ends)


class RestrictedHoursMixin(viewsets.GenericViewSet[Any]):
    """Which hours of a resource only some may use."""

    @extend_schema(responses=RestrictedHoursOutput(many=True), filters=False)
    @action(
        detail=True,
        url_path="restricted-hours",
        url_name="restricted-hours",
        pagination_class=None,
        filterset_class=None,
    )
    def restricted_hours(self, request: Request, slug: str) -> Response:
        """List the hours that only some may use, and who."""
        rows = restricted_hours_of(self.get_object())
        return Response(RestrictedHoursOutput(rows, many=True).data)

    @extend_schema(request=RestrictedHoursInput, responses={201: RestrictedHoursOutput})
    @restricted_hours.mapping.post
    def restrict_hours(self, request: Request, slug: str) -> Response:
        """Let only these use those hours; what is reserved already stays."""
        given = validated(RestrictedHoursInput(data=request.data))
        named = restricted_hours_named(
            given["organisations"], given["programmes"], given["qualifications"]
        )
        made = restricted_hours_add(
            actor=signed_in(request),
            resource=self.get_object(),
            days=given["days"],
            starts=given["from"],
            ends=given["to"],
            for_host=given["for_host"],
            **named,
        )
        return Response(RestrictedHoursOutput(made).data, status.HTTP_201_CREATED)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("hours", int, OpenApiParameter.PATH)],
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path=r"restricted-hours/(?P<hours>[0-9]{1,9})",
        url_name="restricted-hour",
    )
    def free_hours(self, request: Request, slug: str, hours: str) -> Response:
        """Let everybody use those hours again."""
        restricted_hours_remove(
            actor=signed_in(request), resource=self.get_object(), hours_id=int(hours)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
