"""A change of hours, of one resource or several: shown, then done, then decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking import words
from booking.models import Reservation
from booking.services.availability import Outcome
from booking.services.hits import Choice, Decided, Wanted, hits_decide
from booking.web.forms.base import PageForm
from booking.web.forms.hits import HitsForm
from booking.web.forms.hours import HoursForm
from booking.web.requests import actor_of
from config.errors import DomainError, Forbidden, Invalid, Missing
from labs.models import Resource

#: Sent by buttons that only show what a change would do, with a choice for all hits.
ALL = "all-"
Run = Callable[[Resource, bool], Outcome]


@dataclass(slots=True)
class Result:
    """What a change does, or did, to one resource."""

    resource: Resource
    outcome: Outcome = field(default_factory=Outcome)
    refusal: DomainError | None = None
    decided: list[Decided] = field(default_factory=list)

    @property
    def hits(self) -> list[Reservation]:
        return self.outcome.hits

    @property
    def left(self) -> list[tuple[Reservation, DomainError]]:
        """What could not be done as chosen, and why."""
        found = {hit.reference: hit for hit in self.hits}
        return [(found[d.reference], d.refusal) for d in self.decided if d.refusal]

    def summary(self) -> str:
        """Say what became of the hits; empty where there were none."""
        done = [each.choice for each in self.decided if each.refusal is None]
        counts = {choice: done.count(choice) for choice in Choice}
        texts = {
            Choice.KEEP: ngettext(
                "%(n)d is kept", "%(n)d are kept", counts[Choice.KEEP]
            ),
            Choice.MOVE: ngettext(
                "%(n)d is asked to move", "%(n)d are asked to move", counts[Choice.MOVE]
            ),
            Choice.CANCEL: ngettext(
                "%(n)d is cancelled", "%(n)d are cancelled", counts[Choice.CANCEL]
            ),
        }
        said = [texts[choice] % {"n": n} for choice, n in counts.items() if n]
        return ", ".join(said)

    def tell(self, request: HttpRequest, text: str) -> None:
        """Say what was done, and of each hit that was left, why."""
        values = {"done": text, "hits": self.summary()}
        said = _("%(done)s Of the reservations %(hits)s.") % values
        messages.success(request, said if values["hits"] else text)
        for hit, refusal in self.left:
            why = {"what": hit_text(hit), "why": refusal.detail}
            messages.error(request, _("%(what)s stays as it is: %(why)s") % why)


class Change:
    """One change of some resources.

    `run` is its service: first asked for a preview, which is the change itself rolled
    back. Where there are hits that the page has not shown yet, it shows them, and the
    next click does it: the change of each resource in a transaction of its own, then
    each of its hits by its own service.
    """

    def __init__(
        self, request: HttpRequest, resources: Sequence[Resource], form: PageForm
    ) -> None:
        self.request = request
        self.resources = resources
        self.form = form
        self.step = request.POST.get("do", "")
        self.results: list[Result] = []
        self.hits = HitsForm(request.POST, hits=[])
        self.must_choose = False

    @property
    def is_preview(self) -> bool:
        """Whether it is only to be shown: always, where no button was pressed."""
        return self.step in {"", "preview"} or self.step.startswith(ALL)

    @property
    def status(self) -> int:
        return self.form.status if self.form.errors else self.hits.status

    @property
    def failed(self) -> PageForm | None:
        """The form whose faults are to be shown on top; none while somebody types."""
        wrong = [each for each in (self.form, self.hits) if each.errors]
        return wrong[0] if wrong and not self.is_preview else None

    @property
    def is_of_hours(self) -> bool:
        return isinstance(self.form, HoursForm)

    @property
    def minutes_a_week(self) -> int:
        return max((r.outcome.minutes_a_week for r in self.results), default=0)

    def is_done(self, run: Run) -> bool:
        """Do it, if the forms are in order and nothing is left to be seen first."""
        if not self.form.is_valid() or not self._previewed(run):
            return False
        found = [hit for result in self.results for hit in result.hits]
        every = self.step.removeprefix(ALL) if self.step.startswith(ALL) else ""
        self.hits = HitsForm(self.request.POST, hits=found, every=every)
        self.must_choose = self.hits.is_unseen and not self.is_preview
        if self.is_preview:
            self.hits.errors.clear()
            return False
        if self.must_choose or not self.hits.is_valid():
            return False
        wanted, tell = self.hits.wanted(), self.hits.cleaned_data["tell"]
        self.results = self._run_each(run, preview=False)
        actor = actor_of(self.request)
        for result in self.results:
            # What was reserved since they were shown is kept, and stays listed.
            chosen = {
                hit.reference: wanted.get(hit.reference, Wanted(Choice.KEEP, 0))
                for hit in result.hits
            }
            result.decided = hits_decide(actor=actor, wanted=chosen, reason=tell)
        return not self.form.errors

    def _previewed(self, run: Run) -> bool:
        self.results = self._run_each(run, preview=True)
        return not self.form.errors

    def _run_each(self, run: Run, *, preview: bool) -> list[Result]:
        results = []
        for each in self.resources:
            results.append(self._run(run, each, preview))
            if self.form.refusal is not None:
                break
        return results

    def _run(self, run: Run, resource: Resource, preview: bool) -> Result:
        try:
            return Result(resource, run(resource, preview))
        except (Missing, Forbidden) as refusal:
            if len(self.resources) == 1:
                raise
            return Result(resource, refusal=refusal)
        except DomainError as refusal:
            # What is wrong with the input is wrong for all; say it once, at its field.
            is_alone = len(self.resources) == 1
            if self.form.refusal is None and (is_alone or isinstance(refusal, Invalid)):
                self.form.refuse(refusal)
            return Result(resource, refusal=refusal)

    def context(self) -> dict[str, Any]:
        return {"change": self, "failed": self.failed}


def hit_text(hit: Reservation) -> str:
    """Return whose it is and when, for a message."""
    wall = hit.starts_at.astimezone(hit.resource.site.zone)
    when = f"{words.date_text(wall.date(), short=True)}, {wall:%H:%M}"
    return f"{hit.organisation.local_name}, {when}"
