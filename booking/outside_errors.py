"""Why an outside calendar could not be read: kept as a code, said in any language."""

from __future__ import annotations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from config.errors import DomainError
from config.outbound import WORDS as OUTBOUND

#: `{detail}` is what the code alone does not tell: a number, or an event's title.
WORDS: dict[str, StrOrPromise] = {
    **OUTBOUND,
    "bad_status": _(
        "Instead of the calendar the server sends the error {detail}. "
        "Is the calendar still shared at this address?"
    ),
    "not_a_calendar": _("What is there is not a calendar (.ics)."),
    "broken_event": _("This event in it makes no sense: {detail}."),
    "broken_events": _("Its events, or how they repeat, make no sense."),
    "too_often": _("This event in it repeats every minute or second: {detail}."),
    "too_many_events": _("It has more than {detail} events ahead."),
    "too_complex": _("Its repetitions take too long to work out."),
}


class Unreadable(DomainError):
    """422: what is at an outside calendar's address cannot be read; see WORDS."""

    code = "unreadable"
    status = 422
    title = _("Not readable")

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(error_text(code, detail), code=code)
        self.about = detail


def error_text(code: str, detail: str = "") -> StrOrPromise:
    return format_lazy(WORDS[code], detail=detail)
