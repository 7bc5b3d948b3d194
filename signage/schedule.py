"""Validity and dayparts → absolute ranges. Pure; shared by office and board.

The office expands, so that a board needs no calendar: it only compares moments. Hours and weekdays
are Asia/Ho_Chi_Minh; a range that passes midnight belongs to the weekday on which it begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta, timezone

VIETNAM_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving
HORIZON = timedelta(days=92)  # how far ahead manifests are expanded: boards may be offline for weeks
MAX_RANGES = 400  # ranges of one item in one manifest

Range = tuple[datetime, datetime]  # [from, to), aware


def ranges(
    start: datetime, end: datetime, *, since: datetime, hours: tuple[time, time] | None = None,
    days: frozenset[int] = frozenset(), horizon: timedelta = HORIZON,
) -> list[Range]:  # fmt: skip
    """When something valid from `start` to `end` is to be shown, between `since` and the horizon."""
    first, last = max(start, since - timedelta(days=1)), min(end, since + horizon)
    if first >= last:
        return []
    if hours is None and not days:
        return [(start.astimezone(UTC), last.astimezone(UTC))]
    found: list[Range] = []
    opens, closes = hours or (time(0), time(0))
    day = (first.astimezone(VIETNAM_TIME) - timedelta(days=1)).date()
    while datetime.combine(day, time(0), VIETNAM_TIME) < last and len(found) < MAX_RANGES:
        if not days or day.weekday() in days:
            begin = datetime.combine(day, opens, VIETNAM_TIME)
            over_midnight = closes <= opens
            until = datetime.combine(day + timedelta(days=over_midnight), closes, VIETNAM_TIME)
            if (low := max(begin, first)) < (high := min(until, last)):
                found.append((low.astimezone(UTC), high.astimezone(UTC)))
        day += timedelta(days=1)
    return merged(found)


def merged(parts: Iterable[Range]) -> list[Range]:
    """The same time in the fewest ranges, in order."""
    joined: list[Range] = []
    for low, high in sorted(parts):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def active(parts: Iterable[Range], now: datetime) -> bool:
    """Whether `now` lies in one of the ranges."""
    return any(low <= now < high for low, high in parts)


def next_change(parts: Iterable[Range], now: datetime) -> datetime | None:
    """The first boundary after `now`, or None."""
    return min((edge for part in parts for edge in part if edge > now), default=None)
