"""One look at the glass as a small JPEG: `python -m signage.board.screen.shot STATE` writes `glass.jpg` there.

The X server's root window with every window in it, whoever drew it; of it the viewport that the player names, upright.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from ... import durable
from ...report import MAX_FRAME
from ...wire import BadFormat
from .. import notes
from ..notes import GLASS, WANTED
from ..verdict import Expectation
from ..xroot import Root
from .picture import thumbnail, turned
from .sdl import pygame

BAND = 64  # rows asked for at once


def take(state: Path) -> None:
    """Raises `OSError` where there is no X server, or where the picture cannot be written."""
    root = Root()
    try:
        size = root.size()
        surface = pygame.image.frombuffer(_pixels(root, size), size, "BGRA")
    finally:
        root.close()
    surface.set_alpha(None)  # the fourth byte means nothing
    view = surface
    if (expect := _expectation(state)) and surface.get_rect().contains(expect.viewport):
        view = turned(surface.subsurface(expect.viewport), -expect.rotate)
    if data := thumbnail(view, _most(state)):
        durable.write(state / GLASS, data, sync=False)


def _pixels(root: Root, size: tuple[int, int]) -> bytes:
    width, height = size
    found = bytearray()
    for top in range(0, height, BAND):
        rows = root.area(0, top, width, min(BAND, height - top))
        if rows is None:
            raise OSError("the screen became another one")
        found += rows
    return bytes(found)


def _most(state: Path) -> int:
    """Bytes that it may have."""
    return notes.field(notes.read(state / WANTED), "most", lambda f, n: f.integer(n, most=MAX_FRAME)) or MAX_FRAME


def _expectation(state: Path) -> Expectation | None:
    """Where the player draws."""
    note = notes.read(state / "player.json")
    with suppress(BadFormat, TypeError, ValueError):
        expect = note.maybe("expect", note.object) if note else None
        return Expectation.read(expect) if expect else None
    return None


if __name__ == "__main__":
    try:
        take(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(f"bangtin shot: {error}")
