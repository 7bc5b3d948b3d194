"""Validity and dayparts → absolute ranges. Pure; shared by office and board.

The office expands, so that a board needs no calendar: it only compares moments. Hours and days are
Asia/Ho_Chi_Minh; a range that passes midnight belongs to the day on which it begins, for weekdays,
yearly windows and holidays alike. All that a notice asks must hold at once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from operator import itemgetter

from . import almanac

VIETNAM_TIME = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving
HORIZON = timedelta(days=92)  # how far ahead manifests are expanded: boards may be offline for weeks
MAX_RANGES = 400  # ranges of one item in one manifest
_DAY = timedelta(days=1)

Range = tuple[datetime, datetime]  # [from, to), aware
DayMonth = tuple[int, int]


@dataclass(frozen=True)
class Yearly:
    """A window that comes again each year, from the first day to the end of the last; `lunar`: âm lịch.

    When `last` lies before `first` the window passes the turn of the year. A day that a month does not
    have this time (29 February, the 30th of a short lunar month) is that month's last day. A leap month
    begins and ends no window; one that lies between first and last belongs to it.
    """

    first: DayMonth
    last: DayMonth
    lunar: bool = False

    def holds(self, day: date) -> bool:
        """Whether `day` lies in the window that began this year or last."""
        year = almanac.lunar(day).year if self.lunar else day.year
        return any(self._begins(y) <= day <= self._ends(y) for y in (year, year - 1))

    def _begins(self, year: int) -> date:
        return self._day(year, self.first)

    def _ends(self, year: int) -> date:
        turns = self.last[::-1] < self.first[::-1]
        return self._day(year + turns, self.last)

    def _day(self, year: int, wanted: DayMonth) -> date:
        day, month = wanted
        if not self.lunar:
            return date(year, month, min(day, monthrange(year, month)[1]))
        found = almanac.solar(year, month, day) or almanac.solar(year, month, day - 1)
        assert found is not None  # every lunar month has at least 29 days
        return found


@dataclass(frozen=True)
class Pattern:
    """At which hours of which days something is shown; what is empty asks nothing."""

    hours: tuple[time, time] | None = None  # to ≤ from: past midnight; equal: a whole day from then
    days: frozenset[int] = frozenset()  # 0 = Monday
    yearly: Yearly | None = None
    closed: frozenset[date] = frozenset()  # not on these days

    @property
    def always(self) -> bool:
        return self == ALWAYS

    def day(self, day: date) -> bool:
        """Whether something begins on this day."""
        weekday = not self.days or day.weekday() in self.days
        return weekday and day not in self.closed and (self.yearly is None or self.yearly.holds(day))

    def span(self, day: date) -> Range:
        """From when to when, of a range that begins on this day."""
        opens, closes = self.hours or (time(0), time(0))
        until = day + _DAY if closes <= opens else day
        return datetime.combine(day, opens, VIETNAM_TIME), datetime.combine(until, closes, VIETNAM_TIME)


ALWAYS = Pattern()


def ranges(
    start: datetime, end: datetime, *, since: datetime, pattern: Pattern = ALWAYS, horizon: timedelta = HORIZON
) -> list[Range]:
    """When something valid from `start` to `end` is to be shown, between `since` and the horizon.

    UTC, in order, apart from each other, at most `MAX_RANGES`.
    """
    first, last = max(start, since - _DAY), min(end, since + horizon)
    if first >= last:
        return []
    if pattern.always:
        return [(start.astimezone(UTC), last.astimezone(UTC))]
    found: list[Range] = []
    day = (first.astimezone(VIETNAM_TIME) - _DAY).date()
    while datetime.combine(day, time(0), VIETNAM_TIME) < last:
        if pattern.day(day):
            begin, until = pattern.span(day)
            if (low := max(begin, first)) < (high := min(until, last)):
                found.append((low.astimezone(UTC), high.astimezone(UTC)))
        day += _DAY
    return merged(found)[:MAX_RANGES]


def merged(parts: Iterable[Range]) -> list[Range]:
    """The same time in the fewest ranges, in order."""
    joined: list[Range] = []
    for low, high in sorted(parts):
        if joined and low <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def at_most(parts: Sequence[Range], most: timedelta, within: timedelta) -> list[Range]:
    """What is left of ranges (in order, apart) so that no span as long as `within` holds more than `most` of it.

    A moment falls out when the span that ends there *asks* for more than `most`. What was left of it does
    not count: so the answer hangs on that span alone, and a board needs no memory.
    """
    if not parts:
        return []
    origin = parts[0][0]  # offsets from it: years 1 to 9999 need no care
    spans = [(low - origin, high - origin) for low, high in parts]
    edges = [edge for span in spans for edge in span]
    before = [timedelta(0)]  # asked for before each span, and at the end
    for low, high in spans:
        before.append(before[-1] + (high - low))

    def asked(until: timedelta) -> timedelta:
        begun = bisect_right(spans, until, key=itemgetter(0))
        return before[begun] - max(timedelta(0), spans[begun - 1][1] - until) if begun else timedelta(0)

    def load(at: timedelta) -> timedelta:
        return asked(at) - asked(at - within)

    left = []
    for low, high in spans:
        # Inside a range the load stays or grows as time does; it bends where an edge is `within` old.
        old = edges[bisect_right(edges, low - within) : bisect_left(edges, high - within)]
        for begin, end in pairwise([low, *(edge + within for edge in old), high]):
            stop = end if load(end) <= most else begin + max(timedelta(0), most - load(begin))
            if begin < stop:
                left.append((origin + begin, origin + stop))
    return merged(left)


def common(some: Sequence[Range], others: Sequence[Range]) -> list[Range]:
    """The time that lies in both; each is in order and apart."""
    found = []
    for low, high in some:
        place = max(0, bisect_right(others, low, key=itemgetter(0)) - 1)
        while place < len(others) and others[place][0] < high:
            first, last = max(low, others[place][0]), min(high, others[place][1])
            if first < last:
                found.append((first, last))
            place += 1
    return found


def active(parts: Sequence[Range], now: datetime) -> bool:
    """Whether `now` lies in one of the ranges, which are in order and apart (`merged`)."""
    begun = _begun(parts, now)
    return begun > 0 and now < parts[begun - 1][1]


def next_change(parts: Sequence[Range], now: datetime) -> datetime | None:
    """The first boundary after `now`, or None, of ranges that are in order and apart (`merged`)."""
    begun = _begun(parts, now)
    if begun and now < parts[begun - 1][1]:
        return parts[begun - 1][1]
    return parts[begun][0] if begun < len(parts) else None


def _begun(parts: Sequence[Range], now: datetime) -> int:
    """How many have begun: a board asks this of a thousand items with hundreds of ranges each."""
    return bisect_right(parts, now, key=itemgetter(0))
