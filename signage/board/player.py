"""Show for ever: a loop by absolute time that opens no network socket.

It sleeps until the shelf changes or the current scene is over, and draws only when something
changes: a still slide costs next to nothing. Whatever fails, something true stays on the glass: the
slide before, an evergreen one, or the safe slide. What stands there is the stage's to decide; here
are the loop, the shelf, and what is wrong.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Unavailable, sentence
from ..wire import canonical
from . import notes, panic, rotation
from .alone import alone
from .clock import NOTE, Clock, kernel_synchronised
from .diary import Diary
from .film import Projector
from .gallery import Gallery
from .hand import Names
from .identity import Board
from .light import light
from .playlist import Playlist
from .power import Power
from .screen import DRIVER_NOTE, SDL_VERSION, Form, Glass, font_faults, surface_of
from .shelf import Holding, Shelf
from .stage import Stage, banded
from .trial import NOTE as TRIAL_NOTE
from .trial import Trial
from .waking import Waker

if TYPE_CHECKING:
    from .welcome import Welcome

LARGE = 256 * 1024  # bytes from which memory is taken from, and given back to, the system itself
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # mallopt(3)
LEARN_AFTER_S = 5.0  # seconds after the start at which the way of drawing is measured, when nothing moves
LOOK_AROUND_S = 2.0  # seconds between two looks whether the screen is another one


def play(
    board: Board, *, how: str, screenshot: Path | None = None, seconds: float | None = None,
    start: datetime | None = None,
) -> int:  # fmt: skip
    """Show until SIGTERM, Ctrl-C, `seconds`, or a closed window; returns 0. Raises `Unavailable`."""
    _give_memory_back()
    with alone(board.state / "player.lock"):
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
        self._panic = panic.on(board.state)
        self._held = self._load()
        self._gallery = Gallery(self._shelf, board.state, self._load, self._waker.wake)
        self._playlist = self._usable()
        self._prepare_first()  # decoded while the window opens
        self._diary = Diary(board, screenshot)
        mode = self._held.playlist.mode if self._held else board.mode
        self._glass = Glass(how, mode, f"Bảng Tin: {board.id}", board.state / DRIVER_NOTE)
        self._glass.when_lost(self._lost)
        self._power = Power()
        self._stage = Stage(self._glass, self._gallery, self._diary, self._power)
        self._projector = Projector(self._shelf.objects, self._waker.wake, Trial(board.state / TRIAL_NOTE))
        self._show()
        self._stopping = self._learnt = False
        self._began = self._looked = time.monotonic()

    def stop(self) -> None:
        self._stopping = True
        self._waker.wake()

    def run(self, seconds: float | None) -> None:
        """The loop; what is on the glass at the end is logged."""
        end = self._began + seconds if seconds else float("inf")
        try:
            while not self._stopping and time.monotonic() < end and self._glass.pump():
                self._look_at_panic()
                self._look_at_shelf()
                self._look_at_screen()
                now = self._clock.now()
                self._stage.suspect = self._clock.suspect
                self._stage.step(now)
                self._project(now)
                if self._stage.shows:
                    self._settle_in()
                    self._diary.tell(self._faults(), self._held.playlist.number if self._held else None, now)
                self._learn()
                now = self._clock.now()
                self._waker.wait(min(self._stage.rest(now), self._projector.rest(now), end - time.monotonic()))
        finally:
            self._projector.end()
            self._diary.close(self._clock.now())
            self._power.close()
            self._glass.close()
            self._waker.close()

    def _settle_in(self) -> None:
        """After the first slide: what was loaded stays for ever, and is not looked through again."""
        if not gc.isenabled():
            gc.freeze()
            gc.enable()

    # ── content ──────────────────────────────────────────────────────────────────────────────────

    def _load(self) -> Holding | None:
        return self._shelf.holding(self._root, self._identity, self._clock.now())

    def _usable(self) -> Playlist | None:
        """What is held, without the slides that cannot be shown now."""
        if self._held is None:
            return None
        self._clock.prove(self._held.floor)
        usable = self._held.playlist.only(self._gallery.can_show)
        return usable.put_aside() if self._panic else usable

    def _prepare_first(self) -> None:
        if self._playlist is None:
            return
        scene, mode = rotation.scene(self._playlist, now := self._clock.now()), self._playlist.mode
        if scene.slide is not None:
            lit = light(self._playlist, scene, now, suspect=self._clock.suspect)
            form = Form((mode.shape.width, mode.shape.height), mode.rotate, lit.percent, banded(scene))
            self._gallery.prepare(scene.slide, form)

    def _show(self) -> None:
        held, ident = self._held.playlist if self._held else None, self._board.id
        names = Names(f"Xã {self._board.commune}", ident, ident, welcome=None if held else self._welcome())
        if held:
            names = Names(held.commune_name, held.board_name, ident, held.phone)
        self._stage.plays(self._playlist, names)

    def _welcome(self) -> Welcome | None:
        if self._panic or self._board.mode is None:
            return None
        from .welcome import Welcome

        return Welcome.of(self._board)

    def _look_at_panic(self) -> None:
        if panic.on(self._board.state) != self._panic:
            self._panic = not self._panic
            self._playlist = self._usable()
            self._show()

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
            self._projector.retry()
        if self._held and self._held.playlist.mode != self._glass.wanted:
            self._open_again()
        self._playlist = self._usable()
        self._show()

    def _project(self, now: datetime) -> None:
        """The next frame of the film, if what stands on the glass has one."""
        scene = self._stage.standing
        slide = scene.slide if scene else None
        frame = self._projector.frame(slide, scene.since if scene else now, now)
        if frame is not None and slide is not None and slide.film is not None:
            self._glass.put_film(surface_of(frame), slide.film.area)
        if self._projector.spoilt:  # it broke off in the middle: its poster is drawn again
            self._projector.spoilt = False
            self._diary.nothing_shown(now)
            self._stage.cleared()

    # ── the screen ───────────────────────────────────────────────────────────────────────────────

    def _look_at_screen(self) -> None:
        """Somebody may plug in another one: the window is made anew for it."""
        if time.monotonic() - self._looked > LOOK_AROUND_S:
            self._looked = time.monotonic()
            if self._glass.window.another_screen():
                self._open_again()

    def _open_again(self) -> None:
        self._diary.nothing_shown(self._clock.now())
        self._gallery.forget_pictures()
        self._glass.set_mode(self._held.playlist.mode if self._held else self._board.mode)
        self._stage.cleared()

    def _learn(self) -> None:
        if not self._learnt and self._stage.idle and time.monotonic() - self._began > LEARN_AFTER_S:
            self._learnt = True
            self._diary.keep(notes.SDL, canonical({"v": 1, "version": SDL_VERSION}))
            if note := self._glass.window.learn():
                self._diary.keep(DRIVER_NOTE, note)

    def _lost(self) -> None:
        """The X server is gone, and this process with it: what was shown is kept; whoever watches starts us again."""
        with contextlib.suppress(Exception):
            self._projector.end()  # it is no film's fault
            self._diary.close(self._clock.now())
            print(sentence("screen-lost", "vi"), file=sys.stderr, flush=True)
        os._exit(Unavailable.exit_code)

    def _faults(self) -> list[str]:
        held = self._held
        wrong = {
            "clock-suspect": self._clock.suspect,
            "shelf-empty": held is None,
            "shelf-damaged": bool(held and held.fallen_back),
            "safe-asked": bool(held and held.playlist.safe),
            "dark-long": bool(held and held.playlist.dark_long),
            "clock-unknown": held is None and not self._clock.suspect and not kernel_synchronised(),
        }
        found = [code for code, is_so in wrong.items() if is_so]
        return [*found, *self._gallery.faults(), *self._stage.faults(), *self._glass.faults(), *font_faults(),
                *self._power.faults(), *self._projector.faults()]  # fmt: skip
