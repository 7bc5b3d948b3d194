"""What an officer writes of time → values: hours, weekdays, a window that comes again each year.

Each answers None (or what it could not read) when the text is not of the form; `fields` makes the
problem of it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from ..schedule import VIETNAM_TIME, DayMonth, Yearly
from .vocabulary import WEEKDAYS

LEAP_YEAR = 2024  # any: 29/02 is a day that a yearly window may name
_HOURS = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
_YEARLY = re.compile(r"(?:(âm|am)(?:\s+lịch)?\s+)?(\d{1,2})/(\d{1,2})(?:\s*[-–]\s*(\d{1,2})/(\d{1,2}))?", re.IGNORECASE)


def hours(text: str) -> tuple[time, time] | None:
    """`05:00-21:00`, past midnight too."""
    match = _HOURS.fullmatch(text)
    try:
        first, last = (datetime.strptime(t, "%H:%M").time() for t in match.groups()) if match else (None, None)
    except ValueError:
        return None
    return None if first is None or last is None or first == last else (first, last)


def days(parts: tuple[str, ...]) -> tuple[frozenset[int], list[str]]:
    """`T2-T6`, `CN` …: the weekdays (0 = Monday), and the parts that are none."""
    found: set[int] = set()
    wrong = []
    for part in parts:
        ends = [e.strip().upper() for e in re.split(r"[-–]", part)]
        if len(ends) > 2 or any(e not in WEEKDAYS for e in ends):
            wrong.append(part)
            continue
        first, last = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        found |= {day % 7 for day in range(first, last + 1 if last >= first else last + 8)}
    return frozenset(found), wrong


def yearly(text: str) -> Yearly | None:
    """`25/08-05/09`, `âm 23/12-10/01`, or a single day: day and month, both ends included."""
    match = _YEARLY.fullmatch(text)
    if not match:
        return None
    lunar = match[1] is not None
    first = (int(match[2]), int(match[3]))
    last = (int(match[4]), int(match[5])) if match[4] else first
    return Yearly(first, last, lunar) if _is_day(first, lunar) and _is_day(last, lunar) else None


def _is_day(day_month: DayMonth, lunar: bool) -> bool:
    day, month = day_month
    return 1 <= month <= 12 and 1 <= day <= (30 if lunar else monthrange(LEAP_YEAR, month)[1])


def said(
    hours: tuple[time, time] | None, days: frozenset[int], window: Yearly | None, on_holidays: bool
) -> list[str]:  # fmt: skip
    """The same for people, one piece for each thing that is asked: `05:00–21:00`, `T2–T6` …"""
    found = []
    if hours:
        found.append("–".join(f"{t:%H:%M}" for t in hours))
    if days:
        found.append(", ".join(_weekdays(sorted(days))))
    if window:
        found.append(f"hằng năm {yearly_said(window)}")
    return found if on_holidays else [*found, "trừ ngày nghỉ lễ"]


def yearly_said(window: Yearly) -> str:
    """`25/08–05/09`, `23/12–10/01 âm lịch`."""
    ends = dict.fromkeys(f"{day:02}/{month:02}" for day, month in (window.first, window.last))
    return "–".join(ends) + (" âm lịch" if window.lunar else "")


def _weekdays(days: list[int]) -> list[str]:
    """Three and more in a row as a span."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [[WEEKDAYS[day] for day in run] for run in runs]
    return [f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in names]


def ever(window: Yearly, start: datetime, end: datetime) -> bool:
    """Whether a window opens at all between two moments; a year and a month holds every window."""
    day, last = (moment.astimezone(VIETNAM_TIME).date() for moment in (start, end))
    last = min(last, day + timedelta(days=400))
    return any(window.holds(date.fromordinal(n)) for n in range(day.toordinal(), last.toordinal() + 1))
