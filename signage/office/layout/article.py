"""A notice as slides: headline, facts, words, who signed it, on as few pages as its size allows.

One size step serves the whole notice. What fits on one slide grows until it fills it; what needs
several starts at a comfortable size, its pages are filled evenly, and only what would need more than
`MAX_NOTICE_SLIDES` falls to the floor and is cut, with the address of the whole text.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ...notice import CLASSES, KINDS, Notice
from ...settings import Commune
from ..prose import Heading, Item, Paragraph, Part, Table, parts
from ..typesetting import Block, Ruler, filled, largest, paginate, plain, sentences
from .design import COMFORT, LCD_FLOOR, PRIORITY, STEPS, Look
from .flow import FactsBlock, TextBlock, text_block
from .frame import Frame, Framer, address, hand
from .icons import class_sign
from .kinds import KindBlock
from .sheet import Mark, Placed, Rect, Sheet
from .table import MAX_CELL_LINES, Row, TableBlock, columns

MAX_NOTICE_SLIDES = 12  # slides of one notice on one shape: at 20 s each, nobody waits longer than 4 minutes
EVENING = (0.55, 0.62, 0.7, 0.78, 0.86, 0.93)  # shares of a page tried, to fill all pages alike
LABEL_SHARE = 0.3  # of the width, at most, for the labels of facts beside their values
PHOTO_WIDE, PHOTO_TALL = 0.4, 0.36  # share of a landscape slide's width, of a portrait one's height
MAX_GAP = 1.9  # times that the space between blocks may grow to fill a page


class Article:
    """Composes the sheets of one notice on one shape."""

    def __init__(self, notice: Notice, commune: Commune, look: Look, ruler: Ruler, body: list[Part]) -> None:
        self.notice, self.commune, self.look, self.ruler, self.body = notice, commune, look, ruler, body
        self.framer = Framer(notice, commune, look, ruler)
        self.colours = self.framer.colours
        self.frame = self.framer.frame(0, 2)
        self.photo = notice.image if not look.tiny else None

    # ── choosing the size ────────────────────────────────────────────────────────────────────────

    def sheets(self) -> list[Sheet]:
        """The slides, in order."""

        @cache
        def pages(step: int) -> list[list[Block]]:
            return paginate(self._blocks(step), lambda page: self._room(page)[3] - self._running_height(page))

        best = largest(STEPS, lambda step: len(pages(step)) <= 1)
        if len(pages(best)) > 1:
            wanted = min(len(pages(COMFORT)), MAX_NOTICE_SLIDES)
            best = largest(STEPS, lambda step: len(pages(step)) <= max(wanted, len(pages(0))))
        chosen = self._even(best, pages(best))
        if len(chosen) > MAX_NOTICE_SLIDES:
            chosen = self._cut(chosen, best)
        return [self._sheet(n, len(chosen), page) for n, page in enumerate(chosen)]

    def _even(self, step: int, pages: list[list[Block]]) -> list[list[Block]]:
        """The same number of pages, each about as full as the others."""
        if not 1 < len(pages) <= MAX_NOTICE_SLIDES:
            return pages
        for share in EVENING:
            tried = paginate(
                self._blocks(step),
                lambda page, share=share: int(
                    (self._room(page)[3] - self._running_height(page)) * (share if page else 1)
                ),  # type: ignore[misc]
            )
            fits = all(filled(p) <= self._room(n)[3] - self._running_height(n) for n, p in enumerate(tried))
            if len(tried) <= len(pages) and fits:
                return tried
        return pages

    def _cut(self, pages: list[list[Block]], step: int) -> list[list[Block]]:
        """The first pages, and on the last of them where the whole text stands."""
        kept = pages[:MAX_NOTICE_SLIDES]
        words = f"Xem toàn văn tại {address(self.notice, self.commune)}"
        look = replace(self.look, step=step)
        end = text_block("whole-text", words, hand(self.ruler, look, "strong", self.colours.headline), self._room(1)[2],
                         look.px(6 if look.led else 30))  # fmt: skip
        room = self._room(len(kept) - 1)[3] - self._running_height(len(kept) - 1) - end.height - end.gap
        kept[-1] = [*paginate(kept[-1], lambda _: max(room, 1))[0], end]
        return kept

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────

    def _room(self, page: int) -> Rect:
        x, y, width, height = self.frame.room
        if page or self.photo is None:
            return x, y, width, height
        if self.look.portrait:
            down = round(height * PHOTO_TALL) + self.look.px(36)
            return x, y + down, width, height - down
        across = round(width * PHOTO_WIDE) + self.look.px(8 if self.look.led else 56)
        return x, y, width - across, height

    def _photo_rect(self) -> Rect:
        x, y, width, height = self.frame.room
        if self.look.portrait:
            return x, y, width, round(height * PHOTO_TALL)
        across = round(width * PHOTO_WIDE)
        return x + width - across, y, across, height

    def _running(self) -> TextBlock:
        """The headline again, small, on the slides that follow."""
        by = hand(self.ruler, self.look, "running", self.colours.headline)
        block = text_block("running", self.notice.title, by, self.frame.room[2], 0)
        most = 1 if self.look.led else 2
        if len(block._lines) > most:
            kept = [w for line in block._lines[:most] for w in line.words]
            while (
                kept
                and by.word_width(" ".join(w.text for w in kept[-len(block._lines[most - 1].words) :]) + " …")
                > block.width
            ):
                kept.pop()
            block = text_block("running", " ".join(w.text for w in kept) + " …", by, block.width, 0)
        return block

    def _running_height(self, page: int) -> int:
        if not page or self.look.tiny:
            return 0
        return self._running_block.height + self.look.px(6 if self.look.led else 34)

    @property
    def _running_block(self) -> TextBlock:
        if not hasattr(self, "_kept_running"):
            self._kept_running = self._running()
        return self._kept_running

    # ── blocks ───────────────────────────────────────────────────────────────────────────────────

    def _blocks(self, step: int) -> list[Block]:
        look = replace(self.look, step=step)
        wide, first = self.frame.room[2], self._room(0)[2]
        gap = look.px(5) if look.led else round(look.size("text") * 0.55)
        head = hand(self.ruler, look, "headline", self.colours.headline, even=True)
        blocks: list[Block] = []
        if not look.tiny and not self.notice.alert:
            blocks.append(self._kind(look, first))
        blocks.append(
            text_block(
                "headline", self.notice.title, head, first, look.px(4 if look.led else 26), sticky=True
            )
        )
        facts = [self._facts(look, first, gap)] if self.notice.facts else []
        words = self._words(look, wide, first, gap)
        blocks += [*words, *facts] if self.notice.alert and self.notice.board_summary else [*facts, *words]
        if closing := self._closing(look, wide, gap):
            blocks[-1] = replace(blocks[-1], sticky=True)  # type: ignore[type-var]
            blocks += closing
        return blocks

    def _kind(self, look: Look, width: int) -> KindBlock:
        urgent = self.notice.klass == "uu-tien"
        tone, ink = PRIORITY[look.led] if urgent else (self.colours.accent, self.colours.accent_ink)
        by = hand(self.ruler, look, "kind", tone if not look.led or urgent else self.colours.accent)
        badge = hand(self.ruler, look, "note-strong", ink if urgent else self.colours.soft)
        return KindBlock(KINDS[self.notice.kind], CLASSES[self.notice.klass], self.notice.klass, by, badge, tone, width,
                         look.px(3 if look.led else 18), look.led)  # fmt: skip

    def _facts(self, look: Look, width: int, gap: int) -> FactsBlock:
        label = hand(self.ruler, look, "label", self.colours.soft)
        value = hand(self.ruler, look, "value", self.colours.ink)
        widest = max(label.word_width(text) for text, _ in self.notice.facts)
        beside = widest <= width * LABEL_SHARE and not look.tiny and not look.portrait
        return FactsBlock(
            "facts", self.notice.facts, label, value, width, round(gap * 1.4),
            look.px(4 if look.led else 26), widest if beside else 0,
            None if look.led else self.colours.wash, self.colours.accent, self.colours.rule,
        )  # fmt: skip

    def _words(self, look: Look, width: int, first: int, gap: int) -> list[Block]:
        by = hand(self.ruler, look, "text", self.colours.ink, strong="strong")
        if summary := self.notice.board_summary:
            return [
                text_block("text", piece, by, first, round(gap * 1.4) if not n else gap)
                for n, piece in enumerate(sentences(summary))
            ]
        found: list[Block] = []
        for n, part in enumerate(self.body):
            space = round(gap * 1.4) if not n else gap
            found += self._part(part, look, min(width, first), space)
        return found

    def _part(self, part: Part, look: Look, width: int, gap: int) -> list[Block]:
        by = hand(self.ruler, look, "text", self.colours.ink, strong="strong")
        match part:
            case Paragraph(text=text):
                return [text_block("text", text, by, width, gap)]
            case Heading(text=text):
                strong = hand(self.ruler, look, "heading", self.colours.headline)
                return [text_block("heading", text, strong, width, round(gap * 1.3), sticky=True)]
            case Item(marker=marker, text=text, depth=depth):
                step = by.word_width("12. " if marker not in ("", "•") and len(marker) > 2 else "1. ")
                indent = min(step * (depth + 1), width // 3)
                return [text_block("item", text, by, width, round(gap * 0.7), indent=indent, marker=marker)]
            case Table():
                return self._table(part, look, width, gap)

    def _table(self, table: Table, look: Look, width: int, gap: int) -> list[Block]:
        head = hand(self.ruler, look, "cell-strong", self.colours.headline)
        by = hand(self.ruler, look, "cell", self.colours.ink, strong="cell-strong")
        pad = look.px(3 if look.led else 14)
        widths = columns(table.head, table.rows, head, by, width, pad)
        if widths:
            wash = self.colours.wash if not look.led else self.colours.rule
            block = TableBlock(
                "table", table.head, table.rows, head, by, widths, width, gap, pad, wash, self.colours.rule
            )
            if block.deepest <= MAX_CELL_LINES:
                return [block]
        return [
            block
            for n, row in enumerate(table.rows)
            for block in self._record(table.head, row, look, width, gap)
        ]

    def _record(self, head: Row, row: Row, look: Look, width: int, gap: int) -> list[Block]:
        strong = hand(self.ruler, look, "strong", self.colours.headline)
        by = hand(self.ruler, look, "text", self.colours.ink, strong="strong")
        blocks: list[Block] = (
            [text_block("record", row[0], strong, width, round(gap * 1.3), sticky=True)] if row else []
        )
        for label, cell in zip(head[1:], row[1:], strict=False):
            if "".join(t for t, _ in cell).strip():
                rich = (*((t, False) for t, _ in label), (": ", False), *((t, True) for t, _ in cell))
                blocks.append(text_block("record", rich, by, width, max(1, gap // 3)))
        return blocks

    def _closing(self, look: Look, width: int, gap: int) -> list[Block]:
        """Who issued and signed it (NĐ 30/2020)."""
        document = self.notice.document
        if document is None:
            return []
        by = hand(self.ruler, look, "note", self.colours.soft, strong="note-strong")
        issued = f" ngày {document.issued:%d/%m/%Y}" if document.issued else ""
        text = [(f"{document.issuer} – ", False), (f"Số {document.number}", True), (issued, False)]
        if signer := document.signer:
            title = ", ".join(t for t in (signer.authority, signer.title) if t)
            text += [(f" – {title} " if title else " – ", False), (signer.name.replace(" ", "\u00a0"), True)]
        return [
            text_block("closing", tuple(text), by, min(width, self._room(0)[2]), round(gap * 1.6), whole=True)
        ]

    # ── placing ──────────────────────────────────────────────────────────────────────────────────

    def _sheet(self, n: int, count: int, blocks: list[Block]) -> Sheet:
        frame: Frame = self.framer.frame(n, count)
        x, y, width, height = self._room(n)
        placed = list(frame.blocks)
        if n and not self.look.tiny:
            running = self._running_block
            placed.append(Placed("running", (x, y, width, running.height), tuple(running.marks(x, y))))
            y, height = y + self._running_height(n), height - self._running_height(n)
        if not n and self.photo:
            placed.append(self._photo_block())
        stretch = self._stretch(blocks, height)
        reading = []
        for i, block in enumerate(blocks):
            y += round(block.gap * stretch) if i else 0
            marks: list[Mark] = block.marks(x, y)  # type: ignore[attr-defined]
            placed.append(Placed(block.name, (x, y, block.width, block.height), tuple(marks)))  # type: ignore[attr-defined]
            reading.append(block.reading)  # type: ignore[attr-defined]
            y += block.height
        shape = self.look.shape
        return Sheet(shape.width, shape.height, self.colours.paper, frame.ground, tuple(placed), frame.clock,
                     "\n".join(reading))  # fmt: skip

    def _photo_block(self) -> Placed:
        from .sheet import Photo

        assert self.photo is not None
        rect = self._photo_rect()
        return Placed("photo", rect, (Photo(rect, self.photo.name),))

    @staticmethod
    def _stretch(blocks: list[Block], height: int) -> float:
        gaps = sum(block.gap for block in blocks[1:])
        spare = height - filled(blocks)
        return min(MAX_GAP, 1 + spare / gaps) if gaps and spare > 0 else 1.0


def article(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet]:
    """The sheets of a notice."""
    body = [] if notice.board_summary else parts(notice.body)
    return Article(notice, commune, look, ruler, body).sheets()


__all__ = ["LCD_FLOOR", "MAX_NOTICE_SLIDES", "article", "plain"]
