from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from labs.api.filters import StrictFilterSet
from notifications.models import Message, State
from notifications.selectors import messages_visible_to


class MessageFilter(StrictFilterSet):
    reservation = filters.CharFilter("reservation__reference", help_text="Reference.")
    state = filters.ChoiceFilter(choices=State.choices)


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What was, or will be, sent; subject and text are written when it goes out."""

    to = serializers.EmailField(source="address")
    reservation = serializers.CharField(source="reservation.reference", allow_null=True)

    class Meta:
        model = Message
        fields: ClassVar = [
            "id",
            "kind",
            "channel",
            "to",
            "subject",
            "body",
            "reservation",
            "due_at",
            "state",
            "sent_at",
            "attempts",
        ]
        read_only_fields = fields


@extend_schema(tags=["messages"])
class MessageViewSet(ReadOnlyModelViewSet[Message]):
    """Messages about one's reservations, newest first."""

    serializer_class = MessageSerializer
    filterset_class = MessageFilter
    queryset = Message.objects.none()  # names the model for the schema

    def get_queryset(self) -> QuerySet[Message]:
        return messages_visible_to(self.request.user)
