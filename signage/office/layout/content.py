"""The words of a notice as blocks that flow: kind, headline, facts, text or lists or tables, signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...notice import CLASSES, KINDS, Notice
from ...notice.vocabulary import NORMAL
from ...phrases import NBSP
from ..prose import BULLET, Figure, Heading, Item, Paragraph, Part, Table, parts
from ..typesetting import Block
from ..words import Rich, sentences
from .design import Look
from .flow import FactsBlock, Hand, TextBlock, text_block
from .frame import Framer, moment
from .header import kind_in_header
from .kinds import KindBlock, SpeechBlock
from .picture import PictureBlock
from .table import MAX_CELL_LINES, Row, TableBlock, columns

ASKED = "phan-anh"  # the kind of a citizen's question and its answer
SPEAKERS = ("hỏi", "trả lời", "đáp")  # headings of its two parts
QUESTION = re.compile(r"\s*Hỏi\s*:\s*(.+?)\s*(?:Trả lời|Đáp)\s*:\s*(.+)", re.DOTALL)
KIND_SHARE = 3  # a matrix gives the kind at most a third of its rows
LABEL_SHARE = 0.3  # of the width, at most, for the labels of facts beside their values


@dataclass(frozen=True)
class Content:
    """Makes the blocks of one notice; `first` is the width beside a picture, `wide` the whole width."""

    framer: Framer
    body: tuple[Part, ...]
    wide: int
    first: int
    tallest: int  # rows that the smallest page has

    def opening(self, step: int) -> list[Block]:
        """Kind, headline and facts at one size step: what a passer-by needs first."""
        look = self._look(step)
        facts = [] if self._facts_last else self._facts(look)
        return [*self._kind(look), self._headline(look), *facts]

    def words(self, step: int, width: int) -> list[Block]:
        """The text below them, and who signed it."""
        look = self._look(step)
        words = [*self._words(look, width), *(self._facts(look) if self._facts_last else [])]
        closing = list(self._closing(look, width))
        last = len(words)
        while last and isinstance(words[last - 1], PictureBlock):
            last -= 1  # pictures have slides of their own, after the signature
        if closing and last and isinstance(before := words[last - 1], TextBlock):
            words[last - 1] = replace(before, sticky=True)  # a signature never stands alone
        return [*words[:last], *closing, *words[last:]]

    @property
    def _facts_last(self) -> bool:
        """In an emergency what to do comes first, the figures after it."""
        return bool(self.framer.notice.alert and self.framer.notice.board_summary)

    def _look(self, step: int) -> Look:
        return replace(self.framer.look, step=step)

    def hand(self, look: Look, role: str, ink: str = "", *, strong: str = "", even: bool = False) -> Hand:
        ink = ink or self.framer.colours.ink
        return Hand.of(self.framer.ruler, look, role, ink, strong=strong, even=even)

    def _gap(self, look: Look) -> int:
        return look.px(5, 0) if look.led else round(look.size("text") * 0.55)

    def _kind(self, look: Look) -> Iterator[Block]:
        notice, colours = self.framer.notice, self.framer.colours
        if look.tiny or look.low or notice.alert or kind_in_header(self.framer):
            return
        urgent = notice.klass != NORMAL
        block = KindBlock(
            KINDS[notice.kind], notice.klass, CLASSES[notice.klass], self.hand(look, "kind", colours.soft),
            colours.accent, colours.soft, self.first, look.px(4, 22), look.led,
        )  # fmt: skip
        if look.led and block.height > self.tallest // KIND_SHARE:  # few rows: the class alone, or not even that
            block = replace(block, kind="")
        if urgent or not look.led or block.height <= self.tallest // KIND_SHARE:
            yield block

    def _headline(self, look: Look) -> Block:
        by = self.hand(look, "headline", self.framer.colours.headline, even=True)
        return text_block("headline", self.framer.title, by, self.first, look.px(4, 26), whole=True)

    def _facts(self, look: Look) -> Iterator[Block]:
        facts = self.framer.notice.facts
        if not facts:
            return
        colours, gap = self.framer.colours, self._gap(look)
        label, value = self.hand(look, "label", colours.soft), self.hand(look, "value")
        widest = max(label.word_width(text) for text, _ in facts)
        made = [
            FactsBlock(
                "facts", facts, label, value, self.first, round(gap * 1.4), look.px(6, 28), beside,
                None if look.led else colours.wash, colours.accent, colours.rule, colours.accent_ink,
            )
            for beside in ((0, widest) if widest <= self.first * LABEL_SHARE else (0,))
        ]  # fmt: skip
        block = min(reversed(made), key=lambda b: b.height)  # labels beside their values, unless that takes more rows
        if not look.tiny and all(replace(block, rows=(fact,)).height <= self.tallest for fact in facts):
            yield block
            return
        by = self.hand(look, "text", strong="strong")
        for name, told in facts:
            yield text_block("fact", ((f"{name}: ", False), (told, True)), by, self.first, gap)

    def _words(self, look: Look, width: int) -> Iterator[Block]:
        gap = self._gap(look)
        for n, part in enumerate(self.body):
            yield from self._part(part, look, width, gap if n else round(gap * 1.4))

    def _part(self, part: Part, look: Look, width: int, gap: int) -> Iterator[Block]:
        by = self.hand(look, "text", strong="strong")
        match part:
            case Paragraph(text=text):
                yield text_block("text", text, by, width, gap, sticky=told(text).rstrip().endswith(":"))
            case Figure() if not look.led:
                note = self.hand(look, "note", self.framer.colours.soft)
                paper = self.framer.colours.paper
                yield PictureBlock(part.file, part.alt, note, width, self.tallest, look.px(0, 20), paper)
            case Heading(text=text) if self.framer.notice.kind == ASKED and told(text).casefold() in SPEAKERS:
                colours, answer = self.framer.colours, told(text).casefold() != "hỏi"
                tag = (colours.accent, colours.accent_ink) if answer else (colours.rule, colours.ink)
                strong = self.hand(look, "kind", tag[1])
                yield SpeechBlock(told(text), strong, tag[0], width, round(gap * 1.3), look.px(5, 26))
            case Heading(text=text):
                heading = self.hand(look, "heading", self.framer.colours.headline)
                yield text_block("heading", text, heading, width, round(gap * 1.3), sticky=True)
            case Item(marker=marker, text=text, depth=depth):
                step = by.word_width("• " if marker == BULLET else "2. " if len(marker) < 3 else "12. ")
                step = round(step * 1.15)
                indent = min(step * (depth + 1), width // 3)
                yield text_block(
                    "item", text, by, width, round(gap * 0.7), indent=indent, marker=marker,
                    marker_at=max(0, indent - step),
                )  # fmt: skip
            case Table():
                yield from self._table(part, look, width, gap)

    def _table(self, table: Table, look: Look, width: int, gap: int) -> Iterator[Block]:
        colours = self.framer.colours
        head = self.hand(look, "cell-strong", colours.headline)
        by = self.hand(look, "cell", strong="cell-strong")
        pad = look.px(3, 14)
        widths = columns(table.head, table.rows, (head, by), width, pad)
        if widths:
            wash = colours.rule if look.led else colours.wash
            block = TableBlock("table", table.head, table.rows, head, by, widths, width, gap, pad, wash, colours.rule)
            if block.deepest <= MAX_CELL_LINES and block.least <= self.tallest:
                yield block
                return
        for row in table.rows:
            yield from self._record(table.head, row, look, width, gap)

    def _record(self, head: Row, row: Row, look: Look, width: int, gap: int) -> Iterator[Block]:
        """A table's row where columns would be too narrow: a heading, and “Label: value” below it."""
        strong = self.hand(look, "strong", self.framer.colours.headline)
        by = self.hand(look, "text", strong="strong")
        first, rest = row[:1], list(zip(head[1:], row[1:], strict=False))
        if rest and told(row[0]).isdecimal():  # a column of numbers is no heading
            first = (((f"{told(row[0])}. ", False), *rest.pop(0)[1]),)
        rest = [(label, cell) for label, cell in rest if told(cell).strip()]
        for cell in first:
            yield text_block("record", cell, strong, width, round(gap * 1.3), sticky=bool(rest))
        for n, (label, cell) in enumerate(rest):
            rich = (*((t, False) for t, _ in label), (": ", False), *((t, True) for t, _ in cell))
            yield text_block("record", rich, by, width, max(1, gap // 3), sticky=n < len(rest) - 1)

    def _closing(self, look: Look, width: int) -> Iterator[Block]:
        """Who issued and signed it (NĐ 30/2020); on a matrix also an emergency's source."""
        notice, commune = self.framer.notice, self.framer.commune
        by = self.hand(look, "note", self.framer.colours.soft, strong="note-strong")
        gap = round(self._gap(look) * 1.6)
        if look.led and (alert := notice.alert):
            text = f"Nguồn: {alert.source}, bản tin {moment(alert.bulletin_time)}"
            yield text_block("source", text, by, width, gap, whole=True)
        document, other = notice.document, notice.issuer.casefold() != commune.authority.casefold()
        if document is None:
            if notice.issuer and other:
                yield text_block("closing", ((notice.issuer, True),), by, width, gap, whole=True)
            return
        rich: list[tuple[str, bool]] = []
        if other:  # the header names the authority
            rich.append((f"{document.issuer} – ", False))
        issued = f" ngày {document.issued:%d/%m/%Y}" if document.issued else ""
        rich += [(f"Số {document.number}", True), (issued, False)]
        if signer := document.signer:
            title = ", ".join(t for t in (signer.authority, signer.title) if t)
            rich += [(f" – {title} " if title else " – ", False), (signer.name.replace(" ", NBSP), True)]
        yield text_block("closing", tuple(rich), by, width, gap, whole=True)


def shown(notice: Notice, *, brief: bool = False) -> list[Part]:
    """What of a notice goes on slides: the words that a person wrote for boards, else the body.

    `brief`: its summary instead. Pictures of the body are shown beside either.
    """
    body = parts(notice.body)
    if brief or notice.board_summary:
        pictures = [part for part in body if isinstance(part, Figure)]
        return [*_short(notice, notice.board_summary or notice.summary), *([] if brief else pictures)]
    return body


def _short(notice: Notice, text: str) -> list[Part]:
    """A short text in its sentences; a citizen's question and the answer under their headings."""
    spoken = QUESTION.fullmatch(text) if notice.kind == ASKED else None
    strong = bool(notice.alert)
    if spoken is None:
        return [Paragraph(((piece, strong),)) for piece in sentences(text)]
    return [
        Heading((("Hỏi", True),)), Paragraph(((spoken[1], False),)),
        Heading((("Trả lời", True),)), *(Paragraph(((piece, False),)) for piece in sentences(spoken[2])),
    ]  # fmt: skip


def told(rich: Rich) -> str:
    """The words of a text."""
    return "".join(text for text, _ in rich)
