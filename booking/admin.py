"""Back office for superusers: to look, and to set policies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from schedule.models import (
    Calendar,
    CalendarRelation,
    Event,
    EventRelation,
    Occurrence,
    Rule,
)

from booking.models import History, Policy, Reservation, WaitingEntry

# django-scheduler registers its own: there hours could be changed past our validation
# and without rebuilding the projection.
for model in (Calendar, CalendarRelation, Event, EventRelation, Occurrence, Rule):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class ReadOnly:
    """Nothing is added, changed or deleted past the services."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryInline(ReadOnly, admin.TabularInline[History, Reservation]):
    model = History
    extra = 0


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, admin.ModelAdmin[Reservation]):
    list_display = ("reference", "status", "resource", "organisation", "starts_at")
    list_filter = ("status", "resource__organisation")
    list_select_related = ("resource", "organisation")
    search_fields = ("reference", "purpose", "resource__name", "organisation__name")
    date_hierarchy = "starts_at"
    inlines = (HistoryInline,)


@admin.register(WaitingEntry)
class WaitingEntryAdmin(ReadOnly, admin.ModelAdmin[WaitingEntry]):
    list_display = ("reference", "status", "resource", "organisation", "created_at")
    list_filter = ("status", "resource__organisation")
    list_select_related = ("resource", "organisation")
    search_fields = ("reference", "purpose", "resource__name", "organisation__name")


@admin.register(Policy)
class PolicyAdmin(admin.ModelAdmin[Policy]):
    list_display = ("__str__", *Policy.VALUES)
    list_select_related = ("resource", "organisation")
    autocomplete_fields = ("resource", "organisation")
    actions = None

    def get_readonly_fields(
        self, request: HttpRequest, obj: Policy | None = None
    ) -> tuple[str, ...]:
        return ("resource", "organisation") if obj else ()

    def has_delete_permission(
        self, request: HttpRequest, obj: Policy | None = None
    ) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_hub)
