"""One player's life in simulated time: the real player, glass and shelf in one process.

Time passes (nearly) only while nobody has anything to do: when the player's loop waits and no slide is being
decoded, the monotonic clock jumps to the moment for which it waits. Everything else is real.

Lines of JSON go in and out (see `Order` and `Told`): the other end changes the world while time
stands still. What is on the glass is read from its pixels, not from what the player says of itself.
"""

from __future__ import annotations

import gc
import json
import queue
import select
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, TypedDict

MARK = 200  # blue of a slide's paper; red and green say its number
STEP = 8  # levels between two numbers
OTHER, BLACK = -1, -2  # in place of a number
GLIMPSE_S = 1.0  # seconds below which a picture was only passed through
DARK_EDGE_S = 2.0  # seconds around the beginning and the end of dark hours
DARKEST = 6  # levels of 255: below, all of a glass is black
WORK = 0.02  # share of the time for which we work that passes: a busy machine must not make the player late
BUSY_S = 0.002  # seconds of real waiting for a thread that works


class Order(TypedDict):
    """Live until this many seconds after the beginning; `dark`: the hours in which black is right."""

    until: float
    dark: list[tuple[float, float]]


@dataclass
class Told:
    """What was seen since the last order, and what the process weighs now."""

    seen: dict[int, list[float]] = field(default_factory=dict)  # number of the slide: seconds of each showing
    other_s: float = 0.0  # seconds of what is no slide of ours: safe slide, words, dimmed
    frames: int = 0
    black: list[float] = field(default_factory=list)  # when a frame had no light, outside the dark hours
    dark_s: float = 0.0  # seconds without any light in the dark hours
    wrote: dict[str, list[int]] = field(default_factory=dict)  # by file: how often, and bytes
    memory: dict[str, int] = field(default_factory=dict)


def colour(number: int) -> tuple[int, int, int]:
    """The paper by which a slide is known again."""
    return number % 16 * STEP, number // 16 % 16 * STEP, MARK


class Jobs(queue.SimpleQueue):  # type: ignore[type-arg]
    """A queue that knows whether the thread behind it works: until it asks for the next job."""

    every: ClassVar[list[Jobs]] = []

    def __init__(self) -> None:
        self.given = self.taken = self.done = 0
        self.every.append(self)

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self.given += 1
        super().put(item, block, timeout)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.done = self.taken
        found = super().get(block, timeout)
        self.taken += 1
        return found

    @classmethod
    def busy(cls) -> bool:
        return any(jobs.given > jobs.done for jobs in cls.every)


class World:
    """Time, and an eye on the glass."""

    def __init__(self, look: Callable[[float], None], obey: Callable[[], float]) -> None:
        """`look(now)`: called whenever the player rests. `obey`: called at the end of an order; until when now?"""
        self._look, self._obey = look, obey
        self._real, self._select, self._sleep = time.monotonic, select.select, time.sleep
        self._skipped, self.until = 0.0, 0.0
        self._start = self.began = self._real()
        time.monotonic = self.monotonic  # type: ignore[assignment]
        time.sleep = self.sleep
        select.select = self.select  # type: ignore[assignment]

    def monotonic(self) -> float:
        return self._start + (self._real() - self._start) * WORK + self._skipped

    @property
    def elapsed(self) -> float:
        return self.monotonic() - self.began

    def select(self, read: Any, write: Any, wrong: Any, timeout: float | None = None) -> Any:
        """Wait as the real one does, while something works; then jump."""
        if threading.current_thread() is not threading.main_thread():
            return self._select(read, write, wrong, timeout)
        ready = self._select(read, write, wrong, 0)
        while not any(ready) and Jobs.busy():
            ready = self._select(read, write, wrong, BUSY_S)
        if not any(ready):
            self._pass(timeout or 0.0)
            ready = self._select(read, write, wrong, 0)
        return ready

    def sleep(self, seconds: float) -> None:
        if threading.current_thread() is threading.main_thread():
            self._pass(seconds)
        else:
            self._sleep(seconds)

    def _pass(self, seconds: float) -> None:
        self._look(self.elapsed)
        self._skipped += max(0.0, min(seconds, self.until - self.elapsed))
        if self.elapsed >= self.until:
            self._look(self.elapsed)
            self.until = self._obey()


