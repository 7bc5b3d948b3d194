"""Show for ever: a loop by absolute time that opens no network socket.

It sleeps until the shelf changes or the current scene is over, and draws only when something
changes: a still slide costs next to nothing. Whatever fails, something true stays on the glass: the
slide before, an evergreen one, or the safe slide.
"""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

from .. import durable
from ..publication import Mode
from . import rotation
from .clock import NOTE, Clock, kernel_synchronised
from .diary import Diary
from .gallery import Gallery
from .identity import Board
from .playlist import Playlist
from .rotation import Scene
from .screen import Glass, Picture, clock_text, safe_panel, words_pages
from .shelf import Holding, Shelf
from .waking import Waker

LARGE = 256 * 1024  # bytes from which memory is taken from, and given back to, the system itself
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # mallopt(3)
REST_S = 0.5  # seconds at most between two looks at time and window
FIRST_WAIT_S = 2.0  # seconds that the first slide may take before the safe slide stands in


def play(
    board: Board, *, how: str, screenshot: Path | None = None, seconds: float | None = None,
    start: datetime | None = None,
) -> int:  # fmt: skip
    """Show until SIGTERM, Ctrl-C, `seconds`, or a closed window; returns 0. Raises `Unavailable`."""
    _give_memory_back()
    with durable.only_one(board.state / "player.lock"):
        clock = Clock(start, bounded=start is None, note=board.state / NOTE if start is None else None)
        player = Player(board, how, screenshot, clock)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: player.stop())
        player.run(seconds)
    return 0


