"""What booking's templates say in their own words: times, navigation, statuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from booking import words
from booking.expander import to_wall
from booking.models import EffectivePolicy, History, Reservation
from booking.models.paths import Level, Path
from booking.questions import answer_text
from booking.rules import BY_CODE
from booking.web import queue
from booking.web.wall import clock_at, minutes_of
from booking.weekly import DAYS, format_clock
from config import clock
from labs.models import Resource, User
from labs.services.photos import small_url

register = template.Library()
#: What a change may say of it, beside when it was.
BEFORE = {
    "people": gettext_lazy("People"),
    "purpose": gettext_lazy("Purpose"),
    "resource": gettext_lazy("Resource"),
}
WHO = {
    Path.NONE: gettext_lazy("nobody"),
    Path.HOST: "%(host)s",
    Path.HUB: gettext_lazy("hub staff"),
    Path.HOST_HUB: gettext_lazy("%(host)s, then hub staff"),
    Path.HUB_HOST: gettext_lazy("hub staff, then %(host)s"),
    Path.ANY: gettext_lazy("%(host)s or hub staff"),
    Path.SEVERAL: gettext_lazy("%(n)d people of %(host)s and the hub"),
}
PATH_STEPS = {History.Action.APPROVED, History.Action.STAGE_APPROVED}


def _time(at: dt.datetime, zone: ZoneInfo, text: str, clocks: str) -> SafeString:
    # The clocks stay on one line: a browser may break after a dash.
    return format_html(
        '<time datetime="{}">{}, <span class="whole">{}</span></time>',
        at.astimezone(zone).isoformat(timespec="minutes"),
        text,
        clocks,
    )


@register.simple_tag
def moment(at: dt.datetime, zone: ZoneInfo, *, short: bool = False) -> SafeString:
    """Show an instant by the clock in the zone."""
    wall = to_wall(at, zone)
    clocks = format_clock(minutes_of(wall))
    return _time(at, zone, words.date_text(wall, short=short), clocks)


@register.simple_tag
def period(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo, *, short: bool = False
) -> SafeString:
    """Show a period by the clock in the zone; both dates where it spans midnight."""
    start, end = to_wall(starts_at, zone), to_wall(ends_at, zone)
    midnight = dt.datetime.combine(start, dt.time()) + dt.timedelta(days=1)
    if end > midnight:
        return format_html(
            "{} – {}",
            moment(starts_at, zone, short=short),
            moment(ends_at, zone, short=short),
        )
    until = words.DAY_MINUTES if end == midnight else minutes_of(end)
    clocks = f"{format_clock(minutes_of(start))}–{format_clock(until)}"
    return _time(starts_at, zone, words.date_text(start, short=short), clocks)


@register.simple_tag
def clocks(starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo) -> SafeString:
    """Show a period of a day that is named nearby."""
    start, end = clock_at(starts_at, zone), clock_at(ends_at, zone)
    # The end of the day is a midnight too.
    text = f"{start}–{'24:00' if end == '00:00' else end}"
    return format_html('<span class="whole">{}</span>', text)


@register.simple_tag
def clock_time(at: dt.datetime, zone: ZoneInfo) -> SafeString:
    """Show what the clock in the zone shows then; for an instant of these minutes."""
    text = clock_at(at, zone)
    iso = at.astimezone(zone).isoformat(timespec="minutes")
    return format_html('<time datetime="{}">{}</time>', iso, text)


@register.filter
def instant(text: str) -> dt.datetime:
    """Return the instant that history keeps as text."""
    return dt.datetime.fromisoformat(text)


@register.filter
def overridden(rows: list[dict[str, Any]] | None) -> list[str]:
    """Return what history keeps of overridden rules, each as one line."""
    return [_overridden(**row) for row in rows or []]


def _overridden(code: str, found: Any, needed: Any) -> str:
    rule = BY_CODE.get(code)
    if rule is None:
        return code
    said = {"found": rule.said(found), "needed": rule.said(needed)}
    values = _("%(found)s instead of %(needed)s") % said
    return f"{rule.name}: {values}"


@register.simple_tag
def days_or_period(
    starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo
) -> SafeString:
    """Show whole days by their dates, anything else as a period."""
    start, end = to_wall(starts_at, zone), to_wall(ends_at, zone)
    if start.time() != dt.time() or end.time() != dt.time():
        return period(starts_at, ends_at, zone)
    last = (end - dt.timedelta(days=1)).date()
    days = [words.date_text(day) for day in dict.fromkeys((start.date(), last))]
    return format_html('<time datetime="{}">{}</time>', start.date(), " – ".join(days))


@register.simple_tag
def from_now(at: dt.datetime) -> str:
    """Show how far away an instant is."""
    return words.from_now_text(at, clock.now())


@register.simple_tag
def times_in(zone: ZoneInfo, at: dt.datetime | None = None) -> SafeString:
    """Show whose clock the page's times are by, with its offset at that instant."""
    at = at or clock.now()
    text = _("Times in %(zone)s") % {"zone": words.zone_text(zone, at)}
    return format_html(
        '<p class="quiet" data-zone="{}" data-at="{}" data-yours="{}">{}</p>',
        zone.key,
        at.isoformat(timespec="minutes"),
        # Filled in by the browser, which alone knows its own clock.
        _("{there} there is {here} by your clock"),
        text,
    )


