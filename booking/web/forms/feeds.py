from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from booking.models import Feed
from booking.selectors.feeds import Owner
from booking.web.forms.base import PageForm


class FeedForm(PageForm):
    """A calendar address: where it is used, and how much it shows."""

    name = forms.CharField(
        label=gettext_lazy("Where you use it"),
        max_length=80,
        help_text=gettext_lazy("Such as “phone”: so that you know which one to end."),
    )
    shows = forms.ChoiceField(
        label=gettext_lazy("It shows"),
        choices=Feed.Shows.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, data: Any = None, *, owner: Owner) -> None:
        super().__init__(data, initial={"shows": owner.usually_shows})
