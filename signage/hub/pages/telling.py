"""What only some pages say: outages and their causes, a timeline's colours, what became of a notice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ...notice.vocabulary import CATEGORIES, CLASSES, KINDS
from ...report import Wear
from ...schedule import VIETNAM_TIME
from ..alarms import Level, Screen
from ..seen import posted
from ..seen.history import Span
from ..seen.timeline import Cell, Strip
from . import words

CELL = {
    "right": "Nhìn thấy đúng",
    "claimed": "Tự báo đúng",
    "dark": "Tắt theo lịch",
    "unknown": "Không rõ hình",
    "wrong": "Hình sai",
    "silent": "Không có tin",
}
CELL_MEANS = {
    "right": "một phần mềm riêng nhìn cửa sổ đang hiện, thấy đúng hình đã duyệt",
    "claimed": "chỉ theo lời phần mềm trình chiếu",
    "dark": "trong giờ tắt đã đặt",
    "unknown": "bảng có báo tin, nhưng chưa ai nhìn hình",
    "wrong": "đen, đứng hình hoặc hình lạ",
    "silent": "không có báo cáo nào nói về lúc đó",
}
CAUSES = {
    "power": "Mất điện",
    "network": "Mất mạng",
    "sim": "SIM hết dung lượng hoặc hết hạn",
    "area": "Cả khu vực mất điện hoặc mất mạng",
    "hub": "Máy chủ",
    "machine": "Máy của bảng hỏng",
    "screen": "Mặt hiển thị hỏng",
    "work": "Bảo trì, sửa chữa",
    "other": "Lý do khác",
}
SPAN = {"contact": "Mất liên lạc", "content": "Giữ bản cũ"}
STANDING = {
    posted.SHOWING: ("Đang hiện", Level.CALM),
    posted.WAITING: ("Chờ đến giờ", Level.NOTE),
    posted.OVER: ("Đã hết hạn", Level.NOTE),
    posted.GONE: ("Đã rút, ẩn hoặc thay", Level.WARNING),
}
LENGTHS = {30: "30 phút", 60: "1 giờ", 120: "2 giờ", 240: "4 giờ", 480: "8 giờ", 1440: "1 ngày", 4320: "3 ngày"}
TYPED = "%Y-%m-%dT%H:%M"  # as a browser sends a moment, in Vietnamese time here


def wear_said(wear: Wear | None) -> str:
    """What an eMMC says of itself, in tenths; other disks say nothing."""
    if wear is None:
        return "ổ nhớ không cho biết (thẻ nhớ SD không bao giờ cho biết)"
    used = max(wear.life)
    said = "đã quá tuổi thọ" if used > 10 else f"đã dùng {used * 10 - 10}–{used * 10} % tuổi thọ" if used else ""
    spare = {2: "khối dự phòng đã dùng 80 %", 3: "khối dự phòng sắp hết"}.get(wear.eol, "")
    return f"{', '.join(filter(None, (said, spare))) or 'không cho biết'} ({wear.disk})"


def span_said(span: Span) -> str:
    """`Mất liên lạc`, `Màn hình đen`, or a board's own fault in words."""
    if span.kind == "screen":
        known = {screen.value: said for screen, (said, _) in words.SCREEN.items()}
        return known.get(span.code, span.code)
    if span.kind == "fault":
        return words.FAULT.get(span.code, f"Bảng tự báo sự cố: {span.code}.")
    return SPAN.get(span.kind, span.kind)


def span_level(span: Span) -> Level:
    """How loud it is while it lasts."""
    loud = span.kind == "contact" or span.code in (Screen.BLACK.value, Screen.FOREIGN.value, Screen.FROZEN.value)
    return Level.ALARM if loud else Level.NOTE if span.code == Screen.UNCHECKED.value else Level.WARNING


def cell_said(cell: Cell, form: str) -> str:
    """`07:00: nhìn thấy đúng 52 phút, không có tin 8 phút`."""
    told = [f"{CELL[kind].lower()} {minutes(ms)}" for kind, ms in cell.ms.items() if ms >= 1000]
    return f"{words.local(cell.start, form)}: {', '.join(told) or 'chưa đến'}"


def strip_said(strip: Strip) -> str:
    """A timeline in one sentence, for whoever cannot see it."""
    told = [f"{CELL[kind].lower()} {percent(strip.share(kind))}" for kind in CELL if strip.share(kind) >= 0.0005]
    return f"Từ {words.local(strip.start)} đến nay: {', '.join(told) or 'chưa có gì'}."


def percent(share: float) -> str:
    """`99,7 %`; only what is whole is called 100 %."""
    shown = min(share, 0.999) if share < 1 else 1.0
    return f"{shown * 100:.1f} %".replace(".", ",").replace(",0 %", " %")


def minutes(ms: int) -> str:
    """`52 phút`, `40 giây`, `11 giờ 20 phút`."""
    return words.span(timedelta(milliseconds=ms))


def hours_figure(ms: int) -> str:
    """`11,5` of hours, for a table."""
    return f"{ms / 3_600_000:.1f}".replace(".", ",") if ms else "0"


def minutes_figure(ms: int) -> str:
    """`52` of minutes, for a table."""
    return str(round(ms / 60_000))


def moment_typed(text: str) -> datetime | None:
    """What a browser's field for day and hour sends, as Vietnamese time; None when it is no moment."""
    try:
        return datetime.strptime(text, TYPED).replace(tzinfo=VIETNAM_TIME).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def seconds_after(moment: datetime, since: datetime) -> str:
    """`sau 12 giây`; an evidence before the signature is a clock's fault, and told as at once."""
    return "ngay" if moment <= since else f"sau {exact(moment - since)}"


def exact(time: timedelta) -> str:
    """`1 phút 20 giây`: to the second within the hour."""
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    if not 0 < minutes < 60:
        return words.span(time)
    return f"{minutes} phút {seconds} giây" if seconds else f"{minutes} phút"


def klass(code: str) -> str:
    """A notice's class in words."""
    return CLASSES.get(code, code)


def category(code: str) -> str:
    """A notice's category in words."""
    return CATEGORIES.get(code, code)


def kind(code: str) -> str:
    """A notice's kind in words."""
    return KINDS.get(code, code)
