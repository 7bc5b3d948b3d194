"""A virtual glass that is looked at from outside: an X server whose picture is a file in memory.

`Watch` is a process of its own that reads one pixel a thousand times a second and keeps only the
moments at which it changed, so nothing that is measured has to take part. What its own looking
costs, and how long it was ever kept from looking, is told beside every figure.
"""

from __future__ import annotations

import mmap
import multiprocessing as mp
import os
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

LOOK_S = 0.0008  # seconds of sleep between two looks
PAUSE_S = 0.35  # seconds without a change that end a fade
EDGE = 12  # levels of 255 at either end of a fade that say nothing: an eased fade begins slowly
NUMBERS = range(20_000, 59_000)  # X displays; the tests take lower ones
CUT = 3  # changes that are no fade yet
Rgb = tuple[int, int, int]


class Screen:
    """An X server with one screen; `stop()` ends it.

    Its number is named: a server that looks for a free one binds, and then removes, the sockets of
    those that are already running.
    """

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.size, self._folder = size, folder
        first = NUMBERS.start + os.getpid() * 4 % (len(NUMBERS) - 100)
        for number in range(first, first + 100):
            if self._start(number):
                break
        else:
            raise SystemExit("Xvfb does not start")
        self.file = folder / "Xvfb_screen0"
        with self.file.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header, colours = (struct.unpack_from(">I", self._memory, at)[0] for at in (0, 76))  # X11/XWDFile.h
        self._pixels = header + colours * 12

    def _start(self, number: int) -> bool:
        read, write = os.pipe()
        self.process = subprocess.Popen(
            ["Xvfb", f":{number}", "-displayfd", str(write), "-screen", "0", f"{self.size[0]}x{self.size[1]}x24",
             "-fbdir", str(self._folder), "-nolisten", "tcp", "-noreset"],
            pass_fds=[write], stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(write)
        with os.fdopen(read) as answer:
            self.name = f":{answer.readline().strip()}"
        if self.name == ":":
            self.process.wait(10)
        return self.name != ":"

    def at(self, x: int, y: int) -> int:
        """Where a pixel lies in the file."""
        return self._pixels + (y * self.size[0] + x) * 4

    def pixel(self, x: int, y: int) -> Rgb:
        blue, green, red = self._memory[(at := self.at(x, y)) : at + 3]
        return red, green, blue

    def stop(self) -> None:
        self._memory.close()
        self.process.terminate()
        self.process.wait(10)


@dataclass(frozen=True)
class Seen:
    """Every change of a pixel: (seconds, green level), and how good the looking was."""

    changes: list[tuple[float, int]]  # the first is what was there when the looking began
    ended: float  # seconds, on the same clock
    looks_per_s: float
    longest_blink_ms: float  # that the watch itself was kept from looking
    cpu_pct: float  # of one core, for looking

    def fades(self) -> list[list[tuple[float, int]]]:
        """The changes of each fade that was seen whole."""
        runs: list[list[tuple[float, int]]] = []
        before = self.changes[0][0]
        for change in self.changes[1:]:
            if not runs or change[0] - before > PAUSE_S:
                runs.append([])
            runs[-1].append(change)
            before = change[0]
        low, high = self.changes[0][0] + PAUSE_S, self.ended - PAUSE_S
        return [run for run in runs if len(run) > CUT and low < run[0][0] and run[-1][0] < high]

    def inner(self) -> list[list[float]]:
        """The moments of each fade's frames, without its slow ends."""
        return [[at for at, level in run if EDGE <= level <= 255 - EDGE] for run in self.fades()]

    def gaps_ms(self) -> list[float]:
        """Milliseconds between the frames of all fades."""
        return [1000 * (b - a) for moments in self.inner() for a, b in pairwise(moments)]


@contextmanager
def watching(screen: Screen, x: int, y: int) -> Iterator[list[Seen]]:
    """Looks at a pixel while the body runs; the list then holds what was seen."""
    ours, theirs = mp.Pipe()
    watch = mp.get_context("fork").Process(target=_look, args=(screen.file, screen.at(x, y), theirs), daemon=True)
    watch.start()
    seen: list[Seen] = []
    try:
        yield seen
        ours.send(None)
        seen.append(ours.recv())
    finally:
        watch.terminate()
        watch.join(10)


def _look(file: Path, at: int, line: Connection) -> None:
    with suppress(OSError):  # only root may: its few microseconds then come when they are due
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    with file.open("rb") as opened:
        memory = mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ)
    changes: list[tuple[float, int]] = []
    looks, blink, level = 0, 0.0, -1
    began = before = time.monotonic()
    while looks % 64 or not line.poll():
        now = time.monotonic()
        blink, before, looks = max(blink, now - before), now, looks + 1
        if (found := memory[at + 1]) != level:
            level = found
            changes.append((now, level))
        time.sleep(LOOK_S)
    took = before - began
    line.send(Seen(changes, before, looks / took, 1000 * blink, 100 * time.process_time() / took))
