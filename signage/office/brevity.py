"""What a notice takes of its boards' time, told to the person who writes it, before anybody signs it.

Nothing is shortened by a machine: the suggestion is a line that a person writes (`Board-Summary:`).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Problem
from ..notice import Notice
from ..notice.vocabulary import SLOGAN
from ..publication import Shape
from ..settings import Board, Commune
from . import drawing, legibility, pace
from .layout import Sheet, unshortened
from .sight import Sight, sights
from .slides import compose, look_for

FEW = 10  # notices that are looked at in one command: each is laid out for every shape, a second in all


def of_all(notices: Iterable[Notice], commune: Commune, boards: Iterable[Board]) -> list[Problem]:
    """`problems` of the notices that an officer is at work on; nothing when they are more than `FEW`."""
    listed, every = list(notices), list(boards)
    return [p for n in listed for p in problems(n, commune, every)] if len(listed) <= FEW else []


def problems(notice: Notice, commune: Commune, boards: Iterable[Board]) -> list[Problem]:
    """A warning for each shape of board whose time the notice takes, or where its summary stands for its body;
    and what cannot be read there."""
    every = list(boards)
    asked = sights(every)
    found: list[Problem] = []
    for shape in dict.fromkeys(board.mode.shape for board in every):
        here = [b.name for b in every if b.mode.shape == shape and notice.shown_on(b.id, b.groups)]
        if here and not notice.is_page:
            found += _told(notice, commune, shape, asked[shape.name], ", ".join(here))
    return found


def _told(notice: Notice, commune: Commune, shape: Shape, sight: Sight, boards: str) -> list[Problem]:
    shown, file = compose(notice, shape, commune, sight), f"{notice.id}.md"
    count, seconds = len(shown), _seconds(shown)
    values = {"boards": boards, "count": count, "seconds": seconds, "budget": sight.budget}
    faults = legibility.problems(shown, look_for(shape, sight), file)
    if seconds > sight.budget:
        return [*faults, Problem("board-time", file, None, "Board-Summary", "warning", values)]
    if notice.board_summary or notice.alert or notice.kind == SLOGAN or shown[0].ticker:
        return faults
    whole = unshortened(notice, commune, look_for(shape, sight), drawing.letterer())
    if len(whole) <= count:
        return faults
    values |= {"count": len(whole), "seconds": _seconds(whole), "shown": count}
    return [*faults, Problem("board-shortened", file, None, "Board-Summary", "warning", values)]


def _seconds(shown: Iterable[Sheet]) -> int:
    return pace.seconds(sheet.reading for sheet in shown)
