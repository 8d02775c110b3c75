from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from booking.api import checking as checks
from booking.api import serializers as shapes
from booking.api.questions import AnswersMixin
from booking.api.requests import idempotency_of, validated, version_of
from booking.models import Reservation
from booking.models.reservation import DECIDERS, Status
from booking.selectors.approving import asked_and_answered
from booking.selectors.offers import offer_of
from booking.selectors.reservations import reservation_get, reservations_visible_to
from booking.services import (
    decisions,
    handing,
    lifecycle,
    no_shows,
    offers,
    reservations,
)
from booking.services.bulk_decisions import reservations_decide
from booking.services.checking import reservation_check
from config.errors import Missing
from config.serializers import InstantField
from labs.api.authentication import signed_in
from labs.api.filters import StrictFilterSet

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag that was read."
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A second request with the same key and body makes nothing new.",
)

Verb = Callable[..., Response]


class InstantFormField(forms.Field):
    """Checked as the instants of a body are: with an offset, in a likely year."""

    def clean(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return InstantField().run_validation(value)
        except serializers.ValidationError as error:
            raise ValidationError([str(text) for text in error.detail]) from error


class InstantFilter(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    field_class = InstantFormField


class ReservationFilter(StrictFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=Status.choices)
    resource = django_filters.CharFilter("resource__slug", max_length=80)
    organisation = django_filters.CharFilter("organisation__slug", max_length=80)
    ends_after = InstantFilter("ends_at", "gt")
    starts_before = InstantFilter("starts_at", "lt")

    class Meta:
        model = Reservation
        fields: tuple[str, ...] = ()


def respond(reservation: Reservation, code: int = status.HTTP_200_OK) -> Response:
    """Return a reservation with its version as ETag."""
    body = shapes.ReservationOutput(reservation).data
    return Response(body, code, headers={"ETag": f'"{reservation.version}"'})


def verb(name: str, shape: type[BaseSerializer[Any]]) -> Callable[[Verb], Verb]:
    """Declare POST {reference}/<name>/ with one shape of body."""
    documented = extend_schema(
        request=shape, responses=shapes.ReservationOutput, parameters=[IF_MATCH]
    )

    def decorate(method: Verb) -> Verb:
        decorated: Verb = action(
            detail=True, methods=["post"], url_path=name, serializer_class=shape
        )(documented(method))
        return decorated

    return decorate


class ReservationViewSet(
    AnswersMixin, mixins.ListModelMixin, viewsets.GenericViewSet[Reservation]
):
    """Reservations that the caller may see; every change is a verb of its own."""

    lookup_field = "reference"
    lookup_value_regex = "[0-9A-Za-z]+"
    serializer_class = shapes.ReservationOutput
    filterset_class = ReservationFilter
    queryset = Reservation.objects.none()

    def get_queryset(self) -> Any:
        return reservations_visible_to(signed_in(self.request))

    def _input(self) -> dict[str, Any]:
        return validated(self.get_serializer(data=self.request.data))

    @extend_schema(request=checks.CheckInput, responses=checks.CheckOutput)
    @action(detail=False, methods=["post"], serializer_class=checks.CheckInput)
    def check(self, request: Request) -> Response:
        """Judge a wish by every rule, as if it were sent now, and write nothing."""
        shape = checks.CheckInput(data=request.data)
        given = validated(shape)
        found = reservation_check(
            actor=signed_in(request),
            resource_slug=given["resource"],
            organisation_slug=given["organisation"],
            wish=shape.wish(),
        )
        return Response(checks.CheckOutput(found).data)

    @extend_schema(
        request=checks.SendInput,
        responses={201: shapes.ReservationOutput},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Reserve, or ask to: the status says which it became."""
        shape = checks.SendInput(data=request.data)
        given = validated(shape)
        made = reservations.reservation_reserve(
            actor=signed_in(request),
            resource_slug=given["resource"],
            organisation_slug=given["organisation"],
            wish=shape.wish(),
            purpose=given["purpose"],
            idempotency=idempotency_of(request),
            guest=given["for"],
            overrides=given["overrides"],
            override_reason=given["override_reason"],
        )
        return respond(made, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, reference: str) -> Response:
        return respond(reservation_get(signed_in(request), reference))

    @extend_schema(responses=shapes.HistoryOutput(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def history(self, request: Request, reference: str) -> Response:
        """Return what happened to it: who, when, from, to, why; oldest first."""
        rows = reservation_get(signed_in(request), reference).history
        return Response(
            shapes.HistoryOutput(rows.select_related("actor"), many=True).data
        )

    @extend_schema(responses=shapes.OfferOutput, filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def offer(self, request: Request, reference: str) -> Response:
        """Return what is offered: instead of a request, or by the waiting list."""
        held = offer_of(reservation_get(signed_in(request), reference))
        if held is None:
            raise Missing
        return Response(shapes.OfferOutput(held).data)

    @extend_schema(
        request=shapes.ChangeInput,
        responses=shapes.ReservationOutput,
        parameters=[IF_MATCH],
    )
    def partial_update(self, request: Request, reference: str) -> Response:
        """Change time, resource, people or purpose; all but the purpose ask again."""
        given = validated(shapes.ChangeInput(data=request.data))
        if "resource" in given:
            given["resource_slug"] = given.pop("resource")
        changed = reservations.reservation_change(
            actor=signed_in(request),
            reference=reference,
            version=version_of(request),
            **given,
        )
        return respond(changed)

    @extend_schema(responses=shapes.SaidOutput(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def thread(self, request: Request, reference: str) -> Response:
        """Return what was asked and answered about it; oldest first."""
        found = reservation_get(signed_in(request), reference)
        rows = asked_and_answered([found.pk]).get(found.pk, [])
        return Response(shapes.SaidOutput(rows, many=True).data)

    @extend_schema(responses=shapes.DecisionOutput(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def decisions(self, request: Request, reference: str) -> Response:
        """Return what was decided at each stage, by whom; oldest first."""
        rows = reservation_get(signed_in(request), reference).decisions
        shown = rows.select_related(*DECIDERS)
        return Response(shapes.DecisionOutput(shown, many=True).data)

    @extend_schema(request=shapes.DecideInput, responses=shapes.ResultsOutput)
    @action(detail=False, methods=["post"])
    def decide(self, request: Request) -> Response:
        """Decide on many, each on its own; the answer says what became of each."""
        given = validated(shapes.DecideInput(data=request.data))
        items = [shapes.DecideItemInput.wanted(row) for row in given["items"]]
        results = reservations_decide(actor=signed_in(request), items=items)
        return Response(shapes.results_shape(results))

    def _change(self, service: Any, reference: str) -> Response:
        changed = service(
            actor=signed_in(self.request),
            reference=reference,
            version=version_of(self.request),
            **self._input(),
        )
        return respond(changed)

    @verb("approve", shapes.NothingInput)
    def approve(self, request: Request, reference: str) -> Response:
        return self._change(decisions.reservation_approve, reference)

    @verb("decline", shapes.DeclineInput)
    def decline(self, request: Request, reference: str) -> Response:
        return self._change(decisions.reservation_decline, reference)

    @verb("take-back", shapes.NothingInput)
    def take_back(self, request: Request, reference: str) -> Response:
        return self._change(decisions.reservation_take_back, reference)

    @verb("ask", shapes.ReasonInput)
    def ask(self, request: Request, reference: str) -> Response:
        return self._change(decisions.reservation_ask, reference)

    @verb("answer", shapes.ReasonInput)
    def answer(self, request: Request, reference: str) -> Response:
        return self._change(decisions.reservation_answer, reference)

    @verb("counter", shapes.CounterInput)
    def counter(self, request: Request, reference: str) -> Response:
        """Offer another time or resource instead; both are held until the answer."""
        return self._change(offers.reservation_counter, reference)

    @verb("accept", shapes.NothingInput)
    def accept(self, request: Request, reference: str) -> Response:
        """Accept what is offered instead, or by the waiting list."""
        return self._change(offers.offer_accept, reference)

    @verb("pass", shapes.OptionalReasonInput)
    def pass_offer(self, request: Request, reference: str) -> Response:
        """Pass what is offered; a request goes on, one in line stays in line."""
        return self._change(offers.offer_pass, reference)

    @verb("cancel", shapes.OptionalReasonInput)
    def cancel(self, request: Request, reference: str) -> Response:
        return self._change(lifecycle.reservation_cancel, reference)

    @verb("move", checks.MoveInput)
    def move(self, request: Request, reference: str) -> Response:
        return self._change(reservations.reservation_move, reference)

    @verb("hand-over", shapes.HandOverInput)
    def hand_over(self, request: Request, reference: str) -> Response:
        return self._change(handing.reservation_hand_over, reference)

    @verb("confirm", shapes.NothingInput)
    def confirm(self, request: Request, reference: str) -> Response:
        """Say that one will come; nobody is told, the host sees it."""
        return self._change(lifecycle.reservation_confirm, reference)

    @verb("check-in", shapes.CheckInInput)
    def check_in(self, request: Request, reference: str) -> Response:
        return self._change(lifecycle.reservation_check_in, reference)

    @verb("check-out", shapes.NothingInput)
    def check_out(self, request: Request, reference: str) -> Response:
        return self._change(lifecycle.reservation_check_out, reference)

    @verb("no-show", shapes.NothingInput)
    def no_show(self, request: Request, reference: str) -> Response:
        return self._change(no_shows.reservation_miss, reference)

    @verb("was-there", shapes.NothingInput)
    def was_there(self, request: Request, reference: str) -> Response:
        return self._change(no_shows.reservation_was_there, reference)
