from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.requests import validated
from booking.api.serializers import NothingInput
from booking.models import WaitingEntry
from booking.selectors.lines import entry_get, lines_visible_to
from booking.services.waiting import Want, waiting_join, waiting_leave
from config.serializers import InstantField, StrictSerializer
from labs.api.authentication import signed_in
from labs.api.filters import StrictFilterSet


class WaitingInput(StrictSerializer):
    resource = serializers.SlugField(max_length=80)
    organisation = serializers.SlugField(max_length=80, required=False, default="")
    window_starts_at = InstantField()
    window_ends_at = InstantField()
    minutes = serializers.IntegerField(min_value=1, max_value=44_640)
    people = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)
    purpose = serializers.CharField(max_length=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["window_ends_at"] <= attrs["window_starts_at"]:
            raise serializers.ValidationError(
                {"window_ends_at": [_("The end must come after the start.")]}
            )
        return attrs


class WaitingOutput(serializers.ModelSerializer[WaitingEntry]):
    resource = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    organisation = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    person = serializers.CharField(source="person.name", read_only=True)
    place = serializers.IntegerField(read_only=True)
    offer = serializers.SerializerMethodField()

    class Meta:
        model = WaitingEntry
        fields = (
            "reference",
            "status",
            "resource",
            "organisation",
            "person",
            "window_starts_at",
            "window_ends_at",
            "minutes",
            "people",
            "quantity",
            "purpose",
            "place",
            "offer",
            "created_at",
        )
        read_only_fields = fields

    def get_offer(self, entry: WaitingEntry) -> str | None:
        """Return the reference of what is offered, a reservation that is held."""
        offers = entry.open_offers  # type: ignore[attr-defined]
        return offers[0].reference if offers else None


class WaitingFilter(StrictFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=WaitingEntry.Status.choices)
    resource = django_filters.CharFilter("resource__slug", max_length=80)

    class Meta:
        model = WaitingEntry
        fields: tuple[str, ...] = ()


class WaitingViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[WaitingEntry]):
    """Places in line that the caller may see: their organisations', their resources'.

    `place` counts from one among those who want some of the same time.
    """

    lookup_field = "reference"
    lookup_value_regex = "[0-9A-Za-z]+"
    serializer_class = WaitingOutput
    filterset_class = WaitingFilter
    queryset = WaitingEntry.objects.none()

    def get_queryset(self) -> Any:
        return lines_visible_to(signed_in(self.request))

    def retrieve(self, request: Request, reference: str) -> Response:
        return Response(WaitingOutput(entry_get(signed_in(request), reference)).data)

    @extend_schema(request=WaitingInput, responses={201: WaitingOutput})
    def create(self, request: Request) -> Response:
        """Get in line for some time within a window; what is free is offered then."""
        given = validated(WaitingInput(data=request.data))
        entry = waiting_join(
            actor=signed_in(request),
            resource_slug=given.pop("resource"),
            organisation_slug=given.pop("organisation"),
            purpose=given.pop("purpose"),
            want=Want(**given),
        )
        return Response(WaitingOutput(entry).data, status.HTTP_201_CREATED)

    @extend_schema(request=NothingInput, responses=WaitingOutput)
    @action(detail=True, methods=["post"], serializer_class=NothingInput)
    def leave(self, request: Request, reference: str) -> Response:
        """Leave the line, and pass what is offered."""
        validated(NothingInput(data=request.data))
        left = waiting_leave(actor=signed_in(request), reference=reference)
        return Response(WaitingOutput(left).data)
