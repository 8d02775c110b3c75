from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from config.errors import Missing
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in
from labs.api.filters import SLUG, ResourceFilter
from labs.api.serializers import (
    PhotoSerializer,
    ResourceChangesSerializer,
    ResourceInputSerializer,
    ResourceSerializer,
)
from labs.models import Resource
from labs.selectors.resources import resource_list
from labs.services.photos import resource_remove_photo, resource_set_photo
from labs.services.resources import (
    resource_archive,
    resource_create,
    resource_publish,
    resource_to_draft,
    resource_update,
)

__all__ = ["ResourceSerializer", "ResourceViewSet"]


class ResourceViewSet(ListModelMixin, GenericViewSet[Resource]):
    """What can be booked, by name; its owner's managers and hub staff edit it.

    To show more of a resource: a `serializer_class` with more fields, and what these
    need in `get_queryset`. Every action answers through both.
    """

    queryset = Resource.objects.none()
    serializer_class = ResourceSerializer
    filterset_class = ResourceFilter
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[Resource]:
        return resource_list(user=self.request.user)

    def get_object(self) -> Resource:
        # Filters are for the list: `?kind=` does not make a resource disappear.
        resource = self.get_queryset().filter(slug=self.kwargs["slug"]).first()
        if resource is None:
            raise Missing
        return resource

    def shown(self, slug: str, code: int = status.HTTP_200_OK) -> Response:
        """Answer with a resource as it is now."""
        self.kwargs["slug"] = slug
        return Response(self.get_serializer(self.get_object()).data, code)

    def valid(self, shape: type[StrictSerializer], **options: Any) -> dict[str, Any]:
        """Return the request's body in this shape; a wrong one is a 400."""
        serializer = shape(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def retrieve(self, request: Request, slug: str) -> Response:
        return self.shown(slug)

    @extend_schema(request=ResourceInputSerializer, responses={201: ResourceSerializer})
    def create(self, request: Request) -> Response:
        given = self.valid(ResourceInputSerializer)
        resource = resource_create(actor=signed_in(request), **given)
        return self.shown(resource.slug, status.HTTP_201_CREATED)

    @extend_schema(request=ResourceChangesSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        changes = self.valid(ResourceChangesSerializer, partial=True)
        resource_update(actor=signed_in(request), slug=slug, **changes)
        return self.shown(slug)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, slug: str) -> Response:
        resource_publish(actor=signed_in(request), slug=slug)
        return self.shown(slug)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:
        resource_archive(actor=signed_in(request), slug=slug)
        return self.shown(slug)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def draft(self, request: Request, slug: str) -> Response:
        resource_to_draft(actor=signed_in(request), slug=slug)
        return self.shown(slug)

    @extend_schema(request={"multipart/form-data": PhotoSerializer})
    @action(detail=True, methods=["put"], parser_classes=[MultiPartParser])
    def photo(self, request: Request, slug: str) -> Response:
        file = self.valid(PhotoSerializer)["photo"]
        resource_set_photo(
            actor=signed_in(request), slug=slug, file=file.file, size=file.size
        )
        return self.shown(slug)

    @extend_schema(request=None, responses={200: ResourceSerializer})
    @photo.mapping.delete
    def remove_photo(self, request: Request, slug: str) -> Response:
        resource_remove_photo(actor=signed_in(request), slug=slug)
        return self.shown(slug)
