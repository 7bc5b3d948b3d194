"""The foot of a slide: until when, page, where to read or ask more, and the mark of invented data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import palette
from .rows import Rows, fitting, row
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
    """“DỮ LIỆU MẪU” in a box that ends at `right`: no one may take invented data for true."""
    look = framer.look
    colour, ink = palette.SAMPLE[look.led]
    by = framer.hand("note-strong", ink)
    pad, words = look.px(3, 18), palette.SAMPLE_WORDS
    above, below = by.ruler.ink(words, by.style)
    width = by.word_width(words) + 2 * pad
    tall = min(height, above + below + look.px(2, 14))
    rect = (right - width, y + (height - tall) // 2, width, tall)
    text = row("sample", words, by, (rect[0] + pad, rect[1], width - 2 * pad, tall))
    return Placed("sample", rect, (Fill(rect, colour, look.px(2, 8)), *text.marks))


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
    texts = (f"Đến {until}", f"Đến {until[:-5]}", until[:-5])
    if text := fitting(texts, note, right - framer.margin):
        width = note.word_width(text)
        blocks.append(row("until", text, note, (framer.margin, y, width, height)))
        left = framer.margin + width + gap
        phone = f"ĐT {framer.commune.phone}"
        if note.word_width(phone) <= right - left:
            width = note.word_width(phone)
            blocks.append(row("phone", phone, note, (right - width, y, width, height)))
    rule = Fill((framer.edge, y - line, framer.width - 2 * framer.edge, line), colours.rule)
    return Foot(y - line, tuple(blocks), (rule,))


def lcd_foot(framer: Framer, until: str, number: str, where: str) -> Foot:
    """Until when, and the page; in a band below, the address (or the source) and the telephone."""
    look, colours = framer.look, framer.colours
    strong = framer.hand("note-strong", colours.ink)
    row_height, line, gap = look.px(0, 80), max(1, look.px(0, 3)), look.px(0, 40)
    left, right = framer.margin, framer.width - framer.margin
    pages = strong.word_width(number) + gap if number else 0
    mark = stamp(framer, 0, 0, row_height).rect[2] + gap if framer.commune.sample else 0
    above = strong.word_width(until) + mark + pages <= right - left  # whether the mark stands beside `until`
    band, blocks = _contact(framer, where, 0 if above else mark)
    y = framer.height - framer.edge - band - row_height
    if number:
        width = strong.word_width(number)
        blocks.append(row("page", number, strong, (right - width, y, width, row_height)))
    if above and mark:
        blocks.append(stamp(framer, right - pages, y, row_height))
    width = right - left - pages - (mark if above else 0)
    rows = Rows(((until, strong),), width)
    blocks.append(rows.placed("until", (left, y, width, row_height)))
    ground: tuple[Mark, ...] = (
        Fill((framer.edge, y + row_height, framer.width - 2 * framer.edge, band), colours.wash),
        Fill((left, y - line, right - left, line), colours.rule),
    )
    return Foot(y - line, tuple(blocks), ground)


def _contact(framer: Framer, where: str, mark: int) -> tuple[int, list[Placed]]:
    """Address and telephone, side by side or one above the other; the band's height, and its blocks."""
    look, colours = framer.look, framer.colours
    soft, strong = framer.hand("note", colours.soft), framer.hand("note-strong", colours.ink)
    bottom, room, left = framer.height - framer.edge, framer.width - 2 * framer.margin, framer.margin
    phone = f"ĐT {framer.commune.phone}"
    row_height, pad = look.px(0, 84), look.px(0, 20)
    aside = strong.word_width(phone) + look.px(0, 40)
    right = left + room
    if soft.word_width(where) + aside + mark <= room:
        y = bottom - row_height
        width = strong.word_width(phone)
        blocks = [
            row("phone", phone, strong, (right - width, y, width, row_height)),
            row("address", where, soft, (left, y, room - aside - mark, row_height)),
        ]
        if mark:
            blocks.append(stamp(framer, right - aside, y, row_height))
        return row_height, blocks
    rows = Rows(((where, soft),), room)
    row_height = look.px(0, 68)
    band = pad + rows.height + row_height + pad // 2
    y = bottom - row_height - pad // 2
    blocks = [
        rows.placed("address", (left, bottom - band + pad, room, rows.height)),
        row("phone", phone, strong, (left, y, room - mark, row_height)),
    ]
    if mark:
        blocks.append(stamp(framer, right, y, row_height))
    return band, blocks
