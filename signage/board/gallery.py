"""Slides decoded ahead, in a thread of their own, each hashed before it is first shown.

At most `MAX_DECODED` pictures are in memory. What does not hash to its name is told to sync through
`state/damaged.json`; what hashes right but cannot be drawn is left out, three times for one slot,
then for `BAN_S`. The same thread verifies the shelf again when it has changed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..review import SlideFile
from . import notes
from .screen import Form, Picture, Undecodable, decoded
from .shelf import Holding, Shelf

MAX_DECODED = 1  # picture of 6 MB at 1080p, beside the one on the glass: the next; an older one is of no use
Key = tuple[str, Form]  # a slide's file, and the form in which it is needed
TRIES = 3  # times that a slide may fail before it is left out for long
SKIP_S = 30.0  # seconds that a slide is left out after its first failures
BAN_S = 600.0  # seconds that a slide is left out after `TRIES` failures
LATE_S = 10.0  # seconds at one piece of work after which it is told
STUCK_S = 60.0  # seconds that something new may lie on the shelf unread, before the thread is given up
LATE = "slide-late"


@dataclass
class _Trouble:
    tries: int = 0
    until: float = 0.0  # monotonic


@dataclass
class News:
    """What the thread has found out since the last look."""

    holding: Holding | None = None
    loaded: bool = False  # `holding` is an answer
    changed: bool = False  # other slides can be shown than before


class Gallery:
    """Asked by the player's loop, which never waits for it."""

    def __init__(self, shelf: Shelf, state: Path, load: Callable[[], Holding | None], tell: Callable[[], None]) -> None:
        """`load`: verify the shelf. `tell`: called when there is something new."""
        self._shelf, self._state, self._load, self._tell = shelf, state, load, tell
        self._pictures: OrderedDict[Key, Picture] = OrderedDict()
        self._trouble: dict[str, _Trouble] = {}
        self._damaged: set[str] = set()
        self._wanted: set[Key] = set()
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._news = News()
        self._next_release = float("inf")
        self._busy_at: float | None = None  # monotonic: when the thread began what it is at
        self._asked_at: float | None = None  # since when the shelf waits to be verified again
        self._reading_at: float | None = None  # since when it is being verified
        self._thread = threading.Thread(target=self._work, name="gallery", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            self._busy_at = time.monotonic()
            job()
            self._busy_at = None
            self._tell()

    # ── asked by the loop ────────────────────────────────────────────────────────────────────────

    def news(self) -> News | None:
        """What is new, once; also when a slide that was left out may be tried again.

        Raises `RuntimeError` when the thread has ended, or hangs while something new, perhaps an
        emergency, lies on the shelf. With nothing new a picture that stands is worth more than a new start.
        """
        unread = max(_seconds(self._asked_at), _seconds(self._reading_at))
        if not self._thread.is_alive() or unread > STUCK_S:
            raise RuntimeError(
                f"the gallery's thread has ended, or is at one thing for {_seconds(self._busy_at):.0f} s"
            )
        if time.monotonic() >= self._next_release:
            with self._lock:
                self._next_release = self._release()
                self._news.changed = True
        if not (self._news.loaded or self._news.changed):
            return None
        with self._lock:
            found, self._news = self._news, News()
        return found

    def reload(self) -> None:
        """Verify the shelf again; the answer comes as news."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._jobs.put(self._reload)

    def can_show(self, slide: SlideFile) -> bool:
        """Whether the slide is on the shelf, and not known to be bad."""
        trouble = self._trouble.get(slide.file)
        if slide.file in self._damaged or (trouble and trouble.until > time.monotonic()):
            return False
        return self._shelf.has(slide.file, slide.size)

    def prepare(self, slide: SlideFile, form: Form) -> None:
        """Decode the slide soon, unless it is ready or being decoded."""
        key = slide.file, form
        with self._lock:
            if key in self._pictures or key in self._wanted:
                return
            self._wanted.add(key)
        self._jobs.put(lambda: self._decode(slide, form))

    def take(self, slide: SlideFile, form: Form) -> Picture | None:
        """The decoded slide, to be drawn at once (it is then not kept here), or None: not ready yet."""
        with self._lock:
            found = self._pictures.pop((slide.file, form), None)
        if found is None:
            self.prepare(slide, form)
        return found

    def forget_pictures(self) -> None:
        """The mode has changed: pictures of another shape are of no use."""
        with self._lock:
            self._pictures.clear()

    def faults(self) -> list[str]:
        found = [LATE] if _seconds(self._busy_at) > LATE_S else []
        found += ["slide-damaged"] if self._damaged else []
        banned = any(t.tries >= TRIES for t in self._trouble.values())
        return [*found, "slide-undecodable"] if banned else found

    # ── done by the thread ───────────────────────────────────────────────────────────────────────

    def _reload(self) -> None:
        self._reading_at, self._asked_at = time.monotonic(), None  # what comes from now on is asked for again
        try:
            holding = self._load()
        except OSError:  # a card that cannot be read: what was verified before stays
            holding = None
        mended = {sha for sha in self._damaged if self._shelf.get(sha) is not None}
        if mended:
            self._tell_damaged(self._damaged - mended)
        with self._lock:
            self._news.holding, self._news.loaded = holding, True
        self._reading_at = None

    def _decode(self, slide: SlideFile, form: Form) -> None:
        data = self._shelf.get(slide.file)
        picture = None
        if data is None:
            self._tell_damaged(self._damaged | {slide.file})
        else:
            try:
                picture = decoded(data, slide, form)
            except Undecodable:
                self._failed(slide.file)
        with self._lock:
            self._wanted.discard((slide.file, form))
            if picture is None:
                self._news.changed = True
                return
            self._trouble.pop(slide.file, None)
            self._pictures[slide.file, form] = picture
            while len(self._pictures) > MAX_DECODED:
                self._pictures.popitem(last=False)

    def _failed(self, sha: str) -> None:
        trouble = self._trouble.setdefault(sha, _Trouble())
        trouble.tries += 1
        trouble.until = time.monotonic() + (BAN_S if trouble.tries >= TRIES else SKIP_S)
        self._next_release = min(self._next_release, trouble.until)

    def _release(self) -> float:
        """When the next slide may be tried again."""
        later = [t.until for t in self._trouble.values() if t.until > time.monotonic()]
        return min(later, default=float("inf"))

    def _tell_damaged(self, damaged: set[str]) -> None:
        self._damaged = damaged
        with suppress(OSError):  # a full or read-only disk: told as a fault all the same
            notes.tell_damaged(self._state, damaged)


def _seconds(began: float | None) -> float:
    """Since then, by the monotonic clock."""
    return 0.0 if began is None else time.monotonic() - began
