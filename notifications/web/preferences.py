"""How one wants to be told: on one's own page, and by the link in a mail."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from booking.words import length_text
from config.errors import DomainError
from config.forms import PageForm
from labs.models import User
from labs.services.people import person_update
from labs.web.requests import actor_of
from notifications.models import Group, How, Preference
from notifications.models.preference import CHOICES, OFFSETS
from notifications.services.preferences import (
    Choices,
    preference_of,
    preferences_save,
    switch_off,
    switch_on,
)
from notifications.unsubscribing import read

#: By group; what cannot be switched off says so by what it leaves out.
HELPS = {
    Group.REQUESTS: gettext_lazy(
        "Somebody waits for your answer, so this cannot be switched off."
    ),
    Group.CHANGES: gettext_lazy(
        "What is called off or moved reaches you in any case, so that you do not come "
        "in vain."
    ),
    Group.WEEKLY: gettext_lazy("On Mondays, for those who host and for hub staff."),
}


class PreferencesForm(PageForm):
    """A way of being told by group, reminders, quiet hours, and the language."""

    reminders = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Remind me before the start"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("Quiet from"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
        help_text=gettext_lazy(
            "What comes due in quiet hours waits until they end. A reminder that would "
            "be of no use by then comes before they begin. By your own clock."
        ),
    )
    quiet_until = forms.TimeField(
        label=gettext_lazy("Quiet until"),
        required=False,
        widget=forms.TimeInput({"type": "time"}, format="%H:%M"),
    )
    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("The daily mail comes at"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language of pages and mails"), choices=User.Language.choices
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offsets = cast(forms.ChoiceField, self.fields["reminders"])
        offsets.choices = [(minutes, length_text(minutes)) for minutes in OFFSETS[::-1]]
        groups = {
            group.value: forms.ChoiceField(
                label=group.label,
                choices=[(how.value, how.label) for how in CHOICES[group]],
                help_text=HELPS.get(group, ""),
            )
            for group in Group
        }
        self.fields = {**groups, **self.fields}

    @classmethod
    def of(cls, preference: Preference, data: Any = None) -> PreferencesForm:
        shown = {
            "reminders": preference.reminders,
            "quiet_from": preference.quiet_from,
            "quiet_until": preference.quiet_until,
            "digest_hour": preference.digest_hour,
            "language": preference.person.language,
        }
        ways = {group: preference.choices.get(group, How.AT_ONCE) for group in Group}
        return cls(data, initial={**shown, **ways})

    def chosen(self) -> Choices:
        sent = self.cleaned_data
        usual = How.AT_ONCE.value
        ways = {group.value: sent[group.value] for group in Group}
        return {
            "choices": {group: how for group, how in ways.items() if how != usual},
            "reminders": sorted(sent["reminders"], reverse=True),
            "quiet_from": sent["quiet_from"],
            "quiet_until": sent["quiet_until"],
            "digest_hour": sent["digest_hour"],
        }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show it, and change it."""
    actor = actor_of(request)
    form = PreferencesForm.of(preference_of(actor), request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            preferences_save(actor=actor, **form.chosen())
            person_update(actor=actor, language=form.cleaned_data["language"])
        except DomainError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("preferences")
    page, context = "notifications/preferences.html", {"form": form}
    return render(request, page, context, status=form.status)


# A mail program's own button sends nothing but that it was pressed.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether one is to hear no more of it; the answer needs no sign-in.

    A GET changes nothing: programs that look for viruses follow every link.
    """
    person, what = read(token)
    done = ""
    if request.method == "POST":
        undo = request.POST.get("do") == "undo"
        (switch_on if undo else switch_off)(person=person, what=what)
        done = "on" if undo else "off"
    name = Group(what).label if what in Group.values else _("Reminders")
    context = {"what": name, "done": done, "email": person.email}
    response = render(request, "notifications/unsubscribe.html", context)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
