"""What the player leaves for others: the play log, its note, a thumbnail, since when what is wrong."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import durable
from ..report import Showing
from . import notes
from .identity import Board
from .playlog import PlayLog
from .rotation import Scene
from .screen import Glass

BEAT_S = 10.0  # seconds between two signs of life
FRAME_EVERY_S = 300.0  # seconds between two thumbnails of ordinary rotation


class Diary:
    """One player's; the only writer of these files."""

    def __init__(self, board: Board, screenshot: Path | None) -> None:
        self._folder, self._screenshot = board.state, screenshot
        self._log = PlayLog(board.plays)
        self._faults = notes.Faults()
        self._shown: Scene | None = None
        self._since: datetime | None = None  # of what is on the glass
        self._turn = time.monotonic()  # when this turn of it began
        self._turn_at: datetime | None = None
        self._verdict = "unknown"
        self._number: int | None = None
        self._beat = self._frame_at = float("-inf")
        self._dirty = True

    # ── plays ────────────────────────────────────────────────────────────────────────────────────

    def turn(self, now: datetime) -> None:
        """What was on the glass until now is one play; of an emergency that the board drew, the statement.

        Its length is of the monotonic clock: the other may be set meanwhile, by years.
        """
        shown, at = self._shown, self._turn_at
        ms = round((time.monotonic() - self._turn) * 1000)
        self._turn, self._turn_at = time.monotonic(), now
        if shown is not None and shown.entry is not None and at is not None and ms > 0:
            file = shown.slide.file if shown.slide else shown.entry.sha
            self._log.add(file=file, statement=shown.entry.sha, at=at, ms=ms)

    def shows(self, scene: Scene, glass: Glass, now: datetime) -> None:
        """Something else is on the glass now: look at it, and say so."""
        self.turn(now)
        self._shown, self._since = scene, now
        self._verdict, self._dirty = glass.verdict(), True
        self.picture(glass)
        usual = scene.kind == "rotation"
        if not usual or time.monotonic() - self._frame_at > FRAME_EVERY_S:
            self._frame_at = time.monotonic()
            if frame := glass.thumbnail():
                durable.write(self._folder / "frame.jpg", frame, sync=False)

    def nothing_shown(self, now: datetime) -> None:
        """The window is made anew."""
        self.turn(now)
        self._shown = None

    def picture(self, glass: Glass) -> None:
        """The screenshot that was asked for."""
        if self._screenshot:
            durable.write(self._screenshot, glass.screenshot(), sync=False)

    # ── the note ─────────────────────────────────────────────────────────────────────────────────

    def tell(self, faults: list[str], number: int | None, now: datetime) -> None:
        """Write the note when something in it has changed, else a sign of life now and then."""
        before = self._faults.as_json()
        self._faults.only("", faults, now)
        if before != self._faults.as_json() or number != self._number:
            self._number, self._dirty = number, True
        path = self._folder / "player.json"
        if self._dirty:
            notes.write(path, self._note())
            self._dirty = False
        elif time.monotonic() - self._beat > BEAT_S:
            self._log.flush_if_due()
            path.touch()
        else:
            return
        self._beat = time.monotonic()

    def _note(self) -> dict[str, Any]:
        shown, showing = self._shown, None
        if shown is not None and self._since is not None:
            entry = shown.entry
            file = shown.slide.file if shown.slide else None
            sha, title = (entry.sha, entry.title) if entry else (None, "")
            showing = Showing(shown.kind, sha, file, title, self._since).as_json()
        return {
            "pid": os.getpid(), "showing": showing, "verdict": self._verdict,
            "number": self._number, "faults": self._faults.as_json(),
        }  # fmt: skip

    def close(self, now: datetime) -> None:
        self.turn(now)
        self._log.flush()
