"""What the board draws itself: the clock, the safe slide, an emergency's words without its slide.

The words are signed, their drawing is not; colours and words of the levels are QĐ 18/2021's, and
the level's number and word always go with the colour. The safe slide is never black and invents
nothing: the commune's name, the board's name, the time.
"""

from __future__ import annotations

from datetime import datetime

import pygame

from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from .letters import BOLD, REGULAR, drawn, fitted

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
        line_in(panel, clock_text(now), BOLD, ink, (0, 0, width, height))
        return panel
    line_in(panel, clock_text(now), BOLD, ink, (0, 0, width, height * 64 // 100))
    day = f"{SHORT_DAYS[local.weekday()]} {local:%d/%m}"
    line_in(panel, day, REGULAR, ink, (0, height * 60 // 100, width, height * 40 // 100))
    return panel


def safe_panel(size: tuple[int, int], commune: str, board: str, now: datetime | None) -> pygame.Surface:
    """The package's own slide: for when there is nothing that may be shown."""
    width, height = size
    panel = pygame.Surface(size)
    panel.fill(PAPER)
    edge = width * 4 // 100
    room = width - 2 * edge
    if height < TINY:
        line_in(panel, clock_text(now) or commune, BOLD, pygame.Color(INK), (0, 0, width, height))
        return panel
    line_in(panel, commune, BOLD, pygame.Color(INK), (edge, height * 6 // 100, room, height * 15 // 100))
    if now is not None:
        line_in(panel, clock_text(now), BOLD, pygame.Color(INK), (edge, height * 23 // 100, room, height * 44 // 100))
        line_in(panel, long_date(now), REGULAR, pygame.Color(INK), (edge, height * 66 // 100, room, height * 13 // 100))
    line_in(panel, board, REGULAR, pygame.Color(QUIET), (edge, height * 85 // 100, room, height * 10 // 100))
    return panel


def line_in(
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