def _give_memory_back() -> None:
    """Pictures come and go: let glibc return each to the system, instead of learning to keep them."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            libc = ctypes.CDLL(None)
            libc.mallopt(_MMAP_THRESHOLD, LARGE)
            libc.mallopt(_ARENA_MAX, 1)


class Player:
    """One player; `run` is its life."""

    def __init__(self, board: Board, how: str, screenshot: Path | None, clock: Clock) -> None:
        self._board, self._clock = board, clock
        self._root, self._identity = board.root(), board.identity
        self._shelf = Shelf(board.shelf)
        self._waker = Waker(board.shelf)
        self._mark = self._shelf.mark()
        self._held = self._load()
        self._diary = Diary(board, screenshot)
        self._glass = Glass(how, self._mode(), f"Bảng Tin: {board.id}")
        self._gallery = Gallery(self._shelf, board.state, self._load, self._waker.wake)
        self._playlist = self._usable()
        self._scene: Scene | None = None  # what the time asks for
        self._shown: Scene | None = None  # what is on the glass
        self._drawn_minute, self._drawn_page = "", 0
        self._paged_for: tuple[str, tuple[int, int]] | None = None
        self._pages = 1
        self._stopping = False
        self._began = time.monotonic()

    def stop(self) -> None:
        self._stopping = True
        self._waker.wake()

    def run(self, seconds: float | None) -> None:
        """The loop; what is on the glass at the end is logged."""
        end = self._began + seconds if seconds else float("inf")
        try:
            while not self._stopping and time.monotonic() < end and self._glass.pump():
                self._look_at_shelf()
                self._step(self._clock.now())
                self._waker.wait(min(self._rest(), end - time.monotonic()))
        finally:
            self._diary.close(self._clock.now())
            self._glass.close()
            self._waker.close()

    def _rest(self) -> float:
        """Seconds until there is something to do, unless something wakes us.

        Never long: the machine's clock may be set, and the minute changes by that clock.
        """
        if self._scene is None:
            return 0.0
        left = (self._scene.until - self._clock.now()).total_seconds()
        return min(REST_S, max(0.0, left))

    # ── content ──────────────────────────────────────────────────────────────────────────────────

    def _load(self) -> Holding | None:
        return self._shelf.holding(self._root, self._identity, self._clock.now())

    def _mode(self) -> Mode | None:
        return self._held.playlist.mode if self._held else None

    def _usable(self) -> Playlist | None:
        """What is held, without the slides that cannot be shown now."""
        if self._held is None:
            return None
        self._clock.prove(self._held.floor)
        return self._held.playlist.only(self._gallery.can_show)

    def _look_at_shelf(self) -> None:
        """Ask for what has changed; take what is verified and decoded by now."""
        if (mark := self._shelf.mark()) != self._mark:
            self._mark = mark
            self._gallery.reload()
        news = self._gallery.news()
        if news is None:
            return
        # An emptied or unreadable shelf takes nothing off the glass that was verified before.
        if news.loaded and news.holding is not None:
            self._held = news.holding
        if self._held and self._held.playlist.mode != self._glass.mode:
            self._diary.nothing_shown(self._clock.now())
            self._shown = None
            self._gallery.forget_pictures()
            self._glass.set_mode(self._held.playlist.mode)
        self._playlist = self._usable()
        self._scene = None

    def _faults(self) -> list[str]:
        held = self._held
        wrong = {
            "clock-suspect": self._clock.suspect,
            "shelf-empty": held is None,
            "shelf-damaged": bool(held and held.fallen_back),
            "clock-unknown": held is None and not self._clock.suspect and not kernel_synchronised(),
        }
        return [code for code, is_so in wrong.items() if is_so] + self._gallery.faults()

    # ── the glass ────────────────────────────────────────────────────────────────────────────────

    def _step(self, now: datetime) -> None:
        """Bring the glass to what this moment asks for; does nothing in most moments."""
        scene = self._scene
        if scene is None or not scene.since <= now < scene.until:
            scene = self._scene = rotation.scene(self._playlist, now)
            self._decode_ahead(scene)
        if self._shown is None or scene.what != self._shown.what or scene.until != self._shown.until:
            self._change_to(scene, now)
        elif self._minute() != self._drawn_minute or self._page(scene, now) != self._drawn_page:
            self._redraw(scene, now)
        if self._shown is not None:
            self._diary.tell(self._faults(), self._held.playlist.number if self._held else None, now)

    def _change_to(self, scene: Scene, now: datetime) -> None:
        """When its picture is not ready, what is on the glass stays.

        The first one is waited for a little, so that a board that starts does not flash its safe slide.
        """
        if self._shown is not None and scene.what == self._shown.what:
            if scene.since != self._shown.since:
                self._diary.turn(now)  # the same picture, another play
            self._shown = scene
            return
        picture = self._picture(scene, now)
        if picture is None and (self._shown is not None or time.monotonic() - self._began < FIRST_WAIT_S):
            return
        if picture is None:
            scene = Scene("safe", None, None, now, scene.until)
            picture = self._panel(scene, now)
        self._glass.show(picture, self._time())
        self._shown = scene
        self._drawn_minute, self._drawn_page = self._minute(), self._page(scene, now)
        self._diary.shows(scene, self._glass, now)

    def _redraw(self, scene: Scene, now: datetime) -> None:
        self._drawn_minute, self._drawn_page = self._minute(), self._page(scene, now)
        if scene.slide is None:
            self._glass.show(self._panel(scene, now), self._time())
        else:
            self._glass.tick(self._time())
        self._diary.picture(self._glass)

    def _picture(self, scene: Scene, now: datetime) -> Picture | None:
        if scene.slide is None:
            return self._panel(scene, now)
        return self._gallery.take(scene.slide, self._glass)

    def _panel(self, scene: Scene, now: datetime) -> Picture:
        """What the board draws itself."""
        size = self._glass.upright
        if scene.entry is not None:
            pages = words_pages(size, scene.entry.title, scene.entry.alert)
            return Picture(pages[self._page(scene, now, len(pages)) % len(pages)])
        held = self._held.playlist if self._held else None
        commune = held.commune_name if held else f"Xã {self._board.commune}"
        name = held.board_name if held else self._board.id
        return Picture(safe_panel(size, commune, name, self._time()))

    def _page(self, scene: Scene, now: datetime, pages: int | None = None) -> int:
        """Which page of an emergency's words; one page unless the board draws them."""
        if scene.entry is None or scene.slide is not None:
            return 0
        if pages is None:
            pages = self._pages_of(scene)
        return min(pages - 1, int(scene.share(now) * pages))

    def _pages_of(self, scene: Scene) -> int:
        assert scene.entry is not None
        key = (scene.entry.sha, self._glass.upright)
        if self._paged_for != key:
            self._paged_for = key
            self._pages = len(words_pages(self._glass.upright, scene.entry.title, scene.entry.alert))
        return self._pages

    def _decode_ahead(self, scene: Scene) -> None:
        """The picture of this scene and of the next, unless it is on the glass already."""
        there = self._shown.what if self._shown else None
        for one in (scene, rotation.following(self._playlist, scene)):
            if one.slide is not None and one.what != there:
                self._gallery.prepare(one.slide, self._glass)
                there = one.what

    def _time(self) -> datetime | None:
        """The time to draw: none when the clock is known to be wrong."""
        return None if self._clock.suspect else self._clock.now()

    def _minute(self) -> str:
        return clock_text(self._time())
