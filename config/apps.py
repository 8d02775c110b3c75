from __future__ import annotations

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["HallConfig", "celery_app"]


class HallConfig(AppConfig):
    """The frame's templates and static files; no models."""

    name = "config"
    label = "hall"
