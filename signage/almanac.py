"""The Vietnamese lunar date of a day, and back; the days on which the country does not work. Pure.

The lunar calendar is worked out for Hanoi (UTC+7, QĐ 121-CP of 1967) and so differs from the Chinese
one (UTC+8): Tết of 1968, 1985, 2007 and 2030 fall on other days. The rules: a month begins on the day
of the new moon; month 11 holds the winter solstice; of thirteen months between two months 11, the
first in which the sun enters no new sign of 30° is the leap one, named like the month before it.
New moons: J. Meeus, Astronomical Algorithms (1998), ch. 49 (within seconds); the sun: ch. 25 (0.01°).

Working out one lunar year takes about a millisecond and is kept.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from math import floor, radians, sin
from typing import NamedTuple

EARLIEST = date(1968, 1, 1)  # before, the state reckoned by UTC+8
LATEST = date(2199, 12, 31)  # from about 2050 a new moon close to midnight may fall on another day than foreseen
_HANOI = 7 / 24  # days ahead of UTC
_J2000 = 2451545.0  # Julian day of 2000-01-01 12:00
_ORDINAL = 1721424.5  # Julian day of the midnight before date.fromordinal(0)
_MONTH = 29.530588861  # mean days from new moon to new moon
_YEARS_KEPT = 16  # lunar years kept worked out: a board asks for today's

# Meeus ch. 49, new moon: coefficient (days), power of E, multiples of M, M', F; then ch. 49's planets.
_MOON = (
    (-0.40720, 0, 0, 1, 0), (0.17241, 1, 1, 0, 0), (0.01608, 0, 0, 2, 0), (0.01039, 0, 0, 0, 2),
    (0.00739, 1, -1, 1, 0), (-0.00514, 1, 1, 1, 0), (0.00208, 2, 2, 0, 0), (-0.00111, 0, 0, 1, -2),
    (-0.00057, 0, 0, 1, 2), (0.00056, 1, 1, 2, 0), (-0.00042, 0, 0, 3, 0), (0.00042, 1, 1, 0, 2),
    (0.00038, 1, 1, 0, -2), (-0.00024, 1, -1, 2, 0), (-0.00007, 0, 2, 1, 0), (0.00004, 0, 0, 2, -2),
    (0.00004, 0, 3, 0, 0), (0.00003, 0, 1, 1, -2), (0.00003, 0, 0, 2, 2), (-0.00003, 0, 1, 1, 2),
    (0.00003, 0, -1, 1, 2), (-0.00002, 0, -1, 1, -2), (-0.00002, 0, 1, 3, 0), (0.00002, 0, 0, 4, 0),
)  # fmt: skip
_PLANETS = (  # coefficient (millionths of a day), degrees at k = 0, degrees per month
    (325, 299.77, 0.107408), (165, 251.88, 0.016321), (164, 251.83, 26.651886), (126, 349.42, 36.412478),
    (110, 84.66, 18.206239), (62, 141.74, 53.303771), (60, 207.14, 2.453732), (56, 154.84, 7.306860),
    (47, 34.52, 27.261239), (42, 207.19, 0.121824), (40, 291.34, 1.844379), (37, 161.72, 24.198154),
    (35, 239.56, 25.513099), (23, 331.55, 3.592518),
)  # fmt: skip


class Lunar(NamedTuple):
    """A lunar date: day 1–30, month 1–12, `year` the solar year in which that lunar year's Tết falls."""

    day: int
    month: int
    year: int
    leap: bool = False

    @property
    def told(self) -> str:
        """As people write it: `14/10`, a leap month `14/6 nhuận`."""
        return f"{self.day}/{self.month}{' nhuận' if self.leap else ''}"


class _Month(NamedTuple):
    begins: int  # ordinal of its first day
    month: int
    year: int
    leap: bool


def lunar(day: date) -> Lunar:
    """The lunar date of a solar day; raises `ValueError` outside `EARLIEST` … `LATEST`."""
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{day} is not between {EARLIEST} and {LATEST}")
    ordinal = day.toordinal()
    months = _between_solstices(day.year)
    if ordinal >= months[-1].begins:
        months = _between_solstices(day.year + 1)
    one = max((m for m in months if m.begins <= ordinal), key=lambda m: m.begins)
    return Lunar(ordinal - one.begins + 1, one.month, one.year, one.leap)


