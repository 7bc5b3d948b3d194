"""Words into lines that fit, and lines into pages; pure, with a ruler given from outside.

`lines` sets them in the fewest lines, evenly, breaking at clauses where that costs little;
`paginate` fills pages with blocks, never leaving a heading behind; `largest` finds the size.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..phrases import NBSP
from .words import Span, Word

MIN_LINES = 2  # lines of a paragraph that may stand alone at the foot or the head of a page
LONG_TEXT = 200  # words of a text from which evenness is not worth its time
SHORT_TEXT = 4  # lines of a paragraph that is cut after a sentence only; else it goes to the next page whole
MIN_TAIL = 3  # words that a page's first piece of a cut paragraph has at least
LINE_COST = 10.0  # of each line: fewest lines first, whatever else it costs
CLAUSE_BONUS, SENTENCE_BONUS = 0.02, 0.04  # of a line's cost: how gladly we break after a comma, a full stop
SHORT_LAST, SHORT_COST = 0.2, 0.15  # a last line below this share of the width costs this much
MAX_BLOCKS = 4000  # blocks placed in one text: a loop that has a limit


@dataclass(frozen=True)
class Style:
    """A face at a size in pixels; `hard` letters have no grey edge (LED), `grid` ones are drawn dot by dot."""

    face: str
    size: int
    hard: bool = False
    grid: bool = False

    @property
    def air(self) -> int:
        """Rows between the ink of two lines, at least; a grid's rows have their own."""
        return 0 if self.grid else 1 if self.hard else 2


class Ruler(Protocol):
    """What typesetting needs to know of letters; `drawing` measures them."""

    def width(self, text: str, style: Style) -> int: ...
    def ink(self, text: str, style: Style) -> tuple[int, int]: ...  # rows above and below the baseline, marks and all
    def cap(self, style: Style) -> int: ...  # rows of a plain capital


# ── lines ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Line:
    """Words of one line and its width in pixels."""

    words: tuple[Word, ...]
    width: int


def lines(
    text: Sequence[Word], width: int, measure: Callable[[Word], int], space: int, *, even: bool = False
) -> list[Line]:
    """The fewest lines, and of these the least ragged; `even` also fills the last one (headlines).

    `measure` gives a word's width in pixels, `space` that of a space.
    """
    whole = [piece for word in text for piece in _narrowed(word, width, measure)]
    if not whole:
        return []
    widths = [measure(word) for word in whole]
    if len(whole) > LONG_TEXT:
        cuts = _filled_cuts(widths, width, space)
    else:
        cuts = _even_cuts(whole, widths, width, space, even)
    return [
        Line(tuple(whole[a:b]), sum(widths[a:b]) + space * (b - a - 1))
        for a, b in itertools.pairwise([*cuts, len(whole)])
    ]


def _filled_cuts(widths: Sequence[int], width: int, space: int) -> list[int]:
    """Where lines begin when each takes as many words as it can."""
    cuts, used = [0], -space
    for n, wide in enumerate(widths):
        used += space + wide
        if used > width and n > cuts[-1]:
            cuts.append(n)
            used = wide
    return cuts


def _even_cuts(whole: Sequence[Word], widths: Sequence[int], width: int, space: int, even: bool) -> list[int]:
    """Where lines begin when they are as few and then as even as possible."""
    best: list[tuple[float, int]] = [(0.0, 0)]  # for the first n words: cost, where the last line begins
    for end in range(1, len(whole) + 1):
        bonus = (0.0, CLAUSE_BONUS, SENTENCE_BONUS)[whole[end - 1].rank]
        last = end == len(whole)
        found = (float("inf"), end - 1)
        used = -space
        for start in range(end - 1, -1, -1):
            used += widths[start] + space
            if used > width and start < end - 1:
                break
            share = used / width
            if last and not even:
                cost = best[start][0] + LINE_COST + (SHORT_COST if share < SHORT_LAST and start else 0.0)
            else:
                cost = best[start][0] + LINE_COST + (1 - share) ** 2 - (0.0 if last else bonus)
            if cost < found[0]:
                found = (cost, start)
        best.append(found)
    cuts = [best[len(whole)][1]]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][1])
    return cuts[::-1]


