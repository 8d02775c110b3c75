"""Rate limits that give way when Redis is away: labs must stay reservable."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from rest_framework import throttling
from rest_framework.request import Request

if TYPE_CHECKING:
    # DRF's views import this module by the settings.
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)


class _GivingWay(throttling.SimpleRateThrottle):
    def allow_request(self, request: Request, view: APIView) -> bool:
        try:
            return super().allow_request(request, view)
        except RedisError as error:
            logger.warning("No rate is counted while Redis is away: %s", error)
            return True


class UserRateThrottle(_GivingWay, throttling.UserRateThrottle):
    """So many requests of a person."""


class AnonRateThrottle(_GivingWay, throttling.AnonRateThrottle):
    """So many requests of an address that nobody signed in from."""
