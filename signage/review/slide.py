"""A slide as people sign it: its file, its pixels, how long it stays, and what the board adds by itself.

Three parts of a slide are drawn by the board and masked when its pixels are compared: the clock,
a ticker (whose text is signed) and a film (whose file is). A part that a slide does not have is left
out of its JSON, so that a slide without any has the one form it always had.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ..notice.files import MAX_FILM
from ..publication import MAX_OUTPUT
from ..wire import Fields

MAX_SLIDE = 8 * 1024 * 1024  # bytes of one slide file
MIN_DWELL, MAX_DWELL = 2_000, 120_000  # milliseconds a slide stays
MIN_FILM_MS = 200  # milliseconds of one turn of a film: a shorter one would keep a board opening it again
MAX_TICKER = 600  # characters that a ticker scrolls
LETTERS = (8, 400)  # pixels: sizes of a ticker's letters
TICKER_FRAMES = 60  # frames a second in which a ticker moves, by whole pixels
TICKER_PACE = 5.0  # letter sizes that it moves in a second: about nine letters, or 130 Vietnamese syllables a minute
_RRGGBB = "not a colour like #1a2b3c"
_COLOUR = re.compile(r"#[0-9a-f]{6}")
SLIDE_TYPES = {"image/webp": "webp", "image/jpeg": "jpg", "image/png": "png"}
FILM_TYPES = {"video/mp4": "mp4", "video/webm": "webm"}

Area = tuple[int, int, int, int]  # x, y, width, height in pixels of the upright slide


def ticker_speed(size: int) -> int:
    """Pixels a second of a ticker's letters of `size` pixels: the board moves them so, the office waits so long."""
    return TICKER_FRAMES * max(1, round(TICKER_PACE * size / TICKER_FRAMES))


@dataclass(frozen=True)
class ClockArea:
    """Where on a slide the board draws its clock, and two colours `#rrggbb`."""

    area: Area
    ink: str
    paper: str

    def as_json(self) -> dict[str, Any]:
        return {"area": list(self.area), "ink": self.ink, "paper": self.paper}

    @classmethod
    def read(cls, fields: Fields) -> ClockArea:
        return cls(_area(fields), _colour(fields, "ink"), _colour(fields, "paper"))


@dataclass(frozen=True)
class Ticker:
    """A line that the board scrolls through `area`, in letters of `size` pixels."""

    area: Area
    ink: str
    paper: str
    text: str
    size: int

    def as_json(self) -> dict[str, Any]:
        colours = {"ink": self.ink, "paper": self.paper}
        return {"area": list(self.area), **colours, "text": self.text, "size": self.size}

    @classmethod
    def read(cls, fields: Fields) -> Ticker:
        text = fields.text("text", least=1, most=MAX_TICKER)
        size = fields.integer("size", least=LETTERS[0], most=LETTERS[1])
        return cls(_area(fields), _colour(fields, "ink"), _colour(fields, "paper"), text, size)


@dataclass(frozen=True)
class Film:
    """A clip that the board plays in `area`; the slide's own picture holds its poster there.

    `around` is the SHA-256 of the slide's RGB pixels with the area painted black.
    """

    file: str
    size: int
    type: str
    area: Area
    ms: int
    around: str

    @property
    def name(self) -> str:
        """Its name in a content-addressed folder."""
        return f"{self.file}.{FILM_TYPES[self.type]}"

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "area": list(self.area)}

    @classmethod
    def read(cls, fields: Fields) -> Film:
        return cls(
            fields.sha("file"), fields.integer("size", least=1, most=MAX_FILM),
            fields.choice("type", tuple(FILM_TYPES)), _area(fields),
            fields.integer("ms", least=MIN_FILM_MS, most=MAX_DWELL), fields.sha("around"),
        )  # fmt: skip


@dataclass(frozen=True)
class SlideFile:
    """One slide: its file's SHA-256 and size, the digest of its decoded RGB pixels, how long it stays."""

    file: str
    size: int
    pixels: str
    type: str
    dwell_ms: int
    clock: ClockArea | None = None
    ticker: Ticker | None = None
    film: Film | None = None

    @property
    def name(self) -> str:
        """Its name in a content-addressed folder."""
        return f"{self.file}.{SLIDE_TYPES[self.type]}"

    def as_json(self) -> dict[str, Any]:
        plain = {"file": self.file, "size": self.size, "pixels": self.pixels, "type": self.type}
        told = {**plain, "dwell_ms": self.dwell_ms, "clock": self.clock.as_json() if self.clock else None}
        if self.ticker:
            told["ticker"] = self.ticker.as_json()
        if self.film:
            told["film"] = self.film.as_json()
        return told

    @classmethod
    def read(cls, fields: Fields) -> SlideFile:
        """Raises `BadFormat`."""
        clock, ticker, film = (fields.maybe(name, fields.object) for name in ("clock", "ticker", "film"))
        return cls(
            fields.sha("file"),
            fields.integer("size", least=1, most=MAX_SLIDE),
            fields.sha("pixels"),
            fields.choice("type", tuple(SLIDE_TYPES)),
            fields.integer("dwell_ms", least=MIN_DWELL, most=MAX_DWELL),
            ClockArea.read(clock) if clock else None,
            Ticker.read(ticker) if ticker else None,
            Film.read(film) if film else None,
        )


def _area(fields: Fields) -> Area:
    x, y, width, height = fields.integers("area", count=4, most=MAX_OUTPUT)
    return x, y, width, height


def _colour(fields: Fields, name: str) -> str:
    return fields.matching(name, _COLOUR, _RRGGBB)
