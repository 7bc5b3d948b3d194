"""Beside the words of a screen: until when, whom to call, the code of the page, which slide of how many.

A landscape screen has them in a column at its right, a portrait one in a panel at its foot. An
emergency's column shows its level as a number that is read from across the street.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...notice import LEVELS
from ...notice.vocabulary import EMERGENCY
from ...schedule import VIETNAM_TIME
from .. import qr
from .foot import stamp
from .icons import steps, triangle
from .palette import CODE
from .rows import Rows
from .sheet import Fill, Mark, Placed, Rect

if TYPE_CHECKING:
    from .flow import Hand
    from .frame import Framer

RAIL, CARD = 460, 412  # px at 1080p: widths of the column and of the code's white card
PAD, GAP = 32, 30  # px at 1080p: left and right in it; between what stands in it
NUMBER = 300  # px at 1080p: letter size of an emergency's level


@dataclass(frozen=True)
class Side:
    """`rect` is its place; `code` the address that its QR code holds, or nothing."""

    rect: Rect
    blocks: tuple[Placed, ...]
    ground: tuple[Mark, ...]
    code: str


@dataclass(frozen=True)
class Code:
    """A QR code that fits: its text, modules a side, and pixels of a module."""

    text: str
    modules: qr.Modules
    module: int

    @property
    def side(self) -> int:
        """Pixels of it with its quiet zone."""
        return (len(self.modules) + 2 * qr.QUIET) * self.module

    def placed(self, x: int, y: int) -> Placed:
        dark, light = CODE
        marks: list[Mark] = [Fill((x, y, self.side, self.side), light)]
        for n, line in enumerate(self.modules):
            at = 0
            while at < len(line):
                run = next((m for m in range(at, len(line)) if line[m] != line[at]), len(line)) - at
                if line[at]:
                    left, top = x + (qr.QUIET + at) * self.module, y + (qr.QUIET + n) * self.module
                    marks.append(Fill((left, top, run * self.module, self.module), dark))
                at += run
        return Placed("code", (x, y, self.side, self.side), tuple(marks))


def fitting_code(text: str, needed: int, room: int) -> Code | None:
    """The code in `room` pixels with its quiet zone, if it is then at least `needed` pixels without it."""
    if not needed:
        return None
    found = qr.modules(text)
    module = room // (len(found) + 2 * qr.QUIET)
    large = module >= qr.LEAST_MODULE and len(found) * module >= needed
    return Code(text, found, module) if large else None


def code_of(framer: Framer) -> Code | None:
    """The code of the notice's page, where a phone can read it; an emergency is acted on, not looked up."""
    if framer.notice.klass == EMERGENCY or framer.look.led:
        return None
    return fitting_code(f"{framer.commune.site}/{framer.notice.url}", framer.look.code, framer.look.px(0, CARD))


# ── what is told ─────────────────────────────────────────────────────────────────────────────────

Told = tuple[str, tuple[tuple[str, "Hand"], ...]]  # the block's name; its lines


def _told(framer: Framer, code: Code | None) -> list[Told]:
    """Until when and the telephone, and the site's address where there is no code."""
    soft = framer.hand("note", framer.colours.band_soft)
    strong, least = (framer.hand(role, framer.colours.band_ink) for role in ("name", "note-strong"))
    until = f"{framer.notice.end.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"
    fits = strong.word_width(until) <= framer.look.px(0, RAIL - 2 * PAD)
    validity = (("Hiệu lực đến", soft), (until, strong if fits else least))
    if framer.notice.evergreen:
        validity = (("Hiệu lực", soft), ("thường xuyên", strong))
    found: list[Told] = [("until", validity), ("phone", (("Điện thoại", soft), (framer.commune.phone, strong)))]
    if framer.notice.prepared:
        return found[1:]  # until when is the emergency's to say, and the site does not have it
    if code is None and not framer.notice.alert:
        site = framer.commune.site.split("://", 1)[-1]
        found.append(("address", (("Đọc toàn văn tại", soft), (site, strong))))
    return found


def _number(framer: Framer, number: str) -> list[Told]:
    return [("page", ((f"Trang {number}", framer.hand("running", framer.colours.band_ink)),))] if number else []


# ── a column at the right ────────────────────────────────────────────────────────────────────────


