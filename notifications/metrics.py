"""Figures for Prometheus, read from the tables: the same from every process."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from rest_framework.request import Request
from rest_framework.views import APIView

from booking.models import Reservation
from booking.models.reservation import Status
from config import clock
from config.errors import Forbidden
from labs.models import User
from notifications.selectors import messages_figures
from notifications.webhook_selectors import deliveries_figures


class Figures(Collector):
    """Reservations and messages by state, and the lags that an operator watches."""

    def collect(self) -> Iterator[Metric]:
        yield _by_label(
            "atrium_reservations", "Reservations by status.", _reservations()
        )
        messages = messages_figures()
        yield _by_label("atrium_messages", "Messages by state.", messages.by_state)
        lag = "atrium_messages_oldest_due_seconds"
        yield GaugeMetricFamily(
            lag, "How late the oldest due message is.", messages.oldest_due_seconds
        )
        told = deliveries_figures()
        yield _by_label(
            "atrium_deliveries", "Deliveries to webhooks by state.", told.by_state
        )
        lag = "atrium_deliveries_oldest_due_seconds"
        yield GaugeMetricFamily(
            lag,
            "How late the oldest due one is, of webhooks that are on.",
            told.oldest_due_seconds,
        )
        lapsed = Reservation.objects.lapsed(clock.now()).count()
        yield GaugeMetricFamily(
            "atrium_reservations_lapsed", "Lapsed, and not yet expired.", lapsed
        )


def _reservations() -> dict[str, int]:
    rows = Reservation.objects.order_by().values("status").annotate(n=Count("pk"))
    counted = dict(rows.values_list("status", "n"))
    return {status.value: counted.get(status.value, 0) for status in Status}


def _by_label(name: str, text: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["state"])
    for state, count in counts.items():
        family.add_metric([state], count)
    return family


class MetricsView(APIView):
    """For a Prometheus that has a token of somebody of the hub's staff."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        if not (isinstance(request.user, User) and request.user.is_hub_staff):
            raise Forbidden(_("Figures are for hub staff."))
        registry = CollectorRegistry()
        registry.register(Figures())
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
