"""The output: one picture at its viewport, turned, the rest black; read back, photographed.

The LED sending card takes a rectangle of the output, pixel for pixel, so nothing is ever scaled.
Reading back proves the player's own surface and no more (layer "surface"); the glass itself is the
witness's to look at. Only whole frames reach the glass, so nothing black is ever between two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pygame

from ...publication import Mode
from ..turning import Area, lies
from .fade import Fade
from .panels import clock_panel
from .picture import BAND, Form, Label, Picture, blacken, dim, file_of, thumbnail, turned
from .strip import Strip
from .window import Window


@dataclass(frozen=True)
class Cue:
    """The moment at which something is drawn: `clock` is the time to write, `since` when its scene began."""

    now: datetime
    since: datetime
    clock: datetime | None


@dataclass(frozen=True)
class Expected:
    """What an independent eye must find at `viewport` of the output; see `picture.digest` and board/verdict.py."""

    sha256: str
    masks: tuple[Area, ...]
    viewport: Area
    rotate: int
    dark: bool


class Glass:
    """What stands on the window. `how`: "full" | "windowed" | "headless"."""

    def __init__(self, how: str, mode: Mode | None, title: str, note: Path | None = None) -> None:
        """Raises `Unavailable` (`screen-missing`)."""
        self.window = Window(how, title, note)
        self._label: Label | None = None  # of what stands on the output, or fades in
        self._strip: Strip | None = None
        self._fade: Fade | None = None
        self.is_dark = False
        self.set_mode(mode)

    def set_mode(self, mode: Mode | None) -> None:
        """Open the window as this mode says; what stood there is gone. Raises `Unavailable`."""
        self._label, self._strip, self._fade = None, None, None
        self.is_dark = False
        self.wanted = mode  # `mode` may stand in for one that cannot be had
        self.mode = self.window.open(mode)
        self._output = self.window.output
        self._view = self._output.subsurface(self.mode.viewport)
        self._bare = True

    @property
    def upright(self) -> tuple[int, int]:
        """The size of what is drawn, before it is turned."""
        return self.mode.shape.width, self.mode.shape.height

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────

    def form(self, percent: int = 100, drill: bool = False) -> Form:
        """What this glass asks of a picture."""
        return Form(self.upright, self.mode.rotate, percent, drill)

    def show(self, picture: Picture, cue: Cue, fade_ms: int = 0) -> None:
        """Put a picture with its moving parts on the glass: at once, or beginning to fade in from what is there."""
        fades = fade_ms > 0 and self._label is not None
        self._label = label = picture.label
        ticker = label.slide.ticker if label.slide else None
        self._strip = Strip(ticker, label.percent) if ticker and ticker.area in label.masks else None
        self._fade = Fade(self._view, picture.surface, cue.now, fade_ms) if fades else None
        if self._fade is None:
            self._view.blit(picture.surface, (0, 0))
        self._clock(cue)
        self._scroll(cue)
        self.is_dark = False
        if self._fade is None:
            self._send(self.mode.viewport)

    def darken(self) -> None:
        """A black frame: dark by schedule."""
        self._label, self._strip, self._fade = None, None, None
        self._view.fill("black")
        self.is_dark = True
        self._send(self.mode.viewport)

    def animate(self, cue: Cue) -> None:
        """The next frame of a fade or a ticker; sends only what has changed."""
        if self._fade:
            self._scroll(cue)
            if not self._fade.step(cue.now):
                self._fade = None
            self._send(self.mode.viewport)
        elif self._strip and self._strip.moved(cue.now, cue.since) and (area := self._scroll(cue)):
            self._send(area)

    @property
    def fading(self) -> bool:
        return self._fade is not None

    @property
    def moving(self) -> bool:
        """Whether there is something to draw for the next frame."""
        return self._fade is not None or self._strip is not None

    def tick(self, cue: Cue) -> None:
        """The clock alone, when the minute has changed."""
        if (area := self._clock(cue)) and self._fade is None:
            self._send(area)

    def put_film(self, surface: pygame.Surface, area: Area) -> bool:
        """Draw a film's frame, upright and of the area's size, and send that rectangle alone.

        `area` in pixels of the upright slide, as in the statement. False when nothing was drawn: the
        slide is fading in, is dark or another one, or the area is not its film's.
        """
        label = self._label
        film = label.slide.film if label and label.slide else None
        if label is None or film is None or self._fade or film.area != area or area not in label.masks:
            return False
        if surface.get_size() != area[2:]:
            return False
        if label.percent < 100:
            surface = surface.copy()
            dim(surface, label.percent)
        self._send(self._put(surface, area))
        return True

    def _clock(self, cue: Cue) -> Area | None:
        label = self._label
        clock = label.slide.clock if label and label.slide else None
        if label is None or clock is None or clock.area not in label.masks:
            return None
        drawn = clock_panel(clock, cue.clock)
        dim(drawn, label.percent)
        return self._put(drawn, clock.area)

    def _scroll(self, cue: Cue) -> Area | None:
        ticker = self._label.slide.ticker if self._label and self._label.slide else None
        if self._strip is None or ticker is None:
            return None
        return self._put(self._strip.at(cue.now, cue.since), ticker.area)

    def _put(self, surface: pygame.Surface, area: Area) -> Area:
        """Draw something upright at `area` of the picture that stands or comes; answers where in the output."""
        x, y, width, height = lies(area, self.upright, self.mode.rotate)
        target = self._fade.new if self._fade else self._view
        target.blit(turned(surface, self.mode.rotate), (x, y))
        return self.mode.viewport[0] + x, self.mode.viewport[1] + y, width, height

    def _send(self, area: Area) -> None:
        """The first frame sends all: what surrounds the viewport is black from then on."""
        self.window.update(None if self._bare else area)
        self._bare = False

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def expects(self, picture: Picture | None) -> Expected:
        """What is on the glass once this picture stands there; None: darkness."""
        if picture is None:
            return Expected(_black(self.upright), (), self.mode.viewport, self.mode.rotate, True)
        return Expected(picture.label.masked, picture.label.masks, self.mode.viewport, self.mode.rotate, False)

    def verdict(self) -> str:
        """Whether the output holds the picture: "match" | "transition" | "dark" | "black" | "foreign" | "unknown"."""
        if self._fade:
            return "transition"
        if self.is_dark:
            return "foreign" if self._read_back()[1] else "dark"
        if self._label is None:
            return "unknown"
        found, lit = self._read_back()
        if found == self._label.masked and self._label.as_signed:
            return "match"
        return "foreign" if lit else "black"

    def _read_back(self) -> tuple[str, bool]:
        """The digest of the upright picture as it lies in the output, masks black, and whether anything is lit."""
        digest, lit = hashlib.sha256(), False
        width, height = self.upright
        for top in range(0, height, BAND):
            rows = min(BAND, height - top)
            area = lies((0, top, width, rows), self.upright, self.mode.rotate)
            band = turned(self._view.subsurface(area).copy(), -self.mode.rotate)
            blacken(band, self._label.masks if self._label else (), top)
            data = pygame.image.tobytes(band, "RGB")
            lit = lit or any(data)
            digest.update(data)
        return digest.hexdigest(), lit

    def screenshot(self) -> bytes:
        """The whole output as PNG."""
        return file_of(self._output, "output.png")

    def thumbnail(self) -> bytes | None:
        """The viewport as a small JPEG, at most `MAX_FRAME` bytes."""
        return thumbnail(self._view)

    def faults(self) -> list[str]:
        return self.window.faults()

    def pump(self) -> bool:
        """Hear the window system; False when a person closed the window of a test run."""
        return self.window.pump()

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the X server is gone; the process ends after it."""
        self.window.when_lost(tell)

    def close(self) -> None:
        self.window.close()


@lru_cache(maxsize=2)
def _black(size: tuple[int, int]) -> str:
    digest, row = hashlib.sha256(), bytes(size[0] * 3)
    for _ in range(size[1]):
        digest.update(row)
    return digest.hexdigest()
