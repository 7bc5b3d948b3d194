"""A board's last day and last month as cells: how long it did what, and how long nobody knows. Pure.

A cell is an hour or a Vietnamese day. What the store counts (`hour`) fills it; what is left of it, up to now, is
silence: no report told of it, or none has come yet. Spans are drawn to the second beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...schedule import VIETNAM_TIME
from ..store.engine import from_ms

HOUR_MS, HOURS, DAYS = 3_600_000, 24, 30
_AHEAD = int(VIETNAM_TIME.utcoffset(None) / timedelta(milliseconds=1))
DAY_MS = 24 * HOUR_MS
KINDS = ("right", "claimed", "dark", "unknown", "wrong", "silent")  # as they are drawn, from the ground up
Told = Mapping[str, int]  # milliseconds of one hour or day, by the names of `hour`'s columns


@dataclass(frozen=True)
class Cell:
    """An hour or a day; `ms` by kind adds up to how long of it has passed."""

    start: datetime
    ms: dict[str, int]
    passed: int
    length: int
    emergency: int  # of all these
    reports: int

    @property
    def worst(self) -> str:
        """In a word: what most calls for a look."""
        for kind in ("wrong", "silent", "unknown", "claimed", "right", "dark"):
            if self.ms.get(kind, 0) * 50 > self.passed:  # more than 2 % of it
                return kind
        return "right"


@dataclass(frozen=True)
class Strip:
    """Cells in order, from `start` to `end`."""

    cells: tuple[Cell, ...]
    start: datetime
    end: datetime

    def share(self, kind: str) -> float:
        """Of the time that has passed, 0 to 1."""
        passed = sum(cell.passed for cell in self.cells)
        return sum(cell.ms.get(kind, 0) for cell in self.cells) / passed if passed else 0.0


def day(told: Mapping[int, Told], now: int, enrolled: int) -> Strip:
    """The last 24 hours; `told` by hour since 1970; times in ms. Nothing is silent before `enrolled`."""
    last = now // HOUR_MS
    return _strip(told, ((hour, hour * HOUR_MS) for hour in range(last - HOURS + 1, last + 1)), HOUR_MS, now, enrolled)


def month(told: Mapping[int, Told], now: int, enrolled: int) -> Strip:
    """The last 30 Vietnamese days; `told` by hour since 1970, added up here."""
    days: dict[int, dict[str, int]] = {}
    for hour, figures in told.items():
        one = days.setdefault((hour * HOUR_MS + _AHEAD) // DAY_MS, {})
        for name, ms in figures.items():
            one[name] = one.get(name, 0) + ms
    last = (now + _AHEAD) // DAY_MS
    starts = ((number, number * DAY_MS - _AHEAD) for number in range(last - DAYS + 1, last + 1))
    return _strip(days, starts, DAY_MS, now, enrolled)


def up_to_now(told: Mapping[int, Told], kind: str, evidence: int, beat: int, now: int) -> dict[int, Told]:
    """With the time since the last report, of which it is believed for one heartbeat; `kind` as the hours count it."""
    found = dict(told)
    start, end = evidence, min(now, evidence + beat)
    while start < end:
        hour = start // HOUR_MS
        stop = min(end, (hour + 1) * HOUR_MS)
        one = found.get(hour, {})
        found[hour] = {**one, kind: one.get(kind, 0) + stop - start}
        start = stop
    return found


def _strip(
    told: Mapping[int, Told], starts: Iterable[tuple[int, int]], length: int, now: int, enrolled: int
) -> Strip:  # fmt: skip
    cells = tuple(_cell(told.get(number, {}), start, length, now, enrolled) for number, start in starts)
    return Strip(cells, cells[0].start, cells[-1].start + timedelta(milliseconds=length))


def _cell(told: Told, start: int, length: int, now: int, enrolled: int) -> Cell:
    known = {kind: max(0, told.get(kind, 0)) for kind in KINDS if kind != "silent"}
    # What a fast clock told of the next minutes is not more than what has passed.
    passed = min(length, max(sum(known.values()), 0, min(start + length, now) - max(start, enrolled)))
    over = sum(known.values()) - passed
    if over > 0:
        known = {kind: ms * passed // (passed + over) for kind, ms in known.items()}
    silent = passed - sum(known.values())
    ms = known | {"silent": silent}
    return Cell(from_ms(start), ms, passed, length, told.get("emergency", 0), told.get("reports", 0))
