"""What a message says, in Vietnamese: what began, what is over, who must look where. Pure.

Boards of one commune with the same trouble are one line, however many they are: a commune without electricity
is one piece of news. Everything has a limit; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...schedule import VIETNAM_TIME
from ...wire import when
from ..alarms import Level
from ..pages import words

MAX_LINES = 30  # groups told in one message
MAX_NAMES = 8  # boards named in one group
MAX_ITEMS = 200  # alarms of one message for a program
TOGETHER_LEAST = 3  # boards that are told as one
SUBJECT_MOST = 150  # characters
SIGNED = "Máy chủ bảng tin tự gửi. Nhận ít hơn hoặc thôi nhận: nhờ người vận hành sửa hub.toml."

LABEL = {
    "lost": "mất liên lạc", "late": "báo trễ", "never": "chưa báo lần nào", "foreign": "hình lạ",
    "black": "màn hình đen",
    "frozen": "đứng hình", "dark-by-day": "tối giữa ban ngày", "old": "giữ bản cũ", "nothing": "chưa có bản phát hành",
    "ahead": "bản lớn hơn bản đã biết", "alone": "bản mà chỉ một bảng báo", "safe": "hiện hình an toàn",
    "sync-error": "đồng bộ lỗi", "sync-stale": "lâu không đồng bộ được", "disk-low": "đĩa sắp đầy", "hot": "máy nóng",
    "fault:screen-unplugged": "mặt hiển thị bị rút", "fault:panic": "dừng khẩn cấp",
    "fault:safe-asked": "hình an toàn theo lệnh",
    "fault:undervoltage": "điện áp thấp", "fault:disk-full": "đĩa đầy",
    "fault:link-other": "SIM hoặc mạng bị chặn", "fault:link-mute": "mạng không trả lời",
    "fault:disk-worn": "ổ nhớ sắp hỏng", "fault:clock-suspect": "đồng hồ nghi sai",
    "fault:clock-unknown": "chưa biết giờ", "fault:tuf-expired": "bản phát hành hết hạn chữ ký",
    "fault:dark-long": "lịch tắt quá dài",
}  # fmt: skip
LEVEL = {Level.ALARM: "BÁO ĐỘNG", Level.WARNING: "CẢNH BÁO", Level.NOTE: "GHI NHẬN", Level.CALM: ""}


@dataclass(frozen=True)
class Told:
    """One alarm as a message tells it."""

    commune: str
    commune_name: str
    board: str
    name: str
    site: str
    code: str
    level: Level
    says: str
    since: datetime
    until: datetime | None
    times: int

    def as_json(self) -> dict[str, Any]:
        return {
            "commune": self.commune, "board": self.board, "name": self.name, "code": self.code,
            "level": self.level.name.lower(), "since": when(self.since),
            "until": when(self.until) if self.until else None,
            "times": self.times, "says": self.says,
        }  # fmt: skip


@dataclass(frozen=True)
class Message:
    """One line, the text, and the same for a program."""

    subject: str
    text: str
    data: dict[str, Any]


def clock_doubted(now: datetime) -> Message:
    """That the hub's own clock runs ahead of everything it knows."""
    day = now.astimezone(VIETNAM_TIME).strftime("%d/%m/%Y")
    text = (
        f"Đồng hồ máy chủ đang chỉ ngày {day}, mà không bảng nào báo như vậy. Máy chủ chưa xóa dữ liệu cũ nào.\n"
        "Cần làm: xem giờ của máy chủ (lệnh: timedatectl) và chỉnh cho đúng. Nếu giờ đã đúng thì chờ một bảng"
        " có giờ đúng nối lại."
    )
    data = {"v": 1, "kind": "clock-doubted", "made": when(now)}
    return Message("[Bảng tin] Cần xem đồng hồ của máy chủ", f"{text}\n\n{SIGNED}", data)


def label(code: str) -> str:
    """A reason in a few words."""
    family, _, name = code.partition(":")
    if family == "mark":
        return words.MARK.get(name, name).lower()
    return LABEL.get(code) or (f"bảng tự báo sự cố {words.plain(name)}" if name else code)


