"""A notice as slides, on as few as its size allows.

What fits on one slide grows until it fills it. What needs several starts at a comfortable size, grows
as far as the number of slides allows, and fills them evenly; what would need more than
`MAX_NOTICE_SLIDES` is cut at a clause, with the address of the whole text, never silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from ...notice import Notice
from ...settings import Commune
from ..pace import seconds
from ..prose import enough, letters_of
from ..typesetting import Block, Ruler, filled, largest, paginate
from .content import Content, shown
from .design import COMFORT, STEPS, Look
from .flow import TextBlock, text_block
from .frame import ROOM_TOP, Framer, address
from .header import shortened
from .palette import colours_of
from .photo import Hung, hung
from .sheet import Mark, Photo, Placed, Rect, Sheet

MAX_NOTICE_SLIDES = 12  # slides of one notice on one shape, whatever its boards' budget
EVENING = (0.5, 0.56, 0.62, 0.68, 0.74, 0.8, 0.86, 0.92)  # shares of a page tried, to fill all pages alike
MATRIX_SLIDES = 4  # slides of one notice on a matrix, beyond which a summary says it: who drives past sees two
FULL = 0.72  # of all slides' room, that a comfortable size must fill to be worth another slide
MAX_GAP = 1.9  # times that the space between blocks may grow to fill a page
LOWER = 0.4  # share of what is still empty that goes above the words on a slide without a headline

Pages = list[list[Block]]


class Article:
    """Composes the sheets of one notice on one shape."""

    def __init__(
        self, notice: Notice, commune: Commune, look: Look, ruler: Ruler, *, brief: bool = False
    ) -> None:  # fmt: skip
        """`brief`: the summary that a person wrote stands for the body."""
        colours = colours_of(notice, look.shape)
        self.notice, self.commune, self.look, self.colours = notice, commune, look, colours
        self.framer = Framer(notice, commune, look, ruler, colours)
        self.title = self.framer.title
        self.room = self.framer.frame(0, 2).room
        self.body = tuple(enough(shown(notice, brief=brief)))
        # A search asks for the same blocks again and again; blocks remember their lines.
        self._known: dict[tuple[int, int, float], Pages] = {}
        self._openings: dict[int, list[Block]] = {}
        self._texts: dict[tuple[int, int], list[Block]] = {}
        self.hung: Hung | None = None
        self.content = self._content()
        for place in self._places():
            self.hung, self.content = place, self._content(place)
            first = [*self.content.opening(0), *(self.content.words(0, self.content.first) if place.whole else [])]
            if len(paginate(first, self._rows)) == 1:  # a poster says everything on its one slide
                break
        else:
            if self.hung:  # the headline needs the whole slide
                self.hung, self.content = None, self._content()

    def _places(self) -> list[Hung]:
        """Where the notice's picture may hang, best first."""
        if self.notice.image is None or self.notice.alert:
            return []
        said = sum(len(part) for fact in self.notice.facts for part in fact) + sum(map(letters_of, self.body))
        gap = self.look.px(0, ROOM_TOP)
        return hung(self.look, self.room, self.framer.margin, gap, said)

    def _content(self, place: Hung | None = None) -> Content:
        first = place.words if place else self.room
        return Content(self.framer, self.body, self.room[2], first[2], min(self._rows(0), self._rows(1)))

    def sheets(self) -> list[Sheet]:
        """The slides, in order."""
        chosen = self.chosen()
        return [self._sheet(n, len(chosen), page) for n, page in enumerate(chosen)]

    def chosen(self) -> Pages:
        """The blocks of each slide, at the sizes that were found."""
        if len(least := self._pages(0, 0)) > MAX_NOTICE_SLIDES:  # no size fits: nothing to search for
            return self._with_contact(self._cut(least))
        head = body = largest(STEPS, lambda step: len(self._pages(step, step)) <= 1)
        if len(self._pages(head, body)) > 1:
            facts, most = facts_pages(self._pages(0, 0)), self._wanted()

            def good(step: int) -> bool:
                pages = self._pages(step, step)
                return len(pages) <= most and facts_pages(pages) == facts

            head = largest(STEPS, good)
            body = largest(STEPS, lambda step: step <= head or len(self._pages(head, step)) <= most)
        chosen = self._pages(head, body)
        if not self.look.led:
            chosen = self._evened(chosen, head, body)
        return self._with_contact(chosen)

    def _pages(self, head: int, body: int, share: float = 1.0) -> Pages:
        """The pages at these size steps; `share` of each page but the first is filled."""
        known = self._known.get((head, body, share))
        if known is None:
            known = self._known[head, body, share] = self._paginated(head, body, share)
        return known

    def _paginated(self, head: int, body: int, share: float) -> Pages:

        def rows(page: int) -> int:
            return round(self._rows(page) * share) if page else self._rows(0)

        wide, narrow = self.content.wide, self.content.first
        beside = paginate([*self._opening(head), *self._words(body, narrow)], rows, MAX_NOTICE_SLIDES + 1)
        if len(beside) <= 1 or self.hung is None or narrow == wide:
            return beside
        first = paginate(self._opening(head), rows)  # the words begin on the slide after the picture
        return [*first, *paginate(self._words(body, wide), lambda page: rows(page + len(first)), MAX_NOTICE_SLIDES)]

    def _opening(self, step: int) -> list[Block]:
        if step not in self._openings:
            self._openings[step] = self.content.opening(step)
        return self._openings[step]

    def _words(self, step: int, width: int) -> list[Block]:
        if (step, width) not in self._texts:
            self._texts[step, width] = self.content.words(step, width)
        return self._texts[step, width]

    def _wanted(self) -> int:
        """How many slides: the fewest, or on a screen what a comfortable size needs, if it fills them."""
        fewest = min(len(self._pages(0, 0)), MAX_NOTICE_SLIDES)
        if self.look.led or self.notice.alert:
            return fewest
        pages = self._pages(COMFORT, COMFORT)
        full = sum(filled(page) for page in pages) / sum(self._rows(n) for n in range(len(pages)))
        return max(fewest, len(pages)) if full >= FULL and len(pages) <= MAX_NOTICE_SLIDES else fewest

    def _evened(self, pages: Pages, head: int, body: int) -> Pages:
        """The same number of pages, each about as full as the others."""
        if not 1 < len(pages) <= MAX_NOTICE_SLIDES:
            return pages
        for share in EVENING:
            tried = self._pages(head, body, share)
            fits = all(filled(page) <= self._rows(n) for n, page in enumerate(tried))
            if len(tried) <= len(pages) and fits:
                return tried
        return pages

    def _cut(self, pages: Pages) -> Pages:
        """The first pages, and on the last of them where the whole text stands."""
        kept, last = pages[:MAX_NOTICE_SLIDES], MAX_NOTICE_SLIDES - 1
        page, site = address(self.notice, self.commune), self.commune.site.split("://", 1)[-1]
        role = "note" if self.look.led else "strong"
        by = self.content.hand(self.look, role, self.colours.headline)
        said = (f"Xem toàn văn tại {page}", f"Xem toàn văn tại {site}", f"Xem: {site}", "…")
        ends = [
            text_block("whole-text", words, by, self.content.wide, self.look.px(6, 30), whole=True) for words in said
        ]
        end = next((end for end in ends if end.height <= self._rows(last)), ends[-1])
        left = self._rows(last) - end.height - end.gap
        above = paginate(kept[last], lambda _: left)[0] if left > 0 else []
        while above and (above[-1].sticky or filled(above) > left):
            above.pop()
        kept[last] = [*above, end]
        return kept

    def _with_contact(self, pages: Pages) -> Pages:
        """On a matrix, whose foot has no room for it: site and telephone below the last words, if they fit."""
        if not self.look.led or self.look.tiny or self.notice.prepared:
            return pages
        by = self.content.hand(self.look, "note", self.colours.soft)
        site = self.commune.site.split("://", 1)[-1]
        last = len(pages) - 1
        for text in (f"{site} – ĐT {self.commune.phone}", f"ĐT {self.commune.phone}"):
            block = text_block("contact", text, by, self.content.first, self.look.px(7, 0))
            if filled(pages[last]) + block.gap + block.height <= self._rows(last):
                return [*pages[:last], [*pages[last], block]]
        return pages

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────

    def _place(self, page: int) -> Rect:
        """Where the words stand on a page."""
        return self.hung.words if self.hung and not page else self.room

    def _rows(self, page: int) -> int:
        return self._place(page)[3] - (self._running_rows if page else 0)

    @cached_property
    def _running(self) -> TextBlock | None:
        """The headline again, small, on a screen's next slides; a matrix has it in its header."""
        if self.look.led:
            return None
        by = self.framer.hand("running", self.colours.headline, even=self.look.portrait)
        wide = self.room[2]
        block = text_block("running", self.title, by, wide, 0)
        most = 2 if self.look.portrait else 1
        if len(block.set_lines) <= most:
            return block
        return text_block("running", shortened(self.title, by, round(wide * (most - 0.2 * (most - 1)))), by, wide, 0)

    @property
    def _running_rows(self) -> int:
        return self._running.height + self.look.px(0, 40) if self._running else 0

    # ── placing ──────────────────────────────────────────────────────────────────────────────────

    def _sheet(self, n: int, count: int, blocks: Sequence[Block]) -> Sheet:
        frame = self.framer.frame(n, count, self.title)
        x, y, width, height = self._place(n)
        placed = list(frame.blocks)
        if n and self._running:
            placed.append(Placed("running", (x, y, width, self._running.height), tuple(self._running.marks(x, y))))
            y, height = y + self._running_rows, height - self._running_rows
        if not n and self.hung and self.notice.image:
            picture = Photo(self.hung.picture, self.notice.image.name, self.hung.whole, self.colours.paper)
            placed.append(Placed("photo", picture.rect, (picture,)))
        stretch = _stretch(blocks, height)
        used = sum(b.height for b in blocks) + sum(int(b.gap * stretch) for b in blocks[1:])
        if n or (self.look.led and blocks[0].name != "kind"):
            y += int(max(0, height - used) * LOWER)
        for i, block in enumerate(blocks):
            y += int(block.gap * stretch) if i else 0
            marks: list[Mark] = block.marks(x, y)
            placed.append(Placed(block.name, (x, y, block.width, block.height), tuple(marks)))
            y += block.height
        shape, reading = self.look.shape, "\n".join(block.reading for block in blocks)
        end = (frame.ground, tuple(placed), frame.clock, reading, frame.code)
        return Sheet(shape.width, shape.height, self.colours.paper, *end)


