"""The line above a headline: what kind of notice it is, as a tag, and its class in words and shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ...notice.vocabulary import NORMAL
from .flow import Hand
from .icons import class_sign
from .palette import PRIORITY
from .sheet import Figure, Fill, Letters, Mark

Tag = tuple[str, str, str]  # words; paper, or "" for none; ink


@dataclass(frozen=True)
class KindBlock:
    """In a row: on a screen the kind, underlined, then the class; on a matrix an urgent class, then the kind.

    An urgent class stands in a box; a normal one has no sign on a screen.
    """

    kind: str
    klass: str
    klass_words: str
    hand: Hand
    tone: str  # the kind's, on a screen
    soft: str
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
    def _tags(self) -> list[tuple[Tag, bool, int]]:
        """Each tag, whether the class's sign stands in it, and its width."""
        kind: Tag = (self.kind, "", self.soft) if self.led else (self.kind.upper(), "", self.tone)
        if self._urgent:
            klass: Tag = (self.klass_words.upper(), *PRIORITY)
        else:
            klass = (self.klass_words, "", self.soft)
        found = [(klass, True), (kind, False)] if self.led else [(kind, False), (klass, self._urgent)]
        if self.led and not self._urgent:
            found = found[1:]
        measured = [(tag, sign, self._wide(tag, sign)) for tag, sign in found if tag[0]]
        if len(measured) > 1 and sum(w for _, _, w in measured) + 2 * self.pad > self.width:
            measured.pop(0 if self._urgent and not self.led else -1)  # an urgent class is never left out
        return measured

    def _wide(self, tag: Tag, sign: bool) -> int:
        aside = self.sign + self.pad if sign else 0
        return self.hand.word_width(tag[0]) + aside + (2 * self.pad if tag[1] else 0)

    @property
    def sign(self) -> int:
        cap = self.hand.ruler.cap(self.hand.style)
        return cap - cap % 2

    @cached_property
    def _extent(self) -> tuple[int, int]:
        ink = self.hand.ruler.ink("".join(tag[0] for tag, _, _ in self._tags) or "H", self.hand.style)
        # As much ground under the capitals as over them: marks of Ẩ and Ộ are not counted.
        return ink[0], max(ink[1], ink[0] - self.hand.ruler.cap(self.hand.style))

    @cached_property
    def height(self) -> int:
        return sum(self._extent) + 2 * (self.pad // 3)

    def split(self, room: int, fresh: bool) -> None:
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        marks: list[Mark] = []
        baseline = y + self.pad // 3 + self._extent[0]
        for (words, paper, ink), sign, width in self._tags:
            at = x
            if paper:
                marks.append(Fill((x, y, width, self.height), paper, self.pad // 2))
                at += self.pad
            elif ink == self.tone and not self.led:
                line = max(2, self.pad // 3)
                marks.append(Fill((x, y + self.height - line, width, line), ink))
            if sign:
                marks += class_sign(self.klass, (at, baseline - self.sign, self.sign, self.sign), ink)
                at += self.sign + self.pad
            marks.append(Letters(at, baseline, words, self.hand.style, ink))
            x += width + self.pad + self.pad // 2
        return marks


@dataclass(frozen=True)
class SpeechBlock:
    """“HỎI” or “TRẢ LỜI” in a speech bubble: who speaks in a citizen's question and its answer."""

    words: str
    hand: Hand
    tone: str
    width: int
    gap: int
    pad: int
    sticky: bool = True
    name: str = "speech"

    @property
    def reading(self) -> str:
        return self.words

    @cached_property
    def _ink(self) -> tuple[int, int]:
        above, below = self.hand.ruler.ink(self.words.upper(), self.hand.style)
        return above, max(below, above - self.hand.ruler.cap(self.hand.style))

    @cached_property
    def height(self) -> int:
        return sum(self._ink) + self.pad

    def split(self, room: int, fresh: bool) -> None:
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        words, tail = self.words.upper(), self.pad // 2
        box = (x, y, self.hand.word_width(words) + 2 * self.pad, self.height - tail)
        left, bottom = x + self.pad, y + self.height - tail - 1
        point = Figure(((left, bottom), (left + 2 * tail, bottom), (left, bottom + tail)), self.tone)
        letters = Letters(x + self.pad, y + self.pad // 4 + self._ink[0], words, self.hand.style, self.hand.ink)
        return [Fill(box, self.tone, self.pad // 3), point, letters]
