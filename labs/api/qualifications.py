"""Types of qualification and who has which; their owners and hub staff grant them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from config.parsers import BoundedJSONParser
from config.serializers import StrictSerializer
from labs.api.authentication import signed_in
from labs.api.filters import SLUG, StrictFilterSet, organisations_of
from labs.api.serializers import DESCRIBED
from labs.models import Organisation, Qualification, QualificationType, User
from labs.models.described import LONGEST_DESCRIPTION
from labs.models.qualification import LONGEST_MONTHS
from labs.selectors.qualifications import (
    qualification_get,
    qualification_list,
    qualification_types,
)
from labs.services.qualifications import (
    qualification_grant,
    qualification_revoke,
    qualification_type_create,
    qualification_type_update,
)


class TypeSerializer(serializers.ModelSerializer[QualificationType]):
    """`organisation` grants it, null stands for the hub."""

    organisation = serializers.SlugRelatedField[Organisation](
        slug_field="slug", read_only=True
    )

    class Meta:
        model = QualificationType
        fields = (*DESCRIBED, "organisation", "validity_months")
        read_only_fields = fields


class TypeChangesSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    name_bg = serializers.CharField(max_length=120, allow_blank=True, required=False)
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False
    )
    description_bg = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False
    )
    validity_months = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_MONTHS,
        allow_null=True,
        required=False,
        help_text="Null where it does not expire.",
    )


class TypeInputSerializer(TypeChangesSerializer):
    organisation = serializers.SlugField(
        max_length=80,
        source="organisation_slug",
        required=False,
        help_text="Who grants it; left out, the hub.",
    )


class QualificationSerializer(serializers.ModelSerializer[Qualification]):
    type = serializers.SlugRelatedField[QualificationType](
        slug_field="slug", read_only=True
    )
    email = serializers.EmailField(source="person.email", read_only=True)
    name = serializers.CharField(source="person.name", read_only=True)
    granted_by = serializers.SlugRelatedField[User](slug_field="name", read_only=True)
    has_proof = serializers.SerializerMethodField()
    status = serializers.CharField(read_only=True)

    class Meta:
        model = Qualification
        fields = (
            "id",
            "type",
            "email",
            "name",
            "status",
            "valid_from",
            "valid_until",
            "note",
            "has_proof",
            "granted_by",
            "granted_at",
            "revoked_at",
            "revoked_reason",
        )
        read_only_fields = fields

    def get_has_proof(self, qualification: Qualification) -> bool:
        return bool(qualification.proof)


class GrantSerializer(StrictSerializer):
    """As JSON, or with the proof as multipart/form-data."""

    type = serializers.SlugField(max_length=80, source="type_slug")
    email = serializers.EmailField(help_text="Of somebody who is here.")
    valid_from = serializers.DateField(required=False, help_text="Left out, today.")
    valid_until = serializers.DateField(
        required=False, help_text="The last day; left out, as the type says."
    )
    note = serializers.CharField(max_length=500, allow_blank=True, required=False)
    proof = serializers.FileField(
        required=False, help_text="PDF, JPEG, PNG or WebP of at most 8 MB."
    )


class RevokeSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class QualificationFilter(StrictFilterSet):
    type = filters.CharFilter("type__slug", max_length=80, help_text="Slug.")
    email = filters.CharFilter("person__email", "iexact", max_length=254)

    class Meta:
        model = Qualification
        fields: tuple[str, ...] = ()


class TypeFilter(StrictFilterSet):
    organisation = filters.ModelChoiceFilter(
        queryset=organisations_of, to_field_name="slug", help_text="Slug."
    )

    class Meta:
        model = QualificationType
        fields: tuple[str, ...] = ()


def _valid(
    shape: type[StrictSerializer], request: Request, **options: Any
) -> dict[str, Any]:
    serializer = shape(data=request.data, **options)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


class QualificationTypeViewSet(ReadOnlyModelViewSet[QualificationType]):
    """Trainings and permits that resources may require, by name."""

    queryset = QualificationType.objects.none()
    serializer_class = TypeSerializer
    filterset_class = TypeFilter
    lookup_field = "slug"
    lookup_value_regex = SLUG

    def get_queryset(self) -> QuerySet[QualificationType]:
        return qualification_types()

    @extend_schema(request=TypeInputSerializer, responses={201: TypeSerializer})
    def create(self, request: Request) -> Response:
        given = _valid(TypeInputSerializer, request)
        made = qualification_type_create(actor=signed_in(request), **given)
        return Response(TypeSerializer(made).data, status.HTTP_201_CREATED)

    @extend_schema(request=TypeChangesSerializer, responses=TypeSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        changes = _valid(TypeChangesSerializer, request, partial=True)
        actor = signed_in(request)
        changed = qualification_type_update(actor=actor, slug=slug, **changes)
        return Response(TypeSerializer(changed).data)


class QualificationViewSet(ReadOnlyModelViewSet[Qualification]):
    """One's own, and those of the types that one grants; the newest first."""

    queryset = Qualification.objects.none()
    serializer_class = QualificationSerializer
    filterset_class = QualificationFilter
    parser_classes = (BoundedJSONParser, MultiPartParser)
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[Qualification]:
        return qualification_list(user=signed_in(self.request))

    def get_object(self) -> Qualification:
        return qualification_get(signed_in(self.request), int(self.kwargs["pk"]))

    @extend_schema(
        request={
            "application/json": GrantSerializer,
            "multipart/form-data": GrantSerializer,
        },
        responses={201: QualificationSerializer},
    )
    def create(self, request: Request) -> Response:
        """Grant one to the person with that very e-mail."""
        given = _valid(GrantSerializer, request)
        file: Any = given.pop("proof", None)
        if file is not None:
            given |= {"proof": file.file, "proof_size": file.size}
        granted = qualification_grant(actor=signed_in(request), **given)
        shown = QualificationSerializer(granted)
        return Response(shown.data, status.HTTP_201_CREATED)

    @extend_schema(request=RevokeSerializer, responses=QualificationSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Take one back, and say why; it stays to be seen."""
        given = _valid(RevokeSerializer, request)
        revoked = qualification_revoke(
            actor=signed_in(request), qualification_id=int(pk), **given
        )
        return Response(QualificationSerializer(revoked).data)
