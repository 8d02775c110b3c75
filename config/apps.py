from __future__ import annotations

from django.apps import AppConfig


class HallConfig(AppConfig):
    """The frame's templates and static files; no models."""

    name = "config"
    label = "hall"