def message(begun: Sequence[Told], over: Sequence[Told], now: datetime, url: str, more: int = 0) -> Message:
    """What began and what is over since the last message; `more`: alarms that did not fit."""
    groups, ended = _groups(begun), _groups(over)
    parts = [
        _part(LEVEL[level], [g for g in groups if g[0].level is level], url) for level in sorted(LEVEL, reverse=True)
    ]
    parts.append(_part("ĐÃ HẾT", ended, ""))
    if more:
        parts.append(f"Còn {more} cảnh báo nữa, xem trên trang của máy chủ.")
    parts.append(f"Lúc {words.local(now)}. {SIGNED}" + (f"\n{url}/" if url else ""))
    items = [*begun, *over]
    data = {
        "v": 1, "kind": "alarms", "made": when(now), "begun": [told.as_json() for told in begun[:MAX_ITEMS]],
        "over": [told.as_json() for told in over[:MAX_ITEMS]], "more": more + max(0, len(items) - 2 * MAX_ITEMS),
    }  # fmt: skip
    return Message(_subject(groups, ended), "\n\n".join(part for part in parts if part), data)


def _groups(told: Iterable[Told]) -> list[list[Told]]:
    """One commune's boards with one trouble together, the loudest first."""
    found: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        found.setdefault((one.commune, one.code), []).append(one)
    split: list[list[Told]] = []
    for group in found.values():
        group.sort(key=lambda one: one.name)
        split += [group] if len(group) >= TOGETHER_LEAST else [[one] for one in group]
    return sorted(split, key=_rank)


def _rank(group: list[Told]) -> tuple[int, bool, int, str, str]:
    """A foreign picture before all: somebody may be showing it on purpose."""
    first = group[0]
    return -max(one.level for one in group), first.code != "foreign", -len(group), first.commune, first.name


def _subject(begun: list[list[Told]], over: list[list[Told]]) -> str:
    first = (begun or over)[0]
    what = f"{_who(first)} {label(first[0].code)}" if begun else f"đã hết: {_who(first)} {label(first[0].code)}"
    rest = len(begun) + len(over) - 1
    text = f"[Bảng tin] {_sentence(what)}" + (f" và {rest} việc khác" if rest else "")
    return text if len(text) <= SUBJECT_MOST else text[: SUBJECT_MOST - 1] + "…"


def _who(group: list[Told]) -> str:
    place = words.plain(group[0].commune_name or group[0].commune)
    return f"{len(group)} bảng ở {place}" if len(group) > 1 else f"{words.plain(group[0].name)} ({place})"


def _part(title: str, groups: list[list[Told]], url: str) -> str:
    if not groups:
        return ""
    lines = [f"{title}:" if title else ""]
    for group in groups[:MAX_LINES]:
        lines += _lines(group, url)
    if left := sum(map(len, groups[MAX_LINES:])):
        lines.append(f"• … và {left} cảnh báo khác.")
    return "\n".join(lines)


def _lines(group: list[Told], url: str) -> list[str]:
    first = group[0]
    since = min(one.since for one in group)
    ends = [one.until for one in group if one.until]
    lasted = f", từ {words.local(since)}"
    if ends:
        lasted += f" đến {words.local(max(ends))} ({words.span(max(ends) - since)})"
    times = max(one.times for one in group)
    often = f", lặp lại {times} lần" if times > 1 else ""
    lines = [f"• {_sentence(_who(group))}: {label(first.code)}{lasted}{often}."]
    if len(group) > 1:
        names = ", ".join(words.plain(one.name) for one in group[:MAX_NAMES])
        lines.append(f"  {names}" + (f" và {len(group) - MAX_NAMES} bảng nữa" if len(group) > MAX_NAMES else ""))
    if not ends:
        if len(group) == 1 and first.site:
            lines.append(f"  Nơi đặt: {words.plain(first.site)}.")
        if len(group) > 1 and first.code == "lost":
            lines.append("  Nhiều bảng mất cùng lúc: hỏi điện và đường truyền của cả khu trước khi đến từng bảng.")
        elif first.says:
            lines.append(f"  {first.says}")
        if url and len(group) == 1:
            lines.append(f"  {url}/bang/{first.commune}/{first.board}")
    return lines


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