@register.filter
def as_length(minutes: int) -> str:
    """Show a number of minutes as a length."""
    return words.length_text(minutes)


@register.filter
def as_wait(wait: dt.timedelta) -> str:
    """Show a usual wait, rounded up to what one would say."""
    return words.wait_text(wait)


@register.filter
def as_hours(minutes: int) -> str:
    """Show a number of minutes as hours."""
    return words.hours_text(minutes)


@register.filter
def day_in_words(day: dt.date) -> str:
    """Show a date with its weekday."""
    return words.date_text(day)


@register.filter
def day_shortly(day: dt.date) -> str:
    """Show a date with its weekday, both short."""
    return words.date_text(day, short=True)


@register.filter
def weekday_shortly(day: dt.date) -> str:
    """Show the day of the week alone."""
    return words.weekdays_text([DAYS[day.weekday()]])


@register.filter
def month_in_words(day: dt.date) -> str:
    """Show the month of a date."""
    return words.month_text(day)


@register.simple_tag
def days_in_words(first: dt.date, last: dt.date) -> SafeString:
    """Show a number of days by the first and the last, with the year at the end."""
    shown = words.days_text(first, last)
    return format_html('<time datetime="{}">{}</time>', first, shown)


@register.simple_tag
def now_clock() -> str:
    """Show what the clock in the hub's zone shows now."""
    return clock_at(clock.now(), ZoneInfo(settings.TIME_ZONE))


@register.filter
def weekdays(codes: Iterable[str]) -> str:
    """Show MO, TU … as people write them."""
    return words.weekdays_text(codes)


@register.simple_tag
def waiting_for(user: User) -> int | None:
    """Return how many requests wait for this person's decision; None: not theirs."""
    if not queue.decides(user):
        return None
    return queue.number_waiting(user, clock.now())


@register.simple_tag
def who_decides(policy: EffectivePolicy, resource: Resource) -> str:
    """Show who decides on a resource's requests, in what order."""
    known = {"host": resource.organisation.local_name, "n": policy.approvals_needed}
    return str(WHO[Path(policy.approval_path)]) % known


@register.filter
def why_declined(reservation: Reservation) -> str:
    """Show the listed reason in the page's language, and the words beside it."""
    return words.reason_text(reservation.decline_code, reservation.reason)


@register.filter
def history_text(row: History) -> str:
    """Show why, as a row of history says it."""
    code = row.changes.get("code", [None, ""])[1]
    return words.reason_text(code, row.reason)


@register.filter
def history_more(row: History) -> list[str]:
    """Show what else a row of history says: for whom, how far, what it was before."""
    found = []
    # `overrides` are no pair of what was and what is, and shown by themselves.
    pairs = {name: row.changes[name] for name in row.changes if name != "overrides"}
    for name, (was, now) in pairs.items():
        if name == "on_behalf_of":
            found.append(_("for %(name)s") % {"name": now})
        elif name == "level":
            found.append(str(Level(now).label))
        elif name in BEFORE:
            found.append(f"{BEFORE[name]}: {was} → {now}")
        elif name == "rule":
            found.append(_("by a rule, at once"))
    if row.actor_id is None and row.action in PATH_STEPS:
        found.append(_("Nobody decided in time, which counts as approved here."))
    return found


@register.filter
def lapses_soon(reservation: Reservation) -> bool:
    """Whether a request lapses within a day."""
    lapses_at = reservation.lapses_at
    return lapses_at is not None and lapses_at < clock.now() + dt.timedelta(days=1)


@register.simple_tag
def local_name(thing: Any) -> str:
    """Show the name of a row that is no model, in the page's language."""
    return str((get_language() == "bg" and thing.name_bg) or thing.name)


@register.filter
def small_photo(resource: Resource) -> str:
    """Return where the small one of a resource's photo is."""
    return small_url(resource)


@register.filter
def expires(until: dt.date) -> str:
    """Say when a qualification ends: expires in 9 days, on 4 December 2026."""
    return words.expires_text(until, clock.today())


@register.filter
def local_name_of(row: dict[str, Any]) -> str:
    """Show the name of a row of JSON, in the page's language."""
    return str((get_language() == "bg" and row["name_bg"]) or row["name"])


@register.filter
def answer_name(row: dict[str, Any]) -> str:
    """Show the question of an answer, in the words of then."""
    return local_name_of(row)


register.filter(answer_text)


@register.simple_tag
def caution(row: dict[str, Any]) -> str:
    """Show what a history keeps of a qualification that ends, as it was then."""
    name = local_name_of(row)
    until = words.plain_date_text(dt.date.fromisoformat(row["until"]))
    return _("%(name)s: good until %(date)s") % {"name": name, "date": until}
