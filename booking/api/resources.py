"""Resources with what booking knows of them: hours, closures, policy, free time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api import hours_serializers as hours_shapes
from booking.api import policy_serializers as policy_shapes
from booking.api import serializers as shapes
from booking.api.approval_rules import ApprovalRulesMixin
from booking.api.outside_calendars import OutsideCalendarsMixin
from booking.api.questions import QuestionsMixin
from booking.api.requests import is_preview, validated
from booking.api.restricting import RestrictedHoursMixin
from booking.api.terms import TermsAskedOutput, terms_asked
from booking.selectors.finding import Search, free_slots
from booking.selectors.hours import closures_of, opening_hours_of
from booking.selectors.policies import guest_seen_by, policy_held
from booking.selectors.timeline import timeline_of
from booking.services import availability
from booking.services.availability import Outcome
from booking.services.policies import resource_policy_set
from booking.visibility import closure_seen_by
from config import clock
from config.errors import Invalid, Missing
from config.prepared import prepared
from config.serializers import YEARS, InstantField, StrictSerializer
from labs.api.authentication import signed_in
from labs.api.resources import ResourceSerializer, ResourceViewSet
from labs.models import Resource

PREVIEW = OpenApiParameter(
    "preview", bool, description="Only list the reservations that it would hit."
)
#: A period of availability that is asked for at once.
LONGEST_DAYS = 92


class BookableSerializer(ResourceSerializer):
    needs_approval = serializers.BooleanField(
        source="effective_policy.needs_approval", read_only=True
    )

    class Meta(ResourceSerializer.Meta):
        fields = (*ResourceSerializer.Meta.fields, "needs_approval")
        read_only_fields = fields


class AvailabilityInput(StrictSerializer):
    to = InstantField()
    minutes = serializers.IntegerField(min_value=5, max_value=31 * 1440, required=False)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's.
        return {"from": InstantField(), **super().get_fields()}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["to"] <= attrs["from"]:
            text = _("The end must come after the start.")
            raise serializers.ValidationError({"to": [text]})
        if attrs["to"] - attrs["from"] > dt.timedelta(days=LONGEST_DAYS):
            text = _("Ask for at most %(n)d days at once.") % {"n": LONGEST_DAYS}
            raise serializers.ValidationError({"to": [text]})
        return attrs


def outcome_response(request: Request, outcome: Outcome) -> dict[str, Any]:
    return {
        "preview": is_preview(request),
        "minutes_a_week": outcome.minutes_a_week,
        "hits": hours_shapes.HitOutput(outcome.hits, many=True).data,
    }


def day_of(text: str) -> dt.date:
    """Return the date in a path; raises Invalid (400)."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Invalid({"date": [_("Give a date as 2027-03-01.")]})
    return day


