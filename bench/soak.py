"""A compressed week in one player's life: what it weighs at the end, what it wrote, what it said.

    python bench/soak.py [--quick | --days N]

The real player, glass and shelf in one process, whose time jumps whenever nobody has anything to do
(see life.py); a real office that signs, a real sync that fetches over HTTP. Each simulated day has
manifest changes, emergencies by day and in the dark hours, damaged and undecodable slides, fades, a
turned screen. The first day warms up; memory is compared from there to the end.

What was shown is read from the pixels: between two changes every slide must come as often as the
others and stay as long as was signed; an emergency must be alone; no frame may be black by day.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import record
from glass import Screen
from life import colour
from publisher import Publisher, fetch, picture

from signage.publication import Item, Shape
from signage.review import ClockArea

START = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)  # midnight in Vietnam
SIZE = (480, 270)
NOTICES, SLIDES = 8, 2  # that are in force at a time, and of each
DWELL_S = 10.0
NUMBERS, ALARM = 200, 240  # of ordinary slides, used again and again; from 240 on: emergencies
LATE_S = 1.0  # seconds that a slide may stay too long or too short
HOUR, DAY_S = 3600.0, 86_400.0
DARK = (22.5, 28.5)  # hours of each day
HOLDS = 1.0  # MB that a life may grow by


class Life:
    """The player's process; `live` lets its time run."""

    def __init__(self, board: Path, how: str, display: str | None, log: Path, *, trace: bool = False) -> None:
        env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).parents[1]), "LC_ALL": "C.UTF-8"}
        words = [sys.executable, str(Path(__file__).with_name("life.py")), str(board), START.isoformat(), how]
        self._log = log
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [*words, *(["--trace"] if trace else [])], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, text=True, env=env | ({"DISPLAY": display} if display else {}),
            )  # fmt: skip

    def live(self, until: float, dark: list[tuple[float, float]]) -> dict[str, Any]:
        """What was seen until this moment (seconds since the beginning)."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"until": until, "dark": dark}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, self._log.read_text()[-3000:]
        told: dict[str, Any] = json.loads(line)
        told["seen"] = {int(number): times for number, times in told["seen"].items()}
        return told

    def end(self) -> int:
        """How many lines it said in its life."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(20)
        return len(self._log.read_text().splitlines())


@dataclass(frozen=True)
class Event:
    at: float  # hours of the day
    act: Callable[[], None]
    state: str  # of the time that follows: "usual" | "alarm" | "odd"


@dataclass
class Totals:
    """What the whole life was seen to do."""

    showings: int = 0
    dwell: list[float] = field(default_factory=list)
    frames: int = 0
    black: int = 0
    dark_s: float = 0.0
    alarm_s: float = 0.0
    leaks: list[str] = field(default_factory=list)  # ordinary slides during an emergency
    faults: list[str] = field(default_factory=list)  # of rotation
    weights: list[tuple[float, dict[str, int]]] = field(default_factory=list)


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
        usual = [Event(hour + 1 / 12, self._change, "usual") for hour in range(1, 24, 2)]
        odd = [
            Event(2.0, lambda: self._alarm(4, slides=True), "alarm"), Event(2.4, self._calm, "usual"),
            Event(10.0, lambda: self._alarm(2, slides=False), "alarm"),
            Event(10.2, lambda: self._alarm(5, slides=True), "alarm"), Event(10.5, self._calm, "usual"),
            Event(13.5, self._damage, "odd"), Event(13.7, self._publish, "usual"),
            Event(15.5, self._undecodable, "odd"), Event(16.5, self._mend, "usual"),
            Event(19.3, lambda: self._set(fade_ms=500), "usual"), Event(19.8, lambda: self._set(fade_ms=0), "usual"),
            Event(20.5, lambda: self._turn(180), "odd"), Event(20.7, lambda: self._turn(0), "odd"),
            Event(DARK[0], lambda: None, "odd"), Event(20.8, lambda: None, "usual"),
            Event(DARK[1] - 24, lambda: None, "usual"), Event(24.0, lambda: None, "odd"),
        ]  # fmt: skip
        return sorted(usual + odd, key=lambda event: event.at)

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        self._now = (START + timedelta(seconds=seconds)).replace(microsecond=0)
        act()

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
        """A card that rots: two slides of the shelf no longer hash to their names."""
        for path in self._slides_on_shelf()[:2]:
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(data)

    def _slides_on_shelf(self) -> list[Path]:
        return sorted(p for p in (self.board.shelf / "objects").iterdir() if p.read_bytes()[:4] == b"RIFF")

    def _undecodable(self) -> None:
        self._bad = self.office.show(self.office.statement("Hỏng", [b"RIFF no picture " * 9], round(DWELL_S * 1000)))
        self._publish()

    def _mend(self) -> None:
        self.office.items.remove(self._bad)
        self._publish()


# ── what was seen against what was due ───────────────────────────────────────────────────────────


