"""Arithmetic of half-open periods `[start, end)`; pure, no clock, no zone.

A list of periods is *merged* when it is sorted, disjoint and not touching.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple


class Period(NamedTuple):
    """From `start` until just before `end`, both aware."""

    start: dt.datetime
    end: dt.datetime

    def overlaps(self, other: Period) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end


def merge(periods: Iterable[Period]) -> list[Period]:
    """Return the union, merged; empty and reversed periods vanish."""
    merged: list[Period] = []
    for period in sorted(p for p in periods if p.start < p.end):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return merged


def subtract(periods: Iterable[Period], holes: Iterable[Period]) -> list[Period]:
    """Return the part of `periods` that no hole covers, merged; O(n log n)."""
    left: list[Period] = []
    cuts = merge(holes)
    first = 0
    for whole, end in merge(periods):
        start = whole
        while first < len(cuts) and cuts[first].end <= start:
            first += 1
        at = first
        while at < len(cuts) and cuts[at].start < end:
            if start < cuts[at].start:
                left.append(Period(start, cuts[at].start))
            start = max(start, cuts[at].end)
            at += 1
        if start < end:
            left.append(Period(start, end))
    return left
