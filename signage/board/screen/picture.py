"""Pictures ready for the glass: decoded or drawn, dimmed, banded, turned as they will lie there.

Everything that costs time is done here, by the gallery's thread for slides, so that the loop only
copies pixels. A picture knows the digest that the glass must have afterwards: of the upright RGB
rows, with the parts that move (clock, ticker, film) painted black.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pygame

from ...notice.vocabulary import DRILL
from ...report import MAX_FRAME
from ...review import SlideFile
from ..turning import Area
from .letters import BOLD, DOTS, DOTS_SIZE, SMALL_BELOW, drawn, fitted, font

BAND = 64  # rows that are hashed at once: a whole 1080p picture would double the player's memory
DRILL_INK, DRILL_PAPER = "#000000", "#ffd600"  # contrast 15:1
DEPTH, RGB = 24, (0xFF, 0xFF00, 0xFF0000, 0)  # bits of a pixel of what waits to be shown, and its masks
DRILL_SHARE, DRILL_LEAST = 8, 16  # percent of the height, and pixels at least
THUMBNAILS = (480, 360, 240, 160, 96)  # pixels of width; the first whose JPEG is small enough


Size = tuple[int, int]


class Undecodable(Exception):
    """A slide whose bytes are right but that this board cannot draw."""


@dataclass(frozen=True)
class Form:
    """What a glass and the moment ask of a picture: `size` upright, `rotate` clockwise, light, an exercise's band."""

    size: Size
    rotate: int = 0
    percent: int = 100
    drill: bool = False


@dataclass(frozen=True)
class Label:
    """What a picture is, without its pixels.

    `masked`: SHA-256 of the upright RGB rows as they will lie on the glass, `masks` black. `as_signed`:
    the file decodes to the very pixels that people approved.
    """

    masked: str
    masks: tuple[Area, ...] = ()
    slide: SlideFile | None = None
    percent: int = 100
    as_signed: bool = True


@dataclass(frozen=True)
class Picture:
    """Pixels in their form, turned, and what they are."""

    surface: pygame.Surface
    label: Label


def decoded(data: bytes, slide: SlideFile, form: Form) -> Picture:
    """A slide's file as a picture; may be called from another thread. Raises `Undecodable`."""
    try:
        surface = pygame.image.load(BytesIO(data), f"slide.{slide.type.partition('/')[2]}")
        if surface.get_size() != form.size:
            raise Undecodable(f"{surface.get_size()} pixels, not {form.size}")
        surface.set_alpha(None)
        surface.set_colorkey(None)
        if surface.get_bitsize() != DEPTH:
            surface = packed(surface)
        own = digest(surface)
        masks = parts(slide, form.size)
        altered = form.drill or form.percent < 100
        if altered:
            if form.drill:
                drill_band(surface)
            dim(surface, form.percent)
        masked = digest(surface, masks) if altered or masks else own
        return Picture(turned(surface, form.rotate), Label(masked, masks, slide, form.percent, own == slide.pixels))
    except (pygame.error, MemoryError) as error:
        raise Undecodable(str(error)) from error


def packed(surface: pygame.Surface) -> pygame.Surface:
    """A copy in 24 bits, as files are decoded: what is not on the output does with three quarters of its memory."""
    copy = pygame.Surface(surface.get_size(), 0, DEPTH, RGB)
    copy.blit(surface, (0, 0))
    return copy


def panel(surface: pygame.Surface, form: Form) -> Picture:
    """What the board drew itself, as a picture; words of an exercise have their band already."""
    dim(surface, form.percent)
    return Picture(turned(surface, form.rotate), Label(digest(surface), percent=form.percent))


def parts(slide: SlideFile, size: Size) -> tuple[Area, ...]:
    """The areas that move, as far as they lie in the picture."""
    found = (part.area for part in (slide.clock, slide.ticker, slide.film) if part is not None)
    return tuple(area for area in found if inside(area, size))


def inside(area: Area, size: Size) -> bool:
    x, y, width, height = area
    return width > 0 and height > 0 and x + width <= size[0] and y + height <= size[1]


