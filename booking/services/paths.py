"""The way of a request to its decision: its stages, and the clock of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from booking.approval_rules import Request
from booking.models import Decision, EffectivePolicy, Reservation
from booking.models.paths import STAGES, Level, Path
from booking.models.reservation import Status
from booking.selectors.approving import Way, way_of
from booking.selectors.facts import Wish
from booking.working_time import WorkingTime, alarms
from labs.models import User

#: What a decision changes of its reservation, and taking it back restores.
STEP = ("stage", "turn", "turn_since", "level", "alarm_at", "lapses_at")


def decide_by(
    policy: EffectivePolicy,
    now: dt.datetime,
    starts_at: dt.datetime,
    time: WorkingTime,
) -> dt.datetime | None:
    """Return until when a stage may be decided, at the latest when it starts."""
    if not policy.needs_approval:
        return None
    span = dt.timedelta(hours=policy.decide_within_hours)
    return min(time.after(now, span, starts_at), starts_at)


def request_begin(
    reservation: Reservation,
    policy: EffectivePolicy,
    wish: Wish,
    now: dt.datetime,
    way: Way | None = None,
) -> None:
    """Say how it will be decided: by nobody, at once by a rule, or along its path.

    One query where approval is needed, unless the caller knows the way. The caller
    writes it, and what a rule decided by `rules_record`.
    """
    reservation.path, reservation.rule = policy.approval_path, None
    reservation.decided_by = reservation.decided_at = None
    reservation.if_undecided = policy.when_undecided
    several = policy.approval_path == Path.SEVERAL
    reservation.approvals_needed = policy.approvals_needed if several else 1
    if not policy.needs_approval:
        settle(reservation)
        return
    way = way or way_of(reservation.resource_id, now)
    host_id = reservation.resource.organisation_id
    request = Request(
        host_id, reservation.organisation_id, wish.starts_at, wish.ends_at
    )
    terms = way.rule_for(request)
    if terms is not None:
        reservation.rule = terms.as_dict()
        settle(reservation)
        return
    reservation.status = Status.PENDING
    stage_begin(reservation, 0, policy, way.time, now, starts_at=wish.starts_at)


def rules_record(
    reservations: Iterable[Reservation], now: dt.datetime
) -> dict[int, dict[str, Any]]:
    """Write of which a rule approved them; returns what history says of each, by id."""
    ruled = [
        each
        for each in reservations
        if each.rule is not None and each.status == Status.APPROVED
    ]
    Decision.objects.bulk_create(
        Decision(
            reservation=each,
            turn=STAGES[each.path][0],
            at=now,
            how=Decision.How.RULE,
            verdict=Decision.Verdict.APPROVED,
        )
        for each in ruled
    )
    return {each.pk: {"rule": [None, each.rule]} for each in ruled}


def rule_record(reservation: Reservation, now: dt.datetime) -> dict[str, Any]:
    """Write that a rule approved it, where one did; returns what history says of it."""
    return rules_record([reservation], now).get(reservation.pk, {})


def settle(reservation: Reservation) -> None:
    """Let it be approved: nobody is waited for any more."""
    reservation.status = Status.APPROVED
    reservation.lapses_at = reservation.alarm_at = reservation.turn_since = None
    reservation.stage, reservation.level = 0, Level.QUIET


def stage_begin(
    reservation: Reservation,
    stage: int,
    policy: EffectivePolicy,
    time: WorkingTime,
    now: dt.datetime,
    *,
    starts_at: dt.datetime | None = None,
) -> None:
    """Let a stage wait for those whose turn it is; its clock starts now."""
    starts_at = starts_at or reservation.starts_at
    due = decide_by(policy, now, starts_at, time) or starts_at
    reservation.stage, reservation.turn = stage, reservation.stages[stage]
    reservation.turn_since, reservation.level = now, Level.QUIET
    reservation.lapses_at = due
    reservation.alarm_at = alarms(time, now, due)[0][0]


def stage_pass(reservation: Reservation, now: dt.datetime) -> bool:
    """Go on to the next stage; returns whether there is none left."""
    if reservation.stage + 1 >= len(reservation.stages):
        return True
    policy = reservation.resource.effective_policy
    time = way_of(None, now).time
    stage_begin(reservation, reservation.stage + 1, policy, time, now)
    return False


def approvals_given(reservation: Reservation) -> int:
    """Return how many have approved the present stage."""
    return sum(each.stage == reservation.stage for each in reservation.standing)


def step_of(reservation: Reservation) -> dict[str, Any]:
    """Return where it is on its path, as history keeps it."""
    values = {name: getattr(reservation, name) for name in STEP}
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


def step_restore(reservation: Reservation, changes: dict[str, Any]) -> None:
    """Put it back to where it was before those changes."""
    for name in STEP:
        if name not in changes:
            continue
        was = changes[name][0]
        is_instant = name.endswith("_at") or name == "turn_since"
        if was is not None and is_instant:
            was = dt.datetime.fromisoformat(was)
        setattr(reservation, name, was)


def steps_between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return what differs, for history: the value before and after."""
    return {
        name: [was, after[name]] for name, was in before.items() if was != after[name]
    }


def decisions_void(reservations: Iterable[Reservation]) -> None:
    """What was decided stands no more: the requests have changed."""
    rows = Decision.objects.filter(reservation__in=list(reservations), stands=True)
    rows.update(stands=False)


def decision_record(
    reservation: Reservation,
    *,
    by: User | None,
    at: dt.datetime,
    on_behalf_of: User | None = None,
    code: str = "",
    reason: str = "",
) -> Decision:
    """Write what was decided at the present stage; by nobody: the clock did."""
    return Decision.objects.create(
        reservation=reservation,
        stage=reservation.stage,
        turn=reservation.turn,
        by=by,
        on_behalf_of=on_behalf_of,
        at=at,
        how=Decision.How.PERSON if by else Decision.How.CLOCK,
        verdict=Decision.Verdict.DECLINED if code else Decision.Verdict.APPROVED,
        code=code,
        reason=reason,
    )
