"""What stands around the words on every slide: header, clock, footer, page number.

A plain notice has a coloured header; an emergency wears its level's colour all around; a slogan has
a golden line. A matrix too small for any of it shows the words alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ...notice import KINDS, Notice
from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from ...settings import Commune
from ..typesetting import Ruler
from . import palette
from .alarm import alarm_header
from .design import Look
from .flow import Hand
from .foot import Foot, lcd_foot, led_foot, stamp
from .icons import class_sign
from .kinds import NORMAL
from .palette import Colours
from .rows import Rows, row
from .sheet import Disc, Fill, Mark, Placed, Rect

LCD_CLOCK = (320, 110)  # px at 1080p: hh:mm and the date
LED_CLOCK = (62, 24)  # px at 192 rows: hh:mm alone, 16 px text
CLOCK_GAP = (6, 24)  # px left of the clock, LED and LCD
LCD_HEADER, LED_HEADER = 150, 25  # px


@dataclass(frozen=True)
class Frame:
    """The room left for words on a slide, and what is drawn around it."""

    room: Rect
    ground: tuple[Mark, ...]
    blocks: tuple[Placed, ...]
    clock: ClockArea | None


def moment(when: datetime) -> str:
    """17:00 22/11/2026."""
    return f"{when.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"


def address(notice: Notice, commune: Commune) -> str:
    """The page's address as people type it."""
    return f"{commune.site.split('://', 1)[-1]}/{notice.url}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