def judge(told: dict[str, Any], state: str, span: float, due: list[int], totals: Totals, when: str) -> None:
    """One stretch of time in which nothing changed."""
    seen: dict[int, list[float]] = told["seen"]
    totals.frames += told["frames"]
    totals.black += told["black"]
    totals.dark_s += told["dark_s"]
    totals.showings += sum(map(len, seen.values()))
    if state == "alarm":
        totals.alarm_s += told["other_s"] + sum(sum(times) for number, times in seen.items() if number >= ALARM)
        late = [n for n, times in seen.items() if n < ALARM and sum(times) > LATE_S]
        totals.leaks += [f"{when}: slide {n} during an emergency" for n in late]
    if state != "usual":
        return
    loops = span / (DWELL_S * len(due))
    for number in due:
        times = seen.get(number, [])
        whole = times[1:-1]
        totals.dwell += whole
        if abs(len(times) - loops) > 2 or any(abs(t - DWELL_S) > LATE_S for t in whole):
            totals.faults.append(f"{when}: slide {number} {len(times)} times, due {loops:.1f}; {sorted(times)[-2:]} s")
    if told["other_s"] > DWELL_S:
        totals.faults.append(f"{when}: {told['other_s']:.0f} s of something else")


def dark_hours(days: float) -> list[tuple[float, float]]:
    return [((d * 24 + DARK[0]) * HOUR, (d * 24 + DARK[1]) * HOUR) for d in range(-1, int(days) + 2)]


def stretches(week: Week, days: float) -> Iterator[tuple[float, Event]]:
    """Every event with its moment, until the days are over."""
    for day in range(int(days) + 1):
        for event in week.day():
            at = day * DAY_S + event.at * HOUR
            if at >= days * DAY_S:
                return
            yield at, event


def soak(folder: Path, days: float, display: str | None, *, trace: bool = False) -> tuple[Totals, int]:
    """One life; returns what it was seen to do, and how many lines it said."""
    week = Week(folder)
    dark = dark_hours(days)
    spans = [(START + timedelta(seconds=a), START + timedelta(seconds=b)) for a, b in dark]
    week.at(0, lambda: week._set(dark=tuple(spans)))
    life = Life(week.board.folder, "full" if display else "headless", display, folder / "log", trace=trace)
    totals, before, state = Totals(), 0.0, "odd"
    try:
        for at, event in [*stretches(week, days), (days * DAY_S, Event(0, lambda: None, "odd"))]:
            told = life.live(at, dark)
            by_day = not any(low < (before + at) / 2 < high for low, high in dark)
            when = f"{START + timedelta(hours=7, seconds=before):%d %H:%M}"
            judge(told, state if by_day or state == "alarm" else "dark", at - before, week.numbers(), totals, when)
            totals.weights.append((at, told["memory"]))
            week.at(at, event.act)
            before, state = at, event.state
    finally:
        lines = life.end()
        week.office.server.stop()
    return totals, lines


def rows(totals: Totals, lines: int, days: float, warm: float) -> list[record.Row]:
    first = next(weight for at, weight in totals.weights if at >= warm * DAY_S)
    start, last = totals.weights[0][1], totals.weights[-1][1]

    def grown(name: str) -> float:
        return (last[name] - first[name]) / 2**20

    count = len(totals.dwell)
    return [
        record.Row("rss_growth_mb", grown("rss"), "MB", 1, f"<= {HOLDS}"),
        record.Row("uss_growth_mb", grown("uss"), "MB", 1, f"<= {HOLDS}"),
        record.Row("python_blocks_growth", last["blocks"] - first["blocks"], ""),
        record.Row("files_open_growth", last["files"] - first["files"], "", 1, "<= 0"),
        record.Row("bytes_written_per_day", (last["write_bytes"] - start["write_bytes"]) / days, "B"),
        record.Row("log_lines_per_day", lines / days, ""),
        record.Row("simulated_days", days, "d"),
        record.Row("showings", totals.showings, ""),
        record.Row("dwell_s", statistics.median(totals.dwell) if count else 0, "s", count),
        record.Row("rotation_faults", len(totals.faults), "", count, "<= 0"),
        record.Row("emergency_leaks", len(totals.leaks), "", 1, "<= 0"),
        record.Row("black_frames", totals.black, "", totals.frames, "<= 0"),
        record.Row("dark_h_per_day", totals.dark_s / HOUR / days, "h"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a day after half a day of warming up")
    options.add_argument("--days", type=float, default=8.0, help="simulated days, the first of which warms up")
    options.add_argument("--warm", type=float, default=1.0, help="days before the first weighing")
    options.add_argument("--headless", action="store_true", help="without an X server")
    wanted = options.parse_args()
    days, warm = (1.0, 0.5) if wanted.quick else (wanted.days, wanted.warm)
    with tempfile.TemporaryDirectory() as name:
        screen = None if wanted.headless or not shutil.which("Xvfb") else Screen(Path(name) / "x", SIZE)
        began = time.monotonic()
        totals, lines = soak(Path(name), days, screen.name if screen else None)
        if screen:
            screen.stop()
    print(f"{days:g} days in {time.monotonic() - began:.0f} s")
    for said in (totals.faults + totals.leaks)[:20]:
        print(" ", said)
    found = rows(totals, lines, days, warm)
    record.write("soak", found, faults=totals.faults[:100], leaks=totals.leaks[:100], on="x11" if screen else "memory")
    if any(row.met is False for row in found):
        sys.exit("not as it should be")


if __name__ == "__main__":
    main()