class BookableViewSet(
    ApprovalRulesMixin,
    OutsideCalendarsMixin,
    QuestionsMixin,
    RestrictedHoursMixin,
    ResourceViewSet,
):
    """Resources; their managers also publish hours, closures and policy here."""

    serializer_class = BookableSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("effective_policy")

    @extend_schema(
        parameters=[AvailabilityInput],
        responses=shapes.AvailabilityOutput,
        filters=False,
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def availability(self, request: Request, slug: str) -> Response:
        """Show open, taken and free times; a pool's free times may overlap."""
        visible = Resource.objects.visible_to(signed_in(request))
        with prepared():
            resource = (
                visible.select_related("effective_policy", "organisation")
                .filter(slug=slug)
                .first()
            )
        if resource is None:
            raise Missing
        given = validated(AvailabilityInput(data=request.query_params.dict()))
        now = clock.now()
        policy = resource.effective_policy
        minutes = given.get("minutes", policy.shortest_minutes)
        row = timeline_of(signed_in(request), resource, given["from"], given["to"])
        start = max(given["from"], now)
        search = Search(start, given["to"], minutes, given["quantity"])
        can_be_had = start < given["to"] and resource.is_published
        slots = free_slots(resource, search, now) if can_be_had else []
        return Response(
            {
                "resource": resource.slug,
                "time_zone": row["time_zone"],
                "open": row["open"],
                "taken": row["taken"],
                "free": [{"starts_at": s.start, "ends_at": s.end} for s in slots],
            }
        )

    @extend_schema(responses=hours_shapes.OpeningHoursOutput, filters=False)
    @action(detail=True, url_path="opening-hours", url_name="opening-hours")
    def opening_hours(self, request: Request, slug: str) -> Response:
        return Response(
            hours_shapes.OpeningHoursOutput(opening_hours_of(self.get_object())).data
        )

    @extend_schema(
        request=hours_shapes.OpeningHoursInput,
        responses=hours_shapes.OutcomeOutput,
        parameters=[PREVIEW],
    )
    @opening_hours.mapping.put
    def publish_opening_hours(self, request: Request, slug: str) -> Response:
        """Replace the weekly hours from `valid_from` (today) until `valid_until`."""
        given = validated(hours_shapes.OpeningHoursInput(data=request.data))
        outcome = availability.opening_hours_publish(
            actor=signed_in(request),
            resource_slug=slug,
            weekly=[
                hours_shapes.WeeklyHoursInput.hours(row) for row in given["weekly"]
            ],
            valid_from=given["valid_from"],
            valid_until=given["valid_until"],
            preview=is_preview(request),
        )
        return Response(outcome_response(request, outcome))

    @extend_schema(
        operation_id="resources_opening_date_update",
        request=hours_shapes.OpeningDateInput,
        responses=hours_shapes.OutcomeOutput,
        parameters=[PREVIEW, OpenApiParameter("date", str, OpenApiParameter.PATH)],
    )
    @action(
        detail=True,
        methods=["put"],
        url_path=r"opening-hours/(?P<date>[0-9-]+)",
        url_name="opening-date",
    )
    def opening_date(self, request: Request, slug: str, date: str) -> Response:
        """Say when it is open on one date, whatever the week says."""
        given = validated(hours_shapes.OpeningDateInput(data=request.data))
        outcome = availability.opening_date_set(
            actor=signed_in(request),
            resource_slug=slug,
            day=day_of(date),
            hours=[(row["from"], row["to"]) for row in given["hours"]],
            preview=is_preview(request),
        )
        return Response(outcome_response(request, outcome))

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("date", str, OpenApiParameter.PATH)],
    )
    @opening_date.mapping.delete
    def forget_opening_date(self, request: Request, slug: str, date: str) -> Response:
        """Let the week's hours hold on that date again."""
        availability.opening_date_forget(
            actor=signed_in(request), resource_slug=slug, day=day_of(date)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=hours_shapes.ClosureOutput(many=True), filters=False)
    @action(detail=True, pagination_class=None, filterset_class=None)
    def closures(self, request: Request, slug: str) -> Response:
        """List the closures that are not over, those of shared calendars too."""
        resource = self.get_object()
        viewer = signed_in(request)
        rows = [
            closure_seen_by(viewer, closure, resource.organisation_id)
            for closure in closures_of(resource)
        ]
        return Response(hours_shapes.ClosureOutput(rows, many=True).data)

    @extend_schema(
        request=hours_shapes.ClosureInput,
        responses={
            201: hours_shapes.ClosureOutcomeOutput,
            200: hours_shapes.OutcomeOutput,
        },
        parameters=[PREVIEW],
    )
    @closures.mapping.post
    def close(self, request: Request, slug: str) -> Response:
        """Close for a period; lists the reservations that it hits, and touches none."""
        given = validated(hours_shapes.ClosureInput(data=request.data))
        preview = is_preview(request)
        outcome = availability.closure_add(
            actor=signed_in(request), resource_slug=slug, preview=preview, **given
        )
        closure = None if preview else hours_shapes.ClosureOutput(outcome.rule).data
        body = outcome_response(request, outcome) | {"closure": closure}
        code = status.HTTP_200_OK if preview else status.HTTP_201_CREATED
        return Response(body, code)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("closure", int, OpenApiParameter.PATH)],
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path=r"closures/(?P<closure>[0-9]{1,9})",
        url_name="closure",
    )
    def closure(self, request: Request, slug: str, closure: str) -> Response:
        """Take a closure back."""
        availability.closure_remove(
            actor=signed_in(request), resource_slug=slug, closure_id=int(closure)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        request=hours_shapes.CalendarsInput,
        responses=hours_shapes.OutcomeOutput,
        parameters=[PREVIEW],
    )
    @action(detail=True, methods=["put"])
    def calendars(self, request: Request, slug: str) -> Response:
        """Say which shared calendars apply, such as the public holidays."""
        given = validated(hours_shapes.CalendarsInput(data=request.data))
        outcome = availability.shared_calendars_set(
            actor=signed_in(request),
            resource_slug=slug,
            slugs=given["calendars"],
            preview=is_preview(request),
        )
        return Response(outcome_response(request, outcome))

    @extend_schema(responses=TermsAskedOutput, filters=False)
    @action(detail=True)
    def terms(self, request: Request, slug: str) -> Response:
        """Return the terms of use that whoever reserves it must accept, if any."""
        return Response(terms_asked(signed_in(request), self.get_object()))

    @extend_schema(
        responses=policy_shapes.PolicyExplainedOutput,
        parameters=[
            OpenApiParameter("organisation", str, description="For which guest."),
            OpenApiParameter("date", dt.date, description="On which day; today."),
        ],
        filters=False,
    )
    @action(detail=True)
    def policy(self, request: Request, slug: str) -> Response:
        """Return the values that hold, and for each where it comes from."""
        resource, actor = self.get_object(), signed_in(request)
        guest = guest_seen_by(actor, resource, request.query_params.get("organisation"))
        given = request.query_params.get("date")
        day = day_of(given) if given else clock.today()
        return Response(
            policy_shapes.PolicyExplainedOutput(policy_held(resource, guest, day)).data
        )

    @extend_schema(
        request=policy_shapes.PolicyInput, responses=policy_shapes.PolicyOutput
    )
    @policy.mapping.patch
    def set_policy(self, request: Request, slug: str) -> Response:
        """Set some of the resource's own values; null takes the wider policy's."""
        given = validated(policy_shapes.PolicyInput(data=request.data))
        effective = resource_policy_set(
            actor=signed_in(request), resource_slug=slug, values=given
        )
        return Response(policy_shapes.PolicyOutput(effective).data)
