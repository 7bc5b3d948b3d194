"""What stands around the words on every slide of a notice: header, clock, footer, page number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ...notice import CLASSES, LEVELS, Notice
from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from ...settings import Commune
from ..typesetting import Ruler, plain
from . import design
from .design import Colours, Look
from .flow import Hand
from .icons import steps, triangle
from .sheet import Fill, Mark, Placed, Rect

SAMPLE_WORDS = "DỮ LIỆU MẪU"
LCD_CLOCK = (320, 110)  # px at 1080p: hh:mm and the date
LED_CLOCK = (62, 24)  # px at 192 rows: hh:mm alone, 16 px text


@dataclass(frozen=True)
class Frame:
    """The room left for words on a slide, and what is drawn around it."""

    look: Look
    colours: Colours
    room: Rect
    ground: tuple[Mark, ...]
    blocks: tuple[Placed, ...]
    clock: ClockArea | None


def hand(ruler: Ruler, look: Look, role: str, ink: str, *, strong: str = "", even: bool = False) -> Hand:
    return Hand(ruler, look.style(role), look.style(strong or role), ink, look.lead(role), even)


def moment(when: datetime) -> str:
    """17:00 22/11/2026."""
    return f"{when.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"


def address(notice: Notice, commune: Commune) -> str:
    """The page's address as people type it."""
    return f"{commune.site.split('://', 1)[-1]}/{notice.url}"


