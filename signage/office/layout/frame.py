"""What stands around the words on every slide: header, clock, a screen's rail or panel, a matrix's foot.

An emergency wears its level's colour all around; a slogan has a golden frame. A matrix of few rows
has one line above its words, and a matrix too small for that shows the words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ...notice import Notice
from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from ...settings import Commune
from ..typesetting import Ruler
from .alarm import alarm_header, screen_alarm
from .design import Look
from .flow import Hand
from .foot import led_foot, stamp
from .header import Head, clock_area, matrix_header, screen_header
from .ornament import waves
from .palette import SAMPLE_WORDS, Colours
from .rail import RAIL, Side, panel, rail
from .rows import Rows
from .sheet import Disc, Fill, Mark, Placed, Rect

ROOM_TOP = 34  # px at 1080p from the header to the words, and below them
SIDE_GAP = 34  # px at 1080p between the words and the rail


@dataclass(frozen=True)
class Frame:
    """The room left for words on a slide, and what is drawn around it; `code`: what its QR code holds."""

    room: Rect
    ground: tuple[Mark, ...]
    blocks: tuple[Placed, ...]
    clock: ClockArea | None
    code: str = ""


def moment(when: datetime) -> str:
    """17:00 22/11/2026."""
    return f"{when.astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"


def address(notice: Notice, commune: Commune) -> str:
    """The page's address as people type it."""
    return f"{commune.site.split('://', 1)[-1]}/{notice.url}"


def bare_title(notice: Notice) -> str:
    """The headline without “KHẨN CẤP:”, where an emergency's slide says that elsewhere."""
    bare = re.sub(r"^KHẨN CẤP\s*[:–-]\s*", "", notice.title)
    return bare if notice.alert and bare else notice.title


