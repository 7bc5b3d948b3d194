"""The line above a headline: what kind of notice it is, and its class in words and shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..typesetting import Line
from ..words import plain
from .flow import Hand
from .icons import class_sign
from .sheet import Fill, Letters, Mark

NORMAL = "thong-thuong"  # the class that needs no attention


@dataclass(frozen=True)
class KindBlock:
    kind: str
    klass_words: str
    klass: str
    hand: Hand
    badge: Hand
    tone: str
    width: int
    pad: int
    led: bool
    gap: int = 0
    sticky: bool = True
    name: str = "kind"
    reading: str = ""

    @property
    def _urgent(self) -> bool:
        return self.klass != NORMAL

    @cached_property
    def _badge(self) -> tuple[str, int, int]:
        """The badge's words, the side of its sign, and its width."""
        words = self.klass_words
        if self.led:  # few pixels: the ring alone says “normal”, as it does beside the words elsewhere
            words = words.upper() if self._urgent else ""
        cap = self.hand.ruler.cap(self.hand.style)
        sign = cap - cap % 2
        frame = 2 * self.pad if self._urgent else 0
        return words, sign, sign + (self.pad + self.badge.word_width(words) if words else 0) + frame

    @cached_property
    def _lines(self) -> list[Line]:
        room = self.width - self._badge[2] - self.pad
        short = next((k for k in (self.kind.upper(), self.kind) if self.hand.word_width(k) <= room), self.kind)
        return self.hand.rich(plain(self.kind if self.led else short), room)

    @cached_property
    def _extent(self) -> tuple[int, int, int]:
        above, below, lead = self.hand.extent(self._lines)
        up, down = self.badge.ruler.ink(self._badge[0], self.badge.style)
        above, below = max(above, up), max(below, down)
        if self._urgent:  # as much ground under the badge's capitals as over them
            below = max(below, above - self.badge.ruler.cap(self.badge.style))
        return above, below, lead

    @cached_property
    def height(self) -> int:
        above, below, lead = self._extent
        return above + below + lead * (len(self._lines) - 1) + 2 * (self.pad // 3)

    def split(self, room: int, fresh: bool) -> None:
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        above, below, lead = self._extent
        baseline = y + self.pad // 3 + above
        words, sign, width = self._badge
        left = x if self.led else x + self.width - width
        inside = left + (self.pad if self._urgent else 0)
        marks: list[Mark] = []
        if self._urgent:
            box = (left, y, width, above + below + 2 * (self.pad // 3))
            marks.append(Fill(box, self.tone, self.pad // 2))
        marks += class_sign(self.klass, (inside, baseline - sign, sign, sign), self.badge.ink)
        if words:
            marks.append(Letters(inside + sign + self.pad, baseline, words, self.badge.style, self.badge.ink))
        start = x if not self.led else left + width + self.pad
        return marks + self.hand.marks(self._lines, start, baseline, lead)