class Framer:
    """Lays the frame of one notice on one shape; `page` and `pages` are all that differs."""

    def __init__(self, notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> None:
        self.notice, self.commune, self.look, self.ruler = notice, commune, look, ruler
        alert = notice.alert
        base = design.LED if look.led else design.LCD
        self.colours = design.emergency(alert.level, look.led) if alert else base
        self.width, self.height = look.shape.width, look.shape.height
        self.margin = look.px(8 if look.led else 64)
        self.edge = look.px(4 if look.led else 20) if alert else 0  # the level's colour all around

    def frame(self, page: int, pages: int) -> Frame:
        """The frame of page `page` (from 0) of `pages`."""
        colours, look = self.colours, self.look
        if look.tiny:
            return self._tiny()
        header, ground, clock = self._header()
        footer, foot, foot_ground = self._footer(page, pages)
        top = self._header_height + look.px(6 if look.led else 36)
        bottom = self.height - footer - look.px(3 if look.led else 22)
        room = (self.margin, top, self.width - 2 * self.margin, bottom - top)
        return Frame(look, colours, room, (*ground, *foot_ground), (*header, *foot), clock)

    # ── header ───────────────────────────────────────────────────────────────────────────────────

    @property
    def _header_height(self) -> int:
        look = self.look
        if self.notice.alert:
            return look.px(52 if look.led else 250)
        return look.px(25) if look.led else look.px(150)

    def _clock(self) -> ClockArea | None:
        width, height = (self.look.px(n) for n in (LED_CLOCK if self.look.led else LCD_CLOCK))
        bar = self._header_height if not self.notice.alert else self.look.px(26 if self.look.led else 150)
        area = (self.width - self.margin - width, max(0, (bar - height) // 2), width, height)
        if self.notice.alert and self.look.led:
            return None
        return ClockArea(area, self.colours.band_ink, self.colours.band)

    def _header(self) -> tuple[list[Placed], list[Mark], ClockArea | None]:
        clock = self._clock()
        right = clock.area[0] - self.look.px(24) if clock else self.width - self.margin
        if self.notice.alert:
            blocks, ground = self._alert_header(right)
        else:
            blocks, ground = self._plain_header(right)
        return blocks, ground, clock

    def _plain_header(self, right: int) -> tuple[list[Placed], list[Mark]]:
        look, colours, height = self.look, self.colours, self._header_height
        room = right - self.margin
        ground: list[Mark] = [Fill((0, 0, self.width, height), colours.band)]
        strip = look.px(1 if look.led else 10)
        tone = self._tone()[0] if self.notice.klass != "thong-thuong" else colours.accent
        ground.append(Fill((0, height - strip, self.width, strip), tone if not look.led else colours.rule))
        name = hand(self.ruler, look, "name", colours.band_ink)
        if look.led:
            block = self._row("authority", [self.commune.name[:1].upper() + self.commune.name[1:]], [name],
                              (self.margin, 0, room, height - strip))  # fmt: skip
            return [block], ground
        soft = hand(self.ruler, look, "note", colours.band_soft)
        place = f"{self.commune.name[:1].upper()}{self.commune.name[1:]}, {self.commune.province}"
        rect = (self.margin, 0, room, height - strip)
        return [self._row("authority", [self.commune.authority, place], [name, soft], rect)], ground

    def _alert_header(self, right: int) -> tuple[list[Placed], list[Mark]]:
        look, colours, height, alert = self.look, self.colours, self._header_height, self.notice.alert
        assert alert is not None
        level = LEVELS[alert.level]
        ground: list[Mark] = [
            Fill((0, 0, self.width, self.height), colours.band),
            Fill(
                (self.edge, height, self.width - 2 * self.edge, self.height - height - self.edge),
                colours.paper,
            ),
        ]
        side = height - look.px(10 if look.led else 56)
        left = self.margin + side + look.px(8 if look.led else 40)
        icon = Placed("icon", (self.margin, (height - side) // 2, side, side),
                      triangle((self.margin, (height - side) // 2, side, side), level.ink, level.colour))  # fmt: skip
        big = hand(self.ruler, look, "value", level.ink)
        small = hand(self.ruler, look, "kind", level.ink)
        words = f"CẤP ĐỘ {alert.level} – {level.word.upper()}"
        first = f"{CLASSES[self.notice.klass].upper()} · {self.commune.name.upper()}"
        if look.led:
            first = CLASSES[self.notice.klass].upper()
        bars = look.px(64 if look.led else 300)
        bar_height = look.px(14 if look.led else 60)
        text_right = self.width - self.margin - bars - look.px(8 if look.led else 40)
        block = self._row("level", [first, words], [small, big], (left, 0, text_right - left, height))
        bar_rect = (
            self.width - self.margin - bars,
            height - bar_height - look.px(7 if look.led else 36),
            bars,
            bar_height,
        )
        meter = Placed("meter", bar_rect, steps(bar_rect, alert.level, len(LEVELS), level.ink))
        return [icon, block, meter], ground

    def _row(self, name: str, texts: Sequence[str], hands: Sequence[Hand], rect: Rect) -> Placed:
        """Lines of text in the middle of a rectangle's height, from its left."""
        x, y, width, height = rect
        set_texts = [h.rich(plain(t), width) for t, h in zip(texts, hands, strict=True)]
        gap = self.look.px(8)
        while sum(len(s) for s in set_texts) > 1 and self._tall(set_texts, hands, gap) > height:
            if len(set_texts) > 1:
                set_texts, hands = set_texts[:-1], hands[:-1]  # too many lines: the last text gives way
            else:
                set_texts = [set_texts[0][:-1]]
        at = y + max(0, (height - self._tall(set_texts, hands, gap)) // 2)
        marks: list[Mark] = []
        for lines, h in zip(set_texts, hands, strict=True):
            above, below, lead = h.extent(lines)
            marks += h.marks(lines, x, at + above, lead)
            at += above + below + lead * (len(lines) - 1) + gap
        return Placed(name, rect, tuple(marks))

    @staticmethod
    def _tall(texts: Sequence[Sequence[object]], hands: Sequence[Hand], gap: int) -> int:
        total = gap * (len(texts) - 1)
        for lines, h in zip(texts, hands, strict=True):
            above, below, lead = h.extent(lines)  # type: ignore[arg-type]
            total += above + below + lead * (len(lines) - 1)
        return total

    def _tone(self) -> tuple[str, str]:
        if self.notice.klass == "uu-tien":
            return design.PRIORITY[self.look.led]
        return self.colours.accent, self.colours.accent_ink

    # ── footer ───────────────────────────────────────────────────────────────────────────────────

    def _footer(self, page: int, pages: int) -> tuple[int, list[Placed], list[Mark]]:
        return self._led_footer(page, pages) if self.look.led else self._lcd_footer(page, pages)

    def _led_footer(self, page: int, pages: int) -> tuple[int, list[Placed], list[Mark]]:
        look, colours = self.look, self.colours
        height = look.px(24)
        y = self.height - height - self.edge
        note = hand(self.ruler, look, "note", colours.soft)
        pieces = [f"Đến {moment(self.notice.end)}"]
        blocks: list[Placed] = []
        right = self.width - self.margin
        if pages > 1:
            right = self._right(blocks, "page", f"{page + 1}/{pages}", note, (right, y, height))
        if self.commune.sample:
            right = self._stamp(blocks, right, y, height)
        room = right - self.margin
        fits = [p for p in (*pieces, f"Đến {moment(self.notice.end)[:-5]}") if note.word_width(p) <= room]
        if fits:
            blocks.append(self._row("until", fits[:1], [note], (self.margin, y, room, height)))
        line = max(1, look.px(1))
        return (
            height + self.edge,
            blocks,
            [Fill((self.edge, y - line, self.width - 2 * self.edge, line), colours.rule)],
        )

    def _lcd_footer(self, page: int, pages: int) -> tuple[int, list[Placed], list[Mark]]:
        look, colours = self.look, self.colours
        strong = hand(self.ruler, look, "note-strong", colours.ink)
        soft = hand(self.ruler, look, "note", colours.soft)
        blocks: list[Placed] = []
        band = self._contact(blocks, soft, strong)
        line, row = max(1, look.px(3)), look.px(74)
        texts = [f"Hiệu lực đến {moment(self.notice.end)}"]
        if alert := self.notice.alert:
            texts.append(f"Nguồn: {alert.source}, bản tin {moment(alert.bulletin_time)}")
        right = self.width - self.margin
        upper = sum(max(row, self._tall([h.rich(plain(t), right - self.margin)], [h], 0) + look.px(16))
                    for t, h in zip(texts, (strong, soft), strict=False))  # fmt: skip
        y = self.height - self.edge - band - upper
        if pages > 1:
            right = self._right(blocks, "page", f"{page + 1}/{pages}", strong, (right, y, row))
        if self.commune.sample:
            right = self._stamp(blocks, right, y, row)
        blocks.append(self._row("until", texts[:1], [strong], (self.margin, y, right - self.margin, row)))
        if texts[1:]:
            rect = (self.margin, y + row, self.width - 2 * self.margin, upper - row)
            blocks.append(self._row("source", texts[1:], [soft], rect))
        ground: list[Mark] = [
            Fill((self.edge, y + upper, self.width - 2 * self.edge, band), colours.wash),
            Fill((self.margin, y - line, self.width - 2 * self.margin, line), colours.rule),
        ]
        return band + upper + line + self.edge, blocks, ground

    def _contact(self, blocks: list[Placed], soft: Hand, strong: Hand) -> int:
        """Address and telephone at the foot, side by side or one above the other; returns their height."""
        look, bottom = self.look, self.height - self.edge
        phone, where = f"ĐT {self.commune.phone}", address(self.notice, self.commune)
        room, pad = self.width - 2 * self.margin, look.px(22)
        beside = room - strong.word_width(phone) - look.px(40)
        if soft.word_width(where) <= beside:
            band = look.px(84)
            self._right(blocks, "phone", phone, strong, (self.width - self.margin, bottom - band, band))
            blocks.append(self._row("address", [where], [soft], (self.margin, bottom - band, beside, band)))
            return band
        gap = look.px(8)
        band = (
            self._tall([soft.rich(plain(where), room), strong.rich(plain(phone), room)], [soft, strong], gap)
            + 2 * pad
        )
        rect = (self.margin, bottom - band, room, band)
        blocks.append(self._row("address", [where, phone], [soft, strong], rect))
        return band

    def _right(self, blocks: list[Placed], name: str, text: str, by: Hand, at: tuple[int, int, int]) -> int:
        """A text that ends at the right; what is left of it begins at the x that is returned."""
        right, y, height = at
        width = by.word_width(text)
        blocks.append(self._row(name, [text], [by], (right - width, y, width, height)))
        return right - width - self.look.px(12 if self.look.led else 40)

    def _stamp(self, blocks: list[Placed], right: int, y: int, height: int) -> int:
        """The mark of invented data."""
        look = self.look
        colour, ink = design.SAMPLE[look.led]
        by = hand(self.ruler, look, "note-strong", ink)
        pad = look.px(3 if look.led else 18)
        above, below, _ = by.extent(by.rich(plain(SAMPLE_WORDS), 10**6))
        width, tall = by.word_width(SAMPLE_WORDS) + 2 * pad, min(height, above + below + pad)
        rect = (right - width, y + (height - tall) // 2, width, tall)
        text = self._row("sample", [SAMPLE_WORDS], [by], (rect[0] + pad, rect[1], width - 2 * pad, tall))
        blocks.append(
            Placed("sample", rect, (Fill(rect, colour, look.px(2 if look.led else 8)), *text.marks))
        )
        return rect[0] - look.px(8 if look.led else 40)

    def slogan_frame(self) -> Frame:
        """A frame of gold lines; the commune's name above, and below only what must be said."""
        look, colours = self.look, self.colours
        if look.tiny:
            return self._tiny()
        header, ground, clock = self._header()
        inset, line = look.px(2 if look.led else 26), look.px(1 if look.led else 6)
        top = self._header_height + inset
        foot = look.px(24 if look.led else 92)
        box = (inset, top, self.width - 2 * inset, self.height - top - inset)
        ground = [*ground, Fill(box, colours.rule, 0 if look.led else look.px(10), line)]
        blocks = [*header]
        right = self.width - self.margin - inset
        y = self.height - inset - line - foot
        if self.commune.sample:
            right = self._stamp(blocks, right, y, foot)
        if not look.led:
            soft = hand(self.ruler, look, "note", colours.ink)
            left = self.margin + inset
            where = self.commune.site.split("://", 1)[-1]
            blocks.append(self._row("address", [where], [soft], (left, y, right - left, foot)))
        elif not self.commune.sample:
            foot = 0
        pad = look.px(2 if look.led else 24)
        room = (
            self.margin,
            top + line + pad,
            self.width - 2 * self.margin,
            self.height - top - inset - 2 * line - foot - 2 * pad,
        )
        return Frame(look, colours, room, tuple(ground), tuple(blocks), clock)

    def _tiny(self) -> Frame:
        """A matrix of a few lines: the words, and the mark when the data are invented."""
        blocks: list[Placed] = []
        bottom = self.height
        note = hand(self.ruler, self.look, "note-strong", design.SAMPLE[True][0])
        if self.commune.sample:
            words = next((w for w in (SAMPLE_WORDS, "MẪU") if note.word_width(w) <= self.width), "")
            above, below, _ = note.extent(note.rich(plain(SAMPLE_WORDS), 10**6))
            if words and self.height >= 3 * (above + below):
                bottom -= above + below
                blocks.append(self._row("sample", [words], [note], (0, bottom, self.width, above + below)))
        return Frame(self.look, self.colours, (0, 0, self.width, bottom), (), tuple(blocks), None)
