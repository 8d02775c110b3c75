"""Webhooks of an organisation, for its managers; hub staff look."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.requests import validated
from config.serializers import InstantField, StrictSerializer
from labs.api.authentication import signed_in
from labs.models import Organisation
from notifications.models import EVENTS, Delivery, Webhook
from notifications.services import webhooks
from notifications.webhook_selectors import (
    deliveries_of,
    organisation_with_webhooks,
    webhook_of,
    webhooks_of,
)


class WebhookInput(StrictSerializer):
    url = serializers.CharField(max_length=500, help_text="https://…")
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EVENTS), min_length=1, max_length=50
    )


class ReplayInput(StrictSerializer):
    """One delivery by its id, or all that were planned since an instant."""

    delivery = serializers.UUIDField(required=False)
    since = InstantField(required=False)
    only_given_up = serializers.BooleanField(
        default=True, help_text="With `since`: leave out those that arrived."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("delivery" in attrs) == ("since" in attrs):
            text = _("Give either `delivery` or `since`.")
            raise serializers.ValidationError({"delivery": [text]})
        return attrs


class WebhookOutput(serializers.ModelSerializer[Webhook]):
    """`paused_why`: `by_hand`, `failing` or `gone`; empty while it is on."""

    class Meta:
        model = Webhook
        fields = (
            "id",
            "url",
            "events",
            "paused_at",
            "paused_why",
            "failing_since",
            "created_at",
        )
        read_only_fields = fields


class WebhookSecretOutput(serializers.Serializer[Any]):
    """With the secret that signs, which is not shown again."""

    webhook = WebhookOutput()
    secret = serializers.CharField()


class DeliveryOutput(serializers.ModelSerializer[Delivery]):
    """`status` is the receiver's, null where it gave no answer; `error` says why."""

    id = serializers.UUIDField(source="key", read_only=True)
    reservation = serializers.CharField(
        source="reservation.reference", allow_null=True, default=None, read_only=True
    )

    class Meta:
        model = Delivery
        fields = (
            "id",
            "event",
            "reservation",
            "state",
            "attempts",
            "due_at",
            "tried_at",
            "ended_at",
            "status",
            "error",
            "body",
            "answer",
            "created_at",
        )
        read_only_fields = fields


class ReplayedOutput(serializers.Serializer[Any]):
    replayed = serializers.IntegerField()


@extend_schema(
    tags=["webhooks"],
    parameters=[OpenApiParameter("organisation", str, OpenApiParameter.PATH)],
)
class WebhookViewSet(viewsets.GenericViewSet[Webhook]):
    """Where an organisation's programs hear what happens to its reservations."""

    serializer_class = WebhookOutput
    lookup_value_regex = "[0-9]{1,9}"
    queryset = Webhook.objects.none()

    def _organisation(self) -> Organisation:
        return organisation_with_webhooks(
            signed_in(self.request), self.kwargs["organisation"]
        )

    def _of(self) -> dict[str, Any]:
        """What names the webhook to a service."""
        named = {"actor": signed_in(self.request), "slug": self.kwargs["organisation"]}
        return {**named, "webhook_id": int(self.kwargs["pk"])}

    @extend_schema(responses=WebhookOutput(many=True))
    def list(self, request: Request, organisation: str) -> Response:
        page = self.paginate_queryset(webhooks_of(self._organisation()))
        return self.get_paginated_response(WebhookOutput(page, many=True).data)

    @extend_schema(request=WebhookInput, responses={201: WebhookSecretOutput})
    def create(self, request: Request, organisation: str) -> Response:
        """Add one; the secret that signs is in this answer and in no other."""
        given = validated(WebhookInput(data=request.data))
        made = webhooks.webhook_add(
            actor=signed_in(request), slug=organisation, **given
        )
        return _with_secret(*made, status.HTTP_201_CREATED)

    @extend_schema(responses=WebhookOutput)
    def retrieve(self, request: Request, organisation: str, pk: str) -> Response:
        return Response(WebhookOutput(webhook_of(self._organisation(), int(pk))).data)

    @extend_schema(request=WebhookInput, responses=WebhookOutput)
    def partial_update(self, request: Request, organisation: str, pk: str) -> Response:
        """Change the address, the events, or both."""
        kept = webhook_of(self._organisation(), int(pk))
        given = validated(WebhookInput(data=request.data, partial=True))
        wanted = {"url": kept.url, "events": kept.events, **given}
        changed = webhooks.webhook_change(**self._of(), **wanted)
        return Response(WebhookOutput(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, organisation: str, pk: str) -> Response:
        """Forget it, with its log and what waits."""
        webhooks.webhook_remove(**self._of())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: DeliveryOutput})
    @action(detail=True, methods=["post"])
    def ping(self, request: Request, organisation: str, pk: str) -> Response:
        """Have its receiver tried once; the log says how that went."""
        sent = webhooks.webhook_ping(**self._of())
        return Response(DeliveryOutput(sent).data, status.HTTP_202_ACCEPTED)

    @extend_schema(request=None, responses=WebhookOutput)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, organisation: str, pk: str) -> Response:
        """Tell it nothing for a while; what happens meanwhile waits."""
        return Response(WebhookOutput(webhooks.webhook_pause(**self._of())).data)

    @extend_schema(request=None, responses=WebhookOutput)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, organisation: str, pk: str) -> Response:
        """Go on, with what waited."""
        return Response(WebhookOutput(webhooks.webhook_resume(**self._of())).data)

    @extend_schema(request=None, responses=WebhookSecretOutput)
    @action(detail=True, methods=["post"], url_path="rotate-secret")
    def rotate(self, request: Request, organisation: str, pk: str) -> Response:
        """Give it a new secret; for a day the former one signs as well."""
        return _with_secret(*webhooks.webhook_rotate(**self._of()))

    @extend_schema(responses=DeliveryOutput(many=True))
    @action(detail=True, methods=["get"])
    def deliveries(self, request: Request, organisation: str, pk: str) -> Response:
        """List what it was told and is still to be told, the newest first."""
        log = deliveries_of(webhook_of(self._organisation(), int(pk)))
        page: Any = self.paginate_queryset(log)  # type: ignore[arg-type]
        return self.get_paginated_response(DeliveryOutput(page, many=True).data)

    @extend_schema(request=ReplayInput, responses={202: ReplayedOutput})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, organisation: str, pk: str) -> Response:
        """Send again, in their order and under their ids, what ended."""
        given = validated(ReplayInput(data=request.data))
        if "delivery" in given:
            webhooks.delivery_replay(**self._of(), key=given["delivery"])
            number = 1
        else:
            number = webhooks.deliveries_replay(**self._of(), **given)
        return Response({"replayed": number}, status.HTTP_202_ACCEPTED)


def _with_secret(
    webhook: Webhook, secret: str, code: int = status.HTTP_200_OK
) -> Response:
    shown = {"webhook": webhook, "secret": secret}
    return Response(WebhookSecretOutput(shown).data, code)
