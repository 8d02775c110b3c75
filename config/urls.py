"""Every address of the product."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, re_path
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from config import health, web
from config.errors import Missing
from config.middleware import is_api
from config.problems import problem_response, server_error
from labs.web.photos import photo
from notifications.metrics import MetricsView


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an unknown address in the manner of its door."""
    if is_api(request):
        return problem_response(Missing())
    return defaults.page_not_found(request, exception)


def fault(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours in the manner of its door."""
    return server_error(request) if is_api(request) else defaults.server_error(request)


@csrf_exempt  # there is nothing to forge, and the answer must be a problem
def no_such_api(request: HttpRequest) -> HttpResponse:
    return problem_response(Missing())


handler404 = not_found
handler500 = fault

urlpatterns = [
    path("api/v1/", include(("config.api", "api"))),
    re_path(r"^api/", no_such_api),
    path("healthz/live", health.live, name="live"),
    path("healthz/ready", health.ready, name="ready"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("language/", web.set_language, name="language"),
    path("photos/resources/<str:name>", photo, name="photo"),
    # One way in: with a rate, and with a second factor.
    path(
        "admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)
    ),
    path("admin/", admin.site.urls),
    path("", include("notifications.web.urls")),
    path("", include("labs.web.urls")),
    path("", include("booking.web.urls")),
]