class Framer:
    """Lays the frame of one notice on one shape; `page` and `pages` are all that differs."""

    def __init__(self, notice: Notice, commune: Commune, look: Look, ruler: Ruler, colours: Colours) -> None:
        self.notice, self.commune, self.look, self.ruler, self.colours = notice, commune, look, ruler, colours
        self.width, self.height = look.shape.width, look.shape.height
        self.margin = look.px(8, 64) if not look.low else 4
        self.edge = look.px(4, 20) if notice.alert else 0  # the level's colour all around
        if notice.alert and look.low:
            self.edge = 2

    @property
    def title(self) -> str:
        """The headline; an emergency's header has said that it is one."""
        return bare_title(self.notice)

    def hand(self, role: str, ink: str, *, even: bool = False) -> Hand:
        return Hand.of(self.ruler, self.look, role, ink, even=even)

    def frame(self, page: int, pages: int, running: str = "") -> Frame:
        """The frame of page `page` (from 0) of `pages`; `running` is the headline, for a matrix's header."""
        if self.look.tiny:
            return self._bare()
        number = f"{page + 1}/{pages}" if pages > 1 else ""
        if self.look.led:
            return self._matrix(page, pages, number, running if page else "")
        return self._screen(number)

    # ── screens ──────────────────────────────────────────────────────────────────────────────────

    def _screen(self, number: str) -> Frame:
        look = self.look
        across = 0 if look.portrait else look.px(0, RAIL)
        head = screen_alarm(self, across) if self.notice.alert else screen_header(self, across)
        side = panel(self, number) if look.portrait else rail(self, head.height - self._strip(head), number)
        source = self._source(side)
        left, top = self.margin, head.height + look.px(0, ROOM_TOP)
        right = self.width - self.margin if look.portrait else side.rect[0] - look.px(0, SIDE_GAP)
        bottom = (side.rect[1] if look.portrait else self.height - self.edge) - look.px(0, ROOM_TOP)
        if source:
            bottom = source.rect[1] - look.px(0, 18)
        blocks = (*head.blocks, *side.blocks, *((source,) if source else ()))
        ground = (*self._alarm_ground(), *head.ground, *side.ground)
        return Frame((left, top, right - left, bottom - top), ground, blocks, head.clock, side.code)

    def _strip(self, head: Head) -> int:
        """Rows under a header that do not reach over the rail."""
        return head.height - head.ground[0].rect[3]  # type: ignore[union-attr]

    def _alarm_ground(self) -> tuple[Mark, ...]:
        if not self.notice.alert:
            return ()
        inside = (self.edge, 0, self.width - 2 * self.edge, self.height - self.edge)
        return Fill((0, 0, self.width, self.height), self.colours.band), Fill(inside, self.colours.paper)

    def _source(self, side: Side) -> Placed | None:
        """An emergency relays an official bulletin: whose, and of when."""
        alert = self.notice.alert
        if alert is None:
            return None
        look = self.look
        right = self.width - self.margin if look.portrait else side.rect[0] - look.px(0, SIDE_GAP)
        bottom = side.rect[1] if look.portrait else self.height - self.edge
        text = f"Nguồn: {alert.source}, bản tin {moment(alert.bulletin_time)}"
        rows = Rows(((text, self.hand("note", self.colours.soft)),), right - self.margin)
        y = bottom - look.px(0, 20) - rows.height
        return rows.placed("source", (self.margin, y, right - self.margin, rows.height))

    # ── matrices ─────────────────────────────────────────────────────────────────────────────────

    def _matrix(self, page: int, pages: int, number: str, running: str) -> Frame:
        look = self.look
        head = alarm_header(self, page) if self.notice.alert else matrix_header(self, running)
        top = head.height + (2 if look.low else look.px(4, 0))
        if look.low:
            room = (self.margin, top, self.width - 2 * self.margin, self.height - self.edge - 3 - top)
            return Frame(room, (*head.ground, *self._dots(page, pages)), head.blocks, head.clock)
        foot = led_foot(self, moment(self.notice.end), number)
        ground = (*head.ground, *foot.ground)
        room = (self.margin, top, self.width - 2 * self.margin, foot.top - look.px(3, 0) - top)
        return Frame(room, ground, (*head.blocks, *foot.blocks), head.clock)

    def _dots(self, page: int, pages: int) -> Iterator[Mark]:
        """On a matrix of few rows: which page it is, as a line of dots along its foot."""
        wide = (self.width - 2 * self.margin) // pages
        for n in range(pages if pages > 1 else 0):
            colour = self.colours.headline if n == page else self.colours.rule
            yield Fill((self.margin + n * wide, self.height - self.edge - 2, wide - 2, 2), colour)

    def slogan_frame(self) -> Frame:
        """A golden frame and waves; the commune's name above, and below only what must be said."""
        look, colours = self.look, self.colours
        if look.tiny:
            return self._bare()
        head = matrix_header(self, "") if look.led else screen_header(self, 0)
        inset, line, pad = look.px(2, 30), look.px(1, 5), look.px(2, 30)
        box = (inset, head.height + inset, self.width - 2 * inset, self.height - head.height - 2 * inset)
        ground: list[Mark] = list(head.ground)
        foot = look.px(24, 96) if (self.commune.sample or not look.led) and not look.low else 0
        if not look.led:
            ground += waves((0, self.height - look.px(0, 250), self.width, look.px(0, 250)), look.px(0, 96),
                            colours.wash)  # fmt: skip
            more = 3 * line
            inner = (box[0] + more, box[1] + more, box[2] - 2 * more, box[3] - 2 * more)
            ground.append(Fill(inner, colours.rule, look.px(0, 6), max(1, line // 2)))
        ground.append(Fill(box, colours.rule, look.px(0, 12), line))
        blocks = list(head.blocks)
        y, left, right = self.height - inset - line - foot, self.margin + inset, self.width - self.margin - inset
        if self.commune.sample and foot:
            placed = stamp(self, right, y - look.px(0, 8), foot)
            blocks, right = [*blocks, placed], placed.rect[0] - look.px(8, 40)
        if not look.led:
            site = self.commune.site.split("://", 1)[-1]
            rect = (left, y - look.px(0, 8), right - left, foot)
            blocks.append(Rows(((site, self.hand("note", colours.ink)),), right - left).placed("address", rect))
        top = head.height + inset + line + pad
        room = (self.margin, top, self.width - 2 * self.margin, y - pad - top)
        return Frame(room, tuple(ground), tuple(blocks), head.clock)

    def _bare(self) -> Frame:
        """A matrix of a few lines: the words, and the mark when the data are invented."""
        bottom, blocks = self.height, []
        if self.commune.sample:
            ink = self.colours.soft
            by = self.hand("note-strong", ink)
            words = next((w for w in (SAMPLE_WORDS, "MẪU") if by.word_width(w) <= self.width), "")
            rows = Rows(((words, by),), self.width)
            if words and self.height >= 3 * rows.height:
                bottom -= rows.height
                blocks.append(rows.placed("sample", (0, bottom, self.width, rows.height)))
            else:  # not even room for the word: a sign in the corner
                side = self.look.px(5, 5)
                blocks.append(Placed("sample", (0, 0, side, side), (Disc((0, 0, side, side), ink),)))
        corner = blocks[0].rect[2] if blocks and not blocks[0].rect[1] else 0
        return Frame((corner, 0, self.width - corner, bottom), (), tuple(blocks), None)


__all__ = ["Frame", "Framer", "address", "clock_area", "moment"]
