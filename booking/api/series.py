from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.hours_serializers import ClockField
from booking.api.questions import AnswersField
from booking.api.requests import (
    idempotency_of,
    is_preview,
    validated,
    version_of,
)
from booking.api.reservations import IDEMPOTENCY_KEY, IF_MATCH
from booking.api.serializers import (
    NothingInput,
    PeriodOutput,
    ResultsOutput,
    TakenOutput,
    results_shape,
)
from booking.models import Series, SeriesDate
from booking.models.policy import LONGEST_DAYS
from booking.models.series import State
from booking.selectors.series import series_get, series_visible_to
from booking.series import MOST_DATES, Pattern, Repeats
from booking.services.series import SeriesWish, series_create, series_preview
from booking.services.series_changes import Chosen, Which, series_cancel
from booking.services.series_deciding import series_approve
from booking.services.series_moving import Change, series_change
from booking.services.series_writing import clash_shape
from booking.weekly import DAYS
from config.serializers import YEARS, StrictSerializer
from labs.api.authentication import signed_in

PREVIEW = OpenApiParameter(
    "preview", bool, description="Only say which dates could be had, and why not."
)
LONGEST_MINUTES = LONGEST_DAYS * 1440


class DayField(serializers.DateField):
    """A date in a likely year: beyond, arithmetic would overflow."""

    def to_internal_value(self, value: Any) -> dt.date:
        day: dt.date = super().to_internal_value(value)
        if day.year not in YEARS:
            raise serializers.ValidationError(
                _("The year must lie between 2000 and 2200."), code="absurd_year"
            )
        return day


class DatesField(serializers.ListField):
    child = DayField()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MOST_DATES, default=list, **options)


class PatternInput(StrictSerializer):
    """When: by the clock of the site, so 09:00 stays 09:00 when the clocks change."""

    first_on = DayField()
    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_MINUTES)
    repeats = serializers.ChoiceField(choices=Repeats.choices)
    interval = serializers.IntegerField(min_value=1, max_value=52, default=1)
    days = serializers.ListField(
        child=serializers.ChoiceField(choices=DAYS), max_length=7, default=list
    )
    week = serializers.IntegerField(
        min_value=-1,
        max_value=4,
        default=0,
        help_text="Of a month: 2 and TU is its second Tuesday, -1 the last one.",
    )
    until = DayField(required=False, allow_null=True, default=None)
    count = serializers.IntegerField(
        min_value=1, max_value=366, required=False, allow_null=True, default=None
    )
    picked = DatesField(help_text="Dates that come on top.")
    excluded = DatesField(help_text="Dates that are left out.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's, so it cannot be declared as an attribute.
        return {"from": ClockField(), **super().get_fields()}

    def pattern(self) -> Pattern:
        given = self.validated_data
        midnight = dt.datetime.combine(given["first_on"], dt.time())
        names = ("repeats", "minutes", "interval", "week", "until", "count")
        return Pattern(
            first=midnight + dt.timedelta(minutes=given["from"]),
            days=tuple(given["days"]),
            picked=tuple(given["picked"]),
            excluded=tuple(given["excluded"]),
            **{name: given[name] for name in names},
        )


class PreviewInput(PatternInput):
    resource = serializers.SlugField(max_length=80)
    organisation = serializers.SlugField(max_length=80, required=False, default="")
    purpose = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )
    people = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)
    accept_terms = serializers.IntegerField(
        min_value=1, max_value=2**31, allow_null=True, default=None
    )
    answers = AnswersField(default=dict)
    keep = serializers.BooleanField(
        default=False,
        help_text="Reserve what can be had; what is taken stays wanted.",
    )

    def wish(self) -> SeriesWish:
        given = self.validated_data
        return SeriesWish(
            resource_slug=given["resource"],
            organisation_slug=given["organisation"],
            pattern=self.pattern(),
            purpose=given["purpose"],
            people=given["people"],
            quantity=given["quantity"],
            accepts=given["accept_terms"],
            answers=given["answers"],
        )


class SeriesInput(PreviewInput):
    purpose = serializers.CharField(max_length=500)


class ChosenInput(StrictSerializer):
    which = serializers.ChoiceField(choices=Which.choices)
    number = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["which"] != Which.ALL and attrs["number"] is None:
            raise serializers.ValidationError(
                {"number": [_("Say which date of the series.")]}
            )
        return attrs


class CancelInput(ChosenInput):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )


class ChangeInput(ChosenInput):
    shift_minutes = serializers.IntegerField(
        min_value=-527_040,
        max_value=527_040,
        default=0,
        help_text="By the clock on the wall: 10080 is the same hour a week later.",
    )
    minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_MINUTES, required=False, default=None
    )
    purpose = serializers.CharField(max_length=500, required=False, default=None)
    people = serializers.IntegerField(
        min_value=1, max_value=10_000, required=False, default=None
    )
    resource = serializers.SlugField(max_length=80, required=False, default=None)
    keep = serializers.BooleanField(default=False)

    def change(self) -> Change:
        given = self.validated_data
        return Change(
            shift=dt.timedelta(minutes=given["shift_minutes"]),
            minutes=given["minutes"],
            purpose=given["purpose"],
            people=given["people"],
            resource_slug=given["resource"],
        )


