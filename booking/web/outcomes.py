"""What each rule says to a wish, in words: what is right as well as what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from booking import rules
from booking.rules import Facts, Rule
from booking.words import length_text


@dataclass(frozen=True, slots=True)
class Outcome:
    is_right: bool
    text: StrOrPromise


def _length(facts: Facts) -> str:
    minutes = int((facts.ends_at - facts.starts_at).total_seconds() // 60)
    return _("%(length)s long: from %(shortest)s to %(longest)s is allowed.") % {
        "length": length_text(minutes),
        "shortest": length_text(facts.policy.min_duration_minutes),
        "longest": length_text(facts.policy.max_duration_minutes),
    }


def _notice(facts: Facts) -> str:
    if not facts.policy.notice_minutes:
        return ""
    ahead = length_text(facts.policy.notice_minutes)
    return _("Early enough: %(length)s of notice is needed.") % {"length": ahead}


def _hours(facts: Facts) -> str:
    return _("Open for the whole of that time.")


def _people(facts: Facts) -> str:
    text = ngettext("Room for %(n)d person.", "Room for %(n)d people.", facts.capacity)
    return text % {"n": facts.capacity}


def _qualifications(facts: Facts) -> str:
    names = ", ".join(need.local_name for need in facts.needs)
    return _("You have what it needs: %(names)s.") % {"names": names} if names else ""


#: The rules that one wants to see kept; the others speak only when they are broken.
KEPT: dict[Rule, Callable[[Facts], str]] = {
    rules.is_short_enough: _length,
    rules.gives_enough_notice: _notice,
    rules.lies_within_opening_hours: _hours,
    rules.fits_the_people: _people,
    rules.has_the_qualifications: _qualifications,
}


def outcomes_of(facts: Facts) -> list[Outcome]:
    """Return what to say of each rule, in their order."""
    found = []
    judged = rules.judged(facts)
    too_short = rules.lasts_long_enough(facts) is not None
    for rule, finding in judged:
        if finding.wrong is not None:
            found.append(Outcome(False, finding.wrong))
        elif rule is rules.is_short_enough and too_short:
            continue
        elif rule in KEPT and (text := KEPT[rule](facts)):
            found.append(Outcome(True, text))
    return found
