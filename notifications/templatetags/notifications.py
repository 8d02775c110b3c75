from __future__ import annotations

from django import template

from labs.models import User
from notifications.log import bounces_of
from notifications.models import Message

register = template.Library()


@register.simple_tag
def came_back(person: User) -> Message | None:
    """Return the mail that the person's address sent back last, while it does so."""
    return bounces_of(person.email).first()
