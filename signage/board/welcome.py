"""What a new board shows until it holds its first publication: the test pattern, and its four words.

Only a board that was enrolled from a stick: it knows how its picture lies, and an office waits to hear its words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from .. import __version__
from ..publication import Mode
from .identity import Board
from .screen import Surface
from .screen.pattern import pages, pattern

PAGE_S = 4  # seconds for which one of several pages stands


@dataclass(frozen=True)
class Welcome:
    """The pictures, page by page."""

    mode: Mode
    board: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, board: Board) -> Welcome | None:
        """None for a board that was enrolled otherwise. Raises `Unavailable` or `BadFormat`."""
        return cls(board.mode, board.id, board.words()) if board.mode else None

    def page(self, now: datetime) -> int:
        return int(now.timestamp()) // PAGE_S % pages(self.mode, self.words)

    def drawn(self, size: tuple[int, int], page: int) -> Surface:
        """A page for a picture of this size (another than the mode's where another screen hangs there)."""
        shape = replace(self.mode.shape, width=size[0], height=size[1])
        mode = replace(self.mode, shape=shape)
        return pattern(mode, self.board, __version__, self.words, page % pages(mode, self.words))
