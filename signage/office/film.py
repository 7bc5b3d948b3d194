"""A film that an officer attached: let in when every board can play it, with a picture to stand for it."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass, replace
from typing import Any

from .. import film
from ..errors import Problem
from ..film import Unplayable
from ..review import Film, SlideFile
from ..review.slide import MAX_DWELL, MIN_DWELL, MIN_FILM_MS
from ..wire import sha256
from . import drawing, legibility
from .layout import Sheet
from .metadata import FILMS

CODECS = ("h264", "vp9")
PIXELS = ("yuv420p", "yuvj420p")  # 8 bits: what small boards decode in time
LONG_SIDE, SHORT_SIDE = 1920, 1080  # pixels, upright or lying
MAX_FPS = 30.0
FPS_SLACK = 0.05  # an average is not quite the rate
MAX_MS = 60_000
DARK = 24  # mean brightness, 0 to 255, below which a picture says nothing
SAMPLE = 97  # every so many bytes of brightness are looked at
LOOK_MS = 1_000  # between two frames whose brightness is measured
POSTER_MS = 10_000  # how far into a film a poster is looked for


@dataclass(frozen=True)
class Reel:
    """A film that was let in: its kind, length, size in pixels; its poster and its brightest picture as PNG."""

    data: bytes
    kind: str
    ms: int
    size: tuple[int, int]
    poster: bytes
    brightest: bytes


def admit(name: str, data: bytes, where: str) -> Reel | Problem:
    """The film, decoded whole once, or why not; `where` is the notice's file."""
    if not film.installed():
        return Problem("film-extra", where, None, "Film", values={"name": name})
    kind = FILMS.get(name[name.rfind(".") :].lower(), "")
    try:
        opened = film.Film(io.BytesIO(data), kind, strict=True)
        try:
            if code := _unsuitable(clip := opened.clip()):
                values = {
                    "name": name, "codec": f"{clip.codec} {clip.pixels}", "width": clip.width, "height": clip.height,
                    "fps": round(clip.fps, 1), "most_fps": round(MAX_FPS), "long": LONG_SIDE, "short": SHORT_SIDE,
                }  # fmt: skip
                return Problem(code, where, None, "Film", values=values)
            poster = _poster(opened)
            opened.seek(0)
            ms = opened.measure(bright := _Brightest())
        finally:
            opened.close()
    except Unplayable as error:
        return Problem("film-broken", where, None, "Film", values={"name": name, "why": str(error)[:200]})
    if ms < MIN_FILM_MS:
        return Problem("film-short", where, None, "Film", values={"name": name, "ms": ms, "least": MIN_FILM_MS})
    if ms > MAX_MS:
        values = {"name": name, "seconds": ms // 1000, "most": MAX_MS // 1000}
        return Problem("film-long", where, None, "Film", values=values)
    return Reel(data, kind, ms, (clip.width, clip.height), poster, bright.png)


def _unsuitable(clip: film.Clip) -> str:
    if clip.codec not in CODECS or clip.pixels not in PIXELS:
        return "film-codec"
    if not clip.square or clip.turned or max(clip.width, clip.height) > LONG_SIDE:
        return "film-size"
    if min(clip.width, clip.height) > SHORT_SIDE:
        return "film-size"
    return "film-rate" if clip.fps > MAX_FPS + FPS_SLACK else ""


def _poster(opened: film.Film) -> bytes:
    """The first picture that is not dark, or the first one."""
    first = None
    for ms, frame in opened.frames():
        first = first or frame
        if _brightness(frame) >= DARK:
            return film.png(frame)
        if ms > POSTER_MS:
            break
    if first is None:
        raise Unplayable("no frame in it")
    return film.png(first)


def _brightness(frame: Any) -> float:
    """The mean of a frame's luma, 0 to 255."""
    some = memoryview(frame.planes[0]).cast("B")[::SAMPLE]
    return sum(some) / len(some)


class _Brightest:
    """Of one frame a second, the brightest: what a matrix must be able to bear."""

    def __init__(self) -> None:
        self._next, self._most, self.png = 0, -1.0, b""

    def __call__(self, ms: int, frame: Any) -> None:
        if ms < self._next:
            return
        self._next = ms + LOOK_MS
        if (found := _brightness(frame)) > self._most:
            self._most, self.png = found, film.png(frame)


def glares(reel: Reel, sheet: Sheet, name: str) -> bool:
    """Whether a matrix with this film in its sheet would give more light than `legibility.MAX_LIGHT`."""
    return legibility.light(drawing.paint(sheet, {name: drawing.decode(reel.brightest)})) > legibility.MAX_LIGHT


def played(reel: Reel, slide: SlideFile, encoded: bytes, area: tuple[int, int, int, int]) -> SlideFile:
    """The slide with the film in its `area`; it stays for whole turns of the film, and until it is read."""
    picture = drawing.decode(encoded)
    x, y, width, height = area
    picture.paste("#000000", (x, y, x + width, y + height))
    around = drawing.pixels_digest(picture.tobytes())
    film_of = Film(sha256(reel.data), len(reel.data), reel.kind, area, reel.ms, around)
    turns = max(MIN_DWELL, slide.dwell_ms, reel.ms) / reel.ms
    return replace(slide, film=film_of, dwell_ms=min(MAX_DWELL, math.ceil(turns) * reel.ms))
