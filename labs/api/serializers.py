from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.serializers import StrictSerializer
from labs.models import Organisation, Resource, Site, User
from labs.models.described import LONGEST_DESCRIPTION
from labs.rules import MOST_PARTS, MOST_REQUIRED, MOST_UNITS
from labs.selectors.organisations import membership_list

DESCRIBED = ("slug", "name", "name_bg", "description", "description_bg")


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields: tuple[str, ...] = (*DESCRIBED, "kind", "website")
        read_only_fields = fields


class SiteSerializer(serializers.ModelSerializer[Site]):
    """One of `site_list`.

    `access_notes` is null to all but hub staff and those who manage a published
    resource at the site; guests find it with their reservation.
    """

    access_notes = serializers.SerializerMethodField()

    class Meta:
        model = Site
        fields = (
            *DESCRIBED,
            "address",
            "time_zone",
            "access_notes",
            "latitude",
            "longitude",
        )
        read_only_fields = fields

    def get_access_notes(self, site: Site) -> str | None:
        # Of `site_list`; whoever serializes another shows no door code by it.
        return site.access_notes if getattr(site, "notes_open", False) else None


class ResourceSerializer(serializers.ModelSerializer[Resource]):
    """One of `resource_list`; `units` counts all that it covers, its parts' too."""

    organisation = serializers.SlugRelatedField[Organisation](
        slug_field="slug", read_only=True
    )
    site = serializers.SlugRelatedField[Site](slug_field="slug", read_only=True)
    time_zone = serializers.CharField(source="site.time_zone", read_only=True)
    units = serializers.IntegerField(source="unit_count", read_only=True)
    covers = serializers.SlugRelatedField[Resource](
        source="parts", slug_field="slug", many=True, read_only=True
    )

    qualifications = serializers.ListField(
        child=serializers.SlugField(), read_only=True
    )

    class Meta:
        model = Resource
        fields: tuple[str, ...] = (
            *DESCRIBED,
            "kind",
            "organisation",
            "site",
            "time_zone",
            "people",
            "units",
            "is_pool",
            "covers",
            "listing",
            "tags",
            "qualifications",
            "photo",
        )
        read_only_fields = fields


class ResourceChangesSerializer(StrictSerializer):
    """What can be changed; what is allowed is for the service to say."""

    site = serializers.SlugField(max_length=80, source="site_slug")
    kind = serializers.ChoiceField(Resource.Kind.choices)
    name = serializers.CharField(max_length=120)
    name_bg = serializers.CharField(max_length=120, allow_blank=True, required=False)
    description = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False
    )
    description_bg = serializers.CharField(
        max_length=LONGEST_DESCRIPTION, allow_blank=True, required=False
    )
    people = serializers.IntegerField(min_value=1, max_value=10_000, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=40), max_length=20, required=False
    )
    units = serializers.IntegerField(min_value=0, max_value=MOST_UNITS, required=False)
    is_pool = serializers.BooleanField(required=False)
    covers = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        max_length=MOST_PARTS,
        required=False,
        help_text="The parts of a divisible hall, which has no units of its own.",
    )
    qualifications = serializers.ListField(
        child=serializers.SlugField(max_length=80),
        max_length=MOST_REQUIRED,
        required=False,
        help_text="Slugs of what whoever comes must have on the day.",
    )


class ResourceInputSerializer(ResourceChangesSerializer):
    organisation = serializers.SlugField(max_length=80, source="organisation_slug")


class PhotoSerializer(StrictSerializer):
    photo = serializers.FileField(help_text="JPEG, PNG or WebP of at most 8 MB.")


class MembershipSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField(source="organisation.slug")
    name = serializers.CharField(source="organisation.name")
    role = serializers.CharField()


class MeSerializer(serializers.ModelSerializer[User]):
    organisations = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "language",
            "time_zone",
            "is_hub_staff",
            "organisations",
        )
        read_only_fields = fields

    @extend_schema_field(MembershipSerializer(many=True))
    def get_organisations(self, user: User) -> Any:
        return MembershipSerializer(membership_list(user=user), many=True).data


class MeChangesSerializer(StrictSerializer):
    name = serializers.CharField(max_length=120)
    language = serializers.ChoiceField(User.Language.choices)
    time_zone = serializers.CharField(max_length=64, allow_blank=True)
