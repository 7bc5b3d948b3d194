"""Short texts in a rectangle: names, dates, labels; centred by their capitals, so that neighbours align."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ..typesetting import Line
from ..words import plain
from .flow import Hand
from .sheet import Mark, Placed, Rect

ONE_LINE = 10**6  # a width that breaks nothing


@dataclass(frozen=True)
class Rows:
    """Texts one above the other, each in its own hand, `gap` rows of pixels apart."""

    texts: tuple[tuple[str, Hand], ...]
    width: int
    gap: int = 0

    @cached_property
    def _set(self) -> list[tuple[Hand, list[Line]]]:
        return [(hand, hand.rich(plain(text), self.width)) for text, hand in self.texts]

    @property
    def lines(self) -> int:
        return sum(len(lines) for _, lines in self._set)

    @cached_property
    def height(self) -> int:
        """Rows of pixels with every mark."""
        heights = [above + below + lead * (len(lines) - 1) for above, below, lead, lines in self._extents]
        return sum(heights) + self.gap * (len(heights) - 1)

    @property
    def _extents(self) -> list[tuple[int, int, int, list[Line]]]:
        return [(*hand.extent(lines), lines) for hand, lines in self._set]

    def placed(self, name: str, rect: Rect) -> Placed:
        """In the middle of the rectangle's height, from its left."""
        x, y, _, height = rect
        first_hand, first = self._set[0]
        above, below = first_hand.extent(first)[0], self._extents[-1][1]
        cap = first_hand.ruler.cap(first_hand.style)
        at = y + (height - (self.height - (above - cap) - below)) // 2 - (above - cap)
        at = max(y, min(at, y + height - self.height))
        marks: list[Mark] = []
        for (hand, lines), (up, down, lead, _) in zip(self._set, self._extents, strict=True):
            marks += hand.marks(lines, x, at + up, lead)
            at += up + down + lead * (len(lines) - 1) + self.gap
        return Placed(name, rect, tuple(marks))


def row(name: str, text: str, hand: Hand, rect: Rect) -> Placed:
    """One line of text, from the rectangle's left."""
    return Rows(((text, hand),), ONE_LINE).placed(name, rect)


def fitting(texts: Sequence[str], hand: Hand, width: int) -> str | None:
    """The first of these texts that fits on a line of this width."""
    return next((text for text in texts if hand.word_width(text) <= width), None)
