"""Icons as marks: shapes that say the class and the level where colour alone would not."""

from __future__ import annotations

from ...notice.vocabulary import EMERGENCY, PRIORITY
from . import palette
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
    """Ring: normal; double arrow up: priority; warning triangle: emergency."""
    x, y, width, height = rect
    if klass == EMERGENCY:
        return triangle(rect, colour, palette.PRIORITY[0])
    if klass == PRIORITY:
        middle, step = x + width // 2, height // 2
        return tuple(
            Figure(((middle, top), (x + width - 1, top + step - 1), (x, top + step - 1)), colour)
            for top in (y, y + step)
        )
    return (Disc((x, y, width, height), colour, max(1, width // 6)),)


def house(rect: Rect, colour: str, ground: str) -> tuple[Mark, ...]:
    """A communal house (đình) in a ring: the mark of a commune that gives no emblem of its own."""
    x, y, width, height = rect
    inset = width * 22 // 100
    inner = (x + inset, y + inset - height * 2 // 100, width - 2 * inset, height - 2 * inset)

    def at(across: int, down: int) -> tuple[int, int]:
        return inner[0] + inner[2] * across // 100, inner[1] + inner[3] * down // 100

    def box(across: int, down: int, wide: int, high: int) -> Fill:
        left, top = at(across, down)
        return Fill((left, top, max(1, inner[2] * wide // 100), max(1, inner[3] * high // 100)), colour)

    roof = [(50, 4), (80, 30), (100, 26), (92, 46), (8, 46), (0, 26), (20, 30)]
    return (
        Disc(rect, colour, max(2, width // 24)),
        Figure(tuple(at(*point) for point in roof), colour),
        *(box(n, 50, 9, 34) for n in (14, 35, 56, 77)),
        box(4, 88, 92, 10),
    )


def chevrons(rect: Rect, ground: str, ink: str) -> list[Mark]:
    """A band of arrows: what comes before the rest, told by shape."""
    x, y, width, height = rect
    step = 3 * height
    marks: list[Mark] = [Fill(rect, ground)]
    for left in range(x, x + width - 2 * height, step):
        points = (
            (left, y), (left + height, y), (left + height + height // 2, y + height // 2),
            (left + height, y + height - 1), (left, y + height - 1), (left + height // 2, y + height // 2),
        )  # fmt: skip
        marks.append(Figure(points, ink))
    return marks


# Which sign stands before a fact, by words of its label.
_FACT_WORDS = {
    "clock": ("thời gian", "ngày", "giờ", "thời hạn", "hạn", "từ", "lịch", "bắt đầu"),
    "pin": ("địa điểm", "nơi", "phạm vi", "khu vực", "đoạn", "tuyến", "sơ tán đến", "điểm", "thôn", "đường"),
    "phone": ("điện thoại", "liên hệ", "trực ban", "đt", "gọi", "hỏi", "đường dây nóng", "báo"),
    "people": ("đối tượng", "thành phần", "ai", "người", "hộ", "chủ trì"),
}


def fact_sign(label: str, rect: Rect, colour: str, ink: str) -> tuple[Mark, ...]:
    """A round sign for a fact: when, where, whom to call, for whom; else a plain “i”."""
    folded = label.casefold()
    kind = next((k for k, starts in _FACT_WORDS.items() if folded.startswith(starts)), "info")
    x, y, side, _ = rect

    def box(left: int, top: int, wide: int, high: int, tone: str = "", radius: int = 0) -> Fill:
        size = max(2, side * wide // 100), max(2, side * high // 100)
        return Fill((x + side * left // 100, y + side * top // 100, *size), tone or ink, side * radius // 100)

    def ring(left: int, top: int, wide: int, line: int = 0, tone: str = "") -> Disc:
        across = side * wide // 100
        return Disc((x + side * left // 100, y + side * top // 100, across, across), tone or ink, side * line // 100)

    def figure(*points: tuple[int, int]) -> Figure:
        return Figure(tuple((x + side * a // 100, y + side * b // 100) for a, b in points), ink)

    marks: dict[str, tuple[Mark, ...]] = {
        "clock": (ring(20, 20, 60, 8), box(46, 30, 8, 24), box(46, 46, 22, 8)),
        "pin": (figure((28, 46), (72, 46), (50, 84)), ring(26, 16, 48), ring(40, 30, 20, tone=colour)),
        "phone": (box(31, 16, 38, 68, radius=7), box(36, 25, 28, 42, colour), box(46, 72, 8, 6, colour)),
        "people": (ring(37, 18, 26), figure((36, 50), (64, 50), (76, 80), (24, 80))),
        "info": (box(45, 44, 10, 34), ring(43, 22, 14)),
    }
    return (Disc(rect, colour), *marks[kind])
