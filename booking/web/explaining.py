"""Which value holds and why, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Policy
from booking.selectors.policies import Explained, Layer, policy_explained
from booking.web.forms.base import PageForm, choose, names_by_slug
from booking.web.forms.rules import label_of, value_text
from booking.web.requests import actor_of
from config import clock
from labs.models import Organisation, Resource
from labs.selectors.organisations import organisation_list


class LookForm(PageForm):
    """For whom one looks."""

    organisation = forms.ChoiceField(label=gettext_lazy("Organisation"), required=False)

    def __init__(self, data: Any, organisations: Sequence[Organisation]) -> None:
        super().__init__(data, auto_id="look-%s")
        choose(self, "organisation", names_by_slug(organisations))


def chosen_explained(
    request: HttpRequest, shown: Resource, policies: Sequence[Policy]
) -> dict[str, Any]:
    """Return what a resource's page needs to explain what holds for one guest."""
    organisations = list(organisation_list(user=actor_of(request)))
    form = LookForm(
        request.GET if "organisation" in request.GET else None, organisations
    )
    context: dict[str, Any] = {"look": form}
    if form.is_valid():
        slug = form.cleaned_data["organisation"]
        guest = next((each for each in organisations if each.slug == slug), None)
        if guest is not None:
            now = policy_explained(shown, guest, clock.today(), policies)
            context["explained"] = explained_table(shown, guest, now)
    return context


def explained_table(
    resource: Resource,
    guest: Organisation,
    now: Sequence[Explained],
    after: Sequence[Explained] | None = None,
) -> dict[str, Any]:
    """Return the rows for the template; with `after`, what a change would make."""
    then = {each.name: each for each in after or now}
    caption = _("%(resource)s for %(organisation)s") % {
        "resource": resource.local_name,
        "organisation": guest.local_name,
    }
    rows = [_row(each, then[each.name]) for each in now]
    return {"caption": caption, "rows": rows, "has_after": after is not None}


def _row(now: Explained, then: Explained) -> dict[str, Any]:
    origin = then.origin
    others = [
        f"{origin_text(layer)}: {value_text(now.name, layer.value)}"
        for layer in then.layers
        if layer is not origin and layer.value is not None
    ]
    return {
        "label": label_of(now.name),
        "value": value_text(now.name, now.value),
        "after": value_text(now.name, then.value),
        "is_changed": now.value != then.value,
        "origin": origin_text(origin),
        "others": "; ".join(others),
    }


def origin_text(layer: Layer) -> str:
    """Return who says a value, such as the hub or the agreement Early birds."""
    return {
        "agreement": _("agreement “%(name)s”"),
        "resource": _("the resource itself"),
        "host": _("rules of %(name)s"),
        "hub": _("rules of the hub"),
    }[layer.scope] % {"name": layer.name}
