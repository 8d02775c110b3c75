"""Shapes of opening hours, closures and what a change of them would hit."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.api.serializers import PeriodInput
from booking.models import AvailabilityRule
from booking.weekly import DAYS, WeeklyHours, parse_clock
from config.serializers import StrictSerializer


class ClockField(serializers.CharField):
    """A clock such as "09:30", at most "24:00"; minutes after midnight inside."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return parse_clock(super().to_internal_value(data))
        except ValueError:
            raise serializers.ValidationError(
                _("Give a time as 09:30, at most 24:00."), code="malformed"
            ) from None


class SpanInput(StrictSerializer):
    to = ClockField()

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it cannot be declared as an attribute.
        return {"from": ClockField(), **super().get_fields()}


class WeeklyHoursInput(SpanInput):
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=DAYS), min_length=1, max_length=7
    )

    @staticmethod
    def hours(given: dict[str, Any]) -> WeeklyHours:
        return WeeklyHours(tuple(given["days"]), given["from"], given["to"])


class OpeningHoursInput(StrictSerializer):
    weekly = serializers.ListField(child=WeeklyHoursInput(), max_length=50)
    valid_from = serializers.DateField(required=False, allow_null=True, default=None)
    valid_until = serializers.DateField(required=False, allow_null=True, default=None)


class OpeningDateInput(StrictSerializer):
    hours = serializers.ListField(child=SpanInput(), max_length=20)


class ClosureInput(PeriodInput):
    reason = serializers.ChoiceField(choices=AvailabilityRule.Reason.choices)
    note = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default=""
    )
    note_bg = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default=""
    )


class CalendarsInput(StrictSerializer):
    calendars = serializers.ListField(
        child=serializers.SlugField(max_length=200), max_length=20
    )


class HitOutput(serializers.Serializer[Any]):
    """A reservation that a change of hours would leave outside."""

    reference = serializers.CharField()
    status = serializers.CharField()
    resource = serializers.CharField(source="resource.slug")
    organisation = serializers.CharField(source="organisation.slug")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class OutcomeOutput(serializers.Serializer[Any]):
    preview = serializers.BooleanField()
    minutes_a_week = serializers.IntegerField()
    hits = HitOutput(many=True)


class ClosureOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    starts_at = serializers.DateTimeField(source="event.start")
    ends_at = serializers.DateTimeField(source="event.end")
    reason = serializers.CharField()
    note = serializers.CharField()
    note_bg = serializers.CharField()
    calendar = serializers.CharField(source="event.calendar.slug")


class ClosureOutcomeOutput(OutcomeOutput):
    closure = ClosureOutput(allow_null=True)


class WeeklyOutput(serializers.Serializer[Any]):
    days = serializers.ListField(child=serializers.CharField())
    to = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.CharField()}


class SeasonOutput(serializers.Serializer[Any]):
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True)
    weekly = WeeklyOutput(many=True)


class OpeningHoursOutput(serializers.Serializer[Any]):
    time_zone = serializers.CharField()
    seasons = SeasonOutput(many=True)
    calendars = serializers.ListField(child=serializers.CharField())
