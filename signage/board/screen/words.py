"""An emergency's signed words, drawn by the board itself: when its slide is not here yet, or there is none.

Above: that it is an emergency, of which level, by sign, number, word, steps and colour (QĐ 18/2021);
then what it is and what to do; below: whose bulletin, of when, and until when. Letters keep a least
size, so long words take several pages; where there is no room for a foot, its text follows the words.
Nothing is left out, whatever the shape: that is tested.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pygame

from ...notice.vocabulary import DRILL, LEVELS
from ...schedule import VIETNAM_TIME
from ...wire import to_moment
from .letters import BOLD, DOTS, LEAST_LETTERS, REGULAR, drawn, fitted, font, wrapped
from .picture import Size, drill_band, drill_height

LEAST_WORDS = 0.055  # share of the smaller side: letters of an emergency are not smaller, it takes more pages
LARGEST_WORDS = 0.13
TITLE = 1.3  # the headline's letters beside those of the words
HEAD, TALL_HEAD, FOOT = 0.17, 0.27, 0.085  # shares of the smaller side; of a portrait picture the second
DOTTED_ROWS = 64  # rows of a picture up to which small letters are drawn dot by dot
HEAD_ROOM = 48  # rows of a picture below which it has no head: its text begins the words
SMALLEST_HEAD = 0.38  # share of the head that its letters take at least, before it says less
PAGE_MS = 3000  # at least: how long one page stays
READING_MS = 70  # milliseconds to read one character
SMALL_SIGN = 20  # pixels of a warning sign whose mark is one pixel wide

GAP = 0.35  # of the letters: between headline and words

Line = tuple[str, pygame.font.Font]
Paragraph = list[Line]


@dataclass(frozen=True)
class Alarm:
    """What is signed of an emergency, as far as the board tells it."""

    title: str
    alert: Mapping[str, Any]
    until: datetime | None = None

    @property
    def level(self) -> int:
        return int(self.alert.get("level", 1))

    @property
    def drill(self) -> bool:
        return bool(self.alert.get("drill", False))

    def heads(self) -> list[str]:
        """The head's text, the fullest first; number and word are in each but the last."""
        word = LEVELS[self.level].word.upper()
        kind = DRILL if self.drill else "KHẨN CẤP"
        return [f"{kind} · CẤP ĐỘ {self.level} – {word}", f"CẤP ĐỘ {self.level} – {word}",
                f"CẤP {self.level} – {word}", f"CẤP {self.level} {word}"]  # fmt: skip

    def feet(self) -> list[str]:
        """The foot's text in one line, the fullest first."""
        source, bulletin = str(self.alert.get("source", "")), _told(self.alert.get("bulletin_time"))
        end = _clock(self.until) if self.until else ""
        long = ", ".join(part for part in (f"Nguồn: {source}", f"tin lúc {bulletin}" if bulletin else "") if part)
        return [f"{long} · Có hiệu lực đến {end}" if end else long, " · ".join(self.ends())]

    def ends(self) -> list[str]:
        """The same in few letters: whose bulletin, of when; until when."""
        source, bulletin = str(self.alert.get("source", "")), _told(self.alert.get("bulletin_time"))
        told = ", ".join(part for part in (source, f"tin {bulletin}" if bulletin else "") if part)
        return [part for part in (told, f"Đến {_clock(self.until)}" if self.until else "") if part]


