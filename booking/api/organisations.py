"""Organisations with what booking knows of them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import SimpleLazyObject
from rest_framework import serializers

from booking.selectors.attendance import no_shows_of, sees_attendance
from config import clock
from labs.api.serializers import OrganisationSerializer
from labs.api.views import OrganisationViewSet
from labs.models import Organisation


class AttendingSerializer(OrganisationSerializer):
    """`no_shows` in 90 days; null to all but its members and hub staff."""

    no_shows = serializers.SerializerMethodField()

    class Meta(OrganisationSerializer.Meta):
        fields = (*OrganisationSerializer.Meta.fields, "no_shows")
        read_only_fields = fields

    def get_no_shows(self, organisation: Organisation) -> int | None:
        if not sees_attendance(self.context["request"].user, organisation.pk):
            return None
        found: int = self.context["no_shows"].get(organisation.pk, 0)
        return found


class AttendingViewSet(OrganisationViewSet):
    serializer_class = AttendingSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        """Counts of all at once, and only if asked: the schema has no database."""
        shown = self.get_queryset().values("pk")
        counts = SimpleLazyObject(lambda: no_shows_of(shown, clock.now()))
        return {**super().get_serializer_context(), "no_shows": counts}
