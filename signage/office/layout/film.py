"""A film under its headline, as large as it goes; its first good picture stands there until it plays."""

from __future__ import annotations

from ...notice import Notice
from ...settings import Commune
from ..typesetting import Ruler
from .design import Look
from .flow import Hand, text_block
from .frame import Framer
from .palette import colours_of
from .sheet import Photo, Placed, Rect, Sheet

LEAST_WIDE = 160  # pixels of a film's width: below it nobody sees what moves


def film(notice: Notice, size: tuple[int, int], commune: Commune, look: Look, ruler: Ruler) -> Sheet | None:
    """The sheet of the notice's film of `size` pixels, or None where there is no room for one."""
    if look.tiny or notice.film is None:
        return None
    colours = colours_of(notice, look.shape)
    frame = Framer(notice, commune, look, ruler, colours).frame(1 if look.led else 0, 1, notice.title)
    x, y, width, height = frame.room
    placed, reading = list(frame.blocks), notice.title
    if not look.led:  # a matrix has the headline above its line
        by = Hand.of(ruler, look, "headline", colours.headline, even=True)  # the smallest: the film is what matters
        head = text_block("headline", notice.title, by, width, 0)
        placed.append(Placed(head.name, (x, y, head.width, head.height), tuple(head.marks(x, y))))
        y, height = y + head.height + look.px(0, 34), height - head.height - look.px(0, 34)
    area = within((x, y, width, height), size)
    if area[2] < LEAST_WIDE:
        return None
    placed.append(Placed("film", area, (Photo(area, notice.film.name),)))
    shape = look.shape
    return Sheet(
        shape.width, shape.height, colours.paper, frame.ground, tuple(placed), frame.clock, reading, frame.code
    )


def within(room: Rect, size: tuple[int, int]) -> Rect:
    """The largest even-sided area of this shape in the room; what is spare goes below rather than above."""
    x, y, width, height = room
    share = min(width / size[0], max(0, height) / size[1])
    wide, tall = (int(side * share) // 2 * 2 for side in size)
    return x + (width - wide) // 2, y + (height - tall) // 3, wide, tall
