"""The one window: as large as the output, at its top left; no key and no click changes it.

An output that is not the screen's own size is shown all the same, at the top left, as sending
cards expect; `faults` tells. When the X server goes away the process ends, with what it had to say
said: whoever supervises the player starts it again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pygame

from ...errors import Unavailable
from ...publication import Mode, Shape
from ..turning import Area
from .driver import Driver
from .picture import Size
from .x11 import Server

ICON = (32, 32)  # pixels
HEADLESS_SIZE = (1280, 720)  # pixels, when nothing says otherwise
MISMATCH = "mode-mismatch"


class Window:
    """`how`: "full" | "windowed" | "headless"; `note`: where the driver's measurements are kept."""

    def __init__(self, how: str, title: str, note: Path | None = None) -> None:
        """Raises `Unavailable` (`screen-missing`)."""
        self._how, self._title = how, title
        self._stands_in = False  # not the mode that was asked for
        self._driver = Driver(note)
        if how == "headless":
            os.environ["SDL_VIDEODRIVER"] = "dummy"
        if how == "full":
            os.environ.setdefault("SDL_VIDEO_WINDOW_POS", "0,0")
        try:
            pygame.display.init()
            pygame.font.init()
        except pygame.error as error:
            raise Unavailable("screen-missing", why=str(error)) from error
        self._kind = pygame.display.get_driver()
        self._server = Server() if self._kind == "x11" else None
        self._driver.choose(self._kind)
        pygame.display.set_icon(pygame.Surface(ICON))  # else pygame looks for its own, in 5 ms

    def open(self, mode: Mode | None) -> Mode:
        """Open it for this mode; without one, all of the screen is the viewport. Answers the mode that it has.

        Where the output cannot be had, the viewport lies on the screen as it is; if that has no room
        for it, all of the screen is the viewport. Raises `Unavailable`.
        """
        self._screen = self._screen_size()
        wanted = mode or self._whole()
        for tried in (wanted, self._on_this_screen(wanted), self._whole()):
            if why := self._opened(tried):
                continue
            self._stands_in = tried is not wanted
            pygame.display.set_caption(self._title)
            pygame.mouse.set_visible(self._how == "windowed")
            return tried
        raise Unavailable("screen-missing", why=why)

    def _opened(self, mode: Mode) -> str:
        """Why there is no such window; empty: there is."""
        try:
            self.output = pygame.display.set_mode(mode.output, self._flags(mode.output))
        except (pygame.error, MemoryError) as error:
            return str(error) or "no memory"
        return "" if self.output.get_rect().contains(mode.viewport) else "the viewport is not in the window"

    def _on_this_screen(self, mode: Mode) -> Mode:
        """The same viewport on an output that there is."""
        whole = self._whole()
        x, y, width, height = mode.viewport
        fits = x + width <= whole.output[0] and y + height <= whole.output[1]
        return replace(mode, output=whole.output) if fits else whole

    def _flags(self, output: Size) -> int:
        """The whole screen without a border.

        SDL's own full screen waits 0.1 s for a window manager's answer, also where there is none.
        """
        if self._how != "full":
            return 0
        managed = self._server is None or self._server.managed()
        return pygame.FULLSCREEN if managed and output == self._screen else pygame.NOFRAME

    def _whole(self) -> Mode:
        size = self._screen if self._how == "full" and self._screen else HEADLESS_SIZE
        return Mode(size, (0, 0, *size), 0, Shape("lcd", *size))

    def _screen_size(self) -> Size | None:
        if self._server and (size := self._server.size()):
            return size
        return next(iter(pygame.display.get_desktop_sizes()), None)

    def another_screen(self) -> bool:
        """Whether the screen has another size than when the window was opened: open it again then."""
        return self._how == "full" and self._server is not None and self._screen_size() != self._screen

    def faults(self) -> list[str]:
        wrong = self._how == "full" and self._screen is not None and self._screen != self.output.get_size()
        return [MISMATCH] if wrong or self._stands_in else []

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the X server is gone; the process ends after it."""
        if self._server:
            self._server.when_lost(tell)

    def learn(self) -> bytes | None:
        """Measure how this start draws, if that is not known: the note for later starts."""
        if not self._driver.curious:
            return None
        self._driver.learn(pygame.display.flip)
        return self._driver.as_note()

    def update(self, area: Area | None = None) -> None:
        """Send what was drawn, all of it or an area of the output, to the glass."""
        if area is None:
            pygame.display.flip()
        else:
            pygame.display.update(area)

    def pump(self) -> bool:
        """Hear what the window system says; False when a person closed the window of a test run."""
        for event in pygame.event.get():
            if event.type == pygame.WINDOWEXPOSED:
                self.update()
            if event.type == pygame.QUIT and self._how == "windowed":
                return False
        return True

    def close(self) -> None:
        pygame.display.quit()
