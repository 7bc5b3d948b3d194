"""Which reports are due soon, by the rule pack (pure): for the page, and for the digest of the morning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from . import periods
from .pack import STANDINGS, Pack, Source, packaged
from .periods import Period

AHEAD = timedelta(days=21)  # how long before its day a report is asked for
OVERDUE = timedelta(days=30)  # how long after it


@dataclass(frozen=True)
class Due:
    """A report that is due; `days` until it is, negative when its day is past."""

    ident: str
    name: str
    day: date
    days: int
    period: Period
    source: Source

    @property
    def said(self) -> str:
        """`còn 8 ngày, đến 10/12/2026`"""
        day = f"{self.day:%d/%m/%Y}"
        if self.days < 0:
            return f"quá hạn {-self.days} ngày (hạn {day})"
        return f"còn {self.days} ngày, đến {day}" if self.days else f"hôm nay, {day}"

    @property
    def told(self) -> str:
        """The whole line, with the standing of the day: nobody takes it for the law of the place."""
        standing = STANDINGS[self.source.standing]
        return f"{self.name} ({self.period.name}): {self.said}. Nguồn: {self.source.name} ({standing})."


def due(today: date, pack: Pack | None = None, handed: Iterable[str] = ()) -> list[Due]:
    """What is due from 30 days ago to 21 days ahead, the earliest first, without the periods that are `handed` in.

    `handed`: codes of periods, such as `2026`.
    """
    done, found = set(handed), []
    for deadline in (pack or packaged()).deadlines:
        for year in (today.year - 1, today.year, today.year + 1):
            day = date(year, deadline.month, deadline.day)
            period = periods.of(day, deadline.kind)
            period = period.before if deadline.before else period
            if -OVERDUE <= day - today <= AHEAD and period.code not in done:
                found.append(Due(deadline.ident, deadline.name, day, (day - today).days, period, deadline.source))
    return sorted(found, key=lambda one: (one.day, one.ident))
