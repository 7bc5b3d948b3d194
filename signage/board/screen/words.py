"""An emergency's signed words, drawn by the board itself: when its slide is not here yet, or there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pygame

from ...notice.vocabulary import LEVELS
from ...schedule import VIETNAM_TIME
from ...wire import to_moment
from .letters import BOLD, REGULAR, drawn, fitted, font, wrapped
from .panels import TINY, Box, line_in

LEAST_WORDS = 0.055  # share of the height: letters of an emergency are not smaller, it takes more pages
LARGEST_WORDS = 0.16
LEAST_LETTERS = 16  # pixels: below, an LED matrix shows ẩ and ấ alike


def words_pages(
    size: tuple[int, int], title: str, alert: Mapping[str, Any], until: datetime | None = None
) -> list[pygame.Surface]:
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
    line_in(panel, text, BOLD, ink, (left + mark + edge, 0, width - left - mark - 2 * edge, head), centred=False)
    source = " · ".join(part for part in (str(alert.get("source", "")), _bulletin(alert), page) if part)
    line_in(panel, source, REGULAR, ink, (edge, height - foot, width - 2 * edge, foot), centred=False)


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
