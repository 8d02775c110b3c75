"""Deputies, and the hub's working hours."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking.api.hours_serializers import SpanInput
from booking.api.requests import validated
from booking.models import Delegation, WorkingHours
from booking.selectors.delegations import delegations_visible_to
from booking.services.delegations import delegation_end, delegation_make
from booking.services.working_hours import working_hours_set
from booking.weekly import DAYS, format_clock
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in


class DelegationInput(StrictSerializer):
    """From the first day through the last, a deputy decides for the caller."""

    organisation = serializers.SlugField(
        max_length=80,
        required=False,
        default="",
        help_text="One that the caller manages; without it as hub staff.",
    )
    deputy = serializers.EmailField(max_length=254)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


class DelegationOutput(serializers.ModelSerializer[Delegation]):
    person = serializers.CharField(source="person.name")
    deputy = serializers.CharField(source="deputy.name")
    organisation = serializers.CharField(
        source="organisation.slug", allow_null=True, default=None
    )

    class Meta:
        model = Delegation
        fields = ("id", "person", "organisation", "deputy", "starts_on", "ends_on")
        read_only_fields = fields


class DelegationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Delegation]):
    """Who decides for whom: one's own, those to oneself; staff see all."""

    serializer_class = DelegationOutput
    lookup_value_regex = "[0-9]{1,9}"
    queryset = Delegation.objects.none()

    def get_queryset(self) -> Any:
        return delegations_visible_to(signed_in(self.request))

    @extend_schema(request=DelegationInput, responses={201: DelegationOutput})
    def create(self, request: Request) -> Response:
        given = validated(DelegationInput(data=request.data))
        made = delegation_make(
            actor=signed_in(request),
            organisation_slug=given["organisation"],
            deputy_email=given["deputy"],
            starts_on=given["starts_on"],
            ends_on=given["ends_on"],
        )
        return Response(DelegationOutput(made).data, status.HTTP_201_CREATED)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """End it; what the deputy decided stands."""
        delegation_end(actor=signed_in(request), delegation_id=int(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)


class WorkingDayInput(SpanInput):
    day = serializers.ChoiceField(choices=DAYS)


class WorkingHoursInput(StrictSerializer):
    week = serializers.ListField(child=WorkingDayInput(), max_length=7)


class WorkingDayOutput(serializers.Serializer[Any]):
    day = serializers.CharField()
    to = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.CharField()}


class WorkingHoursOutput(serializers.Serializer[Any]):
    week = WorkingDayOutput(many=True)


class WorkingHoursView(APIView):
    """When the hub works: the time to decide runs in these hours. None: always."""

    @extend_schema(responses=WorkingHoursOutput)
    def get(self, request: Request) -> Response:
        return Response(_shown())

    @extend_schema(request=WorkingHoursInput, responses=WorkingHoursOutput)
    def put(self, request: Request) -> Response:
        """Say it anew, of each day at most once; for hub staff."""
        given = validated(WorkingHoursInput(data=request.data))
        week = {
            DAYS.index(row["day"]): (row["from"], row["to"]) for row in given["week"]
        }
        working_hours_set(actor=signed_in(request), week=week)
        return Response(_shown())


def _shown() -> dict[str, Any]:
    rows = [
        {
            "day": DAYS[each.weekday],
            "from": format_clock(each.opens),
            "to": format_clock(each.closes),
        }
        for each in WorkingHours.objects.all()
    ]
    return {"week": rows}
