"""What the board draws itself: the clock, the safe slide, an emergency's words without its slide.

The words are signed, their drawing is not; colours and words of the levels are QĐ 18/2021's, and
the level's number and word always go with the colour. The safe slide is never black and invents
nothing: the commune's name, the board's name, the time, and whom to call about which board.
"""

from __future__ import annotations

from datetime import datetime

import pygame

from ...notice.vocabulary import WEEKDAYS
from ...review import ClockArea
from ...schedule import VIETNAM_TIME
from .letters import BOLD, REGULAR, drawn, fitted

PAPER, INK, QUIET = "#0b3d6e", "#ffffff", "#cfe3f5"  # the safe slide
LUNAR_ROWS = 128  # pixels of height from which the safe slide has room for more than commune and hour
TINY = 64  # pixels of height below which a board says only what it must
LONG_DAYS = ("Thứ hai", "Thứ ba", "Thứ tư", "Thứ năm", "Thứ sáu", "Thứ bảy", "Chủ nhật")
LEAST_LINE = 20  # pixels of height of a line in such letters

Box = tuple[int, int, int, int]  # x, y, width, height


def clock_text(now: datetime | None) -> str:
    """`06:40`, or nothing when the time is not to be believed."""
    return f"{now.astimezone(VIETNAM_TIME):%H:%M}" if now else ""


def long_date(now: datetime) -> str:
    """`Chủ nhật, 22/11/2026`."""
    local = now.astimezone(VIETNAM_TIME)
    return f"{LONG_DAYS[local.weekday()]}, {local:%d/%m/%Y}"


def lunar_date(now: datetime) -> str:
    """`âm lịch 14/10`; empty for years that the almanac does not know."""
    from ... import almanac  # not needed for the first picture

    try:
        return f"âm lịch {almanac.lunar(now.astimezone(VIETNAM_TIME).date()).told}"
    except ValueError:
        return ""


def clock_panel(area: ClockArea, now: datetime | None) -> pygame.Surface:
    """The clock of a slide: the hour, then day and lunar date where there is room; paper alone without a time."""
    _, _, width, height = area.area
    panel = pygame.Surface((max(1, width), max(1, height)))
    panel.fill(_colour(area.paper, PAPER))
    if now is None:
        return panel
    ink = _colour(area.ink, INK)
    rows = _clock_rows(now, width, height)
    y = 0
    for text, tall in rows:
        spare = _line_height(tall) - tall
        above = spare if y + tall > height - spare else spare // 2  # nothing below the last line is lost
        line_in(panel, text, BOLD if y == 0 else REGULAR, ink, (0, y - above, width, tall + spare))
        y += tall
    return panel


def _clock_rows(now: datetime, width: int, height: int) -> list[tuple[str, int]]:
    """What stands in the clock, with the pixels of height that each line has."""
    hour, local = clock_text(now), now.astimezone(VIETNAM_TIME)
    short, lunar = f"{WEEKDAYS[local.weekday()]} {local:%d/%m}", lunar_date(now)
    day = f"{LONG_DAYS[local.weekday()]}, {local:%d/%m}"
    for shares, texts in (
        ((58, 42), ((hour,), (f"{short} · {lunar}", f"{short} · {lunar.replace('âm lịch', 'ÂL')}"))),
        ((40, 30, 30), ((hour,), (day,), (lunar,))),
        ((58, 42), ((hour,), (short,))),
        ((100,), ((f"{hour} · {short} · {lunar}", f"{hour} · {short}"),)),
    ):  # fmt: skip
        rows = [height * share // 100 for share in shares]
        found = [_first_that_fits(choices, width, tall) for choices, tall in zip(texts, rows, strict=True)]
        if all(found):
            return list(zip(found, rows, strict=True))
    return [(hour, height)]


def _first_that_fits(choices: tuple[str, ...], width: int, height: int) -> str:
    """The fullest text whose letters need not shrink much to fit; "": none."""
    high = _line_height(height)
    least = max(LEAST_LINE, high * 65 // 100)
    return next((text for text in choices if text and fitted(text, REGULAR, width, high).get_height() >= least), "")


def _line_height(rows: int) -> int:
    """Of the clock's lines: their capitals wear at most one mark, so that they need less than a font's line has."""
    return rows * 120 // 100


def safe_panel(
    size: tuple[int, int], commune: str, board: str, now: datetime | None, *, ident: str = "", phone: str = ""
) -> pygame.Surface:
    """The package's own slide: for when there is nothing that may be shown.

    `ident` and `phone` are for whoever sees something strange; below `TINY` rows there is no room for them.
    """
    width, height = size
    panel = pygame.Surface(size)
    panel.fill(PAPER)
    edge = width * 4 // 100
    room = width - 2 * edge
    ink, quiet = pygame.Color(INK), pygame.Color(QUIET)
    if height < TINY:
        line_in(panel, clock_text(now) or commune, BOLD, ink, (0, 0, width, height))
        return panel
    if height < LUNAR_ROWS:  # two lines: in one, the letters would be too small
        rows = [(commune, BOLD, ink, 23), (clock_text(now), BOLD, ink, 27)]
        rows += [(ident, BOLD, ink, 23), (phone, BOLD, ink, 25)]
    else:
        rows = [(commune, BOLD, ink, 14), (clock_text(now), BOLD, ink, 36)]
        rows += [(long_date(now), REGULAR, ink, 11), (lunar_date(now), REGULAR, quiet, 10)] if now else []
        call = [f"Bảng {ident}"] * bool(ident) + [f"Gọi {phone}"] * bool(phone) or [board]
        lines = call if width < height else [" · ".join(call)]
        rows += [(line, BOLD, ink, 13 if len(lines) == 1 else 8) for line in lines]
    rows = [row for row in rows if row[0]]
    taken = sum(share for *_, share in rows)
    gap = (100 - taken) / (len(rows) + 1)
    at = gap
    for text, face, colour, share in rows:
        line_in(panel, text, face, colour, (edge, round(height * at / 100), room, height * share // 100))
        at += share + gap
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
