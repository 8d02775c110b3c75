"""Shapes of asking beforehand, and of going against the rules."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from booking.api.serializers import PeriodInput, ReserveInput
from booking.services.checking import Feasibility
from config.serializers import StrictSerializer


class OverridingInput(StrictSerializer):
    """The rules that hub staff go against, by their codes, and why."""

    overrides = serializers.ListField(
        child=serializers.SlugField(max_length=40), max_length=20, default=list
    )
    override_reason = serializers.CharField(
        max_length=500, allow_blank=True, default=""
    )


class CheckInput(ReserveInput):
    """As for reserving; nobody is told the purpose."""

    purpose = serializers.CharField(max_length=500, allow_blank=True, default="")


class SendInput(ReserveInput, OverridingInput):
    """A reservation to be made."""


class MoveInput(PeriodInput, OverridingInput):
    """A reservation's new time."""


class JudgedOutput(serializers.Serializer[Any]):
    """A rule, what it found and what it needs; `detail` is empty where it holds."""

    code = serializers.CharField()
    name = serializers.CharField()
    ok = serializers.BooleanField()
    detail = serializers.CharField()
    found = serializers.JSONField(allow_null=True)
    needed = serializers.JSONField(allow_null=True)
    overridable = serializers.BooleanField()


class AlternativeOutput(serializers.Serializer[Any]):
    resource = serializers.CharField()
    name = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    why = serializers.ChoiceField(choices=("nearest_time", "other_day", "same_kind"))


class TakenByOutput(serializers.Serializer[Any]):
    """Who has it; the reservation where the caller may know."""

    until = serializers.DateTimeField()
    pending = serializers.BooleanField(source="is_pending")
    reservation = serializers.CharField(
        source="reservation.reference", allow_null=True, default=None
    )


class ApprovalOutput(serializers.Serializer[Any]):
    """Whether somebody must decide, by when, and how long that usually takes."""

    needed = serializers.BooleanField(source="needs_approval")
    decide_by = serializers.DateTimeField(allow_null=True)
    usual_minutes = serializers.SerializerMethodField()

    def get_usual_minutes(self, found: Feasibility) -> int | None:
        return int(found.usual.total_seconds() // 60) if found.usual else None


class CheckOutput(serializers.Serializer[Any]):
    feasible = serializers.BooleanField(source="is_feasible")
    rules = serializers.SerializerMethodField()
    taken = TakenByOutput(source="taker", allow_null=True)
    nearest = AlternativeOutput(many=True)
    approval = ApprovalOutput(source="*")

    @extend_schema_field(JudgedOutput(many=True))
    def get_rules(self, found: Feasibility) -> list[dict[str, Any]]:
        return [
            {
                "code": rule.code,
                "name": str(rule.name),
                "ok": finding.wrong is None,
                "detail": str(finding.wrong or ""),
                "found": finding.found,
                "needed": finding.needed,
                "overridable": rule.overridable,
            }
            for rule, finding in found.judged
        ]
