"""Organisations with what booking knows of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from booking.selectors.attendance import no_shows_of, sees_attendance
from config import clock
from labs.api.serializers import OrganisationSerializer
from labs.api.views import OrganisationViewSet
from labs.models import Organisation


class AttendanceListSerializer(serializers.ListSerializer[Any]):
    """Counts for all rows of a page at once."""

    def to_representation(self, data: Any) -> Any:
        rows = list(data)
        self.context["no_shows"] = no_shows_of([each.pk for each in rows], clock.now())
        return super().to_representation(rows)


class AttendingSerializer(OrganisationSerializer):
    """`no_shows` in 90 days; null to all but its members and hub staff."""

    no_shows = serializers.SerializerMethodField()

    class Meta(OrganisationSerializer.Meta):
        fields = (*OrganisationSerializer.Meta.fields, "no_shows")
        read_only_fields = fields
        list_serializer_class = AttendanceListSerializer

    def get_no_shows(self, organisation: Organisation) -> int | None:
        if not sees_attendance(self.context["request"].user, organisation.pk):
            return None
        counted = self.context.get("no_shows")
        if counted is None:
            counted = no_shows_of([organisation.pk], clock.now())
        found: int = counted.get(organisation.pk, 0)
        return found


class AttendingViewSet(OrganisationViewSet):
    serializer_class = AttendingSerializer
