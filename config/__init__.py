"""The hall: settings, urls, celery, the embedded servers and the page frame."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
