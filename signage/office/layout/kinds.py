"""The line above a headline: what kind of notice it is, and its class in words and shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..typesetting import plain
from .flow import Hand
from .icons import class_sign
from .sheet import Fill, Letters, Mark


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

    @cached_property
    def _rows(self) -> tuple[int, int]:
        above, below = self.hand.ruler.ink(self.kind.upper() + self.klass_words + "Ư", self.hand.style)
        return above, below

    @cached_property
    def height(self) -> int:
        above, below = self._rows
        return above + below + 2 * (self.pad // 3)

    def split(self, room: int, fresh: bool) -> None:
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        above, _ = self._rows
        cap = self.hand.ruler.cap(self.hand.style)
        baseline = y + self.pad // 3 + above
        sign = cap if cap % 2 == 0 else cap - 1
        words = self.klass_words if not self.led else ""
        badge_width = sign + 2 * self.pad + (self.badge.word_width(words) + self.pad if words else 0)
        urgent = self.klass == "uu-tien"
        if self.led and urgent:
            words = self.klass_words.upper()
            badge_width = sign + 3 * self.pad + self.badge.word_width(words)
        left = x + self.width - badge_width if not self.led else x
        marks: list[Mark] = []
        if urgent:
            marks.append(Fill((left, y, badge_width, self.height), self.tone, self.pad // 2))
        sign_rect = (left + self.pad, baseline - cap + (cap - sign) // 2, sign, sign)
        marks += class_sign(self.klass, sign_rect, self.badge.ink)
        if words:
            at = left + 2 * self.pad + sign
            marks.append(Letters(at, baseline, words, self.badge.style, self.badge.ink))
        start = x if not self.led else left + badge_width + self.pad
        room = self.width - badge_width - self.pad
        kind = self.kind.upper() if not self.led else self.kind
        lines = self.hand.rich(plain(kind), room)
        return marks + self.hand.marks(lines[:1], start, baseline, 0)
