"""Every verb of both doors, and what becomes of it by who tries: data, and no more.

A letter for each of `ROLES`, in their order: `.` it is done, `3` a 403, `4` a 404, `9`
a 409. Of the API `.` is a 2xx; of the pages it is all that is not refused for who it
is, such as a form that is shown again. Whoever is signed out or switched off gets a 401
of the API, and is sent to sign in by a page, but for what is `PUBLIC`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

#: Somebody of no organisation; the manager of another host; booker and manager of the
#: startup that reserved; booker and manager of the host; hub staff.
ROLES = ("nobody", "other", "guest", "guests", "hand", "host", "staff")


class Row(NamedTuple):
    """`url` names a pattern; arguments and body are filled in with the scene's."""

    method: str
    url: str
    letters: str
    args: tuple[str, ...] = ()
    body: dict[str, Any] = {}


ALL = "......."
SEES, DECIDES, PARTY = "44..4..", "44334..", "44..433"
#: The guest's side and hub staff: a host does not say who comes.
GUESTS = "44..43."
MANAGES, STAFF = "33333..", "333333."
#: Hub staff look at an organisation's webhooks, and change none.
KEEPS = "33333.3"
#: Its guests know of an agreement, and no others do.
AGREES = "44334.."
#: Of whatever organisation: each has a desk and a queue of its own.
ANY_MANAGER = "3.3.3.."
OUTSIDE = {"url": "https://calendar.example/a.ics"}
REASON = {"reason": "Because"}
LATER = {"starts_at": "{later}", "ends_at": "{later_end}"}
WALL = {"day": "{day}", "from": "12:00", "hours": "1"}
LAB, CLOSING = ("{lab}",), {**LATER, "reason": "maintenance"}
EVENINGS = {"days": ["MO"], "from": "18:00", "to": "22:00"}
WEEK = {"weekly": [{"days": ["MO"], "from": "09:00", "to": "18:00"}]}
RESERVE = {"resource": "{lab}", "organisation": "{startup}", "purpose": "x", **LATER}
SERIES = {
    "resource": "{lab}",
    "organisation": "{startup}",
    "purpose": "x",
    "first_on": "{day}",
    "from": "14:00",
    "minutes": 60,
    "repeats": "daily",
    "count": 2,
}
KIT = {
    "organisation": "{startup}",
    "purpose": "x",
    "parts": [{"resource": "{lab}"}, {"resource": "{second}"}],
    **LATER,
}
OFFERED = {**WALL, "resource": "{studio}"}
CODED = {"code": "capacity"}
KIT_PAGE = {"part": ["{lab}", "{second}"]}
HAND_OVER = {"to": "{guests_email}"}
DECIDED = {"items": [{"reference": "7KQ2M4XD", "verdict": "approve"}]}
EVERY = {"which": "all"}
WAIT = {
    "resource": "{lab}",
    "organisation": "{startup}",
    "purpose": "x",
    "minutes": 60,
    "window_starts_at": "{taken}",
    "window_ends_at": "{taken_end}",
}
DEPUTY = {
    "organisation": "{host}",
    "deputy": "{hand_email}",
    "starts_on": "{day}",
    "ends_on": "{day}",
}
FEED_OF_LAB = {"of": "resource", "slug": "{lab}", "name": "phone"}
TRAINING = {"name": "Training", "organisation": "{host}"}
GRANT = {"type": "{type}", "email": "{guest_email}"}
NEW = {
    "name": "New lab",
    "kind": "laboratory",
    "organisation": "{host}",
    "site": "{site}",
    "people": 4,
}

WEBHOOK = ("{hosts}", "{webhook}")
HOOK = {"url": "https://example.com/2", "events": ["moved"]}

#: Sends a file, to answer a question.
SHEET = Row("post", "answer-file-list", ALL)
PHOTO = Row("put", "resource-photo", MANAGES, LAB)

