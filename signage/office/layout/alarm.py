"""The head of an emergency: class, risk level by number, word, icon and colour (QĐ 18/2021 art. 4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...notice import CLASSES, LEVELS
from ...notice.vocabulary import DRILL, EMERGENCY
from .flow import Hand
from .header import CHEVRONS, CLOCK_GAP, SCREEN, SCREEN_TALL, Head, clock_area
from .icons import chevrons, steps, triangle
from .palette import PRIORITY
from .rows import Rows, fitting, row
from .sheet import Fill, Mark, Placed

if TYPE_CHECKING:
    from .frame import Framer

SMALLEST_LEVEL = 0.6  # of the level's size: how far it shrinks to stay on one line


def _words(framer: Framer) -> tuple[str, str]:
    alert = framer.notice.alert
    assert alert is not None
    klass = DRILL if alert.drill else CLASSES[EMERGENCY].upper()
    return klass, f"CẤP ĐỘ {alert.level} – {LEVELS[alert.level].word.upper()}"


def _icon(framer: Framer, x: int, y: int, side: int) -> Placed:
    rect = (x, y, side, side)
    return Placed("icon", rect, triangle(rect, framer.colours.band_ink, framer.colours.band))


def _fitted(framer: Framer, text: str, width: int) -> Hand:
    """The level's hand, as large as one line allows."""
    by = framer.hand("level", framer.colours.band_ink)
    size = by.style.size
    while by.word_width(text) > width and by.style.size > size * SMALLEST_LEVEL:
        style = replace(by.style, size=by.style.size - 2)
        by = replace(by, style=style, strong=style, lead=0)
    return by


def screen_alarm(framer: Framer, rail: int) -> Head:
    """A landscape screen's says “KHẨN CẤP”, its rail the level; a portrait one says both here."""
    look = framer.look
    clock = clock_area(framer, look.px(0, SCREEN_TALL if look.portrait else SCREEN), rail)
    if look.portrait:
        height, blocks = _tall(framer, clock.area[0] - look.px(0, CLOCK_GAP[1]))
    else:
        height, blocks = _wide(framer, clock.area[0] - look.px(0, CLOCK_GAP[1]))
    ground: list[Mark] = [Fill((0, 0, framer.width, height), framer.colours.band)]
    if framer.notice.alert and framer.notice.alert.drill:
        strip = look.px(0, CHEVRONS)
        ground += chevrons((0, height, framer.width - rail, strip), *PRIORITY)
        height += strip
    return Head(height, tuple(blocks), tuple(ground), clock)


def _wide(framer: Framer, right: int) -> tuple[int, list[Placed]]:
    look = framer.look
    height = look.px(0, SCREEN + 16)
    room = right - framer.margin
    klass, _ = _words(framer)
    by = framer.hand("level", framer.colours.band_ink)
    width = by.word_width(klass)
    left = framer.margin + width + look.px(0, 44)
    small = framer.hand("name", framer.colours.band_ink, even=True)
    rows = Rows(((framer.commune.authority, small),), framer.margin + room - left, look.px(0, 6))
    bar = (left - look.px(0, 24), look.px(0, 34), look.px(0, 4), height - look.px(0, 68))
    return height, [
        row("class", klass, by, (framer.margin, 0, width, height)),
        Placed("rule", bar, (Fill(bar, framer.colours.band_ink),)),
        rows.placed("authority", (left, 0, framer.margin + room - left, height)),
    ]


def _tall(framer: Framer, right: int) -> tuple[int, list[Placed]]:
    look = framer.look
    side, gap, upper = look.px(0, 150), look.px(0, 28), look.px(0, 170)
    left, room = framer.margin + side + gap, framer.width - 2 * framer.margin
    klass, level = _words(framer)
    small = framer.hand("kind", framer.colours.band_ink)
    first = Rows(((klass, small), (framer.commune.name.upper(), small)), right - left, look.px(0, 6))
    second = Rows(((level, _fitted(framer, level, room)),), room)
    y = upper + look.px(0, 12)
    meter = (framer.margin, y + second.height + look.px(0, 24), room, look.px(0, 34))
    alert = framer.notice.alert
    assert alert is not None
    return meter[1] + look.px(0, 66), [
        _icon(framer, framer.margin, look.px(0, 20), side),
        first.placed("authority", (left, look.px(0, 20), right - left, side)),
        second.placed("level", (framer.margin, y, room, second.height)),
        Placed("meter", meter, steps(meter, alert.level, len(LEVELS), framer.colours.band_ink)),
    ]


def alarm_header(framer: Framer, page: int) -> Head:
    """A matrix's: sign, class and level in one line, and the colour all around."""
    look = framer.look
    height, side = (24, 18) if look.low else (look.px(30, 0), look.px(22, 0))
    left = framer.margin + side + look.px(7, 0)
    room = framer.width - framer.margin - left
    klass, level = _words(framer)
    by = framer.hand("name", framer.colours.band_ink)
    short = level.replace("CẤP ĐỘ ", "CẤP ")
    bare = short.split(" –")[0]
    texts = [f"{klass} · {level}", f"{klass} · {short}", level, short]
    if page % 2 == 0:  # few pixels: the class on one page, the level's word on the next
        texts.insert(2, f"{klass} · {bare}")
    text = fitting(texts, by, room) or bare
    inside = (framer.edge, height, framer.width - 2 * framer.edge, framer.height - height - framer.edge)
    ground = Fill((0, 0, framer.width, framer.height), framer.colours.band), Fill(inside, framer.colours.paper)
    sign = _icon(framer, framer.margin, (height - side) // 2, side)
    return Head(height, (sign, row("level", text, by, (left, 0, room, height))), ground, None)
