from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction

from booking.models import Feed
from booking.selectors.feeds import Owner, feed_owner, feeds_endable_by
from config import clock
from config.errors import Missing
from labs.models import User
from labs.services.checks import require_clean

SECRET_BYTES = 32
#: More often it is not written down that somebody reads.
NOTED_EVERY = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)


@transaction.atomic(durable=True)
def feed_make(
    *, actor: User, owner: Owner, name: str, shows: str = ""
) -> tuple[Feed, str]:
    """Return a new calendar address and its secret, which is not kept.

    Without `shows` what is one's own comes with details, and a place only as taken.
    Raises Missing (404), Forbidden (403), and Invalid (400) with the faults by field.
    """
    of = feed_owner(actor, owner)
    now, secret = clock.now(), secrets.token_urlsafe(SECRET_BYTES)
    feed = Feed(
        made_by=actor,
        name=name.strip(),
        shows=shows or owner.usually_shows,
        hash=Feed.hash_of(secret),
        made_at=now,
        changed_at=now,
        **{owner.kind: of},
    )
    require_clean(feed, exclude=["made_by", "hash"])
    feed.save()
    return feed, secret


@transaction.atomic(durable=True)
def feed_end(*, actor: User, feed_id: int) -> Owner:
    """End an address for good and return whose it was. Raises Missing (404)."""
    feed = feeds_endable_by(actor).filter(pk=feed_id).first()
    if feed is None:
        raise Missing
    feed.delete()
    return Owner(feed.kind, getattr(feed.owner, "slug", ""))


def feed_read(feed: Feed, fingerprint: str, now: dt.datetime) -> None:
    """Note that it is read, and if what it shows is not what the last reader got.

    Whoever only knows a time to compare with (If-Modified-Since) knows whole seconds,
    so it moves on by one at least. Mostly this writes nothing.
    """
    changes: dict[str, object] = {}
    if feed.fingerprint != fingerprint:
        changed_at = max(now, feed.changed_at + SECOND)
        changes |= {"fingerprint": fingerprint, "changed_at": changed_at}
    if feed.used_at is None or feed.used_at < now - NOTED_EVERY:
        changes["used_at"] = now
    for name, value in changes.items():
        setattr(feed, name, value)
    if changes:
        feed.save(update_fields=list(changes))