def _narrowed(word: Word, width: int, measure: Callable[[Word], int]) -> list[Word]:
    """The word, or pieces of it when it is wider than a line: at bound spaces, at / . - – _, else anywhere."""
    if measure(word) <= width:
        return [word]
    letters = [(c, strong) for text, strong in word.parts for c in text]
    pieces: list[Word] = []
    while letters:
        most = next((n for n in range(1, len(letters)) if measure(_joined(letters[: n + 1])) > width), len(letters))
        cut = most
        if most < len(letters):
            bound_at = [n for n in range(1, most + 1) if letters[n][0] == NBSP]
            after = bound_at or [n for n in range(2, most + 1) if letters[n - 1][0] in "/.-–_@"]
            cut = after[-1] if after else most
        pieces.append(_joined(letters[:cut]))
        letters = letters[cut:]
        if letters and letters[0][0] == NBSP:
            letters = letters[1:]
    return pieces


def _joined(letters: list[Span]) -> Word:
    parts: list[Span] = []
    for letter, strong in letters:
        if parts and parts[-1][1] == strong:
            parts[-1] = (parts[-1][0] + letter, strong)
        else:
            parts.append((letter, strong))
    return Word(tuple(parts))


def clause_cut(set_lines: Sequence[Line], fit: int) -> int:
    """After how many words to end a page that has room for `fit` of these lines; 0: better not here."""
    if fit < 1 or len(set_lines) <= 1:
        return 0
    flat = [word for line in set_lines[:fit] for word in line.words]
    total = sum(len(line.words) for line in set_lines)
    least = sum(len(line.words) for line in set_lines[: max(1, fit // 2)])
    ranks = (2,) if len(set_lines) <= SHORT_TEXT or fit < MIN_LINES else (2, 1)  # no lone line of a sentence
    for rank in ranks:
        for count in range(len(flat), least - 1, -1):
            if flat[count - 1].rank >= rank and total - count >= MIN_TAIL:
                return count
    if len(set_lines) <= SHORT_TEXT or fit < MIN_LINES:
        return 0
    fit = min(fit, len(set_lines) - MIN_LINES)
    return sum(len(line.words) for line in set_lines[:fit]) if fit >= MIN_LINES else 0


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


class Block(Protocol):
    """Something that stands on a page: `gap` rows below what is above it, `height` rows tall."""

    @property
    def name(self) -> str: ...
    @property
    def gap(self) -> int: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def sticky(self) -> bool: ...  # never the last on a page
    @property
    def reading(self) -> str: ...  # what a passer-by reads in it
    def marks(self, x: int, y: int) -> list[Any]: ...  # what is drawn when it stands at x, y
    def split(self, room: int, fresh: bool) -> tuple[Block, Block] | None: ...


def paginate(blocks: Iterable[Block], room: Callable[[int], int], most: int = MAX_BLOCKS) -> list[list[Block]]:
    """Blocks on pages, at most `most`; `room(n)` rows on page n.

    A block that cannot be cut may overfill an empty page.
    """
    pages: list[list[Block]] = [[]]
    left = room(0)
    waiting = deque(blocks)
    for _ in range(MAX_BLOCKS):
        if not waiting or len(pages) > most:
            break
        block = waiting.popleft()
        page = pages[-1]
        gap = block.gap if page else 0
        if block.height + gap <= left:
            page.append(block)
            left -= block.height + gap
            continue
        fresh = all(above.sticky for above in page)  # below headings alone a block is cut, so that none stands alone
        parts = block.split(left - gap, fresh)
        if parts:
            page.append(parts[0])
            waiting.appendleft(parts[1])
        elif not page:
            page.append(block)
            if not waiting:
                break
        else:
            waiting.appendleft(block)
            while page[-1].sticky and not all(above.sticky for above in page):
                waiting.appendleft(page.pop())
        pages.append([])
        left = room(len(pages) - 1)
    return [page for page in pages if page][:most]


def filled(page: Sequence[Block]) -> int:
    """Rows that a page's blocks take."""
    return sum(block.height + (block.gap if n else 0) for n, block in enumerate(page))


def largest(steps: int, fits: Callable[[int], bool]) -> int:
    """The largest step of 0 … steps-1 that fits, by halving; 0 when none does."""
    low, high = 0, steps - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
