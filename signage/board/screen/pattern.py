"""The test pattern: what an installer needs to see that every pixel lies where it should.

frame and corners    a white line around, a coloured square with its own number of dots at each corner
ruler                ticks every 10 and 100 pixels from the top left, and blocks of single pixels
bars and greys       eight colours, sixteen greys
words                the board, its version, size, output, viewport, turn; four words to be confirmed, if any
"""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from ...publication import Mode
from .letters import BOLD, DOTS, DOTS_SIZE, LEAST_LETTERS, drawn, fitted, font

PAPER, LINES, INK = "#101418", "#38424c", "#ffffff"
CORNERS = ("#ff3030", "#30ff30", "#4060ff", "#ffff30")  # top left, top right, bottom right, bottom left
BARS = ("#ffffff", "#ffff00", "#00ffff", "#00ff00", "#ff00ff", "#ff0000", "#0000ff", "#000000")
GREYS = 16
GRID_SHARE = 8  # squares of the grid along the smaller side
BARS_FROM, ALL_FROM = 64, 160  # rows of a picture that has room for bars, and for fine lines besides
ROWS_FROM = 64  # rows of a picture that has room for four words one below the other
STEP, LONG_STEP = 10, 100  # pixels between two ticks


def pages(mode: Mode, words: Sequence[str]) -> int:
    """How many pictures the pattern has: where words and pattern do not fit together, they take turns."""
    if not words or min(mode.shape.width, mode.shape.height) >= ALL_FROM:
        return 1
    return 1 + (1 if mode.shape.height >= ROWS_FROM else len(words))