def solar(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The solar day of a lunar date; None when that year has no such day or no such leap month."""
    months = [*_between_solstices(year)[:-1], *_between_solstices(year + 1)]
    for one, following in pairwise(months):
        if (one.month, one.year, one.leap) == (month, year, leap):
            fits = 1 <= day <= following.begins - one.begins
            return date.fromordinal(one.begins + day - 1) if fits else None
    return None


def tet(year: int) -> date:
    """Lunar new year's day of a solar year."""
    found = solar(year, 1, 1)
    assert found is not None  # every lunar year has a month 1
    return found


# ── the sky ──────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=_YEARS_KEPT)
def _between_solstices(year: int) -> tuple[_Month, ...]:
    """The months from month 11 of lunar `year` - 1 to month 11 of `year`, both included."""
    first, last = _month_eleven(year - 1), _month_eleven(year)
    begins = [_new_moon_day(k) for k in range(first, last + 1)]
    leap_at = 0  # place of the leap month; 0: none
    if len(begins) == 14:
        signs = [_sign(ordinal) for ordinal in begins]
        leap_at = next(i for i in range(1, 13) if signs[i] == signs[i + 1])
    months = []
    for place, ordinal in enumerate(begins):
        number = place - (1 if leap_at and place >= leap_at else 0)  # months since month 11
        new_year = number >= 2
        months.append(_Month(ordinal, (number + 10) % 12 + 1, year if new_year else year - 1, place == leap_at > 0))
    return tuple(months)


def _month_eleven(year: int) -> int:
    """The number of the new moon that begins the month of the winter solstice."""
    k = round((date(year, 12, 31).toordinal() + _ORDINAL - 2451550.1) / _MONTH) + 1
    while _new_moon_day(k) > date(year, 12, 31).toordinal() or _sign(_new_moon_day(k)) >= 9:
        k -= 1  # the sun has passed 270° by the midnight on which this month begins
    return k


def _new_moon_day(k: int) -> int:
    """The ordinal of the day in Hanoi on which new moon number `k` (0: January 2000) falls."""
    t = k / 1236.85
    day = 2451550.09766 + _MONTH * k + 0.00015437 * t * t
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t + 0.00001238 * t**3
    node = 160.7108 + 390.67050284 * k - 0.0016118 * t * t - 0.00000227 * t**3
    omega = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
    day -= 0.00017 * sin(radians(omega))
    day += sum(c * e**n * sin(radians(a * sun + b * moon + f * node)) for c, n, a, b, f in _MOON)
    day += sum(c * sin(radians(at + per * k)) for c, at, per in _PLANETS) / 1e6
    return floor(day - _delta_t(t) + _HANOI - _ORDINAL)


def _sign(ordinal: int) -> int:
    """Which 30° of its way (0: from the March equinox) the sun is in at midnight in Hanoi."""
    moment = ordinal + _ORDINAL - _HANOI
    t = (moment + _delta_t((moment - _J2000) / 36525) - _J2000) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    m = radians(357.52911 + 35999.05029 * t - 0.0001537 * t * t)
    centre = (1.914602 - 0.004817 * t) * sin(m) + (0.019993 - 0.000101 * t) * sin(2 * m) + 0.000289 * sin(3 * m)
    return int((mean + centre - 0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))) % 360 // 30)


def _delta_t(t: float) -> float:
    """Days that uniform time is ahead of the clock; `t`: centuries since 2000 (Espenak and Meeus)."""
    years = t * 100
    seconds = 62.92 + 0.32217 * years + 0.005589 * years * years if years > 5 else 63.86 + 0.3345 * years
    return seconds / 86400


# ── public holidays ──────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=_YEARS_KEPT)
def holidays(year: int) -> frozenset[date]:
    """The public holidays of a year with the days off in lieu (Bộ luật Lao động 2019, art. 111 and 112).

    The state fixes the days of Tết (here: the last of the old year and the first four) and the second
    day of Quốc khánh (here: the side that joins the weekend) each year; settings correct this, and add
    what comes to the law: a Ngày Văn hóa on 24 November is foreseen (Nghị quyết 80-NQ/TW of 2026).
    """
    national = date(year, 9, 2)
    second = timedelta(days=1 if national.weekday() in (0, 3, 6) else -1)
    found = {date(year, 1, 1), date(year, 4, 30), date(year, 5, 1), national, national + second}
    found |= {tet(year) + timedelta(days=n) for n in range(-1, 4)}
    kings = solar(year, 3, 10)  # Giỗ Tổ Hùng Vương
    assert kings is not None
    found.add(kings)
    for weekend in sorted(d for d in found if d.weekday() >= 5):
        instead = weekend + timedelta(days=1)
        while instead in found or instead.weekday() >= 5:
            instead += timedelta(days=1)
        found.add(instead)
    return frozenset(found)
