"""What is typed to limit how much somebody may have."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from booking.models import PeakHours, Quota
from booking.selectors.quotas import Of
from booking.web.forms.base import PageForm, choose
from booking.web.forms.fields import ClockField, HoursField
from booking.weekly import DAYS, format_clock
from booking.words import hours_text, weekday_names, weekdays_text
from labs.models import Organisation

HOURS = (60, 120, 180, 240, 360, 480, 600, 720, 960, 1200, 1440, 1800, 2400, 3600, 4800)


class QuotaForm(PageForm):
    """For whom, in how long, how much."""

    names: ClassVar[dict[str, str]] = {"most_minutes": "hours"}

    per = forms.ChoiceField(
        label=pgettext_lazy("quota", "For"), choices=Quota.Per.choices
    )
    window = forms.ChoiceField(
        label=pgettext_lazy("quota", "In"), choices=Quota.Window.choices
    )
    hours = HoursField(label=gettext_lazy("Hours at most"), required=False)
    most_count = forms.IntegerField(
        label=gettext_lazy("Reservations at most"),
        required=False,
        min_value=1,
        max_value=10_000,
    )
    tag = forms.ChoiceField(label=gettext_lazy("Counted together"), required=False)
    peak_only = forms.BooleanField(
        label=gettext_lazy("In peak hours only"), required=False
    )

    def __init__(self, data: Any = None, *, of: Of) -> None:
        initial = {"per": "organisation", "window": "week"}
        super().__init__(data, initial=initial, auto_id="quota-%s")
        hours: Any = self.fields["hours"]
        hours.widget.choices = [
            ("", _("no limit")),
            *((f"{m // 60}", hours_text(m)) for m in HOURS),
        ]
        if isinstance(of, Organisation):
            tags = sorted({tag for each in of.resources.all() for tag in each.tags})
            named = [(tag, _("those tagged %(tag)s") % {"tag": tag}) for tag in tags]
            choose(self, "tag", [("", _("all its resources")), *named])
        else:
            del self.fields["tag"]

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["most_minutes"] = given.pop("hours")
        return given


class PeakForm(PageForm):
    """Days, from when, until when."""

    names: ClassVar[dict[str, str]] = {"starts": "from", "ends": "to"}

    days = forms.MultipleChoiceField(
        label=gettext_lazy("Days"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None) -> None:
        usual = {"days": DAYS[:5], "from": "10:00", "to": "16:00"}
        super().__init__(data, initial=usual, auto_id="peak-%s")
        choose(self, "days", zip(DAYS, weekday_names(), strict=True))
        self.fields["from"] = ClockField(label=_("From"))
        self.fields["to"] = ClockField(label=_("To"), first=15, last=1440)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"days": given["days"], "starts": given["from"], "ends": given["to"]}


def quota_text(quota: Quota) -> str:
    """Return such as Each person, a week: 10 h, 3 reservations, in peak hours only."""
    much = []
    if quota.most_minutes is not None:
        much.append(hours_text(quota.most_minutes))
    if (n := quota.most_count) is not None:
        text = ngettext("%(n)d reservation", "%(n)d reservations", n)
        much.append(text % {"n": n})
    if quota.peak_only:
        much.append(_("in peak hours only"))
    if quota.tag:
        much.append(_("those tagged %(tag)s") % {"tag": quota.tag})
    return _("%(who)s, %(window)s: %(much)s") % {
        "who": quota.get_per_display(),
        "window": quota.get_window_display(),
        "much": ", ".join(much),
    }


def peak_text(peak: PeakHours) -> str:
    """Return such as Mon, Tue, 10:00–16:00."""
    hours = f"{format_clock(peak.starts)}–{format_clock(peak.ends)}"
    return f"{weekdays_text(peak.days)}, {hours}"
