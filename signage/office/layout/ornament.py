"""Quiet ornaments of banners: the rounded waves of temple borders, in a tone near the ground's."""

from __future__ import annotations

from .sheet import Disc, Mark, Rect

RINGS = 3  # arcs of one wave


def waves(rect: Rect, size: int, colour: str) -> list[Mark]:
    """Waves along the foot of `rect`, whose last row is the slide's: discs that the slide's edge cuts in half."""
    x, y, width, height = rect
    marks: list[Mark] = []
    for at in range(x - size, x + width + size, 2 * size):
        for n in range(RINGS):
            across = 2 * (size - n * size // RINGS)
            left = at + (2 * size - across) // 2
            marks.append(Disc((left, y + height - across // 2, across, across), colour, max(2, size // 9)))
    return marks
