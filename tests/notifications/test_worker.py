"""A real worker process, real broker, real mails."""

from __future__ import annotations

from pathlib import Path

import pytest

from booking.services.decisions import reservation_approve
from config import clock
from notifications.models import Kind, Message, State
from notifications.tasks import deliver_due
from tests.cast import Cast
from tests.notifications.inbox import Inbox
from tests.notifications.scenes import deliver, many, requested
from tests.notifications.workers import forget_tasks, wait_until, worker

pytestmark = pytest.mark.django_db(transaction=True)


def test_worker__request_and_approval__both_sides_get_their_mails(
    cast: Cast, inbox: Inbox, tmp_path: Path
) -> None:
    """With no beat: planning is queued by the change, delivery by planning.

    A decision is told when it cannot be taken back any more: that the beat brings.
    """
    forget_tasks()
    decided = Message.objects.filter(kind=Kind.APPROVED)
    with worker(inbox, tmp_path / "worker.log"):
        asked = requested(cast)
        wait_until(lambda: bool(inbox.to(cast.manager.email)))
        reservation_approve(actor=cast.manager, reference=asked.reference)
        wait_until(decided.exists)
        assert decided.get().due_at > clock.now()
        assert not inbox.to(cast.booker.email)
        decided.update(due_at=clock.now())
        deliver_due.delay()
        wait_until(lambda: bool(inbox.to(cast.booker.email)))

    (subject,) = [s for s in inbox.subjects() if s.startswith("Approved")]
    assert "Sound studio" in subject
    planned = Message.objects.filter(state=State.PLANNED)
    assert set(planned.values_list("offset_minutes", flat=True)) == {60, 1440}


def test_worker__killed_while_it_sends__all_arrive_and_at_most_one_twice(
    cast: Cast, inbox: Inbox, tmp_path: Path
) -> None:
    many(cast, 300)
    forget_tasks()
    deliver_due.delay()
    with worker(inbox, tmp_path / "worker.log") as first:
        wait_until(lambda: len(inbox.mails) >= 120)
        first.kill()
        first.wait()
    assert len(inbox.mails) < 300
    # The lease of what it had claimed runs out, here at once.
    left = Message.objects.filter(state=State.SENDING)
    assert left.update(lease_until=clock.now()) > 0

    deliver()

    assert not _waiting()
    assert inbox.repeats() <= 1
    assert len({str(mail["Message-ID"]) for mail in inbox.mails}) == 300


def _waiting() -> bool:
    numbered = Message.objects.filter(cause__startswith="number-")
    return numbered.exclude(state=State.SENT).exists()
