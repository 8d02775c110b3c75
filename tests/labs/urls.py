"""The product's addresses, with the doors of labs as they are by themselves.

The product's `resources/` is booking's, which says more of each.
"""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from rest_framework.routers import SimpleRouter

from config.urls import handler404, handler500
from config.urls import urlpatterns as product
from labs.api.qualifications import QualificationTypeViewSet, QualificationViewSet
from labs.api.resources import ResourceViewSet
from labs.api.views import MeView, OrganisationViewSet, SiteViewSet

__all__ = ["handler404", "handler500", "urlpatterns"]

router = SimpleRouter()
router.register("organisations", OrganisationViewSet, "organisation")
router.register("sites", SiteViewSet, "site")
router.register("qualification-types", QualificationTypeViewSet, "qualification-type")
router.register("qualifications", QualificationViewSet, "qualification")
router.register("resources", ResourceViewSet, "resource")

labs: list[URLPattern | URLResolver] = [
    path("me/", MeView.as_view()),
    path("", include(router.urls)),
]
urlpatterns = [path("api/v1/", include(labs)), *product]
