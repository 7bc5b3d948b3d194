"""A slogan: one sentence, as large as it goes, in the middle; red and gold, as banners are."""

from __future__ import annotations

from dataclasses import replace

from ...notice import Notice
from ...settings import Commune
from ..typesetting import Ruler, largest
from .design import STEPS, Look
from .flow import Hand, TextBlock, text_block
from .frame import Framer
from .palette import colours_of
from .sheet import Placed, Sheet

SUMMARY_GAP = 0.4  # of the slogan's size, between it and the words below


def slogan(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet] | None:
    """The one sheet of a slogan, or None when its words do not fit on one."""
    colours = colours_of(notice, look.shape)
    frame = Framer(notice, commune, look, ruler, colours).slogan_frame()
    x, y, width, height = frame.room

    def blocks(step: int) -> list[TextBlock]:
        big = Hand.of(ruler, replace(look, step=step), "slogan", colours.headline, even=True)
        found = [text_block("slogan", notice.title, big, width, 0, centred=True)]
        if notice.board_summary and notice.board_summary.rstrip(".!") != notice.title.rstrip(".!"):
            by = Hand.of(ruler, replace(look, step=step // 2), "text", colours.ink, even=True)
            gap = round(big.style.size * SUMMARY_GAP)
            found.append(text_block("text", notice.board_summary, by, width, gap, centred=True))
        return found

    def fits(step: int) -> bool:
        made = blocks(step)
        return sum(b.height + b.gap for b in made) <= height and all(unbroken(b) for b in made)

    chosen = blocks(largest(STEPS, fits))
    used = sum(b.height + b.gap for b in chosen)
    if used > height:
        return None
    placed, at = list(frame.blocks), y + (height - used) // 2
    for block in chosen:
        at += block.gap
        placed.append(Placed(block.name, (x, at, block.width, block.height), tuple(block.marks(x, at))))
        at += block.height
    shape, reading = look.shape, " ".join(b.reading for b in chosen)
    return [Sheet(shape.width, shape.height, colours.paper, frame.ground, tuple(placed), frame.clock, reading)]


def unbroken(block: TextBlock) -> bool:
    """Whether every word stands whole on its line."""
    return len(block.text) == sum(len(line.words) for line in block.set_lines)
