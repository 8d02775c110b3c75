"""How one wants to be told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.serializers import StrictSerializer
from labs.api.authentication import signed_in
from notifications.models import Group, How, Preference
from notifications.models.preference import OFFSETS
from notifications.services.preferences import preference_of, preferences_save


class PreferencesInput(StrictSerializer):
    """What is left out stays; `choices` names by group what does not come at once."""

    choices = serializers.DictField(
        child=serializers.ChoiceField(choices=How.choices),
        required=False,
        help_text=", ".join(Group.values),
    )
    reminders = serializers.ListField(
        child=serializers.ChoiceField(choices=OFFSETS),
        required=False,
        max_length=len(OFFSETS),
        help_text="Minutes before the start; empty: none.",
    )
    quiet_from = serializers.TimeField(required=False, allow_null=True)
    quiet_until = serializers.TimeField(required=False, allow_null=True)
    digest_hour = serializers.IntegerField(required=False, min_value=0, max_value=23)


class PreferencesOutput(serializers.ModelSerializer[Preference]):
    class Meta:
        model = Preference
        fields = ("choices", "reminders", "quiet_from", "quiet_until", "digest_hour")
        read_only_fields = fields


@extend_schema(tags=["me"])
class PreferencesView(APIView):
    """What one is mailed, and when."""

    @extend_schema(responses=PreferencesOutput)
    def get(self, request: Request) -> Response:
        return Response(PreferencesOutput(preference_of(signed_in(request))).data)

    @extend_schema(request=PreferencesInput, responses=PreferencesOutput)
    def put(self, request: Request) -> Response:
        sent = PreferencesInput(data=request.data)
        sent.is_valid(raise_exception=True)
        chosen: dict[str, Any] = sent.validated_data
        preference = preferences_save(actor=signed_in(request), **chosen)
        return Response(PreferencesOutput(preference).data)
