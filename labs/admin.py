# Django's admin classes take no type arguments at run time.
# mypy: disable-error-code="type-arg"
from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet, URLField
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from config.errors import DomainError
from labs.models import ApiToken, Membership, Organisation, Resource, Site, User
from labs.services.memberships import departure_remember
from labs.services.resources import (
    resource_archive,
    resource_publish,
    resource_to_draft,
)

DESCRIBED = ("slug", "name", "name_bg", "description", "description_bg")


class LowerEmailMixin:
    """People write their e-mail with capitals; the login is in small letters."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class PersonCreationForm(LowerEmailMixin, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "language")


class PersonChangeForm(LowerEmailMixin, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class MembershipInline(admin.TabularInline):
    model = Membership
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "kind", "is_active")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "name_bg", "slug")
    prepopulated_fields = {"slug": ("name",)}
    fields = (*DESCRIBED, "kind", "website", "email_domain", "is_active")
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}
    inlines = (MembershipInline,)

    def save_formset(
        self,
        request: HttpRequest,
        form: ModelForm,
        formset: BaseModelFormSet,
        change: bool,
    ) -> None:
        super().save_formset(request, form, formset, change)
        for ended in formset.deleted_objects:
            departure_remember(ended)


@admin.register(User)
class PersonAdmin(UserAdmin):
    form = PersonChangeForm
    add_form = PersonCreationForm
    ordering = ("email",)
    list_display = ("email", "name", "language", "is_hub_staff", "is_active")
    list_filter = ("is_hub_staff", "is_active", "language")
    search_fields = ("email", "name")
    readonly_fields = ("last_login", "created_at")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Person"), {"fields": ("name", "language", "time_zone")}),
        (_("May"), {"fields": ("is_active", "is_hub_staff", "is_superuser")}),
        (_("When"), {"fields": readonly_fields}),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    "email",
                    "name",
                    "language",
                    "usable_password",
                    "password1",
                    "password2",
                )
            },
        ),
    )
    filter_horizontal = ()


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "address", "time_zone")
    search_fields = ("name", "name_bg", "slug", "address")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Resource)
class ResourceAdmin(admin.ModelAdmin):
    """Words and tags; units, listing and place have services that see to the rest."""

    list_display = ("name", "organisation", "site", "kind", "listing", "is_pool")
    list_filter = ("listing", "kind", "organisation", "site")
    list_select_related = ("organisation", "site")
    search_fields = ("name", "name_bg", "slug")
    fields = (
        *DESCRIBED,
        "kind",
        "people",
        "tags",
        "organisation",
        "site",
        "listing",
        "is_pool",
        "units",
        "parts",
        "photo",
        "created_at",
    )
    readonly_fields = ("slug", *fields[fields.index("organisation") :])
    actions = ("publish", "archive", "to_draft")

    def has_add_permission(self, request: HttpRequest) -> bool:
        # A resource comes with its units: by API, page or import.
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Resource | None = None
    ) -> bool:
        return False  # archived, so that its past stays

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, chosen: QuerySet[Resource]) -> None:
        self._each(request, chosen, resource_publish)

    @admin.action(description=_("Archive"))
    def archive(self, request: HttpRequest, chosen: QuerySet[Resource]) -> None:
        self._each(request, chosen, resource_archive)

    @admin.action(description=_("Back to draft"))
    def to_draft(self, request: HttpRequest, chosen: QuerySet[Resource]) -> None:
        self._each(request, chosen, resource_to_draft)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[Resource], service: Any
    ) -> None:
        for resource in chosen:
            try:
                service(actor=request.user, slug=resource.slug)
            except DomainError as error:
                text = f"{resource}: {error.detail}"
                self.message_user(request, text, messages.ERROR)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """To see who has which and to end them; `issue_token` makes them."""

    list_display = ("name", "user", "scope", "created_at", "expires_at")
    list_filter = ("scope",)
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    fields = ("name", "user", "scope", "created_at", "expires_at")
    readonly_fields = ("user", "scope", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
