from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from notifications.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    """To look at; what is sent and when is the services' business."""

    list_display = ("due_at", "kind", "person", "reservation", "state", "attempts")
    list_filter = ("state", "kind")
    search_fields = ("reservation__reference", "person__email")
    date_hierarchy = "due_at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        messages = super().get_queryset(request)
        return messages.select_related("person", "reservation__resource")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Message | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Message | None = None
    ) -> bool:
        return False
