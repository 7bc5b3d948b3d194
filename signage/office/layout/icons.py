"""Icons as marks: shapes that say the class and the level where colour alone would not."""

from __future__ import annotations

from .sheet import Disc, Figure, Fill, Mark, Rect


def triangle(rect: Rect, colour: str, hole: str) -> tuple[Mark, ...]:
    """A warning triangle with an exclamation mark."""
    x, y, width, height = rect
    middle, bottom, top = x + width // 2, y + height - 1, y
    half = max(1, width * 5 // 100)
    body = Figure(((middle, top), (x + width - 1, bottom), (x, bottom)), colour)
    upper, lower = y + height * 36 // 100, y + height * 70 // 100
    stroke = Figure(
        ((middle - half - half // 2, upper), (middle + half + half // 2, upper), (middle + half * 2 // 3, lower),
         (middle - half * 2 // 3, lower)), hole,
    )  # fmt: skip
    dot = 2 * half + half // 2
    return body, stroke, Disc((middle - dot // 2, y + height * 78 // 100, dot + 1, dot + 1), hole)


def steps(rect: Rect, filled: int, of: int, colour: str) -> tuple[Mark, ...]:
    """A row of boxes, the first ones filled: level 3 of 5 without colour."""
    x, y, width, height = rect
    gap = max(1, width // (of * 6))
    box = (width - gap * (of - 1)) // of
    line = max(1, height // 10)
    return tuple(Fill((x + n * (box + gap), y, box, height), colour, 0, 0 if n < filled else line) for n in range(of))


def class_sign(klass: str, rect: Rect, colour: str) -> tuple[Mark, ...]:
    """Ring: normal; double arrow up: priority."""
    x, y, width, height = rect
    if klass == "uu-tien":
        middle, step = x + width // 2, height // 2
        return tuple(
            Figure(((middle, top), (x + width - 1, top + step - 1), (x, top + step - 1)), colour)
            for top in (y, y + step)
        )
    return (Disc((x, y, width, height), colour, max(1, width // 6)),)
