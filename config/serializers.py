"""Shapes of input: a field that nobody knows, or an instant with no offset, is refused.

A serializer here checks shape only; what is allowed is for the services to say.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework import serializers

#: Beyond these a date is a slip of the keyboard, and zone arithmetic would overflow.
YEARS = range(2000, 2201)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses unknown fields instead of ignoring them."""

    def to_internal_value(self, data: Any) -> Any:
        known = {name for name, field in self.fields.items() if not field.read_only}
        if isinstance(data, dict) and (unknown := set(data) - known):
            text = _("This field is not known.")
            raise serializers.ValidationError({name: [text] for name in unknown})
        return super().to_internal_value(data)


class InstantField(serializers.DateTimeField):
    """ISO 8601 with an offset, such as 2027-03-01T09:00:00+02:00."""

    def to_internal_value(self, value: Any) -> dt.datetime:
        try:
            instant = parse_datetime(value) if isinstance(value, str) else None
        except ValueError:
            instant = None
        if instant is None:
            raise serializers.ValidationError(
                _("Give an instant as ISO 8601, such as 2027-03-01T09:00:00+02:00."),
                code="malformed",
            )
        if instant.tzinfo is None:
            raise serializers.ValidationError(
                _("Give the offset from UTC too, such as +02:00 or Z."), code="naive"
            )
        if instant.year not in YEARS:
            raise serializers.ValidationError(
                _("The year must lie between 2000 and 2200."), code="absurd_year"
            )
        return instant.astimezone(dt.UTC)
