"""Hours of boards, collected for a batch and added to what the store has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from .plays import day_of
from .store import tables as t
from .store.bulk import Put, added, larger, smaller
from .tally import HOUR, Piece

TIMES = ("right", "claimed", "dark", "wrong", "unknown", "emergency")  # the first five as `tally` numbers them
FIGURES = (*TIMES, "reports", "temp_low", "temp_high", "disk_low")
MERGE = {
    **dict.fromkeys((*TIMES, "reports"), added), "temp_low": smaller, "temp_high": larger, "disk_low": smaller,
}  # fmt: skip
_EMERGENCY = TIMES.index("emergency")
_put_hours = Put(t.hour, ("board", "hour", *FIGURES), ("board", "hour"), MERGE)
_put_days = Put(t.day, ("board", "day", *FIGURES), ("board", "day"), MERGE)


@dataclass(slots=True)
class _Hour:
    times: list[int] = field(default_factory=lambda: [0] * len(TIMES))
    reports: int = 0
    temp_low: int | None = None
    temp_high: int | None = None
    disk_low: int | None = None

    def join(self, more: _Hour) -> None:
        self.times = [mine + its for mine, its in zip(self.times, more.times, strict=True)]
        self.reports += more.reports
        self.temp_low = min((v for v in (self.temp_low, more.temp_low) if v is not None), default=None)
        self.temp_high = max((v for v in (self.temp_high, more.temp_high) if v is not None), default=None)
        self.disk_low = min((v for v in (self.disk_low, more.disk_low) if v is not None), default=None)

    def row(self) -> tuple[int | None, ...]:
        return (*self.times, self.reports, self.temp_low, self.temp_high, self.disk_low)


class Hours:
    """What a batch adds to each hour of each board, and so to each of its days."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int], _Hour] = {}

    def add(self, board: int, pieces: Iterable[Piece]) -> None:
        """Time between two reports."""
        for piece in pieces:
            times = self._hour(board, piece.hour).times
            times[piece.column] += piece.ms
            if piece.emergency:
                times[_EMERGENCY] += piece.ms

    def heard(self, board: int, evidence: int, temp_c: int | None, disk_mb: int) -> None:
        """A report, and what the board's computer measured."""
        one = self._hour(board, evidence // HOUR)
        one.reports += 1
        one.disk_low = disk_mb if one.disk_low is None else min(one.disk_low, disk_mb)
        if temp_c is not None:
            one.temp_low = temp_c if one.temp_low is None else min(one.temp_low, temp_c)
            one.temp_high = temp_c if one.temp_high is None else max(one.temp_high, temp_c)

    def write(self, connection: Connection) -> None:
        """A statement for hours and one for days, in the order of the boards."""
        days: dict[tuple[int, str], _Hour] = {}
        ordered = sorted(self._found.items(), key=lambda item: item[0])
        for (board, hour), one in ordered:
            days.setdefault((board, day_of(hour * HOUR)), _Hour()).join(one)
        _put_hours(connection, [(*key, *one.row()) for key, one in ordered])
        _put_days(connection, [(*key, *one.row()) for key, one in sorted(days.items(), key=lambda item: item[0])])

    def _hour(self, board: int, hour: int) -> _Hour:
        key = (board, hour)
        if key not in self._found:
            self._found[key] = _Hour()
        return self._found[key]