def turned(surface: pygame.Surface, rotate: int) -> pygame.Surface:
    """Turned clockwise by a multiple of 90 degrees."""
    return pygame.transform.rotate(surface, -rotate) if rotate else surface


def dim(surface: pygame.Surface, percent: int, area: Area | None = None) -> None:
    """Leave `percent` of the light of this surface."""
    if percent < 100:
        part = round(255 * max(0, percent) / 100)
        surface.fill((part, part, part), area, pygame.BLEND_RGB_MULT)


def drill_height(height: int) -> int:
    """Pixels that the band of an exercise takes of a picture of this height."""
    return min(height // 2, max(DRILL_LEAST, height * DRILL_SHARE // 100))


def drill_band(surface: pygame.Surface) -> None:
    """Along the lower edge, in words and stripes, that this is an exercise."""
    width, height = surface.get_size()
    tall = drill_height(height)
    top = height - tall
    surface.fill(DRILL_PAPER, (0, top, width, tall))
    surface.fill(DRILL_INK, (0, top, width, tall // 16))
    type_ = font(DOTS, DOTS_SIZE) if tall < SMALL_BELOW else fitted(DRILL, BOLD, width, tall)
    line = drawn(DRILL, type_, pygame.Color(DRILL_INK))
    step = line.get_width() + tall * 2
    first = (width - line.get_width()) // 2 % step - step
    for left in range(first, width, step):
        surface.blit(line, (left, top + (tall - line.get_height()) // 2))
        _stripes(surface, left + line.get_width() + tall // 2, top, tall)


def _stripes(surface: pygame.Surface, left: int, top: int, tall: int) -> None:
    for x in (left, left + tall // 2):
        slanted = [(x + tall // 4, top), (x + tall // 2, top), (x + tall // 4, top + tall), (x, top + tall)]
        pygame.draw.polygon(surface, DRILL_INK, slanted)


def digest(surface: pygame.Surface, masks: tuple[Area, ...] = ()) -> str:
    """SHA-256 of RGB rows, masks black; in bands, so that the other thread is not held up."""
    found = hashlib.sha256()
    width, height = surface.get_size()
    for top in range(0, height, BAND):
        rows = min(BAND, height - top)
        band = surface.subsurface((0, top, width, rows))
        hit = [mask for mask in masks if mask[1] < top + rows and mask[1] + mask[3] > top]
        if hit:
            band = band.copy()
            blacken(band, hit, top)
        found.update(_rows(band))
    return found.hexdigest()


def _rows(band: pygame.Surface) -> bytes:
    """Its RGB bytes: as they lie there if nothing lies between them, which is five times as fast."""
    if band.get_masks() == RGB and band.get_pitch() == band.get_width() * band.get_bytesize():
        return band.get_buffer().raw
    return pygame.image.tobytes(band, "RGB")


def blacken(band: pygame.Surface, masks: list[Area] | tuple[Area, ...], top: int) -> None:
    """Paint the masks black in a band that begins at row `top` of the upright picture."""
    for x, y, width, height in masks:
        band.fill("black", (x, y - top, width, height))


def thumbnail(surface: pygame.Surface, most: int = MAX_FRAME) -> bytes | None:
    """As a small JPEG of at most `most` bytes. Raises `OSError`: a full disk."""
    width, height = surface.get_size()
    for wanted in THUMBNAILS:
        share = min(1.0, wanted / max(width, height))
        size = (max(1, round(width * share)), max(1, round(height * share)))
        data = file_of(pygame.transform.smoothscale(surface, size), "thumbnail.jpg")
        if len(data) <= most:
            return data
    return None


def file_of(surface: pygame.Surface, name: str) -> bytes:
    """The picture as a file of this name's type.

    By way of a real file: pygame never lets go of a file object that it has written to, so that each
    thumbnail would stay in memory (measured: 73 kB each, 60 MB a day). Raises `OSError`: a full disk.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        try:
            pygame.image.save(surface, path)
        except pygame.error as error:
            raise OSError(str(error)) from error
        return path.read_bytes()
