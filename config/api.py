"""The API's router: one door to the services of all rooms."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import DefaultRouter

import labs.api.schema  # noqa: F401 - drf-spectacular knows it once it was imported
from booking.api.delegations import DelegationViewSet, WorkingHoursView
from booking.api.feeds import FeedViewSet
from booking.api.finding import FirstFreeView, FreeView, TimelineView
from booking.api.kits import KitViewSet
from booking.api.organisations import AttendingViewSet
from booking.api.questions import AnswerFileViewSet
from booking.api.reservations import ReservationViewSet
from booking.api.resources import BookableViewSet
from booking.api.series import SeriesViewSet
from booking.api.waiting import WaitingViewSet
from config.docs import docs_policy
from labs.api.filters import SLUG
from labs.api.qualifications import QualificationTypeViewSet, QualificationViewSet
from labs.api.views import MeView, SiteViewSet
from notifications.api.bounces import BouncesView
from notifications.api.messages import MessageViewSet
from notifications.api.preferences import PreferencesView
from notifications.api.webhooks import WebhookViewSet

router = DefaultRouter()
router.include_root_view = False
router.register("organisations", AttendingViewSet, "organisation")
router.register(
    rf"organisations/(?P<organisation>{SLUG})/webhooks", WebhookViewSet, "webhook"
)
router.register("qualification-types", QualificationTypeViewSet, "qualification-type")
router.register("qualifications", QualificationViewSet, "qualification")
router.register("sites", SiteViewSet, "site")
router.register("resources", BookableViewSet, "resource")
router.register("reservations", ReservationViewSet, "reservation")
router.register("answer-files", AnswerFileViewSet, "answer-file")
router.register("waiting", WaitingViewSet, "waiting")
router.register("series", SeriesViewSet, "series")
router.register("delegations", DelegationViewSet, "delegation")
router.register("calendars", FeedViewSet, "calendar")
router.register("kits", KitViewSet, "kit")
router.register("messages", MessageViewSet, "message")

_docs = SpectacularSwaggerSplitView.as_view(url_name="api:schema")

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("me/preferences/", PreferencesView.as_view(), name="preferences"),
    path("free/", FreeView.as_view(), name="free"),
    path("first-free/", FirstFreeView.as_view(), name="first-free"),
    path("timeline/", TimelineView.as_view(), name="timeline"),
    path("working-hours/", WorkingHoursView.as_view(), name="working-hours"),
    path("bounces/", BouncesView.as_view(), name="bounces"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", docs_policy(_docs), name="docs"),
    path("", include(router.urls)),
]
