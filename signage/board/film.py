"""A film beside the loop: decoded and scaled ahead by a thread of its own, drawn frame by frame by the loop.

Which frame belongs to a moment follows from the slide's own beginning, as everywhere: boards agree, and
one that starts in the middle seeks. At most `AHEAD` frames wait. A file that is not what was signed,
cannot be decoded, finds no decoder here, or ended the player before (`trial`), is left alone: the slide's
poster stays, and `faults` tells.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from .. import film
from ..film import Frame, Unplayable
from ..review import Film, SlideFile
from .trial import Trial

AHEAD = 3  # frames that wait to be drawn, 8 MB each at 1080p
SHORTEST_MS = 200  # a shorter film is a still: its poster
FASTEST_MS = 15  # between two frames that are drawn: sixty a second, whatever the file says
LATE_MS = 40  # a frame whose time is past by more is left out, before it is scaled
UNPLAYABLE = "film-unplayable"
STALE_MS = 250  # but a machine that is too slow for the film shows a late one so often, rather than none
JUMP_MS = 2_000  # between two questions of the loop, which rests half a second at most: the clock was set
FOR_EVER = float("inf")
_BLOCK = 1 << 20


class Projector:
    """The film of the slide that stands on the glass; asked by the loop, which never waits for it."""

    def __init__(self, objects: Path, tell: Callable[[], None], trial: Trial) -> None:
        """`objects`: where films lie by their hash. `tell`: called when the loop should ask again."""
        self._objects, self._tell, self._trial = objects, tell, trial
        self._reel: Reel | None = None
        self._since: datetime | None = None  # when the film began
        self._told = 0  # milliseconds of the film when the loop asked last
        self._failed: set[str] = set()
        self.late = 0  # frames of this run that came after their time
        self.spoilt = False  # a film broke off after some of it was drawn

    def frame(self, slide: SlideFile | None, since: datetime, now: datetime) -> Frame | None:
        """What is to be drawn over this slide now; None: what is drawn stays. `since`: when the slide began.

        A slide that follows itself goes on with its film; a clock that was set begins it anew.
        """
        wanted = slide.film if slide and slide.film and slide.film.ms >= SHORTEST_MS else None
        if self._reel and (self._reel.wanted != wanted or abs(self._ms(now) - self._told) > JUMP_MS):
            self.end()
        if wanted is None:
            return None
        if self._reel is None:
            self._begin(wanted, since, now)
        if self._reel is None:
            return None
        self._told = self._ms(now)
        if self._reel.failed:
            self._failed.add(wanted.file)
            self.spoilt = self._reel.began
            self.end()
            return None
        return self._reel.frame(self._told)

    def _begin(self, wanted: Film, since: datetime, now: datetime) -> None:
        path = self._objects / wanted.file
        if wanted.file in self._trial.deadly:
            self._failed.add(wanted.file)
        if wanted.file in self._failed or not path.exists():  # not there: it is still being fetched
            return
        self._since = since
        self._told = self._ms(now)
        self._reel = Reel(path, wanted, self._told, self._tell, self._trial)

    def _ms(self, now: datetime) -> int:
        return (now - self._since) // timedelta(milliseconds=1) if self._since else 0

    def end(self) -> None:
        """No film plays any more."""
        if self._reel:
            self.late += self._reel.late
            self._reel.close()
        self._reel = None

    def rest(self, now: datetime) -> float:
        """Seconds until the next frame is due; for ever when there is none, or it is not ready."""
        due = self._reel.due() if self._reel else None
        return FOR_EVER if due is None else max(0.0, (due - self._ms(now)) / 1000)

    def retry(self) -> None:
        """The shelf has changed: what could not be played may be whole now."""
        self._failed.clear()

    def faults(self) -> list[str]:
        return [UNPLAYABLE] if self._failed else []


class _Over(Exception):
    """The film is no longer wanted."""


class Reel:
    """One film while its slide is on the glass."""

    def __init__(self, path: Path, wanted: Film, ms: int, tell: Callable[[], None], trial: Trial) -> None:
        self.wanted, self._trial = wanted, trial
        self.failed = ""  # why it cannot be played
        self.began = False  # a frame was given
        self.late = 0
        self._path, self._tell = path, tell
        self._ready: deque[Frame] = deque()  # `ms` of each counts from the slide's beginning
        self._room = threading.Condition()
        self._now = ms
        self._closed = False
        threading.Thread(target=self._work, name="film", daemon=True).start()

    def frame(self, ms: int) -> Frame | None:
        """The newest frame that is due, once."""
        found = None
        with self._room:
            self._now = ms
            while self._ready and self._ready[0].ms <= ms:
                self.late += found is not None
                found = self._ready.popleft()
            self._room.notify()
        self.began = self.began or found is not None
        return found

    def due(self) -> int | None:
        with self._room:
            return self._ready[0].ms if self._ready else None

    def close(self) -> None:
        """The thread ends by itself, after the frame that it is at: nobody waits for it."""
        with self._room:
            self._closed = True
            self._ready.clear()
            self._room.notify()
            self._trial.passed(self.wanted.file)

    # ── done by the thread ───────────────────────────────────────────────────────────────────────

    def _work(self) -> None:
        with suppress(_Over):
            try:
                self._check()
                with self._room:  # what is closed by now is on no trial that nobody would end
                    if self._closed:
                        raise _Over
                    self._trial.begins(self.wanted.file)
                opened = film.Film(self._path, self.wanted.type)
                try:
                    self._play(opened)
                finally:
                    opened.close()
            except (Unplayable, OSError) as error:
                self._trial.passed(self.wanted.file)
                self.failed = str(error) or UNPLAYABLE
                self._tell()

    def _check(self) -> None:
        """Hashed before it is shown, as slides are."""
        found = hashlib.sha256()
        with self._path.open("rb") as file:
            while (block := file.read(_BLOCK)) and not self._closed:
                found.update(block)
        if self._closed:
            raise _Over
        if found.hexdigest() != self.wanted.file:
            raise Unplayable("not the file that was signed")

    def _play(self, opened: film.Film) -> None:
        """Turn after turn, as long as the slide stays."""
        size, length = (self.wanted.area[2], self.wanted.area[3]), self.wanted.ms
        turn, given, last = self._now // length, self._now, -length
        while True:
            opened.seek(max(0, self._now - turn * length))
            found = False
            for at, frame in opened.frames():
                if self._closed:
                    raise _Over
                due, found = turn * length + at, True
                if self._now - due > LATE_MS and self._now - given < STALE_MS:
                    self.late += self.began
                elif at < length and due - last >= FASTEST_MS:
                    self._wait_for_room()
                    self._give(opened.scaled(due, frame, size))
                    given, last = self._now, due
            if not found:
                raise Unplayable("no frame in it")
            self._trial.passed(self.wanted.file)
            turn = max(turn + 1, self._now // length)

    def _wait_for_room(self) -> None:
        with self._room:
            while len(self._ready) >= AHEAD and not self._closed:
                self._room.wait()
            if self._closed:
                raise _Over

    def _give(self, frame: Frame) -> None:
        with self._room:
            first = not self._ready
            self._ready.append(frame)
        if first:
            self._tell()
