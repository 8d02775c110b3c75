from __future__ import annotations

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.requests import validated
from booking.models import ApprovalRule
from booking.selectors.approving import rules_of
from booking.services.approval_rules import (
    approval_rule_add,
    approval_rule_remove,
    approval_rule_try,
)
from booking.services.availability import managed_resource
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in

_Base = viewsets.GenericViewSet[Model]


class ApprovalRuleInput(StrictSerializer):
    """The conditions of a rule, all of which must hold."""

    own_organisation = serializers.BooleanField(default=False)
    at_most_minutes = serializers.IntegerField(
        required=False, allow_null=True, default=None
    )
    organisations = serializers.ListField(
        child=serializers.SlugField(max_length=80), max_length=50, default=list
    )
    for_all = serializers.BooleanField(
        default=False, help_text="For all resources of the organisation."
    )


class ApprovalRuleOutput(serializers.ModelSerializer[ApprovalRule]):
    organisations = serializers.SlugRelatedField[Any](
        slug_field="slug", many=True, read_only=True
    )
    for_all = serializers.SerializerMethodField()

    class Meta:
        model = ApprovalRule
        fields = (
            "id",
            "own_organisation",
            "at_most_minutes",
            "organisations",
            "for_all",
        )
        read_only_fields = fields

    def get_for_all(self, rule: ApprovalRule) -> bool:
        return rule.organisation_id is not None


class TriedOutput(serializers.Serializer[Any]):
    reference = serializers.CharField()
    status = serializers.CharField()
    resource = serializers.CharField(source="resource.slug")
    organisation = serializers.CharField(source="organisation.slug")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TrialOutput(serializers.Serializer[Any]):
    """Of so many requests of the last 90 days it would have approved these."""

    requests = serializers.IntegerField()
    approved = TriedOutput(many=True)


class ApprovalRulesMixin(_Base):
    """The rules that approve a resource's requests at once; for its managers."""

    @extend_schema(responses=ApprovalRuleOutput(many=True), filters=False)
    @action(
        detail=True,
        url_path="approval-rules",
        url_name="approval-rules",
        pagination_class=None,
        filterset_class=None,
    )
    def approval_rules(self, request: Request, slug: str) -> Response:
        """List those that hold for the resource."""
        rows = rules_of(managed_resource(signed_in(request), slug))
        return Response(ApprovalRuleOutput(rows, many=True).data)

    @extend_schema(request=ApprovalRuleInput, responses={201: ApprovalRuleOutput})
    @approval_rules.mapping.post
    def add_approval_rule(self, request: Request, slug: str) -> Response:
        """Add one; what waits already goes on waiting."""
        given = validated(ApprovalRuleInput(data=request.data))
        made = approval_rule_add(actor=signed_in(request), resource_slug=slug, **given)
        return Response(ApprovalRuleOutput(made).data, status.HTTP_201_CREATED)

    @extend_schema(request=ApprovalRuleInput, responses=TrialOutput)
    @action(
        detail=True,
        methods=["post"],
        url_path="approval-rules/try",
        url_name="approval-rules-try",
    )
    def try_approval_rule(self, request: Request, slug: str) -> Response:
        """Say what it would have approved in the last 90 days; changes nothing."""
        given = validated(ApprovalRuleInput(data=request.data))
        trial = approval_rule_try(actor=signed_in(request), resource_slug=slug, **given)
        return Response(TrialOutput(trial).data)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("rule", int, OpenApiParameter.PATH)],
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path=r"approval-rules/(?P<rule>[0-9]{1,9})",
        url_name="approval-rule",
    )
    def remove_approval_rule(self, request: Request, slug: str, rule: str) -> Response:
        """Drop one; what it approved stays approved."""
        approval_rule_remove(
            actor=signed_in(request), resource_slug=slug, rule_id=int(rule)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
