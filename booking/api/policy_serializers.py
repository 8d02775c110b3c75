"""Shapes of the policy that holds for a resource."""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from rest_framework import serializers

from booking.models import EffectivePolicy, Policy, Quota
from booking.models.paths import Path, Undecided
from booking.models.policy import OthersSee
from config.serializers import StrictSerializer

#: The values of a policy that are one of a few words.
WORDED: dict[str, type[TextChoices]] = {
    "approval_path": Path,
    "when_undecided": Undecided,
    "others_see": OthersSee,
}


class PolicyInput(StrictSerializer):
    """Any of the policy's values; null takes the wider policy's."""

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {
            name: serializers.IntegerField(
                required=False, allow_null=True, min_value=0, max_value=100_000
            )
            for name in Policy.VALUES
        }
        fields["check_in_needs_code"] = serializers.BooleanField(
            required=False, allow_null=True
        )
        for name, words in WORDED.items():
            fields[name] = serializers.ChoiceField(
                choices=words.choices, required=False, allow_null=True
            )
        return fields


class PolicyOutput(serializers.ModelSerializer[EffectivePolicy]):
    class Meta:
        model = EffectivePolicy
        fields = (*Policy.VALUES, "needs_approval")
        read_only_fields = fields


class LayerOutput(serializers.Serializer[Any]):
    """One that may say a value, and what it says; null: nothing."""

    scope = serializers.ChoiceField(choices=("agreement", "resource", "host", "hub"))
    name = serializers.CharField()
    value = serializers.JSONField(allow_null=True)


class ExplainedOutput(serializers.Serializer[Any]):
    """A value that holds, who said it, and what each says, the narrowest first."""

    name = serializers.CharField()
    value = serializers.JSONField()
    origin = LayerOutput()
    layers = LayerOutput(many=True)


class QuotaOutput(serializers.ModelSerializer[Quota]):
    class Meta:
        model = Quota
        fields = ("per", "window", "most_minutes", "most_count", "peak_only", "tag")
        read_only_fields = fields


class PolicyExplainedOutput(PolicyOutput):
    """The values that hold, and why; `quotas`: all that count at once."""

    explained = ExplainedOutput(many=True)
    quotas = QuotaOutput(many=True)

    class Meta(PolicyOutput.Meta):
        fields = (*PolicyOutput.Meta.fields, "explained", "quotas")
        read_only_fields = fields
