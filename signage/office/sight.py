"""How large letters must be on a board: from its pixels, and from how far away people read it.

The rule. A capital without marks fills at least `ARC` minutes of arc at the stated distance: what a
passer-by came for (headline, facts, text). Notes (address, number, telephone) are for those who step
nearer and fill it at half of that distance. No letter falls below the least matrix for reading.

Source: NUREG-0700 rev. 2 (U.S. NRC, public), 1.3.1-4: “at least 16 minutes of arc”, 20 to 22 preferred,
height = 6.283 D A / 21600; 7×9 dots are the least matrix for reading, two more rows for diacritical marks,
strokes wider than 1/12 of the height. ISO 9241-3 says the same (minimum 16, 20–22 preferred, of a
“non-accented upper case letter”), and its successor ISO 9241-303:2011 is on sale only: we have not read it.
They are for trained eyes at a desk: here 16 is the floor, and text grows from it as far as it fits.

Distance belongs to a board, a slide to a shape: a shape's letters suit the board that needs them largest.
A board whose pixels cannot do it is told from where it can be read; nothing is refused for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import Problem
from ..settings import Board
from .layout.design import most_capital
from .qr import SCAN_SHARE, SCAN_WIDTHS

ARC = 16.0  # minutes of arc of a capital at the stated distance
CODE_DISTANCE = 4.0  # m, where the record of a screen says none: a hall, not a street
LCD_DISTANCE, LED_DISTANCE = 3.0, 10.0  # m, where a board's record says none: a waiting room, a roadside
LCD_LENGTH, LED_PITCH = 952.0, 5.0  # mm: the long side of a 43-inch screen; from pixel to pixel of a matrix


def rows(pitch_mm: float, distance_m: float) -> float:
    """Rows of pixels that a capital needs, `pitch_mm` apart, to be read from `distance_m`."""
    return distance_m * 1000 * math.tan(math.radians(ARC / 60)) / pitch_mm


def readable_from(pitch_mm: float, capital: int) -> float:
    """Metres from which a capital of so many rows can be read."""
    return capital * pitch_mm / math.tan(math.radians(ARC / 60)) / 1000


def pitch(board: Board) -> float:
    """Millimetres from pixel to pixel: as the record says, else as such boards usually have."""
    shape = board.mode.shape
    usual = LED_PITCH if shape.kind == "led" else LCD_LENGTH / max(shape.width, shape.height)
    return board.pitch_mm or usual


def distance(board: Board) -> float:
    """Metres from which the board is read: as the record says, else as such boards usually are."""
    return board.distance_m or (LED_DISTANCE if board.mode.shape.kind == "led" else LCD_DISTANCE)


def capital(board: Board) -> int:
    """Rows of a capital of main text that this board needs."""
    return math.ceil(rows(pitch(board), distance(board)))


def capitals(boards: Iterable[Board]) -> dict[str, int]:
    """Rows of a capital that main text needs, by the shape's name: the most that any of its boards needs."""
    found: dict[str, int] = {}
    for board in boards:
        shape = board.mode.shape
        needed = min(capital(board), most_capital(shape))
        found[shape.name] = max(found.get(shape.name, 0), needed)
    return found


@dataclass(frozen=True)
class Sight:
    """What a shape's boards ask of its slides: rows of a capital, pixels of a QR code's side (0: no code),
    and the seconds that one notice may take (0: as many as it takes)."""

    capital: int = 0
    code: int = 0
    budget: int = 0


def code(board: Board) -> int:
    """Pixels of a QR code's side that a phone can read on this board, or 0: never a code.

    A screen without a record is taken for a usual one, read from no more than `CODE_DISTANCE`. A matrix has
    none: read from 15 m at 5 mm a pixel, a code would take 140 of its 192 rows, and cameras see its lamps beat.
    """
    if board.mode.shape.kind == "led":
        return 0
    metres = board.distance_m or CODE_DISTANCE
    return math.ceil(metres * SCAN_SHARE / SCAN_WIDTHS * 1000 / pitch(board))


def sights(boards: Iterable[Board]) -> dict[str, Sight]:
    """By the shape's name, what the most demanding of its boards asks."""
    listed = list(boards)
    rows_of = capitals(listed)
    found: dict[str, Sight] = {}
    for name, rows_needed in rows_of.items():
        same = [board for board in listed if board.mode.shape.name == name]
        codes = [code(board) for board in same]
        found[name] = Sight(rows_needed, max(codes) if all(codes) else 0, min(board.budget_s for board in same))
    return found


def problems(boards: Iterable[Board], file: str) -> list[Problem]:
    """A warning for each board that cannot be read from where its record says, with from where it can."""
    return [_told(board, file) for board in boards if capital(board) > most_capital(board.mode.shape)]


def _told(board: Board, file: str) -> Problem:
    shape = board.mode.shape
    metres = readable_from(pitch(board), most_capital(shape))
    values = {
        "board": board.name, "distance": f"{distance(board):g}", "shape": shape.name,
        "pitch": f"{pitch(board):g}", "possible": f"{math.floor(metres)}" if metres >= 10 else f"{metres:.1f}",
    }  # fmt: skip
    return Problem("board-too-far", file, None, f"board.{board.id}", "warning", values)
