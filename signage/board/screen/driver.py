"""How SDL puts a picture into an X11 window: by itself, or through the graphics card.

Without a graphics card the second way is software too, and 6 to 30 times dearer. With one it
depends; so two starts measure one way each, after their first slide is shown, and every later
start takes the faster. Wayland and KMSDRM are left alone: without it they show nothing at all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ...wire import BadFormat, Fields, canonical, parse

DRIVER_NOTE = "driver.json"  # in the state folder
SWITCH = "SDL_FRAMEBUFFER_ACCELERATION"
BY_ITSELF, BY_CARD = "0", "1"
CARDS = Path("/dev/dri")
FRAMES = 9  # frames that are timed; the median counts
MAX_NOTE = 4096  # bytes


class Driver:
    """The choice of this start, and what it has taught."""

    def __init__(self, note: Path | None, cards: Path = CARDS) -> None:
        """`note`: where measurements are kept; None: nothing is."""
        self._note = note
        self._card = ",".join(sorted(p.name for p in cards.glob("renderD*")))
        self._said = os.environ.get(SWITCH)  # by whoever installed the board: obeyed
        self._times = self._known()
        self.way: str | None = None

    def choose(self, driver: str) -> None:
        """Before the window is opened."""
        if driver != "x11" or self._said is not None:
            return
        if not self._card:
            self.way = BY_ITSELF
        else:
            unknown = [way for way in (BY_ITSELF, BY_CARD) if way not in self._times]
            self.way = unknown[0] if unknown else min(self._times, key=self._times.__getitem__)
        os.environ[SWITCH] = self.way

    @property
    def curious(self) -> bool:
        """Whether this start's way has not been measured yet."""
        return bool(self.way and self._card and self._note and self.way not in self._times)

    def learn(self, frame: Callable[[], None]) -> dict[str, float]:
        """Time `frame`, which puts the whole picture on the glass, and keep it: for the next start."""
        assert self.way is not None
        took = []
        for _ in range(FRAMES):
            began = time.perf_counter()
            frame()
            took.append(1000 * (time.perf_counter() - began))
        self._times[self.way] = round(sorted(took)[FRAMES // 2], 2)
        return self._times

    def as_note(self) -> bytes:
        """What is to be kept at the place that `note` named."""
        return canonical(
            {"v": 1, "card": self._card, "microseconds": {k: round(1000 * t) for k, t in self._times.items()}}
        )

    def _known(self) -> dict[str, float]:
        found: dict[str, float] = {}
        if self._note is None or not self._card:
            return found
        with suppress(OSError, BadFormat):
            fields = parse(self._note.read_bytes(), limit=MAX_NOTE)
            times: Fields = fields.object("microseconds")
            if fields.text("card", most=200) == self._card:
                for way in (BY_ITSELF, BY_CARD):
                    if times.has(way):
                        found[way] = times.integer(way, most=10**9) / 1000
        return found
