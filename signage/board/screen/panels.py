"""What the board draws itself: the clock, the safe slide, an emergency's words without its slide.

The words are signed, their drawing is not; colours and words of the levels are QĐ 18/2021's, and
the level's number and word always go with the colour. The safe slide is never black and invents
nothing: the commune's name, the board's name, the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pygame

from ...notice.vocabulary import LEVELS
from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from ...wire import to_moment
from .letters import BOLD, REGULAR, drawn, fitted, font, wrapped

PAPER, INK, QUIET = "#0b3d6e", "#ffffff", "#cfe3f5"  # the safe slide
TINY = 64  # pixels of height below which a board says only what it must
WEEKDAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
SHORT_DAYS = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
LEAST_WORDS = 0.055  # share of the height: letters of an emergency are not smaller, it takes more pages
LARGEST_WORDS = 0.16
LEAST_LETTERS = 16  # pixels: below, an LED matrix shows ẩ and ấ alike

Box = tuple[int, int, int, int]  # x, y, width, height


def clock_text(now: datetime | None) -> str:
    """`06:40`, or nothing when the time is not to be believed."""
    return f"{now.astimezone(VIETNAM_TIME):%H:%M}" if now else ""


def long_date(now: datetime) -> str:
    """`Chủ nhật, 22/11/2026`."""
    local = now.astimezone(VIETNAM_TIME)
    return f"{WEEKDAYS[local.weekday()]}, {local:%d/%m/%Y}"


def clock_panel(area: ClockArea, now: datetime | None) -> pygame.Surface:
    """The clock of a slide: the hour, and the day where there is room; paper alone without a time."""
    _, _, width, height = area.area
    panel = pygame.Surface((max(1, width), max(1, height)))
    panel.fill(_colour(area.paper, PAPER))
    if now is None:
        return panel
    ink = _colour(area.ink, INK)
    local = now.astimezone(VIETNAM_TIME)
    if height < 40:
        _line(panel, clock_text(now), BOLD, ink, (0, 0, width, height))
        return panel
    _line(panel, clock_text(now), BOLD, ink, (0, 0, width, height * 64 // 100))
    day = f"{SHORT_DAYS[local.weekday()]} {local:%d/%m}"
    _line(panel, day, REGULAR, ink, (0, height * 60 // 100, width, height * 40 // 100))
    return panel


def safe_panel(size: tuple[int, int], commune: str, board: str, now: datetime | None) -> pygame.Surface:
    """The package's own slide: for when there is nothing that may be shown."""
    width, height = size
    panel = pygame.Surface(size)
    panel.fill(PAPER)
    edge = width * 4 // 100
    room = width - 2 * edge
    if height < TINY:
        _line(panel, clock_text(now) or commune, BOLD, pygame.Color(INK), (0, 0, width, height))
        return panel
    _line(panel, commune, BOLD, pygame.Color(INK), (edge, height * 6 // 100, room, height * 15 // 100))
    if now is not None:
        _line(panel, clock_text(now), BOLD, pygame.Color(INK), (edge, height * 23 // 100, room, height * 44 // 100))
        _line(panel, long_date(now), REGULAR, pygame.Color(INK), (edge, height * 66 // 100, room, height * 13 // 100))
    _line(panel, board, REGULAR, pygame.Color(QUIET), (edge, height * 85 // 100, room, height * 10 // 100))
    return panel


def words_pages(size: tuple[int, int], title: str, alert: Mapping[str, Any]) -> list[pygame.Surface]:
    """An emergency's signed words, in as many pages as legible letters need."""
    width, height = size
    level = int(alert.get("level", 1))
    look = LEVELS[level]
    edge = max(1, width * 3 // 100)
    tiny = height < TINY
    head = 0 if tiny else height * 17 // 100
    foot = 0 if tiny else height * 9 // 100
    body = (edge, head + height * 2 // 100, width - 2 * edge, height - head - foot - height * 4 // 100)
    words = f"CẤP {level}: {title}\n{alert.get('words', '')}" if tiny else f"{title}\n{alert.get('words', '')}"
    pages, type_ = _paged(words, body)
    found = []
    for number, lines in enumerate(pages, 1):
        panel = pygame.Surface(size)
        panel.fill(look.colour)
        if not tiny:
            _alert_frame(panel, level, alert, (head, foot), f"{number}/{len(pages)}" if len(pages) > 1 else "")
        y = body[1]
        for line in lines:
            if line:
                panel.blit(drawn(line, type_, pygame.Color(look.ink)), (body[0], y))
            y += type_.get_linesize()
        found.append(panel)
    return found


def _alert_frame(
    panel: pygame.Surface, level: int, alert: Mapping[str, Any], bands: tuple[int, int], page: str
) -> None:
    """Above: that it is an emergency, of which level; below: whose bulletin, of when."""
    width, height = panel.get_size()
    head, foot = bands
    look = LEVELS[level]
    ink, paper = pygame.Color(look.colour), pygame.Color(look.ink)
    edge = max(1, width * 3 // 100)
    panel.fill(paper, (0, 0, width, head))
    panel.fill(paper, (0, height - foot, width, foot))
    # The sign of the level: a triangle with its number, so that the colour is never alone.
    mark = head * 8 // 10
    top, left = (head - mark) // 2, edge
    pygame.draw.polygon(panel, ink, [(left, top + mark), (left + mark, top + mark), (left + mark // 2, top)])
    number = fitted(str(level), BOLD, mark // 3, mark * 6 // 10).render(str(level), True, paper)
    panel.blit(number, number.get_rect(center=(left + mark // 2, top + mark * 64 // 100)))
    text = f"KHẨN CẤP · CẤP {level} · {look.word.upper()}"
    _line(panel, text, BOLD, ink, (left + mark + edge, 0, width - left - mark - 2 * edge, head), centred=False)
    source = " · ".join(part for part in (str(alert.get("source", "")), _bulletin(alert), page) if part)
    _line(panel, source, REGULAR, ink, (edge, height - foot, width - 2 * edge, foot), centred=False)


def _bulletin(alert: Mapping[str, Any]) -> str:
    try:
        return f"tin lúc {to_moment(str(alert['bulletin_time'])).astimezone(VIETNAM_TIME):%H:%M %d/%m/%Y}"
    except (KeyError, ValueError):
        return ""


def _paged(words: str, body: Box) -> tuple[list[list[str]], pygame.font.Font]:
    """The largest letters in which all fits one page; below the least size, more pages."""
    _, _, width, height = body
    least = max(LEAST_LETTERS, round(height * LEAST_WORDS))
    size = max(least, round(height * LARGEST_WORDS))
    while True:
        type_ = font(BOLD, size)
        lines = wrapped(words, type_, width)
        if len(lines) * type_.get_linesize() <= height:
            return [lines], type_
        if size <= least:
            break
        size = max(least, size * 9 // 10)
    each = max(1, height // type_.get_linesize())
    pages = [lines[i : i + each] for i in range(0, len(lines), each)]
    return pages, type_


def _line(
    panel: pygame.Surface, text: str, face: str, ink: pygame.Color, box: Box, *, centred: bool = True
) -> None:  # fmt: skip
    if not text:
        return
    x, y, width, height = box
    line = drawn(text, fitted(text, face, width, height), ink)
    place = line.get_rect(center=(x + width // 2, y + height // 2))
    if not centred:
        place.left = x
    panel.blit(line, place)


def _colour(text: str, otherwise: str) -> pygame.Color:
    try:
        return pygame.Color(text)
    except ValueError:
        return pygame.Color(otherwise)
