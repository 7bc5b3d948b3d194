"""What a slide is before it is pixels: marks in blocks, each block in a rectangle of its own.

Blocks never overlap and never touch the clock; the ground (bands, frames) lies under them. A test
holds both, and that no mark leaves its block, against what `drawing` really paints.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...review import ClockArea
from ...review.slide import Ticker
from ..typesetting import Style

Rect = tuple[int, int, int, int]  # x, y, width, height in pixels


@dataclass(frozen=True)
class Letters:
    """Text on a baseline, from x rightwards."""

    x: int
    baseline: int
    text: str
    style: Style
    ink: str


@dataclass(frozen=True)
class Fill:
    """A rectangle, rounded or not; with `line` only its outline."""

    rect: Rect
    colour: str
    radius: int = 0
    line: int = 0


@dataclass(frozen=True)
class Figure:
    """A filled polygon: icons are made of these."""

    points: tuple[tuple[int, int], ...]
    colour: str


@dataclass(frozen=True)
class Disc:
    """A circle in a square; with `line` only its ring."""

    rect: Rect
    colour: str
    line: int = 0


@dataclass(frozen=True)
class Photo:
    """A picture of the notice, cropped to fill the rectangle, or fitted whole into it."""

    rect: Rect
    name: str
    whole: bool = False
    paper: str = "#ffffff"  # beside a whole one


Mark = Letters | Fill | Figure | Disc | Photo


@dataclass(frozen=True)
class Placed:
    """A block on a sheet."""

    name: str
    rect: Rect
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Sheet:
    """One slide, ready to be drawn. `reading` is the text that a passer-by has to read on it.

    `code` is what its QR code holds, if it has one; a `ticker` is scrolled by the board over plain paper.
    """

    width: int
    height: int
    paper: str
    ground: tuple[Mark, ...]
    blocks: tuple[Placed, ...]
    clock: ClockArea | None
    reading: str
    code: str = ""
    ticker: Ticker | None = None

    @property
    def photo_share(self) -> float:
        """Share of the slide that is photograph."""
        photos = [m.rect for b in self.blocks for m in b.marks if isinstance(m, Photo)]
        return sum(w * h for _, _, w, h in photos) / (self.width * self.height)
