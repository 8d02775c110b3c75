from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api import serializers as shapes
from booking.api.questions import AnswersField
from booking.api.requests import idempotency_of, validated
from booking.api.reservations import IDEMPOTENCY_KEY
from booking.models import Kit
from booking.selectors.facts import Wish
from booking.selectors.kits import kit_parts
from booking.services import kits
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in


class PartInput(StrictSerializer):
    resource = serializers.SlugField(max_length=80)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)
    people = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, allow_null=True, default=None
    )
    accept_terms = serializers.IntegerField(
        min_value=1, max_value=2**31, allow_null=True, default=None
    )
    answers = AnswersField(default=dict)

    @staticmethod
    def wish(given: dict[str, Any]) -> kits.PartWish:
        return kits.PartWish(
            given["resource"],
            given["quantity"],
            given["people"],
            given["accept_terms"],
            given["answers"],
        )


class KitInput(shapes.ForSomebody, shapes.PeriodInput):
    parts = PartInput(many=True)
    organisation = serializers.SlugField(max_length=80, required=False, default="")
    purpose = serializers.CharField(max_length=500)
    people = serializers.IntegerField(min_value=1, max_value=10_000, default=1)


KIT = inline_serializer(
    "Kit",
    {
        "reference": serializers.CharField(),
        "parts": shapes.ReservationOutput(many=True),
    },
)


class KitViewSet(viewsets.GenericViewSet[Kit]):
    """Several resources at once; every part is a reservation of its own."""

    lookup_field = "reference"
    lookup_value_regex = "[0-9A-Za-z]+"
    queryset = Kit.objects.none()
    serializer_class = KitInput

    def _respond(self, reference: str, code: int = status.HTTP_200_OK) -> Response:
        parts = kit_parts(signed_in(self.request), reference)
        shown = shapes.ReservationOutput(parts, many=True).data
        return Response({"reference": reference, "parts": shown}, code)

    @extend_schema(responses={201: KIT}, parameters=[IDEMPOTENCY_KEY])
    def create(self, request: Request) -> Response:
        """Reserve all of them, or ask to; or none."""
        given = validated(KitInput(data=request.data))
        made = kits.kit_reserve(
            actor=signed_in(request),
            organisation_slug=given["organisation"],
            parts=[PartInput.wish(part) for part in given["parts"]],
            wish=Wish(given["starts_at"], given["ends_at"], given["people"]),
            purpose=given["purpose"],
            idempotency=idempotency_of(request),
            guest=given["for"],
        )
        return self._respond(made.reference, status.HTTP_201_CREATED)

    @extend_schema(responses=KIT)
    def retrieve(self, request: Request, reference: str) -> Response:
        """Return the parts that the caller may see."""
        return self._respond(reference)

    def _change(self, service: Any, reference: str) -> Response:
        given = validated(self.get_serializer(data=self.request.data))
        service(actor=signed_in(self.request), reference=reference, **given)
        return self._respond(reference)

    @extend_schema(request=shapes.OptionalReasonInput, responses=KIT)
    @action(detail=True, methods=["post"], serializer_class=shapes.OptionalReasonInput)
    def cancel(self, request: Request, reference: str) -> Response:
        """Cancel all of it that is ahead."""
        return self._change(kits.kit_cancel, reference)

    @extend_schema(request=shapes.PeriodInput, responses=KIT)
    @action(detail=True, methods=["post"], serializer_class=shapes.PeriodInput)
    def move(self, request: Request, reference: str) -> Response:
        """Move all of it that is ahead, or none."""
        return self._change(kits.kit_move, reference)
