"""A month, a quarter or a year, in Vietnamese days: `2026-11`, `2026-Q4`, `2026`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile

from ...errors import BadInput, Problem
from ...schedule import VIETNAM_TIME

MONTH, QUARTER, YEAR = "month", "quarter", "year"
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
FIRST_YEAR, LAST_YEAR = 2020, 2100
_FORM = re.compile(r"(?P<year>[0-9]{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
_ROMAN = ("", "I", "II", "III", "IV")
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}


@dataclass(frozen=True, order=True)
class Period:
    """From the first of `month` on; `kind` says how long."""

    year: int
    month: int
    kind: str

    @property
    def code(self) -> str:
        """As it is stored and typed: `2026-11`, `2026-Q4`, `2026`."""
        number = (self.month + 2) // 3
        return {MONTH: f"{self.year}-{self.month:02}", QUARTER: f"{self.year}-Q{number}"}.get(self.kind, f"{self.year}")

    @property
    def name(self) -> str:
        """`tháng 11 năm 2026`, `quý IV năm 2026`, `năm 2026`."""
        number = _ROMAN[(self.month + 2) // 3]
        before = {MONTH: f"tháng {self.month:02} ", QUARTER: f"quý {number} "}.get(self.kind, "")
        return f"{before}năm {self.year}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.after.first - timedelta(days=1)

    @property
    def begin(self) -> int:
        """Its first moment (ms, UTC)."""
        return midnight(self.first)

    @property
    def end(self) -> int:
        """The first moment after it (ms, UTC)."""
        return midnight(self.after.first)

    @property
    def after(self) -> Period:
        return self._moved(_MONTHS[self.kind])

    @property
    def before(self) -> Period:
        return self._moved(-_MONTHS[self.kind])

    def _moved(self, months: int) -> Period:
        count = self.year * 12 + self.month - 1 + months
        return Period(count // 12, count % 12 + 1, self.kind)


def read(text: str, *, where: str = "--period") -> Period:
    """What a person typed; raises `BadInput` (`period-bad`)."""
    match = _FORM.fullmatch(text.strip().upper())
    year = int(match["year"]) if match else 0
    if match is None or not FIRST_YEAR <= year <= LAST_YEAR:
        values = {"value": text[:40], "first": FIRST_YEAR, "last": LAST_YEAR}
        raise BadInput([Problem("period-bad", where, values=values)])
    if match["quarter"]:
        return Period(year, int(match["quarter"]) * 3 - 2, QUARTER)
    return Period(year, int(match["month"]), MONTH) if match["month"] else Period(year, 1, YEAR)


def of(day: date, kind: str) -> Period:
    """The period of this kind that a day is in."""
    months = _MONTHS[kind]
    return Period(day.year, (day.month - 1) // months * months + 1, kind)


def latest(today: date, count: int) -> list[Period]:
    """The newest periods of each kind, this one first, none before the first year."""
    found: list[Period] = []
    for kind in _MONTHS:
        period, some = of(today, kind), []
        for _ in range(count):
            some.append(period)
            period = period.before
        found += takewhile(lambda p: p.year >= FIRST_YEAR, some)
    return found


def midnight(day: date) -> int:
    """When a Vietnamese day begins (ms, UTC)."""
    return int(datetime(day.year, day.month, day.day, tzinfo=VIETNAM_TIME).timestamp()) * 1000


def counted_to(period: Period, now: int) -> int:
    """Up to when a report that is made now counts (ms): the ledger keeps whole days, so while a period lasts to the
    last Vietnamese midnight. What is seen, taken along and handed in on one day is one and has one hash."""
    return now if now >= period.end else max(period.begin, midnight(day_of(now)))


def day_of(ms: int) -> date:
    """The Vietnamese day of a moment (ms, UTC)."""
    return datetime.fromtimestamp(ms // 1000, VIETNAM_TIME).date()