def facts_pages(pages: Pages) -> list[int]:
    """The pages of the headline and the facts: they are what a passer-by needs, and stay where they are."""
    return [n for n, page in enumerate(pages) if any(block.name in ("headline", "facts", "fact") for block in page)]


def _stretch(blocks: Sequence[Block], height: int) -> float:
    gaps = sum(block.gap for block in blocks[1:])
    spare = height - filled(blocks)
    return min(MAX_GAP, 1 + spare / gaps) if gaps and spare > 0 else 1.0


def unshortened(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet]:
    """The sheets of a notice with its whole body, however many."""
    return Article(notice, commune, look, ruler).sheets()


def article(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet]:
    """The sheets of a notice; its summary instead of its body where that would take its boards' time."""
    made = unshortened(notice, commune, look, ruler)
    if notice.alert or notice.board_summary or not notice.summary or not too_long(made, look):
        return made
    brief = Article(notice, commune, look, ruler, brief=True).sheets()
    return brief if len(brief) < len(made) else made


def too_long(made: Sequence[Sheet], look: Look) -> bool:
    """Whether a notice's slides are more than passers-by of this shape see."""
    over = look.budget and seconds(sheet.reading for sheet in made) > look.budget
    return bool(over) or len(made) > (MATRIX_SLIDES if look.led else MAX_NOTICE_SLIDES - 1)