API = (
    # A reservation
    Row("get", "reservation-list", ALL),
    Row("post", "reservation-list", "33..33.", (), RESERVE),
    Row("get", "reservation-detail", SEES, ("{approved}",)),
    Row("get", "reservation-history", SEES, ("{approved}",)),
    Row("post", "reservation-approve", DECIDES, ("{pending}",)),
    Row("post", "reservation-decline", DECIDES, ("{pending}",), REASON),
    Row("post", "reservation-ask", DECIDES, ("{pending}",), REASON),
    Row("post", "reservation-take-back", "449949.", ("{declined}",)),
    Row("post", "reservation-answer", PARTY, ("{pending}",), REASON),
    Row("post", "reservation-cancel", SEES, ("{approved}",), REASON),
    Row("post", "reservation-move", SEES, ("{approved}",), LATER),
    Row("post", "reservation-confirm", "4499433", ("{approved}",)),
    Row("post", "reservation-check-in", SEES, ("{approved}",)),
    Row("post", "reservation-check-out", SEES, ("{in_use}",)),
    Row("post", "reservation-no-show", DECIDES, ("{approved}",)),
    Row("post", "reservation-was-there", DECIDES, ("{missed}",)),
    Row("patch", "reservation-detail", SEES, ("{approved}",), {"purpose": "y"}),
    Row("get", "reservation-thread", SEES, ("{approved}",)),
    Row("get", "reservation-answer-file", SEES, ("{approved}", "sheet")),
    SHEET,
    Row("get", "reservation-decisions", SEES, ("{approved}",)),
    Row("get", "reservation-offer", SEES, ("{countered}",)),
    Row("post", "reservation-decide", ALL, (), DECIDED),
    Row("post", "reservation-check", "33..33.", (), RESERVE),
    Row("post", "reservation-hand-over", GUESTS, ("{approved}",), HAND_OVER),
    Row("post", "reservation-counter", DECIDES, ("{pending}",), LATER),
    Row("post", "reservation-accept", PARTY, ("{countered}",)),
    Row("post", "reservation-pass-offer", PARTY, ("{countered}",)),
    # A kit, a series, the waiting list
    Row("post", "kit-list", "33..33.", (), KIT),
    Row("get", "kit-detail", SEES, ("{kit}",)),
    Row("post", "kit-move", GUESTS, ("{kit}",), LATER),
    Row("post", "kit-cancel", GUESTS, ("{kit}",), REASON),
    Row("get", "series-list", ALL),
    Row("post", "series-list", "33..33.", (), SERIES),
    Row("get", "series-detail", SEES, ("{series}",)),
    Row("post", "series-approve", DECIDES, ("{series}",)),
    Row("post", "series-cancel", SEES, ("{series}",), {**EVERY, **REASON}),
    Row("post", "series-change", SEES, ("{series}",), {**EVERY, "purpose": "y"}),
    Row("get", "waiting-list", ALL),
    Row("post", "waiting-list", "33..33.", (), WAIT),
    Row("get", "waiting-detail", SEES, ("{entry}",)),
    Row("post", "waiting-leave", PARTY, ("{entry}",)),
    # Who decides
    Row("get", "delegation-list", ALL),
    Row("post", "delegation-list", "33333.3", (), DEPUTY),
    Row("delete", "delegation-detail", "44444..", ("{delegation}",)),
    Row("get", "working-hours", ALL),
    Row("put", "working-hours", STAFF, (), {"week": []}),
    Row("get", "resource-approval-rules", MANAGES, LAB),
    Row("post", "resource-approval-rules", MANAGES, LAB, {"at_most_minutes": 60}),
    Row("post", "resource-approval-rules-try", MANAGES, LAB, {"at_most_minutes": 60}),
    Row("delete", "resource-approval-rule", MANAGES, (*LAB, "{rule}")),
    # Calendars
    Row("get", "calendar-list", ALL),
    Row("post", "calendar-list", ALL, (), {"of": "person", "name": "phone"}),
    Row("post", "calendar-list", MANAGES, (), FEED_OF_LAB),
    Row("delete", "calendar-detail", "44444..", ("{feed}",)),
    # Qualifications
    Row("get", "qualification-type-list", ALL),
    Row("post", "qualification-type-list", MANAGES, (), TRAINING),
    Row("get", "qualification-type-detail", ALL, ("{type}",)),
    Row("patch", "qualification-type-detail", MANAGES, ("{type}",), {"name": "B"}),
    Row("get", "qualification-list", ALL),
    Row("post", "qualification-list", MANAGES, (), GRANT),
    Row("get", "qualification-detail", "44.44..", ("{qualification}",)),
    Row("post", "qualification-revoke", "44344..", ("{qualification}",), REASON),
    # A resource, its hours, closures and policy
    Row("get", "resource-list", ALL),
    Row("post", "resource-list", MANAGES, (), NEW),
    Row("get", "resource-detail", ALL, LAB),
    Row("get", "resource-detail", "44444..", ("{draft}",)),
    Row("patch", "resource-detail", MANAGES, LAB, {"name": "Another"}),
    Row("patch", "resource-detail", "44444..", ("{draft}",), {"name": "Another"}),
    Row("post", "resource-publish", MANAGES, LAB),
    Row("post", "resource-archive", MANAGES, LAB),
    Row("post", "resource-draft", MANAGES, LAB),
    PHOTO,
    Row("delete", "resource-photo", MANAGES, LAB),
    Row("get", "resource-availability", ALL, LAB, {"from": "{later}", "to": "{end}"}),
    Row("get", "resource-opening-hours", ALL, LAB),
    Row("put", "resource-opening-hours", MANAGES, LAB, WEEK),
    Row("put", "resource-opening-date", MANAGES, (*LAB, "{day}"), {"hours": []}),
    Row("delete", "resource-opening-date", MANAGES, (*LAB, "{dated}")),
    Row("get", "resource-closures", ALL, LAB),
    Row("post", "resource-closures", MANAGES, LAB, CLOSING),
    Row("delete", "resource-closure", MANAGES, (*LAB, "{closure}")),
    Row("put", "resource-calendars", MANAGES, LAB, {"calendars": []}),
    Row("get", "resource-outside-calendars", MANAGES, LAB),
    Row("post", "resource-outside-calendars", MANAGES, LAB, OUTSIDE),
    Row("post", "resource-outside-calendar-read", MANAGES, (*LAB, "{outside}")),
    Row("delete", "resource-outside-calendar", MANAGES, (*LAB, "{outside}")),
    Row("get", "resource-terms", ALL, LAB),
    Row("get", "resource-questions", ALL, LAB),
    Row("put", "resource-questions", MANAGES, LAB, {"questions": []}),
    Row("get", "resource-restricted-hours", ALL, LAB),
    Row("post", "resource-restricted-hours", MANAGES, LAB, EVENINGS),
    Row("delete", "resource-restricted-hour", MANAGES, (*LAB, "{evenings}")),
    Row("get", "resource-policy", ALL, LAB),
    Row("patch", "resource-policy", MANAGES, LAB, {"others_see": "everything"}),
    # What anybody of the hub may know
    Row("get", "organisation-list", ALL),
    Row("get", "organisation-detail", ALL, ("{startup}",)),
    Row("get", "site-list", ALL),
    Row("get", "site-detail", ALL, ("{site}",)),
    Row("get", "timeline", ALL),
    Row("get", "free", ALL, (), LATER),
    Row("get", "first-free", ALL, (), {"minutes": 60}),
    # An organisation's webhooks
    Row("get", "webhook-list", MANAGES, ("{hosts}",)),
    Row("post", "webhook-list", KEEPS, ("{hosts}",), HOOK),
    Row("get", "webhook-detail", MANAGES, WEBHOOK),
    Row("patch", "webhook-detail", KEEPS, WEBHOOK, HOOK),
    Row("delete", "webhook-detail", KEEPS, WEBHOOK),
    Row("post", "webhook-ping", KEEPS, WEBHOOK),
    Row("post", "webhook-pause", KEEPS, WEBHOOK),
    Row("post", "webhook-resume", KEEPS, WEBHOOK),
    Row("post", "webhook-rotate", KEEPS, WEBHOOK),
    Row("get", "webhook-deliveries", MANAGES, WEBHOOK),
    Row("post", "webhook-replay", KEEPS, WEBHOOK, {"since": "{taken}"}),
    # One's own
    Row("get", "me", ALL),
    Row("get", "preferences", ALL),
    Row("put", "preferences", ALL, (), {"reminders": [60]}),
    Row("patch", "me", ALL, (), {"language": "bg"}),
    Row("get", "message-list", ALL),
    Row("get", "message-detail", "444444.", ("{message}",)),
)

