"""The head of a slide: whose it is, and room for the board's clock; a matrix also says the kind or the headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...notice.vocabulary import CLASSES, KINDS, NORMAL
from ...review import ClockArea
from .icons import chevrons, class_sign, house
from .palette import PRIORITY
from .rows import Rows, row
from .sheet import Fill, Mark, Placed, Rect

if TYPE_CHECKING:
    from .flow import Hand
    from .frame import Framer

SCREEN = 132  # px at 1080p: the header of a screen; a portrait one has more, its name takes two lines
SCREEN_TALL = 164
MATRIX, MATRIX_LOW = 25, 24  # px at 192 rows, and on a matrix of few rows: Ẫ and g take 23
SCREEN_CLOCK = (320, 112)  # px at 1080p: hh:mm and the date; above a rail it is as wide as the rail
MATRIX_CLOCK = (62, 24)  # px at 192 rows: hh:mm alone, 16 px text
MATRIX_CLOCK_LOW = (46, 20)  # px on a matrix of few rows
CLOCK_GAP = (6, 24)  # px left of the clock, LED and LCD
STRIP, CHEVRONS = 8, 26  # px at 1080p: the line under the header, and a priority notice's


@dataclass(frozen=True)
class Head:
    """`height` rows of pixels, its blocks, its ground, and where the clock stands."""

    height: int
    blocks: tuple[Placed, ...]
    ground: tuple[Mark, ...]
    clock: ClockArea | None


def clock_area(framer: Framer, bar: int, wide: int = 0) -> ClockArea:
    """The clock in a bar of `bar` rows; in the middle of the last `wide` pixels, or at the margin."""
    look = framer.look
    if look.led:
        width, height = MATRIX_CLOCK_LOW if look.low else (look.px(n, 0) for n in MATRIX_CLOCK)
    else:
        width, height = (look.px(0, n) for n in SCREEN_CLOCK)
    left = framer.width - framer.margin - width
    if wide:
        width = wide - 2 * look.px(0, 28)
        left = framer.width - wide + look.px(0, 28)
    height = min(height, bar)
    return ClockArea((left, (bar - height) // 2, width, height), framer.colours.band_ink, framer.colours.band)


def screen_header(framer: Framer, rail: int) -> Head:
    """A screen's: a mark, the authority, the place; `rail` is the width of the rail that begins below it."""
    look, colours = framer.look, framer.colours
    height = look.px(0, SCREEN_TALL if look.portrait else SCREEN)
    clock = clock_area(framer, height, rail)
    side = look.px(0, 88)
    mark = (framer.margin, (height - side) // 2, side, side)
    left = framer.margin + side + look.px(0, 26)
    rect = (left, 0, clock.area[0] - look.px(0, CLOCK_GAP[1]) - left, height)
    urgent = framer.notice.klass != NORMAL
    strip = look.px(0, CHEVRONS if urgent else STRIP)
    ground: list[Mark] = [Fill((0, 0, framer.width, height), colours.band)]
    if urgent:
        ground += chevrons((0, height, framer.width - rail, strip), *PRIORITY)
    else:
        ground.append(Fill((0, height, framer.width - rail, strip), colours.strip))
    blocks = (Placed("mark", mark, house(mark, colours.band_ink, colours.band)), _authority(framer, rect))
    return Head(height + strip, blocks, tuple(ground), clock)


def _authority(framer: Framer, rect: Rect) -> Placed:
    name = framer.hand("name", framer.colours.band_ink, even=True)
    soft = framer.hand("note", framer.colours.band_soft)
    commune = framer.commune
    place = f"{commune.heading}, {commune.province}"
    rows = Rows(((commune.authority, name), (place, soft)), rect[2], framer.look.px(0, 8))
    if rows.height > rect[3]:  # a long name takes two lines; the place below it is said again in it
        rows = Rows(((commune.authority, name),), rect[2])
    return rows.placed("authority", rect)


def matrix_header(framer: Framer, running: str) -> Head:
    """A matrix's: the commune and the kind, or on later slides the headline (`running`) again."""
    look, colours = framer.look, framer.colours
    height = MATRIX_LOW if look.low else look.px(MATRIX, 0)
    strip = look.px(1, 0)
    clock = clock_area(framer, height - strip)
    room = (framer.margin, 0, clock.area[0] - look.px(CLOCK_GAP[0], 0) - framer.margin, height - strip)
    urgent = framer.notice.klass != NORMAL
    ground = (
        Fill((0, 0, framer.width, height), colours.band),
        Fill((0, height - strip, framer.width, strip), PRIORITY[0] if urgent else colours.strip),
    )
    blocks = _running(framer, running, room) if running else _matrix_names(framer, room)
    return Head(height, tuple(blocks), ground, clock)


def _running(framer: Framer, text: str, rect: Rect) -> list[Placed]:
    by = framer.hand("running", framer.colours.headline)
    return [row("running", shortened(text, by, rect[2]), by, rect)]


def _matrix_names(framer: Framer, rect: Rect) -> list[Placed]:
    x, y, width, height = rect
    by = framer.hand("name", framer.colours.band_ink)
    if framer.look.low and framer.notice.klass != NORMAL:
        return [_low_class(framer, rect)]
    names = (framer.commune.heading, framer.commune.short)
    name = next((n for n in names if by.word_width(n) <= width), shortened(names[1], by, width))
    blocks = [row("authority", name, by, (x, y, min(width, by.word_width(name)), height))]
    if kind_in_header(framer):
        left = x + by.word_width(name) + framer.look.px(12, 0)
        kind = framer.hand("running", framer.colours.soft)
        sign, cap = framer.look.px(10, 0), kind.ruler.cap(kind.style)
        at = (left, y + (height - cap) // 2 + (cap - sign) // 2, sign, sign)
        text = left + sign + framer.look.px(5, 0)
        placed = row("kind", KINDS[framer.notice.kind], kind, (text, y, x + width - text, height))
        signs = class_sign(framer.notice.klass, at, framer.colours.soft)
        blocks.append(Placed("kind", (left, y, x + width - left, height), (*signs, *placed.marks)))
    return blocks


def _low_class(framer: Framer, rect: Rect) -> Placed:
    """On a matrix of few rows an urgent notice's class stands where the commune's name would."""
    x, y, _, height = rect
    paper, ink = PRIORITY
    by = framer.hand("name", ink)
    words, side = CLASSES[framer.notice.klass].upper(), by.ruler.cap(by.style)
    sign = class_sign(framer.notice.klass, (x + 3, y + (height - side) // 2, side, side), ink)
    text = row("class", words, by, (x + side + 7, y, by.word_width(words), height))
    box = (x, y, side + by.word_width(words) + 12, height)
    return Placed("class", box, (Fill(box, paper), *sign, *text.marks))


def kind_in_header(framer: Framer) -> bool:
    """Whether a matrix says the kind beside the commune's name: a normal notice whose kind is short."""
    look = framer.look
    if not look.led or look.tiny or look.low or framer.notice.klass != NORMAL or framer.notice.alert:
        return False
    kind = framer.hand("running", framer.colours.soft)
    name = framer.hand("name", framer.colours.band_ink).word_width(framer.commune.heading)
    room = framer.width - 2 * framer.margin - look.px(MATRIX_CLOCK[0] + CLOCK_GAP[0] + 12 + 10 + 5, 0)
    return name + kind.word_width(KINDS[framer.notice.kind]) <= room


def shortened(text: str, by: Hand, width: int) -> str:
    """The text, or as many of its words as fit on the line, and “…”."""
    if by.word_width(text) <= width:
        return text
    kept = text.split()
    while kept and by.word_width(" ".join(kept) + "…") > width:
        kept.pop()
    return " ".join(kept) + "…"
