"""The line above a headline: what kind of notice it is, as a tag, and its class in words and shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ...notice.vocabulary import NORMAL
from .flow import Hand
from .icons import class_sign
from .palette import PRIORITY
from .sheet import Figure, Fill, Letters, Mark


class Tag(NamedTuple):
    """Words on paper of their own or on none; with the class's sign, or a line under them."""

    words: str
    ink: str
    paper: str = ""
    sign: bool = False
    line: bool = False


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
    def _tags(self) -> list[tuple[Tag, int]]:
        """The tags that there is room for, with their widths."""
        paper, ink = PRIORITY
        if self._urgent:
            klass = Tag(self.klass_words.upper(), ink, paper, sign=True)
        else:
            klass = Tag("" if self.led else self.klass_words, self.soft)
        if self.led:
            found = [klass, Tag(self.kind, self.soft)]
        else:
            found = [Tag(self.kind.upper(), self.tone, line=True), klass]
        measured = [(tag, self._wide(tag)) for tag in found if tag.words]
        if len(measured) > 1 and sum(w for _, w in measured) + 2 * self.pad > self.width:
            measured.pop(0 if self._urgent and not self.led else -1)  # an urgent class is never left out
        return measured

    def _wide(self, tag: Tag) -> int:
        aside = self.sign + self.pad if tag.sign else 0
        return self.hand.word_width(tag.words) + aside + (2 * self.pad if tag.paper else 0)

    @property
    def sign(self) -> int:
        cap = self.hand.ruler.cap(self.hand.style)
        return cap - cap % 2

    @cached_property
    def _extent(self) -> tuple[int, int]:
        ink = self.hand.ruler.ink("".join(tag.words for tag, _ in self._tags) or "H", self.hand.style)
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
        for tag, width in self._tags:
            at = x
            if tag.paper:
                marks.append(Fill((x, y, width, self.height), tag.paper, self.pad // 2))
                at += self.pad
            if tag.line:
                line = max(2, self.pad // 3)
                marks.append(Fill((x, y + self.height - line, width, line), tag.ink))
            if tag.sign:
                marks += class_sign(self.klass, (at, baseline - self.sign, self.sign, self.sign), tag.ink)
                at += self.sign + self.pad
            marks.append(Letters(at, baseline, tag.words, self.hand.style, tag.ink))
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
