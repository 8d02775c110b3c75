"""Shapes of input and output; what is allowed is for the services to say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.api.questions import AnswerOutput, AnswersField
from booking.models import Decision, Reservation
from booking.models.paths import DeclineCode
from booking.models.reservation import Status
from booking.selectors.facts import Wish
from booking.services.bulk_decisions import MOST_AT_ONCE, Result, Wanted
from config.problems import problem
from config.serializers import InstantField, StrictSerializer
from labs.models import Resource


def _in_order(attrs: dict[str, Any]) -> dict[str, Any]:
    if attrs["ends_at"] <= attrs["starts_at"]:
        raise serializers.ValidationError(
            {"ends_at": [_("The end must come after the start.")]}
        )
    return attrs


class PeriodInput(StrictSerializer):
    starts_at = InstantField()
    ends_at = InstantField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return _in_order(attrs)


class ForSomebody(serializers.Serializer[Any]):
    """With `for`: the e-mail of who is to come, where that is not the caller."""

    def get_fields(self) -> dict[str, Any]:
        # `for` is a word of Python's, so it cannot be declared as an attribute.
        guest = serializers.EmailField(required=False, allow_blank=True, default="")
        return {**super().get_fields(), "for": guest}


class ReserveInput(ForSomebody, PeriodInput):
    resource = serializers.SlugField(max_length=80)
    organisation = serializers.SlugField(max_length=80, required=False, default="")
    purpose = serializers.CharField(max_length=500)
    people = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    quantity = serializers.IntegerField(min_value=1, max_value=1_000, default=1)
    accept_terms = serializers.IntegerField(
        min_value=1,
        max_value=2**31,
        allow_null=True,
        default=None,
        help_text=_("The id of the version of the terms of use that one accepts."),
    )

    answers = AnswersField(default=dict)

    def wish(self) -> Wish:
        given = self.validated_data
        names = ("starts_at", "ends_at", "people", "quantity", "answers")
        asked = {name: given[name] for name in names}
        return Wish(**asked, accepts=given["accept_terms"])


class ReasonInput(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class DeclineInput(StrictSerializer):
    """A reason from the list, which the reader gets in their language."""

    code = serializers.ChoiceField(
        choices=DeclineCode.choices, default=DeclineCode.OTHER
    )
    reason = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        default="",
        help_text="Needed for `other`.",
    )


class DecideItemInput(StrictSerializer):
    reference = serializers.CharField(max_length=8)
    version = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, default=None
    )
    verdict = serializers.ChoiceField(choices=["approve", "decline"])
    code = serializers.ChoiceField(
        choices=DeclineCode.choices, default=DeclineCode.OTHER
    )
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )

    @staticmethod
    def wanted(given: dict[str, Any]) -> Wanted:
        rest = {name: value for name, value in given.items() if name != "verdict"}
        return Wanted(approve=given["verdict"] == "approve", **rest)


class DecideInput(StrictSerializer):
    items = serializers.ListField(
        child=DecideItemInput(), min_length=1, max_length=MOST_AT_ONCE
    )


class ChangeInput(StrictSerializer):
    """What is to be different; the rest stays."""

    resource = serializers.SlugField(max_length=80, required=False)
    starts_at = InstantField(required=False)
    ends_at = InstantField(required=False)
    people = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    purpose = serializers.CharField(max_length=500, required=False)


class OptionalReasonInput(StrictSerializer):
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )


class CheckInInput(StrictSerializer):
    """With the code that the screen beside the door shows, it proves presence."""

    code = serializers.CharField(
        max_length=120, required=False, allow_blank=True, default=""
    )


class CounterInput(PeriodInput):
    """Another time, and another resource where one is named."""

    resource = serializers.SlugField(max_length=80, required=False, default="")
    reason = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default=""
    )


class HandOverInput(StrictSerializer):
    """`to`: the e-mail of the colleague who comes instead."""

    to = serializers.EmailField()


class NothingInput(StrictSerializer):
    """An empty body."""


class ReservationOutput(serializers.ModelSerializer[Reservation]):
    resource = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    organisation = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    requested_by = serializers.CharField(source="requested_by.name", read_only=True)
    sent_by = serializers.CharField(
        source="sent_by.name", read_only=True, allow_null=True, default=None
    )
    kit = serializers.SlugRelatedField[Any](slug_field="reference", read_only=True)
    terms = serializers.IntegerField(source="terms_id", read_only=True, allow_null=True)
    decided_by = serializers.CharField(
        source="decided_by.name", read_only=True, allow_null=True, default=None
    )
    series = serializers.SlugRelatedField[Any](
        slug_field="reference", read_only=True, allow_null=True
    )

    answers = AnswerOutput(many=True, read_only=True)
    approval_path = serializers.CharField(source="path", read_only=True)
    waits_for = serializers.SerializerMethodField(
        help_text="Whose turn it is to decide: host, hub or either."
    )

    class Meta:
        model = Reservation
        fields = (
            "reference",
            "status",
            "resource",
            "organisation",
            "requested_by",
            "sent_by",
            "kit",
            "starts_at",
            "ends_at",
            "free_at",
            "purpose",
            "people",
            "quantity",
            "series",
            "lapses_at",
            "cancel_by_at",
            "is_late_cancel",
            "terms",
            "answers",
            "decided_by",
            "decided_at",
            "decline_code",
            "reason",
            "approval_path",
            "waits_for",
            "rule",
            "version",
            "created_at",
        )
        read_only_fields = fields

    def get_waits_for(self, reservation: Reservation) -> str | None:
        return reservation.turn if reservation.status == Status.PENDING else None


class DecisionOutput(serializers.ModelSerializer[Decision]):
    """One stage as it was decided; `stands` is false once the request changed."""

    by = serializers.CharField(source="by.name", allow_null=True, default=None)
    on_behalf_of = serializers.CharField(
        source="on_behalf_of.name", allow_null=True, default=None
    )

    class Meta:
        model = Decision
        fields = (
            "stage",
            "turn",
            "verdict",
            "how",
            "by",
            "on_behalf_of",
            "at",
            "code",
            "reason",
            "stands",
        )
        read_only_fields = fields


class SaidOutput(serializers.Serializer[Any]):
    """A question or an answer."""

    at = serializers.DateTimeField()
    by = serializers.CharField(source="actor.name", allow_null=True, default=None)
    said = serializers.CharField(source="action", help_text="`asked` or `answered`.")
    text = serializers.CharField(source="reason")


class ResultOutput(serializers.Serializer[Any]):
    """What became of one request: the status is that of an answer to it alone."""

    reference = serializers.CharField()
    status = serializers.IntegerField()
    reservation = ReservationOutput(allow_null=True)
    problem = serializers.DictField(allow_null=True)


class ResultsOutput(serializers.Serializer[Any]):
    results = ResultOutput(many=True)


def results_shape(results: Iterable[Result]) -> dict[str, Any]:
    """Return what became of many requests."""
    rows = [
        {
            "reference": each.wanted.reference,
            "status": each.refusal.status if each.refusal else 200,
            "reservation": each.reservation,
            "problem": problem(each.refusal) if each.refusal else None,
        }
        for each in results
    ]
    return ResultsOutput({"results": rows}).data


class OfferOutput(serializers.ModelSerializer[Reservation]):
    """What is held for somebody until they answer."""

    resource = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    offered_by = serializers.CharField(
        source="decided_by.name", read_only=True, allow_null=True, default=None
    )
    answer_by = serializers.DateTimeField(source="lapses_at", read_only=True)

    class Meta:
        model = Reservation
        fields = (
            "resource",
            "starts_at",
            "ends_at",
            "people",
            "quantity",
            "offered_by",
            "answer_by",
            "reason",
        )
        read_only_fields = fields


class HistoryOutput(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    actor = serializers.CharField(source="actor.name", allow_null=True, default=None)
    action = serializers.CharField()
    from_status = serializers.CharField()
    to_status = serializers.CharField()
    reason = serializers.CharField()
    changes = serializers.DictField()


class PeriodOutput(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class TakenOutput(PeriodOutput):
    """A taken time; what follows `pending` as far as the viewer may know it.

    The two parties and hub staff see all of it, other members of the hub what the
    resource's `others_see` says: nothing, the organisation, or its purpose as well.
    """

    free_at = serializers.DateTimeField()
    quantity = serializers.IntegerField()
    pending = serializers.BooleanField()
    reference = serializers.CharField(required=False)
    status = serializers.CharField(required=False)
    organisation = serializers.CharField(required=False)
    organisation_name = serializers.CharField(required=False)
    purpose = serializers.CharField(required=False)


class TimelineRowOutput(serializers.Serializer[Any]):
    resource = serializers.CharField()
    name = serializers.CharField()
    name_bg = serializers.CharField()
    kind = serializers.ChoiceField(choices=Resource.Kind.choices)
    organisation = serializers.CharField()
    site = serializers.CharField()
    time_zone = serializers.CharField()
    people = serializers.IntegerField()
    is_pool = serializers.BooleanField()
    units = serializers.IntegerField()
    open = PeriodOutput(many=True)
    taken = TakenOutput(many=True)


class TimelineOutput(serializers.Serializer[Any]):
    date = serializers.DateField()
    resources = TimelineRowOutput(many=True)


class AvailabilityOutput(serializers.Serializer[Any]):
    resource = serializers.CharField()
    time_zone = serializers.CharField()
    open = PeriodOutput(many=True)
    free = PeriodOutput(many=True)
    taken = TakenOutput(many=True)


class FreeOutput(serializers.Serializer[Any]):
    """A resource that is free; for `first-free` with the slot that is."""

    resource = serializers.CharField()
    name = serializers.CharField()
    name_bg = serializers.CharField()
    kind = serializers.ChoiceField(choices=Resource.Kind.choices)
    organisation = serializers.CharField()
    site = serializers.CharField()
    people = serializers.IntegerField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class FreeForWindowOutput(FreeOutput):
    needs_approval = serializers.BooleanField()