class Life:
    """The player of this process, and what is seen of it."""

    def __init__(self, folder: Path, start: datetime, how: str) -> None:
        self._told = Told()
        self._dark: list[tuple[float, float]] = []
        self._now_on, self._since = OTHER, 0.0
        self._began = False
        queue.SimpleQueue = Jobs  # type: ignore[misc]
        self._world = World(self._look, self._obey)
        self._world.until = self._read()
        from signage import durable
        from signage.board import identity, player  # once time and queues are ours
        from signage.board.clock import Clock
        from signage.board.screen.glass import pygame

        self._pygame, self._flip = pygame, pygame.display.flip
        self._update = pygame.display.update
        pygame.display.flip = self._flipped
        pygame.display.update = self._updated
        durable.write = self._counted(durable.write)
        durable.append = self._counted(durable.append)
        board = identity.load(folder)
        player._give_memory_back()
        self._player = player.Player(board, how, None, Clock(start))

    def run(self) -> None:
        self._player.run(None)

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────

    def _flipped(self) -> None:
        self._flip()
        self._frame()

    def _counted(self, act: Callable[..., None]) -> Callable[..., None]:
        def counted(path: Path, data: bytes, **more: Any) -> None:
            act(path, data, **more)
            so_far = self._told.wrote.setdefault(path.name, [0, 0])
            so_far[0], so_far[1] = so_far[0] + 1, so_far[1] + len(data)

        return counted

    def _updated(self, *areas: Any) -> None:
        self._update(*areas)
        self._frame()

    def _frame(self) -> None:
        self._told.frames += 1
        black = self._is_black()
        self._began = self._began or not black  # a window that opens has nothing to show yet
        if black and self._began and not self._may_be_dark():
            self._told.black.append(round(self._world.elapsed, 2))

    def _is_black(self) -> bool:
        glass = self._pygame.display.get_surface()
        if max(glass.get_at((5, 5))[:3]) > DARKEST:
            return False
        return bool(max(self._pygame.transform.average_color(glass)[:3]) <= DARKEST)

    def _may_be_dark(self) -> bool:
        now = self._world.elapsed
        return any(low - DARK_EDGE_S <= now <= high + DARK_EDGE_S for low, high in self._dark)

    def _look(self, now: float) -> None:
        """Which slide is on the glass: by the colour of its paper."""
        glass = self._pygame.display.get_surface() if self._pygame.display.get_init() else None
        if glass is None:
            return
        red, green, blue = glass.get_at((5, 5))[:3]
        ours = blue == MARK and red % STEP == 0 and green % STEP == 0
        number = red // STEP + green // STEP * 16 if ours else OTHER
        if not ours and max(red, green, blue) <= DARKEST:
            number = BLACK if self._now_on == BLACK or self._is_black() else OTHER
        if number != self._now_on:
            self._end(now)
            self._now_on, self._since = number, now

    def _end(self, now: float) -> None:
        took = now - self._since
        if self._now_on == BLACK:
            self._told.dark_s += took
        elif took < GLIMPSE_S:  # a fade
            return
        elif self._now_on == OTHER:
            self._told.other_s += took
        else:
            self._told.seen.setdefault(self._now_on, []).append(round(took, 3))

    # ── orders ───────────────────────────────────────────────────────────────────────────────────

    def _obey(self) -> float:
        self._end(self._world.elapsed)
        self._since = self._world.elapsed
        gc.collect()
        self._told.memory = weight()
        print(json.dumps(asdict(self._told)), flush=True)
        self._told = Told()
        return self._read()

    def _read(self) -> float:
        line = sys.stdin.readline()
        if not line:
            self._player.stop()
            return float("inf")
        order: Order = json.loads(line)
        self._dark = order["dark"]
        return order["until"]


def weight() -> dict[str, int]:
    """Bytes of this process, blocks of Python's, bytes that went to the disk."""
    found = {}
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, _, size = line.partition(":")
        found[name.lower()] = int(size.split()[0]) * 1024
    for line in Path("/proc/self/io").read_text().splitlines():
        name, _, count = line.partition(":")
        found[name] = int(count)
    private = found["private_clean"] + found["private_dirty"]
    kept = {name: found[name] for name in ("rss", "pss", "write_bytes", "wchar")}
    traced = tracemalloc.get_traced_memory()[0] if tracemalloc.is_tracing() else 0
    return {
        **kept, "uss": private, "blocks": sys.getallocatedblocks(), "traced": traced,
        "threads": threading.active_count(), "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
    }  # fmt: skip


if __name__ == "__main__":
    if "--trace" in sys.argv:
        tracemalloc.start()
    Life(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), sys.argv[3]).run()
