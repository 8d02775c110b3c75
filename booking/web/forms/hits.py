"""What a host chooses for each reservation that a change hits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Reservation
from booking.services.hits import Choice, Wanted, choices_at
from booking.web.forms.base import PageForm
from booking.web.forms.fields import LongText


@dataclass(frozen=True, slots=True)
class Row:
    """A reservation, what can be chosen for it, and what is."""

    reservation: Reservation
    choices: list[Choice]
    chosen: Choice

    @property
    def name(self) -> str:
        return f"hit-{self.reservation.reference}"


class HitsForm(PageForm):
    """One choice for each hit, kept unless something else was chosen, and a reason."""

    tell = LongText(
        label=gettext_lazy("What you tell them"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("The guests whom you ask or cancel read it."),
    )

    def __init__(
        self, data: Any, *, hits: Sequence[Reservation], every: str = ""
    ) -> None:
        super().__init__(data, auto_id="hits-%s")
        self.every = Choice(every) if every in Choice.values else None
        # What a hall and its part have in common is hit by both, and chosen once.
        once = {hit.pk: hit for hit in hits}.values()
        self.hits = sorted(once, key=lambda hit: (hit.starts_at, hit.pk))

    def rows(self) -> Iterator[Row]:
        for hit in self.hits:
            choices = choices_at(hit.status)
            sent = self.every or self.data.get(f"hit-{hit.reference}", "")
            yield Row(hit, choices, Choice(sent) if sent in choices else Choice.KEEP)

    @property
    def is_unseen(self) -> bool:
        """Whether there is a hit that who sent the form was not shown."""
        return any(f"hit-{hit.reference}" not in self.data for hit in self.hits)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        tells = any(row.chosen != Choice.KEEP for row in self.rows())
        if tells and not given.get("tell") and "tell" not in self.errors:
            self.add_error("tell", _("Say why; the other side reads it."))
        return given

    def wanted(self) -> dict[str, Wanted]:
        """Return the choices by reference, each of the version that was shown."""
        found = {}
        for row in self.rows():
            hit = row.reservation
            sent = str(self.data.get(f"version-{hit.reference}", ""))
            version = int(sent) if sent.isdecimal() and len(sent) < 10 else hit.version
            found[hit.reference] = Wanted(row.chosen, version)
        return found
