"""What flows over pages: paragraphs, facts and tables, each knowing its height, its cut and its marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..typesetting import MIN_LINES, Line, Ruler, Style, clause_cut, lines
from ..words import Rich, Word, plain, words
from .design import Look
from .icons import fact_sign
from .sheet import Fill, Letters, Mark

SIGN = 1.7  # of a value's capitals: how large the sign before it is


@dataclass(frozen=True)
class Hand:
    """How a text is written: two styles of one size, its ink, and rows from line to line."""

    ruler: Ruler
    style: Style
    strong: Style
    ink: str
    lead: int
    even: bool = False

    @classmethod
    def of(cls, ruler: Ruler, look: Look, role: str, ink: str, *, strong: str = "", even: bool = False) -> Hand:
        """The hand of a role in the design."""
        return cls(ruler, look.style(role), look.style(strong or role), ink, look.lead(role), even)

    def word(self, word: Word) -> int:
        return sum(self.ruler.width(t, self.strong if s else self.style) for t, s in word.parts)

    @property
    def space(self) -> int:
        return self.ruler.width(" ", self.style)

    def word_width(self, text: str) -> int:
        """Pixels of a text on one line."""
        return self.ruler.width(text, self.style)

    def set(self, text: Sequence[Word], width: int) -> list[Line]:
        return lines(text, width, self.word, self.space, even=self.even)

    def rich(self, text: Rich, width: int) -> list[Line]:
        return self.set(words(text), width)

    def extent(self, of: Sequence[Line]) -> tuple[int, int, int]:
        """Ink rows above the first baseline and below the last, and rows from line to line."""
        above = below = 0
        for style, strong in ((self.style, False), (self.strong, True)):
            text = "".join(t for line in of for word in line.words for t, s in word.parts if s is strong)
            up, down = self.ruler.ink(text, style) if text else (0, 0)
            above, below = max(above, up), max(below, down)
        least = above + below + self.style.air
        return max(above, self.ruler.cap(self.style)), below, max(self.lead, least)

    def marks(self, of: Sequence[Line], x: int, baseline: int, lead: int, width: int = 0) -> list[Mark]:
        """Letters of the lines from a first baseline down; centred when a width is given."""
        found: list[Mark] = []
        for n, line in enumerate(of):
            at = x + (max(0, width - line.width) // 2 if width else 0)
            run, run_at, run_strong = "", at, False
            for i, word in enumerate(line.words):
                for j, (text, strong) in enumerate(word.parts):
                    gap = " " if i and not j else ""
                    if run and strong != run_strong:
                        found.append(self._letters(run_at, baseline + n * lead, run, run_strong))
                        run = ""
                        if gap:
                            at += self.space
                            gap = ""
                    if not run:
                        if gap:
                            at += self.space
                            gap = ""
                        run_at, run_strong = at, strong
                    run += gap + text
                    style = self.strong if strong else self.style
                    at += (self.space if gap else 0) + self.ruler.width(text, style)
            if run:
                found.append(self._letters(run_at, baseline + n * lead, run, run_strong))
        return found

    def _letters(self, x: int, baseline: int, text: str, strong: bool) -> Letters:
        return Letters(x, baseline, text, self.strong if strong else self.style, self.ink)


@dataclass(frozen=True)
class TextBlock:
    """A paragraph, a heading or a list item with its marker hanging left of it."""

    name: str
    text: tuple[Word, ...]
    hand: Hand
    width: int
    gap: int
    sticky: bool = False
    indent: int = 0
    marker: str = ""
    marker_at: int = 0
    centred: bool = False
    whole: bool = False  # never cut

    @property
    def set_lines(self) -> list[Line]:
        return self._lines

    @cached_property
    def _lines(self) -> list[Line]:
        return self.hand.set(self.text, self.width - self.indent)

    @cached_property
    def _extent(self) -> tuple[int, int, int]:
        return self.hand.extent(self._lines)

    @cached_property
    def height(self) -> int:
        above, below, lead = self._extent
        return above + below + lead * (len(self._lines) - 1)

    @property
    def reading(self) -> str:
        return " ".join([self.marker, *(w.text for w in self.text)]).strip()

    def split(self, room: int, fresh: bool) -> tuple[TextBlock, TextBlock] | None:
        above, below, lead = self._extent
        fit = (room - above - below) // lead + 1 if room >= above + below else 0
        if fit < 1 or (self.whole and not fresh):
            return None
        count = clause_cut(self._lines, min(fit, len(self._lines)))
        if not count and fresh:  # an empty page, and still too tall: cut where the page ends
            keep = fit - 1 if len(self._lines) == fit + 1 and fit > MIN_LINES else fit  # no line alone on the next
            count = sum(len(line.words) for line in self._lines[:keep])
        flat = [w for line in self._lines for w in line.words]
        if not 0 < count < len(flat):
            return None
        rest = replace(self, text=tuple(flat[count:]), marker="", gap=self.gap)
        return replace(self, text=tuple(flat[:count]), sticky=False), rest

    def marks(self, x: int, y: int) -> list[Mark]:
        above, _, lead = self._extent
        found = self.hand.marks(
            self._lines, x + self.indent, y + above, lead, self.width - self.indent if self.centred else 0
        )
        if self.marker:
            found.append(Letters(x + self.marker_at, y + above, self.marker, self.hand.style, self.hand.ink))
        return found


def text_block(name: str, text: Rich | str, hand: Hand, width: int, gap: int, **more: object) -> TextBlock:
    """A block of this text."""
    rich = plain(text) if isinstance(text, str) else text
    return TextBlock(name, words(rich), hand, width, gap, **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class FactsBlock:
    """Who, when, where: label and value in rows; labels beside their values, or above on narrow slides."""

    name: str
    rows: tuple[tuple[str, str], ...]
    label: Hand
    value: Hand
    width: int
    gap: int
    pad: int  # inside the card, left and right, and between rows
    label_width: int  # 0: labels stand above their values
    wash: str | None
    bar: str
    rule: str
    bar_ink: str
    sticky: bool = False

    @property
    def _inset(self) -> int:
        return self.pad if self.wash else 0

    @cached_property
    def _sign(self) -> int:
        """Side of the signs before the facts; a matrix has none."""
        return round(self.value.ruler.cap(self.value.style) * SIGN) // 2 * 2 if self.wash else 0

    @property
    def _sign_room(self) -> int:
        return self._sign + self.pad if self._sign else 0

    @cached_property
    def _set(self) -> list[tuple[list[Line], list[Line], int]]:
        """For each row: lines of the label and of the value, and the row's rows of pixels."""
        room = self.width - 2 * self._inset - self._sign_room
        found = []
        for label, value in self.rows:
            label_lines = self.label.rich(plain(label), self.label_width or room)
            value_room = room - self.label_width - self.pad if self.label_width else room
            value_lines = self.value.rich(plain(value), value_room)
            label_height, value_height = (
                self._rows(self.label, label_lines),
                self._rows(self.value, value_lines),
            )
            height = label_height + self.between + value_height
            if self.label_width:  # on one baseline
                above = self.label.extent(label_lines)[0], self.value.extent(value_lines)[0]
                height = max(above) + max(label_height - above[0], value_height - above[1])
            height = max(height, self._sign)
            found.append((label_lines, value_lines, height))
        return found

    def _sign_down(self, n: int) -> int:
        """How far below the row's top its sign begins: level with its first line."""
        label, value, height = self._set[n]
        if not self.label_width:
            return (height - self._sign) // 2
        first = max(self.label.extent(label)[0], self.value.extent(value)[0])
        return max(0, first - (self.value.ruler.cap(self.value.style) + self._sign) // 2)

    @property
    def between(self) -> int:
        return max(1, self.pad // 2)

    @staticmethod
    def _rows(hand: Hand, of: Sequence[Line]) -> int:
        above, below, lead = hand.extent(of)
        return above + below + lead * (len(of) - 1) if of else 0

    @cached_property
    def height(self) -> int:
        return sum(h for _, _, h in self._set) + self.pad * (len(self.rows) - 1) + 2 * self._inset

    @property
    def reading(self) -> str:
        return " ".join(f"{a} {b}" for a, b in self.rows)

    def split(self, room: int, fresh: bool) -> tuple[FactsBlock, FactsBlock] | None:
        most = len(self.rows) - 1
        for count in range(most, 0, -1):
            head = replace(self, rows=self.rows[:count])
            if head.height <= room and not (count == most > 1):  # never the last fact alone
                return head, replace(self, rows=self.rows[count:])
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        found: list[Mark] = []
        if self.wash:
            found.append(Fill((x, y, self.width, self.height), self.wash, self.pad // 3))
        y += self._inset
        left = x + self._inset + self._sign_room
        for n, (label, value, height) in enumerate(self._set):
            if n:
                line = max(1, self.pad // 16)
                wide = self.width - 2 * self._inset - self._sign_room
                found.append(Fill((left, y - self.pad // 2 - line, wide, line), self.rule))
            if self._sign:
                sign = (x + self._inset, y + self._sign_down(n), self._sign, self._sign)
                found += fact_sign(self.rows[n][0], sign, self.bar, self.bar_ink)
            label_above, value_above = self.label.extent(label)[0], self.value.extent(value)[0]
            if self.label_width:
                baseline = y + max(label_above, value_above)
                found += self.label.marks(label, left, baseline, self.label.extent(label)[2])
                at = left + self.label_width + self.pad
                found += self.value.marks(value, at, baseline, self.value.extent(value)[2])
            else:
                found += self.label.marks(label, left, y + label_above, self.label.extent(label)[2])
                down = self._rows(self.label, label) + self.between
                found += self.value.marks(value, left, y + down + value_above, self.value.extent(value)[2])
            y += height + self.pad
        return found