#: What anybody may read without signing in.
PUBLIC_API = {"schema", "docs", "bounces"}
PUBLIC = {
    "front",
    "resource",
    "sites",
    "site",
    "organisations",
    "organisation",
    "door",
    "feed",
    "robots",
    "sitemap",
    "find",
    "timeline",
    "timeline-week",
    "resource-week",
    "resource-month",
    "sign-in",
    "sign-up",
    "sign-out",
    "invitation",
    "link",
    "unsubscribe",
}

MINE = ("{hosts}",)
FEED = {"name": "phone", "shows": "busy"}
CHECK_IN = {"reference": "{approved}", "do": "check-in"}
PAGES = (
    # A reservation
    Row("get", "reservations", ALL),
    Row("get", "reservation", SEES, ("{approved}",)),
    Row("get", "reservation-calendar", SEES, ("{approved}",)),
    Row("get", "answer-file", SEES, ("{approved}", "sheet")),
    Row("post", "act", DECIDES, ("{pending}", "approve")),
    Row("post", "act", DECIDES, ("{pending}", "decline"), CODED),
    Row("post", "act", DECIDES, ("{pending}", "ask"), REASON),
    Row("post", "act", SEES, ("{declined}", "take-back")),
    Row("post", "act", PARTY, ("{pending}", "answer"), REASON),
    Row("post", "act", PARTY, ("{approved}", "confirm")),
    Row("post", "act", SEES, ("{approved}", "check-in")),
    Row("post", "act", SEES, ("{in_use}", "check-out")),
    Row("post", "act", DECIDES, ("{approved}", "no-show")),
    Row("post", "act", DECIDES, ("{missed}", "was-there")),
    Row("post", "act", SEES, ("{approved}", "move")),
    Row("post", "act", SEES, ("{approved}", "cancel"), REASON),
    Row("post", "act", SEES, ("{approved}", "change"), {"people": 2}),
    Row("post", "act", DECIDES, ("{pending}", "counter"), OFFERED),
    Row("post", "act", PARTY, ("{countered}", "accept")),
    Row("post", "act", PARTY, ("{countered}", "pass")),
    Row("post", "act", GUESTS, ("{approved}", "hand-over"), HAND_OVER),
    # Messages
    Row("post", "message-resend", "44444..", ("{message}",)),
    # A kit
    Row("get", "kit-new", ALL, (), KIT_PAGE),
    Row("post", "kit-new", ALL, (), {**KIT_PAGE, "send": "x"}),
    Row("get", "kit", SEES, ("{kit}",)),
    Row("get", "kit-calendar", SEES, ("{kit}",)),
    Row("post", "kit-act", GUESTS, ("{kit}", "move"), WALL),
    Row("post", "kit-act", GUESTS, ("{kit}", "cancel"), REASON),
    # A series, the waiting list, deputies
    Row("get", "repeat", ALL, LAB),
    Row("get", "series", SEES, ("{series}",)),
    Row("get", "series-calendar", SEES, ("{series}",)),
    Row("post", "series-act", SEES, ("{series}", "cancel"), {**EVERY, **REASON}),
    Row("post", "series-approve", DECIDES, ("{series}",)),
    Row("get", "waiting", ALL),
    Row("post", "waiting-join", ALL, LAB),
    Row("post", "waiting-leave", PARTY, ("{entry}",)),
    Row("get", "deputies", ANY_MANAGER),
    Row("post", "deputy-end", "44444..", ("{delegation}",)),
    Row("get", "contest", DECIDES, ("{pending}",)),
    Row("get", "approvals", ANY_MANAGER),
    Row("post", "approve-many", ANY_MANAGER, (), {"chosen": "{pending}:1"}),
    Row("post", "decide", DECIDES, ("{pending}", "approve")),
    Row("post", "decide", DECIDES, ("{pending}", "decline"), CODED),
    Row("post", "decide", DECIDES, ("{pending}", "ask"), REASON),
    Row("post", "decide", SEES, ("{declined}", "take-back")),
    Row("post", "timeline-move", ALL, (), {"reference": "{approved}"}),
    Row("get", "reserve", ALL, LAB),
    Row("post", "reserve", ALL, LAB),
    Row("post", "hold", ALL, LAB),
    Row("post", "release", ALL, LAB),
    Row("post", "favourite", ALL, LAB),
    # Calendars
    Row("get", "feeds-person", ALL),
    Row("post", "feeds-person", ALL, (), FEED),
    Row("post", "feeds-organisation", MANAGES, MINE, FEED),
    Row("post", "feeds-resource", MANAGES, LAB, FEED),
    Row("post", "feeds-site", STAFF, ("{site}",), FEED),
    Row("post", "feed-end", "44444..", ("{feed}",)),
    # The door
    Row("get", "door-here", ALL, ("{code}",)),
    Row("post", "door-here", SEES, ("{code}",), CHECK_IN),
    Row("get", "door-page", MANAGES, LAB),
    Row("post", "door-page", MANAGES, LAB, {"do": "renew"}),
    # The desk
    Row("get", "desk", ANY_MANAGER),
    Row("post", "desk-add", ANY_MANAGER),
    Row("post", "desk-several", ANY_MANAGER),
    Row("post", "desk-policies", ANY_MANAGER),
    Row("post", "desk-organisation-policy", MANAGES, ("{hosts}",)),
    Row("get", "desk-resource", MANAGES, LAB),
    Row("post", "desk-details", MANAGES, LAB),
    Row("post", "desk-photo", MANAGES, LAB),
    Row("post", "desk-policy", MANAGES, LAB),
    Row("post", "desk-listing", MANAGES, LAB, {"to": "archive"}),
    Row("post", "desk-hours", MANAGES, LAB),
    Row("post", "desk-date", MANAGES, LAB),
    Row("post", "desk-date-forget", MANAGES, (*LAB, "{dated}")),
    Row("post", "desk-closures", MANAGES, LAB),
    Row("post", "desk-closure-remove", MANAGES, (*LAB, "{closure}")),
    Row("post", "desk-holidays", MANAGES, LAB),
    Row("post", "desk-outside", MANAGES, LAB),
    Row("post", "desk-outside-calendars", MANAGES, LAB, {**OUTSIDE, "do": "add"}),
    Row("post", "desk-outside-calendar-read", MANAGES, (*LAB, "{outside}")),
    Row("post", "desk-outside-calendar-remove", MANAGES, (*LAB, "{outside}")),
    Row("post", "desk-terms", MANAGES, LAB, {"text": "Wear shoes."}),
    Row("get", "desk-questions", MANAGES, LAB),
    Row("post", "desk-questions", MANAGES, LAB, {"deed": "add", "name": "Why?"}),
    Row("get", "desk-restricted", MANAGES, LAB),
    Row("post", "desk-restricted", MANAGES, LAB, EVENINGS),
    Row("post", "desk-restricted-remove", MANAGES, (*LAB, "{evenings}")),
    Row("post", "desk-organisation-terms", MANAGES, MINE, {"text": "Wear shoes."}),
    Row("get", "desk-agreements", ANY_MANAGER),
    Row("get", "desk-agreement-add", ANY_MANAGER),
    Row("get", "desk-agreement", AGREES, ("{agreement}",)),
    Row("post", "desk-agreement-end", AGREES, ("{agreement}",)),
    Row("get", "desk-programmes", STAFF),
    Row("get", "desk-programme-add", STAFF),
    Row("get", "desk-programme", STAFF, ("{programme}",)),
    Row("get", "desk-working-hours", STAFF),
    Row("get", "webhooks", MANAGES, MINE),
    Row("post", "webhook-add", KEEPS, MINE),
    Row("get", "webhook", MANAGES, WEBHOOK),
    Row("post", "webhook", KEEPS, WEBHOOK, HOOK),
    Row("post", "webhook-rotate", KEEPS, WEBHOOK),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "ping")),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "pause")),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "resume")),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "replay"), {"delivery": "{told}"}),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "replay-since"), {"hours": "1"}),
    Row("post", "webhook-act", KEEPS, (*WEBHOOK, "remove")),
    Row("get", "messages", ALL),
    Row("post", "desk-approval", MANAGES, LAB),
    Row("post", "desk-approval-remove", MANAGES, (*LAB, "{rule}")),
    Row("post", "site-plan", "33333..", ("{site}",)),
    # People and organisations
    Row("get", "account", ALL),
    Row("get", "preferences", ALL),
    Row("post", "preferences", ALL),
    Row("post", "account", ALL),
    Row("post", "token-new", ALL),
    Row("post", "token-end", "4444444", ("0",)),
    Row("get", "my-organisations", ALL),
    Row("post", "join", ALL),
    Row("post", "join-withdraw", ALL),
    Row("get", "my-organisation", MANAGES, MINE),
    Row("post", "organisation-profile", MANAGES, MINE),
    Row("post", "organisation-invite", MANAGES, MINE),
    Row("post", "invitation-end", MANAGES, (*MINE, "{invitation}")),
    Row("post", "member-role", MANAGES, (*MINE, "{hand}"), {"role": "manager"}),
    Row("post", "member-remove", "3333...", (*MINE, "{hand}")),
    Row("get", "my-qualifications", ALL),
    Row("get", "qualification-proof", "44.44..", ("{qualification}",)),
    Row("post", "qualification-revoke", "44344..", ("{qualification}",), REASON),
    Row("get", "host-qualifications", MANAGES, MINE),
    Row("get", "hub-qualifications", STAFF),
    Row("get", "hub-organisations", STAFF),
    Row("post", "hub-organisations", STAFF),
    Row("get", "hub-texts", STAFF),
    Row("get", "hub-text", STAFF, ("approved", "en")),
    Row("post", "hub-text", STAFF, ("approved", "en"), {"do": "preview"}),
    Row("post", "hub-text-mail", STAFF, ("approved", "en")),
    Row("post", "organisation-activate", STAFF, MINE, {"to": "inactive"}),
    Row("post", "join-approve", "44444..", ("{join}",)),
    Row("post", "join-decline", "44444..", ("{join}",), REASON),
)
