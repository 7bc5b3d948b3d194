"""When something happens: dates and rules as officers write them, expanded with the country's holidays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage import almanac
from signage.notice import Notice, Places, read_file
from signage.notice.occasions import MAX_OCCASIONS, hours_said, said

HEAD = """Title: Lịch
Date: 2026-12-20 08:00
Kind: tiep-dan
Category: chinh-sach
Start: 2027-01-01 05:00
End: 2027-03-31 21:00
Summary: Lịch.
"""


def read(folder: Path, *lines: str) -> tuple[Notice | None, list[str]]:
    path = folder / "lich.md"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines) + "\nThân bài.\n", "utf-8")
    notice, problems = read_file(path, folder, Places(frozenset(), frozenset(), frozenset()))
    return notice, [p.code for p in problems]


def days(notice: Notice | None) -> list[str]:
    assert notice is not None
    off = frozenset(almanac.holidays(2027))
    return [f"{one.start:%d/%m %H:%M}-{one.end:%H:%M}" for one in notice.occasions(off)]


def test_a_rule_is_stored_once_and_a_holiday_moves_its_day(tmp_path: Path) -> None:
    notice, _ = read(tmp_path, "Events: T5 07:30-11:30, 13:30-17:00", "Host: Chủ tịch; thay: Phó Chủ tịch")
    found = days(notice)
    assert found[:4] == ["07/01 07:30-11:30", "07/01 13:30-17:00", "14/01 07:30-11:30", "14/01 13:30-17:00"]
    moved = [one for one in notice.occasions(frozenset(almanac.holidays(2027))) if one.moved]  # type: ignore[union-attr]
    for one in moved:
        assert one.moved and one.moved.weekday() == 3 and one.start.date() > one.moved and one.start.weekday() < 5
    assert list(said(notice.calendar)) == [  # type: ignore[union-attr, arg-type]
        "thứ Năm hằng tuần, 07:30–11:30 và 13:30–17:00",
        "trùng ngày nghỉ lễ, Tết thì chuyển sang ngày làm việc kế tiếp",
    ]


@pytest.mark.parametrize(("rule", "first"), [("next", "12/02"), ("skip", "18/02"), ("same", "11/02")])
def test_what_a_holiday_does_is_the_communes_to_say(tmp_path: Path, rule: str, first: str) -> None:
    notice, _ = read(tmp_path, "Events: T5", f"If-Holiday: {rule}")
    off = frozenset({date(2027, 2, 11)})
    assert notice is not None
    assert next(f"{o.start:%d/%m}" for o in notice.occasions(off) if o.start.date() > date(2027, 2, 5)) == first


def test_dates_nights_and_days_of_the_month(tmp_path: Path) -> None:
    notice, _ = read(tmp_path, "Events: 2027-01-25 22:00-04:00; 2027-01-30; ngày 15 08:00-09:00")
    assert days(notice) == [
        "15/01 08:00-09:00", "25/01 22:00-04:00", "30/01 00:00-00:00", "15/02 08:00-09:00", "15/03 08:00-09:00"
    ]  # fmt: skip
    told = [hours_said(one) for one in notice.occasions(frozenset())]  # type: ignore[union-attr]
    assert told[1:3] == ["22:00–04:00 hôm sau", "cả ngày"]


@pytest.mark.parametrize("bad", ["T9", "2026-13-01", "2026-11-24 25:00-26:00", "ngày 31", "mai", "T5 07:30", "T5 a-b"])
def test_what_cannot_be_read_is_told(tmp_path: Path, bad: str) -> None:
    notice, codes = read(tmp_path, f"Events: 2027-01-05; {bad}")
    assert notice is None and codes == ["events-bad"]


def test_a_host_without_events_is_told(tmp_path: Path) -> None:
    notice, codes = read(tmp_path, "Host: Chủ tịch")
    assert notice is not None and notice.calendar is None and codes == ["field-idle"]


def test_the_document_takes_effect_first(tmp_path: Path) -> None:
    notice, _ = read(tmp_path, "Events: T5", "Number: 1/TB-UBND", "Issuer: UBND", "Effective: 2027-03-01")
    assert days(notice)[0] == "04/03 00:00-00:00"


@given(st.sets(st.dates(date(2027, 1, 1), date(2027, 12, 31)), max_size=60), st.sampled_from(["T2", "T2-T6", "CN"]))
def test_an_expansion_is_ordered_bounded_and_never_on_a_day_off(off: set[date], weekdays: str) -> None:
    from signage.notice.occasions import Calendar, Rule, occasions
    from signage.notice.timing import days as read_days

    rule = Rule(read_days((weekdays,))[0], None, ())
    found = occasions(Calendar((), (rule,), "next", "", ""), date(2027, 1, 1), date(2027, 12, 31), frozenset(off))
    starts = [one.start for one in found]
    assert starts == sorted(set(starts)) and len(found) <= MAX_OCCASIONS
    assert not {one.start.date() for one in found} & off
    assert all(isinstance(one.start, datetime) and one.end - one.start == timedelta(days=1) for one in found)