def rail(framer: Framer, top: int, number: str) -> Side:
    """The column of a landscape screen, from row `top` down."""
    look = framer.look
    width, pad, gap = look.px(0, RAIL), look.px(0, PAD), look.px(0, GAP)
    left, bottom = framer.width - width, framer.height - look.px(0, 24)
    room = width - 2 * pad
    blocks: list[Placed] = []
    y = top + look.px(0, 20)
    if framer.commune.sample:
        height = look.px(0, 66)
        wide = stamp(framer, 0, y, height).rect[2]
        blocks.append(stamp(framer, left + pad + wide, y, height))
        y += height + look.px(0, 20)
    if framer.notice.alert:
        y = _level(framer, (left, y, width, 0), blocks) + gap
    code = code_of(framer)
    told = _told(framer, code)
    if framer.notice.alert:
        told = told[:1]  # its facts say whom to call
    for name, texts in told:
        rows = Rows(texts, room, look.px(0, 12))
        blocks.append(rows.placed(name, (left + pad, y, room, rows.height)))
        y += rows.height + gap
    for name, texts in _number(framer, number):
        rows = Rows(texts, room)
        bottom -= rows.height
        blocks.append(rows.placed(name, (left + pad, bottom, room, rows.height)))
        bottom -= look.px(0, 16)
    if framer.notice.prepared:
        side = min(look.px(0, NUMBER), bottom - y)
        sign = (left + (width - side) // 2, y + (bottom - y - side) // 2, side, side)
        blocks.append(Placed("icon", sign, triangle(sign, framer.colours.band_ink, framer.colours.band)))
    if code:
        bottom -= code.side
        blocks.append(code.placed(left + (width - code.side) // 2, bottom))
        caption = Rows((("Quét xem toàn văn", framer.hand("note", framer.colours.band_soft)),), room)
        bottom -= caption.height + look.px(0, 12)
        blocks.append(caption.placed("caption", (left + pad, bottom, room, caption.height)))
    ground = Fill((left, top, width, framer.height - top), framer.colours.band)
    return Side((left, top, width, framer.height - top), tuple(blocks), (ground,), code.text if code else "")


def _level(framer: Framer, rect: Rect, blocks: list[Placed]) -> int:
    """The level as sign, number, word and steps, from the top of `rect` down; returns where it ends."""
    alert = framer.notice.alert
    assert alert is not None
    left, y, width, _ = rect
    look, ink = framer.look, framer.colours.band_ink
    pad = look.px(0, PAD)
    small, base = framer.hand("kind", ink), framer.hand("level", ink)
    big = replace(base, style=replace(base.style, size=look.px(0, NUMBER)), lead=0)
    side = look.px(0, 170)
    digit, digit_width = str(alert.level), big.word_width(str(alert.level))
    height = big.ruler.cap(big.style) + look.px(0, 24)
    sign = (left + pad, y + (height - side) // 2, side, side)
    blocks.append(Placed("icon", sign, triangle(sign, ink, framer.colours.band)))
    at = left + width - pad - digit_width
    blocks.append(Rows(((digit, big),), 10 * digit_width).placed("number", (at, y, digit_width, height)))
    y += height + look.px(0, 6)
    rows = Rows((("CẤP ĐỘ RỦI RO", small), (LEVELS[alert.level].word.upper(), _wide(base, framer, alert.level))),
                width - 2 * pad, look.px(0, 4))  # fmt: skip
    blocks.append(rows.placed("level", (left + pad, y, width - 2 * pad, rows.height)))
    y += rows.height + look.px(0, 18)
    meter = (left + pad, y, width - 2 * pad, look.px(0, 40))
    blocks.append(Placed("meter", meter, steps(meter, alert.level, len(LEVELS), ink)))
    return y + meter[3]


def _wide(by: Hand, framer: Framer, level: int) -> Hand:
    """The hand in which the level's word fills the column's width."""
    room = framer.look.px(0, RAIL - 2 * PAD)
    while by.word_width(LEVELS[level].word.upper()) > room and by.style.size > 2:
        style = replace(by.style, size=by.style.size - 2)
        by = replace(by, style=style, strong=style, lead=0)
    return by


# ── a panel at the foot ──────────────────────────────────────────────────────────────────────────


def panel(framer: Framer, number: str) -> Side:
    """The panel at the foot of a portrait screen."""
    look = framer.look
    code = code_of(framer)
    pad, gap, line = look.px(0, PAD), look.px(0, GAP), look.px(0, 8)
    right = framer.width - framer.margin
    told = [*_told(framer, code), *_number(framer, number)]
    if code:
        soft = framer.hand("note", framer.colours.band_soft)
        told.insert(2, ("caption", (("Quét mã bên phải để xem toàn văn", soft),)))
        columns = [(told, right - code.side - gap - framer.margin)]
    else:
        half = (right - framer.margin - gap) // 2
        columns = [(told[0::2], half), (told[1::2], half)]
    found: list[list[tuple[str, Rows]]] = [[(n, Rows(t, w, line)) for n, t in told] for told, w in columns]
    tall = max(sum(r.height for _, r in column) + gap * (len(column) - 1) for column in found)
    mark = look.px(0, 66) + gap // 2 if framer.commune.sample else 0
    height = max(tall + mark, code.side if code else 0) + 2 * pad + framer.edge
    top = framer.height - height
    blocks: list[Placed] = []
    if mark:
        place = framer.margin if code else right
        made = stamp(framer, place, top + pad, look.px(0, 66))
        if code:  # above the words at the left; the card stands at the right
            made = stamp(framer, framer.margin + made.rect[2], top + pad, look.px(0, 66))
        blocks.append(made)
    x = framer.margin
    for column, (_, width) in zip(found, columns, strict=True):
        y = top + pad + mark
        for name, rows in column:
            blocks.append(rows.placed(name, (x, y, width, rows.height)))
            y += rows.height + gap
        x += width + gap
    if code:
        blocks.append(code.placed(right - code.side, top + (height - framer.edge - code.side) // 2))
    rect = (0, top, framer.width, height)
    return Side(rect, tuple(blocks), (Fill(rect, framer.colours.band),), code.text if code else "")
