"""The Vietnamese lunar calendar and the public holidays, against days that are known."""

from datetime import date, timedelta

import pytest

from signage.almanac import EARLIEST, LATEST, Lunar, holidays, lunar, solar, tet

# The first five are those that a Chinese calendar (UTC+8) gets wrong.
TET = {
    1968: (1, 29), 1969: (2, 16), 1985: (1, 21), 2007: (2, 17), 2030: (2, 2),
    1976: (1, 31), 1986: (2, 9), 2000: (2, 5), 2010: (2, 14), 2015: (2, 19), 2020: (1, 25),
    2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6),
    2028: (1, 26), 2029: (2, 13), 2031: (1, 23), 2033: (1, 31), 2034: (2, 19),
}  # fmt: skip
LEAP = {2004: 2, 2006: 7, 2009: 5, 2012: 4, 2014: 9, 2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11}


@pytest.mark.parametrize("year", TET)
def test_tet(year):
    assert tet(year) == date(year, *TET[year])
    assert lunar(tet(year)) == Lunar(1, 1, year)
    assert lunar(tet(year) - timedelta(days=1)).month == 12


@pytest.mark.parametrize("year", range(2004, 2035))
def test_leap_months(year):
    leap = {month for month in range(1, 13) if solar(year, month, 1, leap=True)}
    assert leap == ({LEAP[year]} if year in LEAP else set())


def test_the_leap_month_of_1985_is_the_vietnamese_one():
    """In China 1984 had a leap month 10, in Vietnam 1985 a leap month 2."""
    assert solar(1984, 10, 1, leap=True) is None
    assert solar(1985, 2, 1, leap=True) == date(1985, 3, 21)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 22), Lunar(14, 10, 2026)),
        (date(2026, 4, 26), Lunar(10, 3, 2026)),
        (date(2025, 7, 25), Lunar(1, 6, 2025, leap=True)),
        (date(2033, 12, 22), Lunar(1, 11, 2033, leap=True)),
        (date(2027, 2, 5), Lunar(29, 12, 2026)),
        (date(2024, 2, 9), Lunar(30, 12, 2023)),
        (date(1968, 1, 1), Lunar(2, 12, 1967)),
    ],
)
def test_days(day, expected):
    assert lunar(day) == expected


def test_how_a_lunar_date_is_told():
    assert lunar(date(2026, 11, 22)).told == "14/10"
    assert lunar(date(2025, 7, 25)).told == "1/6 nhuận"


def test_every_day_has_its_date_and_goes_back():
    """Days follow one another, months have 29 or 30 days, and each date leads back to its day."""
    before, day = lunar(EARLIEST), EARLIEST + timedelta(days=1)
    while day.year < 2060:
        one = lunar(day)
        assert one.day == before.day + 1 <= 30 or (one.day == 1 and before.day in (29, 30)), day
        assert solar(one.year, one.month, one.day, leap=one.leap) == day
        before, day = one, day + timedelta(days=1)


def test_days_that_are_not():
    assert solar(2026, 12, 30) is None, "the last month of Bính Ngọ has 29 days"
    assert solar(2026, 6, 1, leap=True) is None
    for far in (EARLIEST - timedelta(days=1), LATEST + timedelta(days=1)):
        with pytest.raises(ValueError, match="not between"):
            lunar(far)


def test_public_holidays():
    days = holidays(2026)
    expected = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2), *((2, n) for n in range(16, 21))}
    assert {(d.month, d.day) for d in days} == expected | {(4, 26), (4, 27)}, "Giỗ Tổ is a Sunday: Monday is off"


@pytest.mark.parametrize(("year", "second"), [(2021, 3), (2022, 1), (2023, 1), (2024, 3), (2025, 1), (2026, 1)])
def test_the_second_day_of_the_national_day_was_so(year, second):
    assert {date(year, 9, 2), date(year, 9, second)} <= holidays(year)
