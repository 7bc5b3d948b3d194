"""The output: one picture at its viewport, turned, the rest black; read back, photographed.

The LED sending card takes a rectangle of the output, pixel for pixel, so nothing is ever scaled.
Reading back proves the player's own surface and no more (layer "surface"); the glass itself is the
witness's to look at. No key and no click changes what is shown.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import pygame

from ...errors import Unavailable
from ...publication import Mode, Shape
from ...report import MAX_FRAME
from ...review import ClockArea, SlideFile
from .panels import clock_panel

HEADLESS_SIZE = (1280, 720)  # pixels, when nothing says otherwise
BAND = 64  # rows that are read back at once: a whole 1080p picture would double the player's memory
THUMBNAILS = (480, 360, 240, 160, 96)  # pixels of width; the first whose JPEG is small enough

Area = tuple[int, int, int, int]


class Undecodable(Exception):
    """A slide whose bytes are right but that this board cannot draw."""


@dataclass(frozen=True)
class Picture:
    """Something upright of the shape's size: a decoded slide, or a panel that the board drew."""

    surface: pygame.Surface
    slide: SlideFile | None = None


class Glass:
    """The one window. `how`: "full" | "windowed" | "headless"."""

    def __init__(self, how: str, mode: Mode | None, title: str) -> None:
        """Raises `Unavailable` (`screen-missing`)."""
        self._how, self._title = how, title
        self._slide: SlideFile | None = None  # on the output; None for a panel
        self._pixels: str | None = None  # the digest that the upright picture must have
        self._under_clock: pygame.Surface | None = None
        if how == "headless":
            os.environ["SDL_VIDEODRIVER"] = "dummy"
        if how == "full":  # an output smaller than the screen lies at its top left, as sending cards expect
            os.environ.setdefault("SDL_VIDEO_WINDOW_POS", "0,0")
        try:
            pygame.display.init()
            pygame.font.init()
        except pygame.error as error:
            raise Unavailable("screen-missing", why=str(error)) from error
        self.set_mode(mode)
        pygame.event.set_blocked(None)
        pygame.event.set_allowed([pygame.QUIT, pygame.WINDOWEXPOSED])

    def set_mode(self, mode: Mode | None) -> None:
        """Open the window as this mode says; without a mode, all of the screen is the viewport."""
        self.mode = mode or self._whole_screen()
        flags = 0
        if self._how == "full":
            full = self.mode.output in pygame.display.get_desktop_sizes()
            flags = pygame.FULLSCREEN if full else pygame.NOFRAME
        try:
            self._output = pygame.display.set_mode(self.mode.output, flags)
        except pygame.error as error:
            raise Unavailable("screen-missing", why=str(error)) from error
        pygame.display.set_caption(self._title)
        pygame.mouse.set_visible(self._how == "windowed")
        self._output.fill("black")
        pygame.display.flip()

    def _whole_screen(self) -> Mode:
        size = HEADLESS_SIZE
        if self._how == "full" and pygame.display.get_desktop_sizes():
            size = pygame.display.get_desktop_sizes()[0]
        return Mode(size, (0, 0, *size), 0, Shape("lcd", *size))

    @property
    def upright(self) -> tuple[int, int]:
        """The size of what is drawn, before it is turned."""
        return self.mode.shape.width, self.mode.shape.height

    # ── drawing ──────────────────────────────────────────────────────────────────────────────────

    def decode(self, data: bytes, slide: SlideFile) -> Picture:
        """A slide's pixels, ready to draw; may be called from another thread. Raises `Undecodable`."""
        try:
            surface = pygame.image.load(BytesIO(data), f"slide.{slide.type.partition('/')[2]}")
            if surface.get_size() != self.upright:
                raise Undecodable(f"{surface.get_size()} pixels, not {self.upright}")
            return Picture(surface, slide)  # in the file's own 24 bits: a third less than the output's
        except (pygame.error, MemoryError) as error:
            raise Undecodable(str(error)) from error

    def show(self, picture: Picture, now: datetime | None) -> None:
        """Put a picture, with its clock, on the output at once; only what is under the clock is kept of it."""
        self._slide = picture.slide
        area = self._clock_area()
        self._under_clock = picture.surface.subsurface(area.area).copy() if area else None
        self._pixels = picture.slide.pixels if picture.slide else _digest(picture.surface)
        self._output.fill("black")
        self._put(picture.surface, (0, 0, *self.upright))
        self._clock(now)
        pygame.display.flip()

    def tick(self, now: datetime | None) -> None:
        """The clock alone, when the minute has changed."""
        if self._clock(now):
            pygame.display.flip()

    def repaint(self) -> None:
        """After another window has gone away."""
        pygame.display.flip()

    def _clock(self, now: datetime | None) -> bool:
        area = self._clock_area()
        if area is None:
            return False
        self._put(clock_panel(area, now), area.area)
        return True

    def _clock_area(self) -> ClockArea | None:
        area = self._slide.clock if self._slide else None
        if area is None:
            return None
        x, y, width, height = area.area
        inside = x + width <= self.upright[0] and y + height <= self.upright[1]
        return area if inside and width and height else None

    def _put(self, surface: pygame.Surface, area: Area) -> None:
        """Draw something upright that belongs at `area` of the upright picture."""
        x, y, _, _ = self._turned(area)
        drawn = pygame.transform.rotate(surface, -self.mode.rotate) if self.mode.rotate else surface
        self._output.blit(drawn, (x, y))

    def _turned(self, area: Area) -> Area:
        """Where an area of the upright picture lies in the output."""
        x, y, w, h = area
        width, height = self.upright
        left, top, _, _ = self.mode.viewport
        lies = {
            0: (x, y, w, h),
            90: (height - y - h, x, h, w),
            180: (width - x - w, height - y - h, w, h),
            270: (y, width - x - w, h, w),
        }[self.mode.rotate]
        return left + lies[0], top + lies[1], lies[2], lies[3]

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def verdict(self) -> str:
        """Whether the output holds the picture: "match" | "black" | "foreign" | "unknown"."""
        if self._pixels is None:
            return "unknown"
        found, lit = self._read_back()
        if found == self._pixels:
            return "match"
        return "foreign" if lit else "black"

    def _read_back(self) -> tuple[str, bool]:
        """The digest of the upright picture as it lies in the output, and whether anything is lit.

        Under the clock stand the slide's own pixels: the rest of it is what people approved.
        """
        digest, lit = hashlib.sha256(), False
        width, height = self.upright
        area = self._clock_area()
        for top in range(0, height, BAND):
            rows = min(BAND, height - top)
            band = self._output.subsurface(self._turned((0, top, width, rows))).copy()
            if self.mode.rotate:
                band = pygame.transform.rotate(band, self.mode.rotate)
            if area:
                self._restore(band, area.area, top)
            data = pygame.image.tobytes(band, "RGB")
            lit = lit or any(data)
            digest.update(data)
        return digest.hexdigest(), lit

    def _restore(self, band: pygame.Surface, area: Area, top: int) -> None:
        x, y, width, height = area
        low, high = max(y, top), min(y + height, top + band.get_height())
        if self._under_clock and low < high:
            band.blit(self._under_clock, (x, low - top), (0, low - y, width, high - low))

    def screenshot(self) -> bytes:
        """The whole output as PNG."""
        out = BytesIO()
        pygame.image.save(self._output, out, "output.png")
        return out.getvalue()

    def thumbnail(self) -> bytes | None:
        """The viewport as a small JPEG, at most `MAX_FRAME` bytes."""
        view = self._output.subsurface(self.mode.viewport)
        width, height = view.get_size()
        for wanted in THUMBNAILS:
            share = min(1.0, wanted / max(width, height))
            size = (max(1, round(width * share)), max(1, round(height * share)))
            out = BytesIO()
            pygame.image.save(pygame.transform.smoothscale(view, size), out, "thumbnail.jpg")
            if len(out.getvalue()) <= MAX_FRAME:
                return out.getvalue()
        return None

    # ── the window ───────────────────────────────────────────────────────────────────────────────

    def pump(self) -> bool:
        """Hear what the window system says; False when a person closed the window of a test run."""
        for event in pygame.event.get():
            if event.type == pygame.WINDOWEXPOSED:
                self.repaint()
            if event.type == pygame.QUIT and self._how == "windowed":
                return False
        return True

    def close(self) -> None:
        pygame.display.quit()


def _digest(surface: pygame.Surface) -> str:
    return hashlib.sha256(pygame.image.tobytes(surface, "RGB")).hexdigest()
