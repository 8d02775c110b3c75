from __future__ import annotations

from typing import Any

from rest_framework import serializers

from booking.models import Terms
from booking.selectors.terms import terms_asked_of
from labs.models import Resource, User


class TermsOutput(serializers.ModelSerializer[Terms]):
    class Meta:
        model = Terms
        fields = ("id", "version", "text", "text_bg", "published_at")
        read_only_fields = fields


class TermsAskedOutput(serializers.Serializer[Any]):
    """What holds, null where nothing is asked, and when the caller accepted it."""

    terms = TermsOutput(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)


def terms_asked(actor: User, resource: Resource) -> Any:
    terms, accepted_at = terms_asked_of(actor, resource)
    return TermsAskedOutput({"terms": terms, "accepted_at": accepted_at}).data
