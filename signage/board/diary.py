"""What the player leaves for others: the play log, its note, a thumbnail, since when what is wrong.

The note (state/player.json) is for other processes and people; touching it every `BEAT_S` is the
heartbeat. The kiosk that started the player hears the same from its voice, whatever the disk does.
A disk that is full or cannot be written costs the record, never the picture.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import durable
from ..report import Showing
from ..wire import when
from . import notes
from .identity import Board
from .playlog import PlayLog
from .rotation import Scene
from .screen import Expected, Glass
from .voice import Voice

BEAT_S = 2.0  # seconds between two signs of life; the witness waits for three (board/verdict.py)
FRAME_EVERY_S = 300.0  # seconds between two thumbnails of ordinary rotation


@dataclass(frozen=True)
class Announcement:
    """What is on the glass from `since` until at least `until`; a change takes `changing_ms`."""

    expected: Expected
    since: datetime
    until: datetime
    changing_ms: int = 0

    def as_json(self) -> dict[str, Any]:
        expected = self.expected
        return {
            "sha256": expected.sha256, "masks": [list(mask) for mask in expected.masks],
            "viewport": list(expected.viewport), "rotate": expected.rotate, "dark": expected.dark,
            "since": when(self.since), "until": when(self.until), "changing_ms": self.changing_ms,
        }  # fmt: skip


class Diary:
    """One player's; the only writer of these files."""

    def __init__(self, board: Board, screenshot: Path | None) -> None:
        self._folder, self._plays, self._screenshot = board.state, board.plays, screenshot
        self._voice = Voice()
        self._log: PlayLog | None = None
        self._faults = notes.Faults()
        self._shown: Scene | None = None  # None: nothing yet, or darkness
        self._since: datetime | None = None  # of what is on the glass
        self._turn = time.monotonic()  # when this turn of it began
        self._turn_at: datetime | None = None
        self._verdict = "unknown"
        self._announced: Announcement | None = None
        self._number: int | None = None
        self._beat = self._frame_at = float("-inf")
        self._dirty, self._unwritable, self._complained = True, False, False

    # ── plays ────────────────────────────────────────────────────────────────────────────────────

    def turn(self, now: datetime) -> None:
        """What was on the glass until now is one play; of an emergency that the board drew, the statement.

        Its length is of the monotonic clock: the other may be set meanwhile, by years.
        """
        shown, at = self._shown, self._turn_at
        ms = round((time.monotonic() - self._turn) * 1000)
        self._turn, self._turn_at = time.monotonic(), now
        if shown is not None and shown.entry is not None and at is not None and ms > 0:
            file, statement = shown.slide.file if shown.slide else shown.entry.sha, shown.entry.sha
            self._keep(lambda: self._playlog().add(file=file, statement=statement, at=at, ms=ms))

    def announce(self, scene: Scene | None, announcement: Announcement, now: datetime) -> None:
        """Something else is about to be drawn; None: darkness."""
        self.turn(now)
        first = self._announced is None
        self._shown, self._since, self._announced = scene, now, announcement
        self._verdict, self._dirty = "transition", True
        if first or self._voice.heard:  # the first picture, at least, is not kept waiting for the disk
            self._say()
        else:
            self._write()

    def goes_on(self, scene: Scene, announcement: Announcement | None, now: datetime) -> None:
        """The same picture stays: another play of it, or a longer one."""
        if self._shown is not None and scene.since != self._shown.since:
            self.turn(now)
        if self._shown is not None:
            self._shown = scene
        if announcement != self._announced:
            self._announced, self._dirty = announcement, True
            self._say()

    def settled(self, glass: Glass, now: datetime) -> None:
        """It is on the glass: look at it, and say so."""
        self._verdict, self._dirty = glass.verdict(), True
        self.picture(glass)
        usual = self._shown is not None and self._shown.kind == "rotation"
        if not usual or time.monotonic() - self._frame_at > FRAME_EVERY_S:
            self._frame_at = time.monotonic()
            self._keep(lambda: self._thumbnail(glass))

    def _thumbnail(self, glass: Glass) -> None:
        if frame := glass.thumbnail():
            durable.write(self._folder / "frame.jpg", frame, sync=False)

    def nothing_shown(self, now: datetime) -> None:
        """The window is made anew."""
        self.turn(now)
        self._shown = None

    def picture(self, glass: Glass) -> None:
        """The screenshot that was asked for."""
        if path := self._screenshot:
            self._keep(lambda: durable.write(path, glass.screenshot(), sync=False))

    # ── the note ─────────────────────────────────────────────────────────────────────────────────

    def tell(self, faults: list[str], number: int | None, now: datetime) -> None:
        """Write the note when something in it has changed, else a sign of life now and then."""
        before = self._faults.as_json()
        self._faults.only("", [*faults, *([notes.UNWRITABLE] if self._unwritable else [])], now)
        if before != self._faults.as_json() or number != self._number:
            self._number, self._dirty = number, True
        due = time.monotonic() - self._beat > BEAT_S
        if self._dirty and (due or not self._unwritable):
            self._write()
        elif due:
            self._say()
            self._keep(self._alive)

    def _say(self) -> None:
        self._beat = time.monotonic()
        self._voice.say(self._announced.as_json() if self._announced else None)

    def _alive(self) -> None:
        self._playlog().flush_if_due()
        os.utime(self._folder / "player.json")

    def _write(self) -> None:
        self._say()
        if self._keep(lambda: notes.write(self._folder / "player.json", self._note())):
            self._dirty = False
        else:
            with suppress(OSError):  # a full disk still takes this sign of life
                os.utime(self._folder / "player.json")

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
            "expect": self._announced.as_json() if self._announced else None,
        }  # fmt: skip

    # ── the disk ─────────────────────────────────────────────────────────────────────────────────

    def keep(self, name: str, data: bytes) -> None:
        """Another note that the player makes."""
        self._keep(lambda: durable.write(self._folder / name, data, sync=False))

    def _keep(self, write: Callable[[], object]) -> bool:
        """Whether the disk took it; a fault says when it does not, and goes when it does again."""
        try:
            write()
        except OSError as error:
            if not self._complained:  # to the journal: no disk may be left to tell it on
                self._complained = True
                print(f"bangtin: {notes.UNWRITABLE}: {error}", file=sys.stderr, flush=True)
            self._unwritable = self._dirty = True
            return False
        self._unwritable = False
        return True

    def _playlog(self) -> PlayLog:
        """Read at the first play, not before the first picture."""
        if self._log is None:
            self._log = PlayLog(self._plays)
        return self._log

    def close(self, now: datetime) -> None:
        """The play that is cut short, and all that waits."""
        self.turn(now)
        self._keep(lambda: self._playlog().flush())
