"""Where a notice's own picture stands: at a screen's head, beside the words on a matrix, or nearly alone."""

from __future__ import annotations

from dataclasses import dataclass

from .design import Look
from .sheet import Rect

WIDE = 0.42  # share of a matrix's width that a picture takes
HERO = (0.5, 0.42, 0.34)  # shares of a screen's height, the first that leaves room for the headline
POSTER = (0.8, 0.72, 0.64, 0.56)  # the same, where there is little to read
LITTLE = 60  # characters of text and facts up to which a notice with a picture is a poster
LEAST_BESIDE = 190  # px of words beside a picture on a matrix; without them there is no picture


@dataclass(frozen=True)
class Hung:
    """A picture's rectangle, that of the words, and whether the picture is shown whole."""

    picture: Rect
    words: Rect
    whole: bool


def hung(look: Look, room: Rect, margin: int, gap: int, said: int) -> list[Hung]:
    """The places to try, best first; `said` counts the characters besides the headline.

    `room` is where words stand on a slide, `margin` what is free left of it and `gap` right of it and above it.
    """
    if look.tiny or look.low:
        return []
    if look.led:
        return _beside(look, room)
    poster = said <= LITTLE
    x, y, width, height = room
    found = []
    for share in POSTER if poster else HERO:
        tall, between = round(height * share), look.px(0, 30)
        picture = (x, y, width, tall)
        if not poster:  # to the edges of its place
            picture = (x - margin, y - gap, width + margin + (gap if not look.portrait else margin), tall + gap)
        below = picture[1] + picture[3] + between
        found.append(Hung(picture, (x, below, width, y + height - below), poster))
    return found


def _beside(look: Look, room: Rect) -> list[Hung]:
    x, y, width, height = room
    across = round(width * WIDE)
    words = width - across - look.px(8, 0)
    if width * (1 - WIDE) < LEAST_BESIDE:
        return []
    return [Hung((x + width - across, y, across, height), (x, y, words, height), False)]