def pattern(mode: Mode, board: str, version: str, words: Sequence[str] = (), page: int = 0) -> pygame.Surface:
    """The upright picture for this mode; `words`: of a board that waits for the office to confirm them."""
    width, height = mode.shape.width, mode.shape.height
    panel = pygame.Surface((width, height))
    panel.fill(PAPER)
    if page:
        shown = words if pages(mode, words) == 2 else [f"{page}/{len(words)}", words[page - 1]]
        _rows(panel, shown, pygame.Rect(0, 0, width, height))
        pygame.draw.rect(panel, INK, (0, 0, width, height), 1)
        return panel
    _grid(panel)
    small = max(LEAST_LETTERS, min(width, height) // 12)
    if height >= BARS_FROM:
        _bars(panel, small if height >= ALL_FROM else height // 10)
    if height >= ALL_FROM:
        _fine(panel, small)
    _ruler(panel)
    _words(panel, mode, board, version, small)
    if words and pages(mode, words) == 1:
        _told(panel, words, small)
    _corners(panel, max(3, min(small // 2, height // 8)))
    pygame.draw.rect(panel, INK, (0, 0, width, height), 1)
    return panel


def _grid(panel: pygame.Surface) -> None:
    width, height = panel.get_size()
    step = max(8, min(width, height) // GRID_SHARE)
    for x in range(width // 2 % step, width, step):
        pygame.draw.line(panel, LINES, (x, 0), (x, height))
    for y in range(height // 2 % step, height, step):
        pygame.draw.line(panel, LINES, (0, y), (width, y))
    pygame.draw.circle(panel, LINES, (width // 2, height // 2), min(width, height) // 2 - 1, 1)


def _bars(panel: pygame.Surface, small: int) -> None:
    width, height = panel.get_size()
    left, room, tall = small * 2, width - 4 * small, max(4, small)
    greys = [pygame.Color(*(3 * [255 * n // (GREYS - 1)])) for n in range(GREYS)]
    for row, colours in enumerate(([pygame.Color(bar) for bar in BARS], greys)):
        top = height - (3 - row) * tall - tall // 2
        for number, colour in enumerate(colours):
            x, after = (left + room * n // len(colours) for n in (number, number + 1))
            panel.fill(colour, (x, top, after - x, tall))


def _fine(panel: pygame.Surface, small: int) -> None:
    """Lines of one pixel, upright, lying and as a chequer: grey where the output scales."""
    width, _ = panel.get_size()
    side = small // 2 * 2
    for number, (across, down) in enumerate(((1, 0), (0, 1), (1, 1))):
        left, top = width - side * (4 - number) - 2 * small, 2 * small
        for x in range(side):
            for y in range(side):
                panel.set_at((left + x, top + y), INK if (across * x + down * y) % 2 else "#000000")


def _ruler(panel: pygame.Surface) -> None:
    width, height = panel.get_size()
    for x in range(0, width, STEP):
        pygame.draw.line(panel, INK, (x, 0), (x, 7 if x % LONG_STEP == 0 else 3))
    for y in range(0, height, STEP):
        pygame.draw.line(panel, INK, (0, y), (7 if y % LONG_STEP == 0 else 3, y))


def _words(panel: pygame.Surface, mode: Mode, board: str, version: str, small: int) -> None:
    width, height = panel.get_size()
    x, y, w, h = mode.viewport
    lines = [
        board, f"{width}×{height} · {mode.shape.kind}", f"{mode.output[0]}×{mode.output[1]} @ {x},{y} {w}×{h}",
        f"xoay {mode.rotate}° · bangtin {version}",
    ]  # fmt: skip
    bars = 5 * small if height >= ALL_FROM else height // 2 if height >= BARS_FROM else 0
    top = small if height >= ALL_FROM else 0
    fits = max(1, min(len(lines), (height - top - bars) // small))
    for number, line in enumerate(lines[:fits]):
        room = width - (4 * small if number < 2 and height >= ALL_FROM else small)
        type_ = font(DOTS, DOTS_SIZE)
        if small != DOTS_SIZE or type_.size(line)[0] > room:
            type_ = fitted(line, BOLD, room, small)
        text = drawn(line, type_, pygame.Color(INK))
        place = text.get_rect(midtop=(width // 2, top + number * small))
        panel.fill(PAPER, place)
        panel.blit(text, place)


def _told(panel: pygame.Surface, words: Sequence[str], small: int) -> None:
    """The words between what is above and the bars, two in a line or each in its own: as large as they go."""
    width, height = panel.get_size()
    top, bottom = small + 4 * small + small // 2, height - 4 * small
    box = pygame.Rect(small, top, width - 2 * small, bottom - top)
    pairs = [f"{a}  ·  {b}" for a, b in zip(words[::2], words[1::2], strict=False)]
    panel.fill(PAPER, box)
    _rows(panel, max((words, pairs), key=lambda rows: _face(rows, box).get_height()), box)


def _rows(panel: pygame.Surface, rows: Sequence[str], box: pygame.Rect) -> None:
    """Lines of one size, one below the other, filling the box."""
    face, tall = _face(rows, box), box.height // len(rows)
    for number, row in enumerate(rows):
        text = drawn(row, face, pygame.Color(INK))
        panel.blit(text, text.get_rect(center=(box.centerx, box.top + number * tall + tall // 2)))


def _face(rows: Sequence[str], box: pygame.Rect) -> pygame.font.Font:
    """The largest in which every row fits the box's width and its share of the height."""
    room = (box.width * 15 // 16, box.height // len(rows))
    return min((fitted(row, BOLD, *room) for row in rows), key=pygame.font.Font.get_height)


def _corners(panel: pygame.Surface, side: int) -> None:
    """Each its own colour, and one to four dots: a turned or mirrored picture is noticed."""
    width, height = panel.get_size()
    places = ((0, 0), (width - side, 0), (width - side, height - side), (0, height - side))
    dot = max(1, side // 6)
    for number, (colour, (x, y)) in enumerate(zip(CORNERS, places, strict=True)):
        panel.fill(colour, (x, y, side, side))
        for n in range(number + 1):
            across, down = n % 2, n // 2
            panel.fill("#000000", (x + side // 4 + across * side // 3, y + side // 4 + down * side // 3, dot, dot))