class VerdictOutput(PeriodOutput):
    state = serializers.ChoiceField(choices=["free", "taken", "refused"])
    code = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())
    violations = serializers.ListField(child=serializers.DictField())
    taken = TakenOutput(many=True)


class PreviewOutput(serializers.Serializer[Any]):
    needs_approval = serializers.BooleanField()
    free = serializers.IntegerField()
    dates = VerdictOutput(many=True)


class DateOutput(PeriodOutput):
    """`status` is the reservation's, where there is one."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=State.choices)
    reservation = serializers.CharField(allow_null=True)
    status = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    reason = serializers.CharField()


class SeriesOutput(serializers.ModelSerializer[Series]):
    resource = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    organisation = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    requested_by = serializers.CharField(source="requested_by.name", read_only=True)

    class Meta:
        model = Series
        fields = (
            "reference",
            "resource",
            "organisation",
            "requested_by",
            "purpose",
            "people",
            "quantity",
            "repeats",
            "first_on",
            "minutes",
            "interval",
            "days",
            "week",
            "until",
            "count",
            "picked",
            "excluded",
            "version",
            "created_at",
        )
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        clock = serializers.TimeField(source="clock", format="%H:%M", read_only=True)
        return {**super().get_fields(), "from": clock}


class SeriesWithDates(SeriesOutput):
    """What `respond` writes."""

    dates = DateOutput(many=True, read_only=True)

    class Meta(SeriesOutput.Meta):
        fields = (*SeriesOutput.Meta.fields, "dates")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


def respond(series: Series, code: int = status.HTTP_200_OK) -> Response:
    """Return a series with its dates, and its version as ETag."""
    # By hand: 52 serializers take longer than all that is asked of the database.
    dates = [_date_shape(date) for date in series.in_order]
    body = SeriesOutput(series).data | {"dates": dates}
    return Response(body, code, headers={"ETag": f'"{series.version}"'})


def _date_shape(date: SeriesDate) -> dict[str, Any]:
    made, when = date.reservation, date.when
    return {
        "number": date.number,
        "starts_at": when.start,
        "ends_at": when.end,
        "state": date.state,
        "reservation": made.reference if made else None,
        "status": made.status if made else None,
        "code": date.code,
        "reason": date.reason,
    }


class SeriesViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Series]):
    """Series that the caller may see; their dates are reservations as all others."""

    lookup_field = "reference"
    lookup_value_regex = "[0-9A-Za-z]+"
    serializer_class = SeriesOutput
    queryset = Series.objects.none()

    def get_queryset(self) -> Any:
        return series_visible_to(signed_in(self.request))

    @extend_schema(
        request=SeriesInput,
        responses={201: SeriesWithDates, 200: PreviewOutput},
        parameters=[IDEMPOTENCY_KEY, PREVIEW],
    )
    def create(self, request: Request) -> Response:
        """Reserve every date, or ask to; with `preview` only say what could be had."""
        if is_preview(request):
            return self._preview(request)
        shape = SeriesInput(data=request.data)
        given = validated(shape)
        made = series_create(
            actor=signed_in(request),
            wish=shape.wish(),
            keep=given["keep"],
            idempotency=idempotency_of(request),
        )
        return respond(made, status.HTTP_201_CREATED)

    def _preview(self, request: Request) -> Response:
        shape = PreviewInput(data=request.data)
        validated(shape)
        _resource, judged = series_preview(actor=signed_in(request), wish=shape.wish())
        dates = [clash_shape(verdict) for verdict in judged.verdicts]
        known = {
            "needs_approval": judged.policy.needs_approval,
            "free": len(dates) - len(judged.bad),
            "dates": dates,
        }
        return Response(known)

    @extend_schema(responses=SeriesWithDates)
    def retrieve(self, request: Request, reference: str) -> Response:
        return respond(series_get(signed_in(request), reference))

    def _chosen(self, reference: str, shape: ChosenInput) -> Chosen:
        given = validated(shape)
        version = version_of(self.request)
        return Chosen(reference, given["which"], given["number"], version)

    @extend_schema(
        request=ChangeInput, responses=SeriesWithDates, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"])
    def change(self, request: Request, reference: str) -> Response:
        """Move dates, or change what they are about; all of it or, kept, what can."""
        shape = ChangeInput(data=request.data)
        chosen = self._chosen(reference, shape)
        series_change(
            actor=signed_in(request),
            chosen=chosen,
            change=shape.change(),
            keep=shape.validated_data["keep"],
        )
        return respond(series_get(signed_in(request), reference))

    @extend_schema(
        request=CancelInput, responses=SeriesWithDates, parameters=[IF_MATCH]
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, reference: str) -> Response:
        """Cancel this date, it and those after, or all that are still ahead."""
        shape = CancelInput(data=request.data)
        chosen = self._chosen(reference, shape)
        reason = shape.validated_data["reason"]
        series_cancel(actor=signed_in(request), chosen=chosen, reason=reason)
        return respond(series_get(signed_in(request), reference))

    @extend_schema(request=NothingInput, responses=ResultsOutput)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, reference: str) -> Response:
        """Approve every date that waits; says of each what became of it."""
        validated(NothingInput(data=request.data))
        results = series_approve(actor=signed_in(request), reference=reference)
        return Response(results_shape(results))
