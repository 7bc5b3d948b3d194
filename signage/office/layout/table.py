"""A table of aligned columns; its head is repeated on every slide that it goes on to.

Where the columns would be too narrow for their longest word, the same rows become records: the
first cell as a heading, the others as “Label: value”.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from ..typesetting import Line
from ..words import Rich, words
from .flow import Hand
from .sheet import Fill, Mark

MAX_CELL_LINES = 5  # lines of a cell; a table that needs more is set as records
FIGURE = re.compile(r"[-–+]?[\d., ]*\d ?%?|[-–]?")  # 38.600 · 79,25 · 5 % · empty
Row = tuple[Rich, ...]


@dataclass(frozen=True)
class TableBlock:
    name: str
    head: Row
    rows: tuple[Row, ...]
    head_hand: Hand
    hand: Hand
    columns: tuple[int, ...]  # widths in pixels, without the space between them
    width: int
    gap: int
    pad: int  # left, right, above and below the words of a cell
    wash: str
    rule: str
    sticky: bool = False

    @cached_property
    def _set(self) -> list[tuple[list[list[Line]], int, int]]:
        """For the head and each row: its cells' lines, rows of pixels, and rows above the baseline."""
        found = []
        for n, row in enumerate((self.head, *self.rows)):
            hand = self.head_hand if n == 0 else self.hand
            cells = [hand.rich(cell, width) for cell, width in zip(row, self.columns, strict=False)]
            above, below, lead = hand.extent([line for cell in cells for line in cell])
            most = max((len(cell) for cell in cells), default=1)
            found.append((cells, above + below + lead * (most - 1) + 2 * self.pad, above))
        return found

    @cached_property
    def _figures(self) -> frozenset[int]:
        """Columns of numbers, which stand at the right; the first one names its row and does not."""
        cells = [["".join(t for t, _ in cell) for cell in row] for row in self.rows]
        return frozenset(
            n for n in range(1, len(self.columns)) if all(FIGURE.fullmatch(row[n]) for row in cells if n < len(row))
        )

    @property
    def deepest(self) -> int:
        """Lines of the tallest cell."""
        return max((len(cell) for cells, _, _ in self._set for cell in cells), default=0)

    @property
    def least(self) -> int:
        """Rows of pixels of the head and the tallest row: what one page must hold."""
        return self._set[0][1] + max((height for _, height, _ in self._set[1:]), default=0)

    @cached_property
    def height(self) -> int:
        return sum(height for _, height, _ in self._set)

    @property
    def reading(self) -> str:
        return " ".join(text for row in (self.head, *self.rows) for cell in row for text, _ in cell)

    def split(self, room: int, fresh: bool) -> tuple[TableBlock, TableBlock] | None:
        used, count = 0, -1
        for _, height, _ in self._set:
            if used + height > room:
                break
            used, count = used + height, count + 1
        if count < 1 or count >= len(self.rows) or (count == 1 and not fresh):
            return None
        if len(self.rows) - count == 1 and count > 2:  # never one row alone under a repeated head
            count -= 1
        return replace(self, rows=self.rows[:count]), replace(self, rows=self.rows[count:])

    def marks(self, x: int, y: int) -> list[Mark]:
        found: list[Mark] = []
        for n, (cells, height, above) in enumerate(self._set):
            hand = self.head_hand if n == 0 else self.hand
            if n == 0:
                found.append(Fill((x, y, self.width, height), self.wash))
            else:
                line = max(1, self.pad // 10)
                found.append(Fill((x, y + height - line, self.width, line), self.rule))
            lead = hand.extent([line for cell in cells for line in cell])[2]
            at = x + self.pad
            for column, (cell, width) in enumerate(zip(cells, self.columns, strict=False)):
                aside = width - max((line.width for line in cell), default=0) if column in self._figures else 0
                found += hand.marks(cell, at + aside, y + self.pad + above, lead)
                at += width + 2 * self.pad
            y += height
        return found


def columns(head: Row, rows: Sequence[Row], hands: tuple[Hand, Hand], room: int, pad: int) -> tuple[int, ...] | None:
    """Column widths, or None when the longest words do not stand side by side. `hands`: head's, cells'."""
    count = len(head)
    room -= 2 * pad * count
    least, natural = [0] * count, [0] * count
    for n, row in enumerate((head, *rows)):
        measure = hands[min(n, 1)]
        for c, cell in enumerate(row[:count]):
            widths = [measure.word(word) for word in words(cell)]
            least[c] = max(least[c], *widths, 1) if widths else max(least[c], 1)
            natural[c] = max(natural[c], sum(widths) + measure.space * max(0, len(widths) - 1), 1)
    if sum(least) > room or room <= 0:
        return None
    if sum(natural) <= room:
        spare = room - sum(natural)
        return tuple(n + spare * n // sum(natural) for n in natural)
    # Give each column its longest word, then share the rest by how much it still wants.
    wants = [n - low for n, low in zip(natural, least, strict=True)]
    spare = room - sum(least)
    return tuple(low + spare * want // max(1, sum(wants)) for low, want in zip(least, wants, strict=True))
