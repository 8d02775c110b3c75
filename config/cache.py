"""A cache that gives way when Redis is away: labs must stay reservable.

All that is kept in it are rates. While there is no Redis none is counted, which is
logged, and readiness (`/healthz/ready`) tells.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: So long nobody waits again for a server that did not answer.
PAUSE_SECONDS = 3

T = TypeVar("T")


class GivingWayCache(RedisCache):
    """Behaves as if it were empty, and took everything, while Redis is away."""

    _away_until = 0.0

    def add(self, *args: Any, **options: Any) -> bool:
        return self._try(
            lambda: super(GivingWayCache, self).add(*args, **options), True
        )

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(
            lambda: super(GivingWayCache, self).get(key, default, version), default
        )

    def set(self, *args: Any, **options: Any) -> None:
        self._try(lambda: super(GivingWayCache, self).set(*args, **options), None)

    def delete(self, *args: Any, **options: Any) -> bool:
        return self._try(
            lambda: super(GivingWayCache, self).delete(*args, **options), False
        )

    def require(self) -> None:
        """Raise RedisError where it is away."""
        super().get("ready")

    def _try(self, ask: Callable[[], T], without: T) -> T:
        if time.monotonic() < self._away_until:
            return without
        try:
            return ask()
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("No rate is counted while Redis is away: %s", error)
            return without
