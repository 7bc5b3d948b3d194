"""Calendars of the site: pages, a phone's files, this week on the home page, the table on a slide."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from icalendar import Calendar

from signage.notice import read_file
from signage.office.dates import with_dates

WEEKLY = {"Kind": "tiep-dan", "Start": "2026-11-01 05:00", "End": "2027-03-31 21:00", "Title": "Lịch tiếp công dân",
          "Events": "T5 07:30-11:30, 13:30-17:00", "Place": "Phòng Tiếp công dân", "Host": "Chủ tịch"}  # fmt: skip
POWER = {"Title": "Cắt điện thôn 3", "Events": "2026-11-24 05:00-17:00", "Place": "thôn 3"}


def words(path: Path) -> str:
    return " ".join(re.sub(r"(?s)<(style|head).*?</\1>|<[^>]+>", " ", path.read_text("utf-8")).split())


def test_days_stand_in_order_and_todays_is_marked(press):
    items = [press.publish("a/tiep", **WEEKLY), press.publish("a/dien", **POWER)]
    site = press.build(items, now=datetime(2026, 11, 24, 1, tzinfo=UTC))
    said = words(site / "lich.html")
    order = ["Thứ Ba, 24/11/2026", "hôm nay", "05:00–17:00", "Cắt điện thôn 3", "Thứ Năm, 26/11/2026",
             "07:30–11:30, 13:30–17:00", "Phòng Tiếp công dân · Chủ tịch", "Thứ Năm, 03/12/2026"]  # fmt: skip
    assert sorted(order, key=said.index) == order
    assert "Cắt điện" not in words(site / "lich/tiep-dan.html")
    home = words(site / "index.html")
    assert home.index("Hôm nay và bảy ngày tới") < home.index("Cắt điện thôn 3") < home.index("Thứ Năm, 26/11")
    assert "03/12" not in home.split("Xem cả lịch")[0]


def test_a_phone_reads_the_same_days(press):
    items = [press.publish("a/tiep", **WEEKLY), press.publish("a/dien", **POWER)]
    site = press.build(items)
    every = Calendar.from_ical((site / "lich.ics").read_bytes())
    power = Calendar.from_ical((site / "tin/dien.ics").read_bytes())
    (event,) = power.walk("VEVENT")
    assert event.decoded("dtstart") == datetime(2026, 11, 23, 22, tzinfo=UTC)
    assert event.decoded("dtend") == datetime(2026, 11, 24, 10, tzinfo=UTC)
    assert str(event["location"]) == "thôn 3" and str(event["url"]).endswith("/tin/dien.html")
    uids = [str(e["uid"]) for e in every.walk("VEVENT")]
    assert len(set(uids)) == len(uids) > 30
    again = press.build(items, "again")
    assert (again / "lich.ics").read_bytes() == (site / "lich.ics").read_bytes()


def test_a_withdrawn_notice_leaves_every_calendar(press):
    gone = press.withdrawn(press.publish("a/dien", **POWER), "hoãn")
    site = press.build([gone])
    assert "Cắt điện" not in (site / "lich.html").read_text("utf-8")
    assert b"VEVENT" not in (site / "lich.ics").read_bytes() and not (site / "tin/dien.ics").exists()


def test_a_slide_names_every_day_of_a_rule(press):
    notice = press.publish("a/tiep", **WEEKLY).notice
    body = with_dates(notice, press.settings).body
    assert "| 12/2026 | thứ Năm: 03, 10, 17, 24, 31 | 07:30–11:30, 13:30–17:00 |" in body
    assert notice.body in body and "| Tháng | Ngày | Giờ |" not in notice.body
    plain = press.publish("a/dien", **POWER).notice
    assert with_dates(plain, press.settings) is plain


def test_the_sample_announces_its_days():
    from signage.office import starter
    from signage.settings import load

    root = starter.sample_root()
    settings = load(root)
    path = root / "content/lich/2026/lich-tiep-cong-dan-quy-4-2026.md"
    notice, _ = read_file(path, root / "content", settings.places)
    days = {f"{one.start:%d/%m}" for one in notice.occasions(settings.days_off(notice.start.date(), notice.end.date()))}
    assert {"26/11", "03/12", "31/12"} <= days
