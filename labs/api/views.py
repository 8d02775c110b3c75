from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ReadOnlyModelViewSet

from labs.api.authentication import signed_in
from labs.api.filters import SLUG, StrictFilterSet
from labs.api.serializers import (
    MeChangesSerializer,
    MeSerializer,
    OrganisationSerializer,
    SiteSerializer,
)
from labs.models import Organisation, Site
from labs.selectors.organisations import organisation_list
from labs.selectors.sites import site_list
from labs.services.people import person_update


class MeView(APIView):
    """Who I am, how I like to be spoken to, and where I belong."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(signed_in(request)).data)

    @extend_schema(request=MeChangesSerializer, responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        changes = MeChangesSerializer(data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        person = person_update(actor=signed_in(request), **changes.validated_data)
        return Response(MeSerializer(person).data)


class OrganisationViewSet(ReadOnlyModelViewSet[Organisation]):
    """Who is in the hub, by name."""

    queryset = Organisation.objects.none()
    serializer_class = OrganisationSerializer
    filterset_class = StrictFilterSet
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[Organisation]:
        return organisation_list(user=self.request.user)


class SiteViewSet(ReadOnlyModelViewSet[Site]):
    """Where the resources are, by name."""

    queryset = Site.objects.none()
    serializer_class = SiteSerializer
    filterset_class = StrictFilterSet
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[Site]:
        return site_list(user=self.request.user)
