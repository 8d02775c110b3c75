from __future__ import annotations

from django.urls import path

from notifications.web import links, messages, preferences, webhooks, wordings

HOOKS = "desk/webhooks/<slug:slug>/"
HOOK = f"{HOOKS}<int:webhook>/"
TEXT = "hub/texts/<slug:kind>/<slug:language>/"

urlpatterns = [
    path("do/<str:secret>", links.link, name="link"),
    path("messages/", messages.messages_page, name="messages"),
    path("messages/<int:message>/resend/", messages.resend, name="message-resend"),
    path("hub/texts/", wordings.wordings, name="hub-texts"),
    path(TEXT, wordings.wording, name="hub-text"),
    path(f"{TEXT}mail/", wordings.wording_mail, name="hub-text-mail"),
    path("account/messages/", preferences.preferences, name="preferences"),
    path("unsubscribe/<str:token>/", preferences.unsubscribe, name="unsubscribe"),
    path(HOOKS, webhooks.webhooks, name="webhooks"),
    path(f"{HOOKS}add/", webhooks.add, name="webhook-add"),
    path(HOOK, webhooks.webhook, name="webhook"),
    path(f"{HOOK}rotate/", webhooks.rotate, name="webhook-rotate"),
    path(f"{HOOK}<slug:deed>/", webhooks.act, name="webhook-act"),
]
