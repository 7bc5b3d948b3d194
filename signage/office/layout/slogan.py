"""A slogan: one sentence, as large as it goes, in the middle; red and gold, as banners are."""

from __future__ import annotations

from dataclasses import replace

from ...notice import Notice
from ...review import ClockArea
from ...settings import Commune
from ..typesetting import Ruler, largest
from . import design
from .design import STEPS, Look
from .flow import TextBlock, text_block
from .frame import Framer, hand
from .sheet import Fill, Mark, Placed, Sheet

SUMMARY_GAP = 0.5  # of the slogan's size, between it and the line below


def slogan(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet] | None:
    """The one sheet of a slogan, or None when its words do not fit on one."""
    framer = Framer(notice, commune, look, ruler)
    framer.colours = colours = design.SLOGAN_LED if look.led else design.SLOGAN
    frame = framer.slogan_frame()
    x, y, width, height = frame.room
    inner = look.px(2 if look.led else 40)

    def blocks(step: int) -> list[TextBlock]:
        sized = replace(look, step=step)
        big = hand(ruler, sized, "slogan", colours.headline, even=True)
        found = [text_block("slogan", notice.title, big, width - 2 * inner, 0, centred=True)]
        if notice.board_summary and notice.board_summary != notice.title:
            by = hand(ruler, replace(look, step=min(step, STEPS // 2)), "text", colours.ink, even=True)
            gap = round(big.style.size * SUMMARY_GAP)
            found.append(text_block("text", notice.board_summary, by, width - 2 * inner, gap, centred=True))
        return found

    def tall(step: int) -> int:
        return sum(b.height + b.gap for b in blocks(step))

    step = largest(STEPS, lambda s: tall(s) <= height and unbroken(blocks(s)))
    if tall(step) > height:
        return None
    at = y + (height - tall(step)) // 2
    placed = list(frame.blocks)
    for block in blocks(step):
        at += block.gap
        marks: tuple[Mark, ...] = tuple(block.marks(x + inner, at))
        placed.append(Placed(block.name, (x + inner, at, block.width, block.height), marks))
        at += block.height
    clock: ClockArea | None = frame.clock
    reading = " ".join(b.reading for b in blocks(step))
    return [
        Sheet(look.shape.width, look.shape.height, colours.paper, frame.ground, tuple(placed), clock, reading)
    ]


def unbroken(blocks: list[TextBlock]) -> bool:
    """Whether every word stands whole on its line."""
    return all(len(b.text) == sum(len(line.words) for line in b.set_lines) for b in blocks)


__all__ = ["Fill", "slogan"]