@dataclass(frozen=True)
class Words:
    """An emergency laid out for one size; `draw` makes a page."""

    size: Size
    alarm: Alarm
    pages: tuple[tuple[Line, ...], ...]
    head: int  # pixels of the head, the foot and the band of an exercise: 0 where there is none
    foot: int
    band: int

    @property
    def page_ms(self) -> int:
        """How long a page stays: the fullest one decides."""
        return max(PAGE_MS, READING_MS * max(sum(len(text) for text, _ in page) for page in self.pages))

    def draw(self, number: int) -> pygame.Surface:
        """One page, counted from 0."""
        height = self.size[1]
        look = LEVELS[self.alarm.level]
        panel = pygame.Surface(self.size)
        panel.fill(look.colour)
        if self.head:
            self._draw_head(panel)
        if self.foot:
            self._draw_foot(panel, number)
        if self.band:
            drill_band(panel)
        page = self.pages[number]
        edge, room = _edge(self.size), height - self.head - self.foot - self.band
        if not self.head and number == 0:
            self._draw_sign_alone(panel, page[0])
        y = self.head + max(0, (room - _height(page)) // 2)
        for text, type_ in page:
            if text:
                panel.blit(drawn(text, type_, pygame.Color(look.ink)), (edge, y))
            y += type_.get_linesize()
        return panel

    def _draw_sign_alone(self, panel: pygame.Surface, first: Line) -> None:
        """Without a head: beside the first line, where there is room."""
        text, type_ = first
        look, side = LEVELS[self.alarm.level], type_.get_linesize() - 1
        left = panel.get_width() - side - 1
        if _edge(self.size) + type_.size(text)[0] < left:
            _sign(panel, (left, 0, side), pygame.Color(look.ink), pygame.Color(look.colour))

    def _draw_head(self, panel: pygame.Surface) -> None:
        width, _ = self.size
        look = LEVELS[self.alarm.level]
        ink, paper = pygame.Color(look.colour), pygame.Color(look.ink)
        edge = _edge(self.size)
        panel.fill(paper, (0, 0, width, self.head))
        side = self.head * 8 // 10
        _sign(panel, (edge, (self.head - side) // 2, side), ink, paper)
        left = edge + side + max(3, edge // 2)
        steps = self.head * 2 if width - left > self.head * 9 else 0
        room = width - left - edge - (steps + edge if steps else 0)
        rows = 2 if room < self.head * 5 and self.head >= 2 * LEAST_LETTERS else 1
        texts = self.alarm.heads()
        if rows == 2:
            kind, _, level = texts[0].partition(" · ")
            half = self.head * 42 // 100
            _left(panel, kind, ink, (left, self.head * 8 // 100, room, half))
            _left(panel, level, ink, (left, self.head // 2, room, half))
        else:
            high = self.head if self.head < 2 * LEAST_LETTERS else self.head * 8 // 10
            least = max(LEAST_LETTERS, round(self.head * SMALLEST_HEAD))
            fits = (t for t in texts if font(BOLD, least).size(t)[0] <= room)
            _left(panel, next(fits, texts[-1]), ink, (left, (self.head - high) // 2, room, high))
        if steps:
            _steps(panel, (width - edge - steps, self.head * 36 // 100, steps, self.head * 28 // 100),
                   self.alarm.level, ink)  # fmt: skip

    def _draw_foot(self, panel: pygame.Surface, number: int) -> None:
        width, height = self.size
        look = LEVELS[self.alarm.level]
        top, edge = height - self.foot - self.band, _edge(self.size)
        panel.fill(look.ink, (0, top, width, self.foot))
        page = f"{number + 1}/{len(self.pages)}" if len(self.pages) > 1 else ""
        type_ = _foot_type(self.size)
        lines = _foot_lines(self.alarm, self.size)
        y = top + (self.foot - len(lines) * type_.get_linesize()) // 2
        for line in lines:
            panel.blit(drawn(line, type_, pygame.Color(look.colour)), (edge, y))
            y += type_.get_linesize()
        number_of = drawn(page, type_, pygame.Color(look.colour))
        panel.blit(number_of, (width - edge - number_of.get_width(), y - type_.get_linesize()))


def laid_out(size: Size, title: str, alert: Mapping[str, Any], until: datetime | None = None) -> Words:
    """The largest letters in which all fits one page; below the least size, more pages."""
    alarm = Alarm(title, alert, until)
    width, height = size
    small = min(size)
    band = drill_height(height) if alarm.drill else 0
    portrait = height > width
    head = max(LEAST_LETTERS, round(small * (TALL_HEAD if portrait else HEAD))) if height - band >= HEAD_ROOM else 0
    told = _foot_lines(alarm, size) if height - band >= 2 * HEAD_ROOM else []
    foot = max(LEAST_LETTERS, round(small * FOOT)) * len(told)
    body = (width - 2 * _edge(size), height - head - foot - band)
    words = [text for text in (str(alert.get("words", "")), "" if told else "\n".join(alarm.ends())) if text]
    titles = [text for text in ("" if head else alarm.heads()[-1], title) if text]
    least = max(LEAST_LETTERS, round(small * LEAST_WORDS))
    step = max(least, round(small * LARGEST_WORDS))
    while True:
        paragraphs = _paragraphs(titles, words, step, body[0], dotted=height <= DOTTED_ROWS)
        if step <= least or sum(map(_height, paragraphs)) <= body[1] * 96 // 100:
            return Words(size, alarm, _pages(paragraphs, body[1]), head, foot, band)
        step = max(least, step * 94 // 100)


def _paragraphs(titles: list[str], words: list[str], letters: int, width: int, *, dotted: bool) -> list[Paragraph]:
    small = letters == LEAST_LETTERS
    first = font(DOTS if dotted else BOLD, letters if small else round(letters * TITLE))
    rest = font(DOTS if dotted else BOLD if letters < 2 * LEAST_LETTERS else REGULAR, letters)
    told = [(text, first) for text in titles] + [(text, rest) for text in words]
    found = [[(line, type_) for line in wrapped(text, type_, width)] for text, type_ in told]
    if titles and not small:
        found[len(titles) - 1].append(("", font(BOLD, round(letters * GAP))))
    return found


def _pages(paragraphs: list[Paragraph], height: int) -> tuple[tuple[Line, ...], ...]:
    """A paragraph that fits a page is not divided, nor a headline parted from what follows."""
    pages: list[list[Line]] = [[]]
    for paragraph in paragraphs:
        if pages[-1] and _height(pages[-1]) + _height(paragraph) > height >= _height(paragraph):
            pages.append([])
        for line in paragraph:
            if pages[-1] and _height(pages[-1]) + _height([line]) > height:
                pages.append([])
            pages[-1].append(line)
    return tuple(tuple(page) for page in pages)


def _height(lines: Sequence[Line]) -> int:
    return sum(type_.get_linesize() for _, type_ in lines)


def _edge(size: Size) -> int:
    return max(1, size[0] * 3 // 100)


def _foot_type(size: Size) -> pygame.font.Font:
    return font(REGULAR, max(LEAST_LETTERS, round(min(size) * FOOT * 0.54)))


def _foot_lines(alarm: Alarm, size: Size) -> list[str]:
    """One line, the fullest that fits beside a page number, or the two ends of it; none where nothing fits."""
    type_ = _foot_type(size)
    room = size[0] - 3 * _edge(size) - type_.size("99/99")[0]
    for lines in ([alarm.feet()[0]], [alarm.feet()[1]], alarm.ends()):
        if all(type_.size(line)[0] <= room for line in lines) and len(lines) * FOOT * min(size) <= 0.2 * size[1]:
            return [line for line in lines if line]
    return []


def _sign(panel: pygame.Surface, at: tuple[int, int, int], ink: pygame.Color, hole: pygame.Color) -> None:
    """A warning triangle with an exclamation mark: the colour is never alone."""
    x, y, side = at
    if side < SMALL_SIGN:
        side -= 1 - side % 2
        pygame.draw.polygon(panel, ink, [(x + side // 2, y), (x + side - 1, y + side - 1), (x, y + side - 1)])
        panel.fill(hole, (x + side // 2, y + side * 40 // 100, 1, side * 30 // 100))
        panel.fill(hole, (x + side // 2, y + side * 82 // 100, 1, 1))
        return
    middle, half = x + side // 2, max(1, side * 5 // 100)
    pygame.draw.polygon(panel, ink, [(middle, y), (x + side - 1, y + side - 1), (x, y + side - 1)])
    upper, lower = y + side * 38 // 100, y + side * 70 // 100
    stroke = [(middle - half * 3 // 2, upper), (middle + half * 3 // 2, upper), (middle + half * 2 // 3, lower),
              (middle - half * 2 // 3, lower)]  # fmt: skip
    pygame.draw.polygon(panel, hole, stroke)
    panel.fill(hole, (middle - half, y + side * 78 // 100, 2 * half + 1, 2 * half + 1))


def _steps(panel: pygame.Surface, box: tuple[int, int, int, int], level: int, ink: pygame.Color) -> None:
    """As many of five boxes filled as the level says."""
    x, y, width, height = box
    gap = max(1, width // 30)
    wide = (width - gap * (len(LEVELS) - 1)) // len(LEVELS)
    for number in range(len(LEVELS)):
        line = 0 if number < level else max(1, height // 10)
        pygame.draw.rect(panel, ink, (x + number * (wide + gap), y, wide, height), line)


def _left(panel: pygame.Surface, text: str, ink: pygame.Color, box: tuple[int, int, int, int]) -> None:
    x, y, width, height = box
    line = drawn(text, fitted(text, BOLD, width, height), ink)
    panel.blit(line, (x, y + (height - line.get_height()) // 2))


def _told(moment: object) -> str:
    try:
        return _clock(to_moment(str(moment)))
    except ValueError:
        return ""


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M %d/%m}"
