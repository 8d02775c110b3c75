"""What the earlier dates of a series leave of the limits for the later ones; pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field, replace

from booking.limits import Limit
from booking.periods import Period
from booking.rules import Facts

#: A quota, or None for the allowance, in the window that begins then.
Key = tuple[int | None, dt.datetime | None]


@dataclass(slots=True)
class Running:
    """The dates so far that can be had, which the ledger does not know yet."""

    had: list[Period] = field(default_factory=list)
    minutes: Counter[Key] = field(default_factory=Counter)
    count: Counter[Key] = field(default_factory=Counter)

    def added_to(self, facts: Facts) -> Facts:
        """Return the facts as they would be with those dates written."""
        gaps = [_gap(each, facts) for each in self.had[-1:]]
        gaps += [facts.gap_minutes] if facts.gap_minutes is not None else []
        return replace(
            facts,
            active=facts.active + len(self.had),
            gap_minutes=min(gaps, default=None),
            limits=tuple(self._added(limit) for limit in facts.limits),
        )

    def add(self, facts: Facts) -> None:
        """Count a date that can be had."""
        self.had.append(Period(facts.starts_at, facts.ends_at))
        for limit in facts.limits:
            self.minutes[_key(limit)] += limit.minutes
            self.count[_key(limit)] += limit.count

    def _added(self, limit: Limit) -> Limit:
        return replace(
            limit,
            used_minutes=limit.used_minutes + self.minutes[_key(limit)],
            used_count=limit.used_count + self.count[_key(limit)],
        )


def _key(limit: Limit) -> Key:
    return limit.quota_id, limit.starts_at


def _gap(before: Period, facts: Facts) -> int:
    between = max(facts.starts_at - before.end, before.start - facts.ends_at)
    return int(max(between, dt.timedelta()).total_seconds() // 60)
