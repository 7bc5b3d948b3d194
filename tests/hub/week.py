"""A commune's bad week, as rows of the store: twelve boards, a month of hours, outages, notices and an emergency."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import Connection, Table, insert

from signage.hub import watchman
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from signage.hub.tally import screen_of
from signage.lettering import folded
from signage.report import Machine, Report, Showing
from signage.schedule import VIETNAM_TIME

COMMUNE, NAME = "20506", "UBND xã Mẫu"
HOUR = 3_600_000
MINUTE = timedelta(minutes=1)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Board:
    """What a board is like now; `outages`: kind, code, hours ago, minutes (None: lasts), cause."""

    code: str
    name: str
    site: str
    hamlet: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    quiet: timedelta = timedelta(seconds=12)  # since it was heard
    metered: bool = False
    never: bool = False
    layer: str = "right"  # how its good hours are counted
    outages: tuple[tuple[str, str, float, float | None, str], ...] = ()


BOARDS = (
    Board("cong-xa", "Bảng cổng ủy ban", "Cổng trụ sở"),
    Board("nha-van-hoa-3", "Nhà văn hóa thôn 3", "Sân nhà văn hóa", "Thôn 3", {"verdict": "foreign"},
          outages=(("screen", "foreign", 0.25, None, ""), ("contact", "lost", 52, 190, "power"))),
    Board("cho", "Chợ trung tâm", "Cổng chính", "Thôn 1", {"publication": 409, "sync_error": "net-failed"},
          outages=(("content", "old", 7, None, ""), ("fault", "clock-suspect", 30, 25, ""))),
    Board("tram-y-te", "Trạm y tế", "Phòng chờ", said={"layer": "surface"}, layer="claimed"),
    Board("cau-treo", "Cầu treo", "Đầu cầu phía nam", "Thôn 5", quiet=timedelta(hours=5), metered=True,
          outages=(("contact", "lost", 5, None, "sim"), ("contact", "lost", 120, 700, "sim"))),
    Board("truong-hoc", "Trường tiểu học", "Cổng trường", "Thôn 2", never=True),
    Board("nha-van-hoa-1", "Nhà văn hóa thôn 1", "Mặt tiền", "Thôn 1",
          outages=(("contact", "lost", 60, 45, "area"), ("contact", "lost", 200, 31, "network"))),
    Board("nha-van-hoa-5", "Nhà văn hóa thôn 5", "Mặt tiền", "Thôn 5",
          outages=(("screen", "black", 9, 41, ""), ("contact", "lost", 60, 44, "area"))),
    Board("san-van-dong", "Sân vận động", "Khán đài A"),
    Board("ben-xe", "Bến xe", "Nhà chờ", said={"machine": Machine(812_000, 84, 15_400, 84)}),
    Board("nha-van-hoa-7", "Nhà văn hóa thôn 7", "Mặt tiền", "Thôn 7", {"machine": Machine(3600, 80, 310, 61)},
          outages=(("contact", "lost", 60, 46, "area"),)),
    Board("thu-vien", "Thư viện xã", "Tiền sảnh"),
)  # fmt: skip
# title, class, category, begins and ends in hours from now, which boards (None: all), alert
NOTICES: tuple[tuple[str, str, str, float, float, int | None, dict[str, Any] | None], ...] = (
    ("Ngừng cung cấp điện thôn 3 và thôn 5", "thong-thuong", "an-sinh", -30, 20, None, None),
    ("Lịch tiếp công dân tháng 11", "thong-thuong", "chinh-sach", -400, 200, None, None),
    ("Tiêm chủng mở rộng đợt 2", "uu-tien", "thien-tai-dich-benh", -90, 60, 8, None),
    ("Niêm yết công khai phương án bồi thường đường liên thôn", "thong-thuong", "chinh-sach", -600, 120, None, None),
    ("Họp thôn 7 bàn việc sửa kênh mương", "thong-thuong", "san-xuat-doi-song", 26, 60, 2, None),
    ("Ra quân tổng vệ sinh cuối tuần", "thong-thuong", "kinh-te-xa-hoi", 40, 90, None, None),
    ("Thu gom rác ngày lễ", "thong-thuong", "san-xuat-doi-song", -300, -40, None, None),
    ("Cảnh báo lũ quét, sạt lở đất", "khan-cap", "thien-tai-dich-benh", -1 / 3, 6, None,
     {"level": 3, "source": "Đài Khí tượng Thủy văn tỉnh", "bulletin_time": "2026-11-22T01:00:00Z"}),
    ("Diễn tập sơ tán dân vùng ven suối", "khan-cap", "thien-tai-dich-benh", -120, -118, None,
     {"level": 2, "source": "Ban chỉ huy PCTT xã", "bulletin_time": "2026-11-17T01:00:00Z", "drill": True}),
)  # fmt: skip
OUTAGE_COLUMN = {"foreign": "wrong", "black": "wrong", "frozen": "wrong", "unchecked": "unknown"}


def statement(title: str) -> str:
    return sha(f"statement {title}")


def slide(title: str) -> str:
    return hashlib.sha256(picture(title, "WEBP")).hexdigest()


@cache  # many tests begin with the same week
def picture(title: str, form: str, ground: str = "#0b3a45") -> bytes:
    """A slide as a board might show it."""
    image = Image.new("RGB", (640, 360), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 640, 56), fill="#49a9ae")
    draw.text((24, 14), "UBND XA MAU", fill="#06222a", font_size=26)
    words, line, y = folded(title).upper().split(), "", 96
    for word in [*words, ""]:
        if not word or len(line) + len(word) > 22:
            draw.text((24, y), line, fill="#fff", font_size=40)
            line, y = "", y + 54
        line = f"{line} {word}".strip()
    made = io.BytesIO()
    image.save(made, form, quality=70)
    return made.getvalue()


def fill(store: Store, now: datetime | None = None, publication: Path | None = None) -> None:
    """Put it all into an empty store; `publication`: a folder that gets the slides."""
    now = now or datetime.now(UTC)
    with store.writing() as connection:
        connection.execute(
            insert(t.commune),
            {"code": COMMUNE, "name": NAME, "sample": True, "newest": 412, "newest_seen": to_ms(now) - 8 * HOUR,
             "published": 412, "published_at": to_ms(now) - 8 * HOUR},
        )  # fmt: skip
        listened(connection, now, now - timedelta(days=8))
        for number, board in enumerate(BOARDS, 1):
            _board(connection, number, board, now)
        _notices(connection, now)
    if publication:
        slides = publication / "board" / "slides"
        slides.mkdir(parents=True)
        for title, *_ in NOTICES:
            (slides / f"{slide(title)}.webp").write_bytes(picture(title, "WEBP"))


def listened(connection: Connection, looked: datetime, since: datetime) -> None:
    """The watchman looked then, and had heard without a gap since."""
    watchman.put_watch(connection, watchman.Watch(looked, since, 1, {}))


def _board(connection: Connection, number: int, board: Board, now: datetime) -> None:
    at = to_ms(now)
    connection.execute(insert(t.board), {
        "id": number, "commune": COMMUNE, "code": board.code, "public": sha(board.code), "chain": 1,
        "repository": "a" * 64, "enrolled": at - (2 if board.never else 40 * 24) * HOUR, "name": board.name,
        "site": board.site, "hamlet": board.hamlet, "shape": "lcd-1920x1080", "metered": board.metered,
    })  # fmt: skip
    if board.never:
        return
    report = report_of(board, now)
    heard = to_ms(now - board.quiet)
    screen = screen_of(report.verdict, report.layer)
    showing = report.showing
    _put(connection, t.state, [{
        "board": number, "chain": 1, "seq": report.seq, "sha": report.sha256, "received": heard,
        "sent": to_ms(report.sent), "evidence": heard, "report": report.to_payload(),
        "publication": report.publication, "verdict": report.verdict, "layer": report.layer, "screen": screen,
        "kind": showing.kind if showing else "", "statement": showing.statement if showing else None,
        "faults": "", "temp_c": report.machine.temp_c, "disk_mb": report.machine.disk_free_mb, "marks": 0,
        "own_level": 2 if board.said.keys() & {"machine", "sync_error"} else 0,
    }])  # fmt: skip
    ground = "#7a1020" if report.verdict == "foreign" else "#0b3a45"
    title = "TRUNG THUONG LON GOI NGAY" if report.verdict == "foreign" else showing.title if showing else ""
    _put(connection, t.frame, [{
        "board": number, "received": heard, "sent": heard, "jpeg": picture(title, "JPEG", ground),
    }])  # fmt: skip
    _put(connection, t.hour, _hours(number, board, now))
    for kind, code, ago, minutes, cause in board.outages:
        since = to_ms(now - timedelta(hours=ago))
        until = None if minutes is None else since + int(minutes * 60_000)
        _put(connection, t.span, [{"board": number, "kind": kind, "code": code, "since": since, "until": until,
                                   "cause": cause, "note": ""}])  # fmt: skip
        if kind != "fault":
            says = {"lost": "Không nghe được bảng.", "foreign": "Hình đang hiện không phải hình đã duyệt.",
                    "black": "Bảng hiện hình đen ngoài giờ tắt."}.get(code, "Bảng còn giữ bản cũ.")  # fmt: skip
            _put(connection, t.alarm, [{
                "board": number, "code": code, "level": 3 if code != "old" else 2,
                "detail": json.dumps({"says": says}), "since": since, "opened": since + 60_000, "until": until,
                "closed": until, "told": since + 60_000,
            }])  # fmt: skip


def report_of(board: Board, now: datetime) -> Report:
    """What the board said last."""
    emergency = board.code not in ("cau-treo", "cho")
    title = NOTICES[7][0] if emergency else NOTICES[0][0]
    since = now - MINUTE * 20 + timedelta(seconds=8 + 7 * (len(board.code) % 9))
    known = Report(
        commune=COMMUNE, repository="a" * 64, board=board.code, seq=1841, prev="0" * 64, sent=now - board.quiet,
        publication=412,
        showing=Showing("emergency" if emergency else "rotation", statement(title), slide(title), title, since),
        verdict="match", layer="window", plays=(), faults=(), clock_state="trusted", clock_offset_ms=12,
        sync_last_ok=now - board.quiet - MINUTE, sync_error=None, machine=Machine(93_600, 71, 18_211, 52), frame=None,
    )  # fmt: skip
    return replace(known, **board.said)


def _hours(number: int, board: Board, now: datetime) -> list[dict[str, Any]]:
    """31 days: dark from 22 to 5, else as the board is; outages taken out of it."""
    heard = to_ms(now - board.quiet)
    found = []
    for hour in range(heard // HOUR - 31 * 24, heard // HOUR + 1):
        begin, end = hour * HOUR, min((hour + 1) * HOUR, heard)
        local = datetime.fromtimestamp(begin / 1000, VIETNAM_TIME).hour
        kind = "dark" if local >= 22 or local < 5 else board.layer
        ms = dict.fromkeys(("right", "claimed", "dark", "wrong", "unknown", "emergency"), 0)
        ms[kind] = max(0, end - begin)
        for what, code, ago, minutes, _ in board.outages:
            since = to_ms(now - timedelta(hours=ago))
            until = heard if minutes is None else since + int(minutes * 60_000)
            cut = max(0, min(until, end) - max(since, begin))
            if what == "contact" or code in OUTAGE_COLUMN:
                ms[kind] = max(0, ms[kind] - cut)
                if code in OUTAGE_COLUMN:
                    ms[OUTAGE_COLUMN[code]] += cut
        if sum(ms.values()):
            found.append({"board": number, "hour": hour, **ms, "reports": sum(ms.values()) // 30_000,
                          "temp_low": 34 + local % 7, "temp_high": 44 + local, "disk_low": 15_000})  # fmt: skip
    return found


def _notices(connection: Connection, now: datetime) -> None:
    at = to_ms(now)
    for i, (title, klass, category, begins, ends, how_many, alert) in enumerate(NOTICES):
        start, end = at + int(begins * HOUR), at + int(ends * HOUR)
        boards = BOARDS[:how_many]
        files = [slide(title), *([statement(title)] if klass == "khan-cap" else [])]
        _put(connection, t.notice, [{
            "commune": COMMUNE, "statement": statement(title), "notice": f"thong-bao/2026/{i}", "title": title,
            "kind": "tin", "class": klass, "category": category, "hamlets": "[]", "files": json.dumps(files),
            "boards": json.dumps([b.code for b in boards]), "submitted": start - 3 * HOUR,
            "approved": start if alert else start - HOUR, "published": start, "start": start, "end": end,
            "alert": json.dumps(alert) if alert else "",
        }])  # fmt: skip
        for number, board in enumerate(BOARDS[:how_many], 1):
            if start < at and not board.never and (alert is None or board.code not in ("cau-treo", "cho")):
                after = 6000 + 1000 * (len(board.name) * 7 % 200) if alert else 60_000 * (1 + number)
                _plays(connection, number, files[-1], start + after, min(end, at), alert is not None, statement(title))


def _plays(connection: Connection, number: int, file: str, first: int, last: int, alert: bool, which: str) -> None:
    days: dict[str, list[int]] = {}
    for moment in range(first, max(last, first + 1), 15 * 60_000):
        days.setdefault(datetime.fromtimestamp(moment / 1000, VIETNAM_TIME).date().isoformat(), []).append(moment)
    _put(connection, t.play_day, [
        {"board": number, "day": day, "file": file, "plays": len(times), "ms": 14_000 * len(times), "first": times[0],
         "last": times[-1], "sha_first": "b" * 64, "sha_last": "c" * 64}
        for day, times in days.items()
    ])  # fmt: skip
    if alert:
        _put(connection, t.change, [{"board": number, "at": first + 2000, "what": "showing", "was": "rotation",
                                     "now": f"emergency {which}"}])  # fmt: skip


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
