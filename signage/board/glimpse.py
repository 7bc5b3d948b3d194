"""Small pictures of the glass for the hub: when one goes, and who took it. Each is bytes that somebody pays for.

    state/wanted.json    by sync: when it last wanted a look at the glass, and how many bytes it may have
    state/glass.jpg      by the kiosk: what stood there, whoever drew it (`shots`)
    state/frame.jpg      by the player: what it drew last

One goes when a person asked for it at the hub, and when the screen turned wrong; both are looked at anew. Where
bytes cost nothing, the player's own goes besides whenever it is another one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from ..report import MAX_FRAME, Frame
from ..wire import sha256
from . import notes
from .notes import GLASS, WANTED

DRAWN = "frame.jpg"
WRONG = ("foreign", "black", "frozen")  # verdicts that a person wants to see
WAIT_S = 15.0  # seconds that the kiosk has for a look, before the player's own picture must do
METERED_FRAME = 8 * 1024  # bytes of one on a link that is paid by the megabyte
EACH_S = 10.0  # seconds after one that was asked for in which it is not asked for anew: the hub has not seen it yet
A_DAY = 24  # that go in a day because they were asked for or because the screen is wrong: 24 kB each at most
WRONG_S, WRONG_METERED_S = 600.0, 6 * 3600.0  # seconds between two of a screen that stays or turns wrong
DAY_S = 86_400.0
SLACK_S = 2.0  # seconds by which a file may look older than the wish for it: some disks count even seconds


class Glimpses:
    """Those of one board; used by the thread that makes its reports."""

    def __init__(self, state: Path, *, metered: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """`metered`: every megabyte is paid for."""
        self._state, self._metered, self._clock = state, metered, clock
        self._wanted: tuple[float, float] | None = None  # since when: by `clock`, and by the clock of files
        self._went: deque[float] = deque(maxlen=A_DAY)  # when the last ones went
        self._answered = self._wrong_at = float("-inf")
        self._answers = False  # whether what was taken last answers the wish
        self._told = ""  # the player's own picture that went last

    def ask(self) -> None:
        """A person at the hub wants to see the glass."""
        if self._clock() - self._answered >= EACH_S:
            self._want()

    def judged(self, verdict: str) -> None:
        """How the screen is; a wrong one is worth a look."""
        least = WRONG_METERED_S if self._metered else WRONG_S
        if verdict in WRONG and self._clock() - self._wrong_at >= least:
            self._wrong_at = self._clock()
            self._want()

    def _want(self) -> None:
        spent = len(self._went) == A_DAY and self._clock() - self._went[0] < DAY_S
        if self._wanted or spent:
            return
        self._wanted = self._clock(), time.time()
        with suppress(OSError):  # a full disk: the player's last one must do
            most = METERED_FRAME if self._metered else MAX_FRAME
            notes.write(self._state / WANTED, {"at": int(self._wanted[1]), "most": most})

    @property
    def due(self) -> bool:
        """Whether one that is wanted can go now."""
        return self._wanted is not None and (self._looked() or self._clock() - self._wanted[0] >= WAIT_S)

    def take(self, now: datetime) -> Frame | None:
        """The one that goes with the next report, if any; `now`: by the board's clock. `went` is about this one."""
        self._answers = self.due  # once: between the two the kiosk may look, or the time for it be over
        if self._answers:
            found = self._read(GLASS, "window", now) if self._looked() else None
            return found or self._read(DRAWN, "surface", now)
        if self._metered or self._wanted:
            return None
        frame = self._read(DRAWN, "surface", now)
        return frame if frame and sha256(frame.jpeg) != self._told else None

    def went(self, frame: Frame | None) -> None:
        """The report with it is in the outbox; None: there was none to be had."""
        if self._answers:
            self._wanted, self._answers = None, False
            if frame:
                self._answered = self._clock()
                self._went.append(self._clock())
        if frame and frame.layer == "surface":
            self._told = sha256(frame.jpeg)

    def _looked(self) -> bool:
        """Whether the kiosk has looked since it was wanted."""
        try:
            return self._wanted is not None and (self._state / GLASS).stat().st_mtime >= self._wanted[1] - SLACK_S
        except OSError:
            return False

    def _read(self, name: str, layer: str, now: datetime) -> Frame | None:
        try:
            path = self._state / name
            age, data = max(0.0, time.time() - path.stat().st_mtime), path.read_bytes()
        except OSError:
            return None
        at = (now - timedelta(seconds=age)).replace(microsecond=0)
        return Frame(data, at, layer) if 0 < len(data) <= MAX_FRAME else None
