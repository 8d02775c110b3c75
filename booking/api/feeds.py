"""Calendar addresses."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from booking.api.requests import validated
from booking.models import Feed
from booking.models.feed import OWNERS
from booking.selectors.feeds import Owner, feed_addresses, feeds_endable_by
from booking.services.feeds import feed_end, feed_make
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in


class FeedInput(StrictSerializer):
    """Of whom or what; the slug is for all but oneself."""

    of = serializers.ChoiceField(choices=OWNERS)
    slug = serializers.SlugField(max_length=80, required=False, default="")
    name = serializers.CharField(max_length=80, help_text="Where it is used.")
    shows = serializers.ChoiceField(
        choices=Feed.Shows.choices,
        required=False,
        default="",
        help_text="Places are `busy` unless asked otherwise, parties `details`.",
    )


class FeedOutput(serializers.ModelSerializer[Feed]):
    of = serializers.CharField(source="kind")
    slug = serializers.SerializerMethodField()
    made_by = serializers.CharField(source="made_by.name")

    class Meta:
        model = Feed
        fields = ("id", "of", "slug", "name", "shows", "made_by", "made_at", "used_at")
        read_only_fields = fields

    def get_slug(self, feed: Feed) -> str:
        return getattr(feed.owner, "slug", "")


class NewFeedOutput(FeedOutput):
    """With its address, which is not said again."""

    address = serializers.SerializerMethodField()
    webcal = serializers.SerializerMethodField()

    class Meta:
        model = Feed
        fields = (*FeedOutput.Meta.fields, "address", "webcal")
        read_only_fields = fields

    def get_address(self, feed: Feed) -> str:
        return feed_addresses(self.context["secret"])["address"]

    def get_webcal(self, feed: Feed) -> str:
        return feed_addresses(self.context["secret"])["webcal"]


class FeedViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Feed]):
    """Addresses at which calendars read: one's own and of what one manages."""

    serializer_class = FeedOutput
    lookup_value_regex = "[0-9]{1,9}"
    queryset = Feed.objects.none()

    def get_queryset(self) -> Any:
        return feeds_endable_by(signed_in(self.request))

    @extend_schema(request=FeedInput, responses={201: NewFeedOutput})
    def create(self, request: Request) -> Response:
        given = validated(FeedInput(data=request.data))
        made, secret = feed_make(
            actor=signed_in(request),
            owner=Owner(given["of"], given["slug"]),
            name=given["name"],
            shows=given["shows"],
        )
        shown = NewFeedOutput(made, context={"secret": secret})
        return Response(shown.data, status.HTTP_201_CREATED)

    @extend_schema(
        responses={204: None},
        parameters=[OpenApiParameter("id", int, OpenApiParameter.PATH)],
    )
    def destroy(self, request: Request, pk: str) -> Response:
        """End it; whoever reads it finds nothing."""
        feed_end(actor=signed_in(request), feed_id=int(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
