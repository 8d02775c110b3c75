from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from booking.exceptions import PartsRefused, RuleViolation
from booking.services.kits import MOST, PartWish
from booking.services.reservations import Idempotency
from booking.web.forms.asking import Asking
from booking.web.forms.base import PageForm, WhenForm, choose, names_by_slug
from booking.web.forms.fields import LongText
from booking.web.forms.finding import MOST_PEOPLE
from booking.web.forms.reserving import MOST_UNITS, add_guest
from config.errors import DomainError
from labs.models import Organisation, Resource, User


class KitForm(WhenForm):
    """When, how many, for whom and what for: what all the parts have in common."""

    people = forms.IntegerField(
        label=_("People"), min_value=1, max_value=MOST_PEOPLE, initial=1
    )
    organisation = forms.ChoiceField(label=_("Organisation"))
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=500,
        help_text=_("What you will do there. Each of the hosts reads it."),
        widget=forms.TextInput(attrs={"dir": "auto"}),
    )

    def __init__(
        self,
        *args: Any,
        actor: User,
        parts: list[Resource],
        organisations: list[Organisation],
        askings: Mapping[str, Asking],
        **options: Any,
    ) -> None:
        super().__init__(*args, zone=parts[0].site.zone, **options)
        self.parts, self.organisations = parts, organisations
        if len(organisations) > 1:
            choose(self, "organisation", names_by_slug(organisations))
            self.initial.setdefault("organisation", organisations[0].slug)
        else:
            del self.fields["organisation"]
        add_guest(self, actor)
        self.order_fields(["day", "from", "hours", "people", "organisation", "for"])
        self._plain = set(self.fields) - {"purpose"}
        self.askings = askings
        for asking in askings.values():
            asking.add_to(self)

    @property
    def before(self) -> list[forms.BoundField]:
        """Return the fields of when, how many and for whom."""
        return [field for field in self if field.name in self._plain]

    @property
    def of_hosts(self) -> list[dict[str, Any]]:
        """Return what the host of each part wants, and the fields for it."""
        return [
            {
                "resource": part,
                "asking": asking,
                "questions": asking.questions_in(self),
                "accepting": asking.terms_in(self),
            }
            for part in self.parts
            if (asking := self.askings[part.slug]).terms or asking.names
        ]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean()
        for asking in self.askings.values():
            asking.tell_faults(self)
        return given

    def part_wishes(self, quantities: Mapping[str, int]) -> list[PartWish]:
        """Return each part as it is asked for, with what its host wants."""
        return [
            PartWish(
                slug,
                quantity,
                accepts=self.askings[slug].accepts(self),
                answers=self.askings[slug].answers(self),
            )
            for slug, quantity in quantities.items()
        ]

    def organisation_slug(self) -> str:
        only = self.organisations[0].slug if self.organisations else ""
        return str(self.cleaned_data.get("organisation", only))

    def idempotency(self, key: str, quantities: Mapping[str, int]) -> Idempotency:
        """Return the key with the hash of what was typed."""
        typed = {**self.cleaned_data, "parts": dict(quantities)}
        body = json.dumps(typed, sort_keys=True, default=str)
        return Idempotency(key, hashlib.sha256(body.encode()).hexdigest())

    def texts_of(self, refusal: DomainError) -> Iterator[tuple[str, StrOrPromise]]:
        if not isinstance(refusal, PartsRefused):
            yield from super().texts_of(refusal)
            return
        yield "", refusal.detail
        names = {part.slug: part.local_name for part in self.parts}
        for slug, why in refusal.refused.items():
            broken = why.violations if isinstance(why, RuleViolation) else [why]
            for each in broken:
                yield "", f"{names[slug]}: {each.detail}"


class KitMoveForm(WhenForm):
    """Another period for the whole."""


class KitCancelForm(PageForm):
    reason = LongText(label=_("Reason"), max_length=500, required=False)


def quantities_in(data: Mapping[str, str], slugs: list[str]) -> dict[str, int]:
    """Return how many are wanted of each; one where nothing sensible is said."""
    found = {}
    for slug in slugs[:MOST]:
        text = data.get(f"quantity-{slug}", "")
        number = int(text) if text.isascii() and text.isdigit() else 1
        found[slug] = min(max(number, 1), MOST_UNITS)
    return found
