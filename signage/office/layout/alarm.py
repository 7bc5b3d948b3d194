"""The head of an emergency: class, risk level by number, word, icon and colour (QĐ 18/2021 art. 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...notice import CLASSES, LEVELS
from ...notice.vocabulary import EMERGENCY
from ...review import ClockArea
from .flow import Hand
from .icons import steps, triangle
from .rows import Rows, fitting, row
from .sheet import Fill, Mark, Placed

if TYPE_CHECKING:
    from .frame import Framer

SMALLEST_LEVEL = 0.6  # of the level's size: how far it shrinks to stay on one line


def alarm_header(framer: Framer, clock: ClockArea | None) -> tuple[int, list[Placed], list[Mark]]:
    """The header's height, its blocks, and the colour all around."""
    if framer.look.led:
        height, blocks = _led(framer)
    elif framer.look.portrait:
        height, blocks = _tall(framer, clock)
    else:
        height, blocks = _wide(framer, clock)
    inside = (framer.edge, height, framer.width - 2 * framer.edge, framer.height - height - framer.edge)
    ground: list[Mark] = [
        Fill((0, 0, framer.width, framer.height), framer.colours.band),
        Fill(inside, framer.colours.paper),
    ]
    return height, blocks, ground


def _words(framer: Framer) -> tuple[str, str]:
    alert = framer.notice.alert
    assert alert is not None
    return CLASSES[EMERGENCY].upper(), f"CẤP ĐỘ {alert.level} – {LEVELS[alert.level].word.upper()}"


def _icon(framer: Framer, x: int, y: int, side: int) -> Placed:
    rect = (x, y, side, side)
    return Placed("icon", rect, triangle(rect, framer.colours.band_ink, framer.colours.band))


def _meter(framer: Framer, x: int, y: int, width: int, height: int) -> Placed:
    alert = framer.notice.alert
    assert alert is not None
    rect = (x, y, width, height)
    return Placed("meter", rect, steps(rect, alert.level, len(LEVELS), framer.colours.band_ink))


def _level_hand(framer: Framer, text: str, width: int) -> Hand:
    """The level's words as large as one line allows."""
    by = framer.hand("level", framer.colours.band_ink)
    size = by.style.size
    while by.word_width(text) > width and by.style.size > size * SMALLEST_LEVEL:
        style = replace(by.style, size=by.style.size - 2)
        by = replace(by, style=style, strong=style)
    return by


def _wide(framer: Framer, clock: ClockArea | None) -> tuple[int, list[Placed]]:
    look = framer.look
    height, side, gap = look.px(0, 240), look.px(0, 180), look.px(0, 40)
    left = framer.margin + side + gap
    meter_width, meter_height = look.px(0, 320), look.px(0, 54)
    right = framer.width - framer.margin - meter_width
    klass, level = _words(framer)
    small = framer.hand("kind", framer.colours.band_ink)
    room = right - gap - left
    first = f"{klass} – {framer.commune.name.upper()}"
    rows = Rows(((first, small), (level, _level_hand(framer, level, room))), room, look.px(0, 14))
    meter_top = clock.area[1] + clock.area[3] + look.px(0, 18) if clock else (height - meter_height) // 2
    return height, [
        _icon(framer, framer.margin, (height - side) // 2, side),
        rows.placed("level", (left, 0, room, height)),
        _meter(framer, right, meter_top, meter_width, meter_height),
    ]


def _tall(framer: Framer, clock: ClockArea | None) -> tuple[int, list[Placed]]:
    look = framer.look
    side, gap, upper = look.px(0, 150), look.px(0, 28), look.px(0, 170)
    left, room = framer.margin + side + gap, framer.width - 2 * framer.margin
    right = clock.area[0] - gap if clock else framer.width - framer.margin
    klass, level = _words(framer)
    small = framer.hand("kind", framer.colours.band_ink)
    first = Rows(((klass, small), (framer.commune.name.upper(), small)), right - left, look.px(0, 6))
    by = _level_hand(framer, level, room)
    second = Rows(((level, by),), room)
    y = upper + look.px(0, 12)
    meter = y + second.height + look.px(0, 24)
    return meter + look.px(0, 66), [
        _icon(framer, framer.margin, look.px(0, 20), side),
        first.placed("class", (left, look.px(0, 20), right - left, side)),
        second.placed("level", (framer.margin, y, room, second.height)),
        _meter(framer, framer.margin, meter, room, look.px(0, 34)),
    ]


def _led(framer: Framer) -> tuple[int, list[Placed]]:
    look = framer.look
    height, side = look.px(30, 0), look.px(22, 0)
    left = framer.margin + side + look.px(7, 0)
    room = framer.width - framer.margin - left
    klass, level = _words(framer)
    by = framer.hand("name", framer.colours.band_ink)
    short = level.replace("CẤP ĐỘ ", "CẤP ")
    text = fitting((f"{klass} · {level}", f"{klass} · {short}", level, short), by, room) or short.split(" –")[0]
    return height, [
        _icon(framer, framer.margin, (height - side) // 2, side),
        row("level", text, by, (left, 0, room, height)),
    ]
