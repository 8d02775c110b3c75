"""The production application, on a clock that stands still."""

from __future__ import annotations

from django.utils import timezone

from tests.browser import moment

timezone.now = moment.now

from config.wsgi import application  # noqa: E402 - nobody may have asked the time yet

__all__ = ["application"]
