"""What happens in a week of the soak: the office's side, hour by hour.

A real office signs and publishes, a real sync fetches; each act is followed by a stretch of time in
which nothing changes, so that what must be on the glass is known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from life import colour
from publisher import Publisher, fetch, picture

from signage.board import notes
from signage.publication import Item, Shape
from signage.review import ClockArea

START = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # midnight in Vietnam
SIZE = (480, 270)
NOTICES, SLIDES = 8, 2  # that are in force at a time, and of each
DWELL_S = 10.0
NUMBERS, ALARM = 200, 240  # of ordinary slides, used again and again; from 240 on: emergencies
DARK, DARK_MINUTES = (22.5, 28.5), (0.90, 0.99)  # hours of each day; of each hour


@dataclass(frozen=True)
class Event:
    at: float  # hours of the day
    act: Callable[[], None]
    state: str = "usual"  # of the time that follows: "usual" | "alarm" | "odd"
    fault: str = ""  # that the player must tell by the end of it


def nothing() -> None:
    """An act that only ends a stretch."""


class Week:
    """The office's side: what it does at which hour, and what must be on the glass then."""

    def __init__(self, folder: Path) -> None:
        self.office = Publisher(folder / "office", Shape("lcd", *SIZE), START)
        self._numbers = iter(range(10**9))
        self._shown: list[tuple[Item, tuple[int, ...]]] = []
        self._now = START
        for _ in range(NOTICES):
            self._add()
        self.office.publish(START)
        self.board = self.office.enroll(folder / "board")
        fetch(self.board, START)

    def numbers(self) -> list[int]:
        """The slides in force."""
        return [number for _, numbers in self._shown for number in numbers]

    def day(self) -> list[Event]:
        """Hour by hour."""
        changes = [Event(hour + 1 / 12, self._change) for hour in range(1, 24, 2)]
        odd = [
            Event(2.0, lambda: self._alarm(4, slides=True), "alarm"), Event(2.4, self._calm),
            Event(10.0, lambda: self._alarm(2, slides=False), "alarm"),
            Event(10.2, lambda: self._alarm(5, slides=True), "alarm"), Event(10.5, self._calm),
            Event(13.5, self._damage, "odd", "slide-damaged"), Event(13.7, self._publish),
            Event(15.5, self._undecodable, "odd", "slide-undecodable"), Event(16.5, self._mend),
            Event(19.3, lambda: self._set(fade_ms=500)), Event(19.8, lambda: self._set(fade_ms=0)),
            Event(20.5, lambda: self._turn(180), "odd"), Event(20.7, lambda: self._turn(0), "odd"),
            Event(20.8, nothing), Event(DARK[0], nothing, "odd"), Event(DARK[1] - 24, nothing),
        ]  # fmt: skip
        return sorted(changes + odd, key=lambda event: event.at)

    def hour(self) -> list[Event]:
        """The same in an hour, for a test."""
        return [
            Event(0.11, self._change),
            Event(0.22, lambda: self._alarm(4, slides=True), "alarm"), Event(0.25, self._calm),
            Event(0.36, lambda: self._alarm(2, slides=False), "alarm"), Event(0.39, self._calm),
            Event(0.50, self._damage, "odd", "slide-damaged"), Event(0.56, self._publish),
            Event(0.67, self._undecodable, "odd", "slide-undecodable"), Event(0.85, self._mend),
            Event(0.86, lambda: self._set(fade_ms=500)), Event(0.89, lambda: self._set(fade_ms=0)),
            Event(DARK_MINUTES[0], nothing, "odd"), Event(DARK_MINUTES[1], nothing, "odd"),
        ]  # fmt: skip

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        self._now = (START + timedelta(seconds=seconds)).replace(microsecond=0)
        act()

    def faults(self) -> list[str]:
        """What the player says is wrong."""
        return [code for code, _ in notes.faults(notes.read(self.board.state / "player.json"))]

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────

    def _add(self) -> None:
        numbers = tuple(next(self._numbers) % NUMBERS for _ in range(SLIDES))
        clock = ClockArea((400, 4, 70, 40), "#ffffff", "#202060")
        self.office.clock = clock if numbers[0] % 4 else None
        slides = [picture(number, SIZE, colour(number)) for number in numbers]
        title = f"Thông báo {numbers} {self._now:%d %H:%M}"
        item = self.office.show(self.office.statement(title, slides, round(DWELL_S * 1000)))
        self._shown.append((item, numbers))

    def _remove(self) -> None:
        item, _ = self._shown.pop(0)
        self.office.items.remove(item)

    def _publish(self) -> None:
        self.office.publish(self._now)
        fetch(self.board, self._now)

    def _change(self) -> None:
        self._remove()
        self._add()
        self._publish()

    def _set(self, **values: Any) -> None:
        self.office.values.update(values)
        self._publish()

    def _turn(self, degrees: int) -> None:
        self.office.rotate = degrees
        self._publish()

    def _alarm(self, level: int, *, slides: bool) -> None:
        numbers = range(ALARM, ALARM + 2) if slides else ()
        pictures = [picture(number, SIZE, colour(number)) for number in numbers]
        end = self._now + timedelta(hours=6)
        self.office.alarm(f"Lũ trên sông Mẫu {self._now:%d %H:%M}", level, self._now, end, pictures)
        self._publish()

    def _calm(self) -> None:
        self.office.calm(self._now)
        self._publish()

    def _damage(self) -> None:
        """A card that rots: a notice's slides on the shelf no longer hash to their names."""
        item, _ = self._shown[0]
        statement = self.office.shown(item)
        for slide in statement.slides[self.office.shape.name]:
            path = self.board.shelf / "objects" / slide.file
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)

    def _undecodable(self) -> None:
        self._bad = self.office.show(self.office.statement("Hỏng", [b"RIFF no picture " * 9], round(DWELL_S * 1000)))
        self._publish()

    def _mend(self) -> None:
        self.office.items.remove(self._bad)
        self._publish()
