"""A commune's month in the hub's store: some boards, notices, plays, outages and alarms, for reports to tell."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from signage.hub.reports.periods import DAY_MS, HOUR_MS, midnight
from signage.hub.store import tables as t

MINUTE = 60_000
ADDED = ("right", "claimed", "dark", "wrong", "unknown", "emergency", "reports")  # columns of an hour that add up
CODE = "20506"
FIRST = date(2026, 11, 1)
DAYS = 21
BOARDS = (
    ("cong-xa", "Cổng trụ sở UBND xã", "Trụ sở UBND xã", ""),
    ("nha-van-hoa-1", "Nhà văn hóa thôn 1", "Sân nhà văn hóa", "Thôn 1"),
    ("nha-van-hoa-3", "Nhà văn hóa thôn 3", "Sân nhà văn hóa", "Thôn 3"),
    ("cho-mau", "Chợ Mẫu", "Cổng chợ", "Thôn 5"),
)
# title, kind, class, category, hamlets, boards, first day, days, minutes that it was published after its start
NOTICES = (
    ("Ngừng cung cấp điện thôn 3 và thôn 5", "cat-dien", "thong-thuong", "an-sinh", ["thon-3", "thon-5"], [0, 2, 3],
     2, 2, -60),
    ("Niêm yết công khai kế hoạch sử dụng đất năm 2027", "niem-yet", "thong-thuong", "chinh-sach", [], [0, 1, 2, 3],
     1, 30, -300),
    ("Cảnh báo lũ trên sông Mẫu", "thien-tai", "khan-cap", "thien-tai-dich-benh", [], [0, 1, 2, 3], 9, 1, 2),
    ("Lịch tiêm chủng tháng 11", "tiem-chung", "uu-tien", "an-sinh", ["thon-1"], [0, 1], 5, 4, 45),
    ("Họp thôn 3 bàn giao thông nông thôn", "hop-thon", "thong-thuong", "", ["thon-3"], [2], 12, 3, -30),
    ("=cmd|' /C calc'!A0", "tin", "thong-thuong", "kinh-te-xa-hoi", [], [0, 3], 15, 5, -10),
    ("Đường liên thôn 2 – 6 cấm xe tải", "duong-cam", "thong-thuong", "kinh-te-xa-hoi", [], [1], 18, 3, -10),
)  # fmt: skip


def sha(*words: object) -> str:
    """A hash that is always the same."""
    return hashlib.sha256(" ".join(map(str, words)).encode()).hexdigest()


def commune(connection: Connection, code: str = CODE, name: str = "UBND xã Đồng Mẫu") -> list[int]:
    """A commune with its boards; their numbers."""
    connection.execute(insert(t.commune), {"code": code, "name": name, "agency": "H99.99", "sample": True})
    numbers = []
    for at, (board, said, site, hamlet) in enumerate(BOARDS):
        row = {
            "commune": code, "code": board, "public": sha(code, board), "chain": 1, "repository": sha(code),
            "enrolled": midnight(FIRST - timedelta(days=40)), "name": said, "site": site, "hamlet": hamlet,
        }  # fmt: skip
        if at == 3:
            row["enrolled"] = midnight(FIRST) + 4 * DAY_MS + 8 * HOUR_MS
        numbers.append(connection.execute(insert(t.board).values(row)).inserted_primary_key[0])
    return numbers


def hours(connection: Connection, numbers: list[int]) -> None:
    """Dark from 22 to 5; one board only the player's own word; one lost for two days; a foreign picture for an hour."""
    rows = []
    for at, board in enumerate(numbers):
        for day in range(0 if at < 3 else 5, DAYS):
            for hour in range(24):
                if at == 2 and 7 <= day < 9:
                    continue  # silent
                dark = hour >= 22 or hour < 5
                row: dict[str, Any] = dict.fromkeys(("right", "claimed", "dark", "wrong", "unknown", "emergency"), 0)
                row |= {"board": board, "reports": 120, "temp_low": 31, "temp_high": 54, "disk_low": 18_211}
                row["hour"] = midnight(FIRST) // HOUR_MS + 24 * day + hour
                ms = HOUR_MS - (37_211 if hour % 7 == 0 else 0)
                which = "dark" if dark else "claimed" if at == 1 else "right"
                if at == 3 and day == 13 and hour == 9:
                    which = "wrong"
                if at == 0 and day == 16 and hour < 12 and not dark:
                    which = "unknown"
                row[which] = ms
                if day == 9 and 13 <= hour < 20:
                    row["emergency"] = ms
                rows.append(row)
    connection.execute(insert(t.hour), rows)
    days: dict[tuple[int, str], Counter[str]] = {}
    for row in rows:
        day = (FIRST + timedelta(days=(row["hour"] - midnight(FIRST) // HOUR_MS) // 24)).isoformat()
        days.setdefault((row["board"], day), Counter()).update({name: row[name] for name in ADDED})
    some = [{"board": board, "day": day, **told} for (board, day), told in days.items()]
    connection.execute(insert(t.day), some)


def notices(connection: Connection, numbers: list[int], code: str = CODE) -> list[str]:
    """The notices and what was shown of them; their statements."""
    plays, slides, told = [], [], []
    for title, kind, klass, category, hamlets, on, first, days, late in NOTICES:
        statement, files = sha(title), [sha(title, "lcd"), sha(title, "led")]
        start = midnight(FIRST + timedelta(days=first - 1)) + 7 * HOUR_MS
        told.append(statement)
        connection.execute(insert(t.notice), {
            "commune": code, "statement": statement, "notice": f"thong-bao/2026/{len(told)}", "title": title,
            "kind": kind, "class": klass, "category": category, "hamlets": json.dumps(hamlets),
            "files": json.dumps(files), "boards": json.dumps([BOARDS[b][0] for b in on]),
            "submitted": start + late * MINUTE - 150 * MINUTE, "approved": start + late * MINUTE - 20 * MINUTE,
            "published": start + late * MINUTE, "start": start, "end": start + days * DAY_MS,
        })  # fmt: skip
        for b in on:
            if kind == "duong-cam":
                continue  # never shown
            for day in range(first - 1, min(first - 1 + days, DAYS)):
                if (b == 2 and 7 <= day < 9) or (b == 3 and day < 5):
                    continue
                at = midnight(FIRST + timedelta(days=day)) + 7 * HOUR_MS + b * 1000
                file = files[b % 2]
                plays.append({
                    "board": numbers[b], "day": (FIRST + timedelta(days=day)).isoformat(), "file": file,
                    "plays": 211 + 7 * b + day, "ms": (211 + 7 * b + day) * 14_003, "first": at,
                    "last": at + 13 * HOUR_MS, "sha_first": sha("r", b, day, 1), "sha_last": sha("r", b, day, 2),
                })  # fmt: skip
            slides.append({"board": numbers[b], "file": files[b % 2], "statement": statement, "title": title,
                           "seen": start})  # fmt: skip
    day = FIRST + timedelta(days=3)
    plays.append({
        "board": numbers[0], "day": day.isoformat(), "file": sha("nobody's"), "plays": 5, "ms": 50_000,
        "first": midnight(day), "last": midnight(day) + HOUR_MS, "sha_first": sha("r"), "sha_last": sha("r"),
    })  # fmt: skip
    connection.execute(insert(t.play_day), plays)
    connection.execute(insert(t.slide), slides)
    return told


def troubles(connection: Connection, numbers: list[int]) -> None:
    """Outages with causes, alarms with and without somebody who took them."""
    day = midnight(FIRST)
    spans = [
        (2, "contact", "lost", 7 * DAY_MS, 9 * DAY_MS, "power", "Đứt dây nguồn, đã thay"),
        (1, "contact", "lost", 3 * DAY_MS, 3 * DAY_MS + 2 * HOUR_MS, "network", ""),
        (1, "contact", "lost", 11 * DAY_MS, 11 * DAY_MS + 9 * HOUR_MS, "sim", ""),
        (3, "screen", "foreign", 13 * DAY_MS + 9 * HOUR_MS, 13 * DAY_MS + 10 * HOUR_MS, "", ""),
        (0, "screen", "unchecked", 16 * DAY_MS + 5 * HOUR_MS, 16 * DAY_MS + 12 * HOUR_MS, "", ""),
        (0, "screen", "dark", 2 * DAY_MS, 2 * DAY_MS + 7 * HOUR_MS, "", ""),
        (0, "content", "old", -2 * DAY_MS, DAY_MS // 2, "", ""),
        (0, "fault", "clock-suspect", 20 * DAY_MS, None, "", ""),
    ]
    connection.execute(insert(t.span), [
        {"board": numbers[b], "kind": kind, "code": code, "since": day + since,
         "until": None if until is None else day + until, "cause": cause, "note": note}
        for b, kind, code, since, until, cause, note in spans
    ])  # fmt: skip
    who = connection.execute(insert(t.account).values(
        name="van-hanh", full_name="Trần Văn Hành", role="operator", everywhere=True, password="-", password_set=day,
        made=day,
    )).inserted_primary_key[0]  # fmt: skip
    alarms = [
        (2, "lost", 3, "Không nghe được bảng từ 00:00 08/11.", 7 * DAY_MS, 9 * DAY_MS, True),
        (3, "foreign", 3, "Hình đang hiện không phải hình đã duyệt.", 13 * DAY_MS + 9 * HOUR_MS,
         13 * DAY_MS + 10 * HOUR_MS, True),
        (1, "lost", 3, "Không nghe được bảng từ 00:00 12/11.", 11 * DAY_MS, 11 * DAY_MS + 9 * HOUR_MS, False),
        (0, "clock", 2, "Đồng hồ của bảng không tin được.", 20 * DAY_MS, None, False),
    ]  # fmt: skip
    for b, code, level, says, since, until, taken in alarms:
        alarm = connection.execute(insert(t.alarm).values(
            board=numbers[b], code=code, level=level, detail=json.dumps({"says": says}), since=day + since,
            opened=day + since + MINUTE, until=None if until is None else day + until, times=1,
        )).inserted_primary_key[0]  # fmt: skip
        if taken:
            row = {"alarm": alarm, "account": who, "at": day + since + 17 * MINUTE, "note": "Đã đến xem, thay dây"}
            connection.execute(insert(t.acknowledgement), row)


def whole(connection: Connection) -> tuple[list[int], list[str]]:
    """All of it: the boards' numbers, the notices' statements."""
    numbers = commune(connection)
    hours(connection, numbers)
    told = notices(connection, numbers)
    troubles(connection, numbers)
    return numbers, told


def now() -> datetime:
    """In the afternoon of 22/11/2026."""
    return datetime.fromisoformat("2026-11-22T16:20:00+07:00")
