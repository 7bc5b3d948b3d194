"""When something happens: `Events`, stored once as dates or as a rule, expanded with the country's holidays.

    Events: 2026-11-24 05:00-17:00; 2026-11-25 22:00-04:00       dates; past midnight too
    Events: T5 07:30-11:30, 13:30-17:00                           every Thursday
    Events: ngày 15 07:30-11:30                                   the 15th of every month
    If-Holiday: next | skip | same                                a rule's day that is no working day (default: next)
    Host: Chủ tịch UBND xã; thay: Phó Chủ tịch UBND xã            who, and who stands in
    Place: Phòng Tiếp công dân

A rule holds from the day on which the document takes effect (`Effective`, else `Start`) until `End`.
Validity says when a notice is shown; this says what it announces. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from ..schedule import VIETNAM_TIME
from . import timing

if TYPE_CHECKING:
    from .fields import FieldReader

MAX_EVENTS = 40  # parts of one field
MAX_OCCASIONS = 120  # that one notice is expanded to: two years of every week
MAX_MOVE = 15  # days that a rule's day may be moved: Tết takes ten at most
MAX_WORDS = 200  # characters of Host and Place
IF_HOLIDAY = ("next", "skip", "same")
_DAY = timedelta(days=1)
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\s+(.+))?")
_MONTHLY = re.compile(r"ngày\s+(\d{1,2})(?:\s+(.+))?", re.IGNORECASE)
_WEEKLY = re.compile(r"((?:T[2-7]|CN)(?:\s*[-–]\s*(?:T[2-7]|CN))?)(?:\s+(.+))?", re.IGNORECASE)

Hours = tuple[time, time]


@dataclass(frozen=True)
class Rule:
    """Days that come again: weekdays (0 = Monday), or one day of the month; `hours` of each such day."""

    days: frozenset[int]
    month_day: int | None
    hours: tuple[Hours, ...]

    def holds(self, day: date) -> bool:
        return day.day == self.month_day if self.month_day else day.weekday() in self.days


@dataclass(frozen=True)
class Calendar:
    """What a notice announces; times are Asia/Ho_Chi_Minh. No hours: the whole day."""

    dates: tuple[tuple[date, tuple[Hours, ...]], ...]
    rules: tuple[Rule, ...]
    if_holiday: str
    host: str
    place: str


@dataclass(frozen=True)
class Occasion:
    """Once: from, to; `whole_day` when no hours are given; `moved` from which day, by a holiday."""

    start: datetime
    end: datetime
    whole_day: bool = False
    moved: date | None = None


def occasions(calendar: Calendar, first: date, last: date, days_off: frozenset[date]) -> list[Occasion]:
    """Every occasion of a calendar whose rules hold from `first` to `last`, in order; at most `MAX_OCCASIONS`."""
    found = [one for day, hours in calendar.dates for one in _on(day, hours, None)]
    for rule in calendar.rules:
        day = first
        while day <= last and len(found) < MAX_OCCASIONS:
            if rule.holds(day):
                found += _by_rule(rule, day, calendar.if_holiday, days_off)
            day += _DAY
    once = {one.start: one for one in sorted(found, key=lambda o: (o.start, o.moved is None))}
    return sorted(once.values(), key=lambda o: o.start)[:MAX_OCCASIONS]


def _by_rule(rule: Rule, day: date, if_holiday: str, days_off: frozenset[date]) -> list[Occasion]:
    if day not in days_off or if_holiday == "same":
        return _on(day, rule.hours, None)
    if if_holiday == "skip":
        return []
    for days in range(1, MAX_MOVE):
        later = day + days * _DAY
        if later.weekday() < 5 and later not in days_off:
            return _on(later, rule.hours, day)
    return []


def _on(day: date, hours: tuple[Hours, ...], moved: date | None) -> list[Occasion]:
    if not hours:
        begin = datetime.combine(day, time(0), VIETNAM_TIME)
        return [Occasion(begin, begin + _DAY, True, moved)]
    found = []
    for opens, closes in hours:
        until = day + _DAY if closes <= opens else day
        begin, end = (datetime.combine(d, t, VIETNAM_TIME) for d, t in ((day, opens), (until, closes)))
        found.append(Occasion(begin, end, False, moved))
    return found


# ── as officers write it ─────────────────────────────────────────────────────────────────────────


def read(fields: FieldReader) -> Calendar | None:
    """The calendar of a notice, or None; what cannot be read is a problem of `Events`."""
    parts = fields.names("events")
    host, place = (fields.text(name, most=MAX_WORDS) for name in ("host", "place"))
    if not parts:
        fields.idle(("if-holiday", "host", "place"), "Events")
        return None
    if len(parts) > MAX_EVENTS:
        fields.problem("number-bad", "events", least=1, most=MAX_EVENTS)
    dates, rules = [], []
    for part in parts[:MAX_EVENTS]:
        one = _date(part) or _rule(part)
        if one is None:
            fields.problem("events-bad", "events", value=part)
        elif isinstance(one, Rule):
            rules.append(one)
        else:
            dates.append(one)
    if not rules:
        fields.idle(("if-holiday",), "Events: T5 …")
    return Calendar(tuple(dates), tuple(rules), fields.choice("if-holiday", IF_HOLIDAY), host, place)


def _date(part: str) -> tuple[date, tuple[Hours, ...]] | None:
    match, hours = _DATED.fullmatch(part), None
    if match:
        hours = _hours(match[2])
    try:
        return None if match is None or hours is None else (date.fromisoformat(match[1]), hours)
    except ValueError:
        return None


def _rule(part: str) -> Rule | None:
    if match := _MONTHLY.fullmatch(part):
        hours, day = _hours(match[2]), int(match[1])
        return Rule(frozenset(), day, hours) if hours is not None and 1 <= day <= 28 else None
    if match := _WEEKLY.fullmatch(part):
        hours = _hours(match[2])
        days, wrong = timing.days((match[1],))
        return Rule(days, None, hours) if hours is not None and not wrong else None
    return None


def _hours(text: str | None) -> tuple[Hours, ...] | None:
    """`07:30-11:30, 13:30-17:00`; nothing: the whole day; None when it is neither."""
    if not text:
        return ()
    found = [timing.hours(part.strip()) for part in text.split(",")]
    return None if None in found else tuple(h for h in found if h)


def said(calendar: Calendar) -> Iterator[str]:
    """The rules for people: `thứ Năm hằng tuần, 07:30–11:30 và 13:30–17:00`."""
    for rule in calendar.rules:
        names = ", ".join(WEEKDAY_NAMES[day] for day in sorted(rule.days))
        when = f"ngày {rule.month_day:02} hằng tháng" if rule.month_day else f"{names} hằng tuần"
        hours = " và ".join("–".join(f"{t:%H:%M}" for t in pair) for pair in rule.hours)
        yield ", ".join(filter(None, (when, hours)))
    if calendar.rules and calendar.if_holiday != "same":
        moved = "chuyển sang ngày làm việc kế tiếp" if calendar.if_holiday == "next" else "nghỉ"
        yield f"trùng ngày nghỉ lễ, Tết thì {moved}"


def hours_said(one: Occasion) -> str:
    """`05:00–17:00`; `22:00–04:00 hôm sau`; `cả ngày`."""
    if one.whole_day:
        return "cả ngày"
    later = " hôm sau" if one.end.date() > one.start.date() and one.end.time() > time(0) else ""
    return f"{one.start:%H:%M}–{one.end:%H:%M}{later}"


WEEKDAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
