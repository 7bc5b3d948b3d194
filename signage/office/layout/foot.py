"""The foot of a matrix: until when, telephone, page; and the mark of invented data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import palette
from .rows import fitting, row
from .sheet import Fill, Mark, Placed

if TYPE_CHECKING:
    from .frame import Framer


@dataclass(frozen=True)
class Foot:
    """`top`: the first row of pixels that it takes."""

    top: int
    blocks: tuple[Placed, ...]
    ground: tuple[Mark, ...]


def stamp(framer: Framer, right: int, y: int, height: int) -> Placed:
    """“DỮ LIỆU MẪU”, ending at `right`: no one may take invented data for true. In a box on a matrix."""
    look, (paper, ink) = framer.look, palette.SAMPLE
    # On a screen no box: letters on another paper are the only ones that a machine does not find.
    by = framer.hand("note-strong", ink if look.led else framer.colours.band_ink)
    pad, words = look.px(3, 0), palette.SAMPLE_WORDS
    above, below = by.ruler.ink(words, by.style)
    width = by.word_width(words) + 2 * pad
    tall = min(height, above + below + look.px(2, 14))
    rect = (right - width, y + (height - tall) // 2, width, tall)
    text = row("sample", words, by, (rect[0] + pad, rect[1], width - 2 * pad, tall))
    box = (Fill(rect, paper, look.px(2, 0)),) if look.led else ()
    return Placed("sample", rect, (*box, *text.marks))


def led_foot(framer: Framer, until: str, number: str) -> Foot:
    """One line: until when, telephone when there is room, the mark, the page."""
    look, colours = framer.look, framer.colours
    height, line, gap = look.px(24, 0), look.px(1, 0), look.px(10, 0)
    y = framer.height - height - framer.edge
    note = framer.hand("note", colours.soft)
    right = framer.width - framer.margin
    blocks: list[Placed] = []
    if number:
        width = note.word_width(number)
        blocks.append(row("page", number, note, (right - width, y, width, height)))
        right -= width + gap
    if framer.commune.sample:
        blocks.append(stamp(framer, right, y, height))
        right = blocks[-1].rect[0] - gap
    texts: tuple[str, ...] = (f"Đến {until}", f"Đến {until[:-5]}", until[:-5])
    if framer.notice.prepared:  # until when is the emergency's to say
        texts = (f"ĐT {framer.commune.phone}",)
    if text := fitting(texts, note, right - framer.margin):
        width = note.word_width(text)
        blocks.append(row("until", text, note, (framer.margin, y, width, height)))
        left = framer.margin + width + gap
        phone = f"ĐT {framer.commune.phone}"
        if note.word_width(phone) <= right - left and not framer.notice.prepared:
            width = note.word_width(phone)
            blocks.append(row("phone", phone, note, (right - width, y, width, height)))
    rule = Fill((framer.edge, y - line, framer.width - 2 * framer.edge, line), colours.rule)
    return Foot(y - line, tuple(blocks), (rule,))
