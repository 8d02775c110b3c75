from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.errors import Forbidden, Missing
from config.parsers import BoundedJSONParser
from config.serializers import StrictSerializer
from notifications.bounces import Bounce, bounce_read
from notifications.services.bounces import bounce_record


class MailParser(BaseParser):
    """A mail as it is, whatever it is called."""

    media_type = "*/*"

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        return stream.read()


class BounceInput(StrictSerializer):
    message_id = serializers.CharField(max_length=200)
    status = serializers.RegexField(r"^[45]\.\d{1,3}\.\d{1,3}$", max_length=11)
    diagnostic = serializers.CharField(max_length=2000, allow_blank=True, default="")


class BouncesView(APIView):
    """Mails that came back: as JSON, or the report itself (RFC 3464)."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (BoundedJSONParser, MailParser)

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        """Note what came back; `recorded` says whether it was a message of ours."""
        _require_secret(request)
        found = bounce_record(bounce) if (bounce := _bounce(request)) else None
        return Response({"recorded": found is not None})


def _require_secret(request: Request) -> None:
    """Raise Missing (404) while it is off, Forbidden (403) for another secret."""
    if not settings.BOUNCE_SECRET:
        raise Missing
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given, settings.BOUNCE_SECRET):
        raise Forbidden("This is not the secret.")


def _bounce(request: Request) -> Bounce | None:
    sent: Any = request.data
    if isinstance(sent, bytes):
        return bounce_read(sent)
    shape = BounceInput(data=sent)
    shape.is_valid(raise_exception=True)
    return Bounce(**shape.validated_data)