class Framer:
    """Lays the frame of one notice on one shape; `page` and `pages` are all that differs."""

    def __init__(self, notice: Notice, commune: Commune, look: Look, ruler: Ruler, colours: Colours) -> None:
        self.notice, self.commune, self.look, self.ruler, self.colours = notice, commune, look, ruler, colours
        self.width, self.height = look.shape.width, look.shape.height
        self.margin = look.px(8, 64)
        self.edge = look.px(4, 20) if notice.alert else 0  # the level's colour all around

    def hand(self, role: str, ink: str, *, even: bool = False) -> Hand:
        return Hand.of(self.ruler, self.look, role, ink, even=even)

    def frame(self, page: int, pages: int, running: str = "") -> Frame:
        """The frame of page `page` (from 0) of `pages`; `running` is the headline, for a matrix's header."""
        if self.look.tiny:
            return self._bare()
        top, header, ground, clock = self._header(running if page else "")
        foot = self._foot(page, pages)
        top += self.look.px(4, 36)
        room = (self.margin, top, self.width - 2 * self.margin, foot.top - self.look.px(3, 22) - top)
        return Frame(room, (*ground, *foot.ground), (*header, *foot.blocks), clock)

    # ── header ───────────────────────────────────────────────────────────────────────────────────

    def _clock(self, bar: int) -> ClockArea:
        width, height = (self.look.px(led, lcd) for led, lcd in zip(LED_CLOCK, LCD_CLOCK, strict=True))
        area = (self.width - self.margin - width, max(0, (bar - height) // 2), width, height)
        return ClockArea(area, self.colours.band_ink, self.colours.band)

    def _header(self, running: str) -> tuple[int, list[Placed], list[Mark], ClockArea | None]:
        if self.notice.alert:
            clock = None if self.look.led else self._clock(self.look.px(0, LCD_HEADER))
            return *alarm_header(self, clock), clock
        height = self.look.px(LED_HEADER, LCD_HEADER)
        strip = self.look.px(1, 10)
        clock = self._clock(height - strip)
        room = (self.margin, 0, clock.area[0] - self.look.px(*CLOCK_GAP) - self.margin, height - strip)
        urgent = self.notice.klass != NORMAL
        tone = palette.PRIORITY[0] if urgent else self.colours.strip
        ground: list[Mark] = [
            Fill((0, 0, self.width, height), self.colours.band),
            Fill((0, height - strip, self.width, strip), tone),
        ]
        blocks = self._led_header(room, running) if self.look.led else [self._lcd_header(room)]
        return height, blocks, ground, clock

    def _lcd_header(self, rect: Rect) -> Placed:
        name = self.hand("name", self.colours.band_ink, even=True)
        soft = self.hand("note", self.colours.band_soft)
        texts = [(self.commune.authority, name), (f"{capital(self.commune.name)}, {self.commune.province}", soft)]
        rows = Rows(tuple(texts), rect[2], self.look.px(0, 10))
        if rows.height > rect[3]:  # a long name takes two lines; the place below it is said again in it
            rows = Rows(tuple(texts[:1]), rect[2])
        return rows.placed("authority", rect)

    def _led_header(self, rect: Rect, running: str) -> list[Placed]:
        x, y, width, height = rect
        if running:
            by = self.hand("running", self.colours.headline)
            return [row("running", shortened(running, by, width), by, rect)]
        by = self.hand("name", self.colours.band_ink)
        name = capital(self.commune.name)
        blocks = [row("authority", name, by, (x, y, min(width, by.word_width(name)), height))]
        if self.kind_in_header:
            left = x + by.word_width(name) + self.look.px(12, 0)
            kind = self.hand("running", self.colours.soft)
            sign, cap = self.look.px(10, 0), kind.ruler.cap(kind.style)
            at = (left, y + (height - cap) // 2 + (cap - sign) // 2, sign, sign)
            text = left + sign + self.look.px(5, 0)
            placed = row("kind", KINDS[self.notice.kind], kind, (text, y, x + width - text, height))
            sign_marks = class_sign(self.notice.klass, at, self.colours.soft)
            blocks.append(Placed("kind", (left, y, x + width - left, height), (*sign_marks, *placed.marks)))
        return blocks

    @property
    def kind_in_header(self) -> bool:
        """Whether a matrix says the kind beside the commune's name: a normal notice whose kind is short."""
        if not self.look.led or self.look.tiny or self.notice.klass != NORMAL or self.notice.alert:
            return False
        look, kind = self.look, self.hand("running", self.colours.soft)
        name = self.hand("name", self.colours.band_ink).word_width(capital(self.commune.name))
        room = self.width - 2 * self.margin - look.px(LED_CLOCK[0] + CLOCK_GAP[0] + 12 + 10 + 5, 0)
        return name + kind.word_width(KINDS[self.notice.kind]) <= room

    # ── footer and the other frames ──────────────────────────────────────────────────────────────

    def _foot(self, page: int, pages: int) -> Foot:
        number = f"{page + 1}/{pages}" if pages > 1 else ""
        until = moment(self.notice.end)
        if self.look.led:
            return led_foot(self, until, number)
        source = ""
        if alert := self.notice.alert:
            source = f"Nguồn: {alert.source}, bản tin {moment(alert.bulletin_time)}"
        return lcd_foot(self, f"Hiệu lực đến {until}", number, source or address(self.notice, self.commune))

    def slogan_frame(self) -> Frame:
        """A frame of gold lines; the commune's name above, and below only what must be said."""
        look, colours = self.look, self.colours
        if look.tiny:
            return self._bare()
        header, blocks, ground, clock = self._header("")
        inset, line, pad = look.px(2, 26), look.px(1, 6), look.px(2, 24)
        box = (inset, header + inset, self.width - 2 * inset, self.height - header - 2 * inset)
        ground = [*ground, Fill(box, colours.rule, look.px(0, 10), line)]
        foot = look.px(24, 92) if self.commune.sample or not look.led else 0
        y, left, right = self.height - inset - line - foot, self.margin + inset, self.width - self.margin - inset
        if self.commune.sample:
            placed = stamp(self, right, y, foot)
            blocks, right = [*blocks, placed], placed.rect[0] - look.px(8, 40)
        if not look.led:
            site = self.commune.site.split("://", 1)[-1]
            rect = (left, y, right - left, foot)
            blocks = [*blocks, Rows(((site, self.hand("note", colours.ink)),), right - left).placed("address", rect)]
        top = header + inset + line + pad
        room = (self.margin, top, self.width - 2 * self.margin, y - pad - top)
        return Frame(room, tuple(ground), tuple(blocks), clock)

    def _bare(self) -> Frame:
        """A matrix of a few lines: the words, and the mark when the data are invented."""
        bottom, blocks = self.height, []
        if self.commune.sample:
            ink = palette.SAMPLE[True][0]
            by = self.hand("note-strong", ink)
            words = next((w for w in (palette.SAMPLE_WORDS, "MẪU") if by.word_width(w) <= self.width), "")
            rows = Rows(((words, by),), self.width)
            if words and self.height >= 3 * rows.height:
                bottom -= rows.height
                blocks.append(rows.placed("sample", (0, bottom, self.width, rows.height)))
            else:  # not even room for the word: a sign in the corner
                side = self.look.px(5, 5)
                blocks.append(Placed("sample", (0, 0, side, side), (Disc((0, 0, side, side), ink),)))
        corner = blocks[0].rect[2] if blocks and not blocks[0].rect[1] else 0
        return Frame((corner, 0, self.width - corner, bottom), (), tuple(blocks), None)


def shortened(text: str, by: Hand, width: int) -> str:
    """The text, or as many of its words as fit on the line, and “…”."""
    if by.word_width(text) <= width:
        return text
    kept = text.split()
    while kept and by.word_width(" ".join(kept) + " …") > width:
        kept.pop()
    return " ".join([*kept, "…"])
