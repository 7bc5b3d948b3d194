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
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import record
from glass import Screen
from week import ALARM, DARK, DARK_MINUTES, DWELL_S, SIZE, START, Event, Week, nothing

LATE_S = 1.0  # seconds that a slide may stay too long or too short
HOUR, DAY_S = 3600.0, 86_400.0
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


@dataclass
class Totals:
    """What the whole life was seen to do."""

    showings: int = 0
    dwell: list[float] = field(default_factory=list)
    frames: int = 0
    black: list[str] = field(default_factory=list)
    dark_s: float = 0.0
    alarm_s: float = 0.0
    leaks: list[str] = field(default_factory=list)  # ordinary slides during an emergency
    faults: list[str] = field(default_factory=list)  # of rotation
    wrote: dict[str, list[int]] = field(default_factory=dict)  # by file: how often, and bytes
    weights: list[tuple[float, dict[str, int]]] = field(default_factory=list)


# ── what was seen against what was due ───────────────────────────────────────────────────────────


def judge(told: dict[str, Any], state: str, span: float, due: list[int], totals: Totals, when: str) -> None:
    """One stretch of time in which nothing changed."""
    seen: dict[int, list[float]] = told["seen"]
    totals.frames += told["frames"]
    totals.black += [f"{clock(at)}: a black frame" for at in told["black"]]
    totals.dark_s += told["dark_s"]
    for name, (times, size) in told["wrote"].items():
        so_far = totals.wrote.get(name, [0, 0])
        totals.wrote[name] = [so_far[0] + times, so_far[1] + size]
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


def soak(
    folder: Path, days: float, display: str | None, *, by_hour: bool = False, trace: bool = False
) -> tuple[Totals, int]:
    """One life; returns what it was seen to do, and how many lines it said. `by_hour`: each hour is a day."""
    week = Week(folder)
    period, night, events = (1.0, DARK_MINUTES, week.hour()) if by_hour else (24.0, DARK, week.day())
    end, turns = days * DAY_S, int(days * 24 / period) + 1
    dark = [((turn * period + night[0]) * HOUR, (turn * period + night[1]) * HOUR) for turn in range(-1, turns)]
    programme = [((turn * period + e.at) * HOUR, e) for turn in range(turns) for e in events]
    spans = [(START + timedelta(seconds=a), START + timedelta(seconds=b)) for a, b in dark]
    week.at(0, lambda: week._set(dark=tuple(spans)))
    life = Life(week.board.folder, "full" if display else "headless", display, folder / "log", trace=trace)
    totals, before, last = Totals(), 0.0, Event(0, nothing, "odd")
    try:
        for at, event in [*((at, e) for at, e in programme if at < end), (end, Event(0, nothing))]:
            told = life.live(at, dark)
            by_day = not any(low < (before + at) / 2 < high for low, high in dark)
            state = last.state if by_day or last.state == "alarm" else "dark"
            when = clock(before)
            judge(told, state, at - before, week.numbers(), totals, when)
            if last.fault and last.fault not in (found := week.faults()):
                totals.faults.append(f"{when}: the player tells {found}, not {last.fault}")
            totals.weights.append((at, told["memory"]))
            if int(at // DAY_S) > int(before // DAY_S):
                print(f"day {int(at // DAY_S)}: {told['memory']['rss'] / 2**20:.1f} MB", file=sys.stderr, flush=True)
            week.at(at, event.act)
            before, last = at, event
    finally:
        lines = life.end()
        week.office.server.stop()
    return totals, lines


def clock(seconds: float) -> str:
    """Day and time of this moment of the week, in Vietnam."""
    return f"{START + timedelta(hours=7, seconds=seconds):%d %H:%M:%S}"


def written(totals: Totals, ending: str) -> int:
    """Bytes that the player handed to files of this ending."""
    return sum(size for name, (_, size) in totals.wrote.items() if name.endswith(ending))


def rows(totals: Totals, lines: int, days: float, warm: float) -> list[record.Row]:
    first = next(weight for at, weight in totals.weights if at >= warm * DAY_S)
    start, last = totals.weights[0][1], totals.weights[-1][1]

    def grown(name: str) -> float:
        return (last[name] - first[name]) / 2**20

    count = len(totals.dwell)
    return [
        record.Row("rss_growth_mb", grown("rss"), "MB", 1, f"<= {HOLDS}"),
        record.Row("python_blocks_growth", last["blocks"] - first["blocks"], ""),
        record.Row("files_open_growth", last["files"] - first["files"], "", 1, "<= 0"),
        record.Row("bytes_written_per_day", (last["write_bytes"] - start["write_bytes"]) / days, "B"),
        record.Row("bytes_kept_per_day", written(totals, ".jsonl") / days, "B"),
        record.Row("bytes_of_notes_per_day", (written(totals, ".json") + written(totals, ".jpg")) / days, "B"),
        record.Row("log_lines_per_day", lines / days, ""),
        record.Row("simulated_days", days, "d"),
        record.Row("showings", totals.showings, ""),
        record.Row("dwell_s", statistics.median(totals.dwell) if count else 0, "s", count),
        record.Row("rotation_faults", len(totals.faults), "", count, "<= 0"),
        record.Row("emergency_leaks", len(totals.leaks), "", 1, "<= 0"),
        record.Row("black_frames", len(totals.black), "", totals.frames, "<= 0"),
        record.Row("dark_h_per_day", totals.dark_s / HOUR / days, "h"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--quick", action="store_true", help="eight hours, in each of which happens what does in a day"
    )
    options.add_argument("--days", type=float, default=8.0, help="simulated days, the first of which warms up")
    options.add_argument("--headless", action="store_true", help="without an X server")
    options.add_argument("--check", action="store_true", help="two hours, each like a day, as JSON; for a test")
    wanted = options.parse_args()
    by_hour = wanted.quick or wanted.check
    days, warm = (8 / 24 if wanted.quick else 2 / 24, 1 / 24) if by_hour else (wanted.days, min(1.0, wanted.days / 2))
    with tempfile.TemporaryDirectory() as name:
        screen = None if wanted.headless or not shutil.which("Xvfb") else Screen(Path(name) / "x", SIZE)
        began = time.monotonic()
        totals, lines = soak(Path(name), days, screen.name if screen else None, by_hour=by_hour)
        if screen:
            screen.stop()
    found = rows(totals, lines, days, warm)
    if wanted.check:
        print(
            json.dumps({**{row.key: row.value for row in found}, "told": totals.faults + totals.leaks + totals.black})
        )
        return
    print(f"{days:g} days in {time.monotonic() - began:.0f} s")
    for said in (totals.faults + totals.leaks + totals.black)[:20]:
        print(" ", said)
    for file, (times, size) in sorted(totals.wrote.items(), key=lambda one: -one[1][1]):
        print(f"  {file:20}{times / days:>10,.0f} writes and {size / days:>14,.0f} bytes a day")
    record.write("soak", found, faults=totals.faults[:100], leaks=totals.leaks[:100], on="x11" if screen else "memory")


if __name__ == "__main__":
    main()
