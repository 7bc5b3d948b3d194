"""A picture of the body: a slide of its own, the picture whole, what it shows in words below it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..typesetting import Line
from ..words import plain
from .flow import Hand
from .sheet import Mark, Photo


@dataclass(frozen=True)
class PictureBlock:
    """`height` is a whole page's, so that nothing else stands on it."""

    picture: str
    alt: str
    hand: Hand
    width: int
    height: int
    gap: int
    paper: str
    name: str = "picture"
    sticky: bool = False

    @property
    def reading(self) -> str:
        return self.alt

    @cached_property
    def _lines(self) -> list[Line]:
        return self.hand.rich(plain(self.alt), self.width)

    def split(self, room: int, fresh: bool) -> None:
        return None

    def marks(self, x: int, y: int) -> list[Mark]:
        above, below, lead = self.hand.extent(self._lines)
        words = above + below + lead * (len(self._lines) - 1) if self._lines else 0
        tall = self.height - words - (self.gap if words else 0)
        photo = Photo((x, y, self.width, tall), self.picture, whole=True, paper=self.paper)
        return [photo, *self.hand.marks(self._lines, x, y + self.height - words + above, lead)]
