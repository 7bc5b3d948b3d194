"""A value of a table as people read it, as a spreadsheet takes it, and exactly, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from ...lettering import control_characters
from ...schedule import VIETNAM_TIME

TEXT, COUNT, HOURS, MINUTES, SHARE, MOMENT, DAY, LASTED, VALUE, HASH, MONEY = (
    "text", "count", "hours", "minutes", "share", "moment", "day", "lasted", "value", "hash", "money",
)  # fmt: skip
NUMBERS = (COUNT, HOURS, MINUTES, SHARE, LASTED, MONEY)
UNIT = {HOURS: "giờ", MINUTES: "phút", SHARE: "%", LASTED: "", COUNT: "", MONEY: "đồng"}
EXACT_UNIT = {HOURS: "ms", MINUTES: "ms", LASTED: "ms", SHARE: "phần vạn", MONEY: "đồng"}
NONE = "–"


class Value(NamedTuple):
    """A cell that brings its own kind."""

    kind: str
    raw: Any


def said(kind: str, raw: Any) -> str:
    """In words: `719,25`, `99,98 %`, `07:30 22/11/2026`."""
    if kind == VALUE and raw is not None:
        return said(*raw) + (_unit(raw.kind) if raw.raw is not None else "")
    return NONE if raw is None else _SAID.get(kind, _plain)(raw)


def _unit(kind: str) -> str:
    return f" {UNIT[kind]}" if UNIT.get(kind) and kind != SHARE else ""


def number(kind: str, raw: int) -> float:
    """As a spreadsheet has it: hours and shares with two decimals, minutes with one; halves are rounded up."""
    if kind == HOURS:
        return ((raw + 18_000) // 36_000) / 100
    if kind in (MINUTES, LASTED):
        return ((raw + 3_000) // 6_000) / 10
    return raw / 100 if kind == SHARE else raw


def exact(kind: str, raw: Any) -> str:
    """For programs: whole numbers of the ledger's own units; times by ISO 8601."""
    if kind == VALUE:
        return "" if raw is None else exact(*raw)
    if raw is None:
        return ""
    return local(raw).isoformat(timespec="seconds") if kind == MOMENT else str(raw)


def local(ms: int) -> datetime:
    """A moment of the ledger, in Vietnam."""
    return datetime.fromtimestamp(ms / 1000, VIETNAM_TIME)


def plain(kind: str, raw: Any) -> Any:
    """As canonical JSON has it."""
    if kind == VALUE and raw is not None:
        return [raw.kind, plain(*raw)]
    return raw.isoformat() if isinstance(raw, date) else raw


def lasted(ms: int) -> str:
    """`4 ngày 3 giờ`, `2 giờ 5 phút`, `45 giây`: the two largest units, cut."""
    seconds = ms // 1000
    for size, word, small, small_word in ((86400, "ngày", 3600, "giờ"), (3600, "giờ", 60, "phút")):
        if seconds >= size:
            rest = seconds % size // small
            return f"{seconds // size} {word}" + (f" {rest} {small_word}" if rest else "")
    return f"{seconds // 60} phút" if seconds >= 60 else f"{seconds} giây"


def _plain(raw: Any) -> str:
    """Without what could make a text look like another: a board's own words stand in some cells."""
    text = str(raw)
    for character in control_characters(text):
        text = text.replace(character, "\ufffd")
    return text


def _grouped(value: int | float) -> str:
    """As Vietnamese write numbers: `1.719,25`."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


_SAID: dict[str, Callable[[Any], str]] = {
    HOURS: lambda ms: _grouped(number(HOURS, ms)),
    MINUTES: lambda ms: _grouped(number(MINUTES, ms)),
    SHARE: lambda parts: f"{_grouped(parts / 100)} %",
    COUNT: _grouped,
    MONEY: _grouped,
    LASTED: lasted,
    MOMENT: lambda ms: f"{local(ms):%H:%M %d/%m/%Y}",
    DAY: lambda day: f"{day:%d/%m/%Y}",
}
