"""A ticker: one line of text that runs through its area, drawn once and moved by whole pixels.

The text enters from the right when its slide does; where it is follows from the slide's own moment,
so that boards that show the same slide agree. A line of 600 large letters would be wider than a
surface may be: it is cut between words into tiles, and only those in sight are drawn.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

import pygame

from ...lettering import nfc
from ...review import Ticker
from ...review.slide import ticker_speed
from .letters import BOLD, drawn, font

TILE = 1024  # pixels: a tile ends at the first space after this
MAX_TILE = 4096  # pixels: a word that is longer is cut
GAP = 3  # letter heights between the end of the text and its next beginning


class Strip:
    """The ticker of one slide; `at` is drawn upright, of the size of its area."""

    def __init__(self, ticker: Ticker, percent: int) -> None:
        _, _, self._width, self._height = ticker.area
        self._ink, self._paper = (_dimmed(c, percent) for c in (ticker.ink, ticker.paper))
        self._type = font(BOLD, min(ticker.size, max(1, self._height)))
        self._speed = ticker_speed(ticker.size)
        self._tiles = _cut(nfc(ticker.text), self._type)
        self._round = self._tiles[-1][1] + self._type.size(self._tiles[-1][0])[0] + GAP * ticker.size
        self._drawn: OrderedDict[int, pygame.Surface] = OrderedDict()
        self._band = pygame.Surface((self._width, self._height))
        self._place: int | None = None

    def moved(self, now: datetime, since: datetime) -> bool:
        """Whether the text lies elsewhere than when it was drawn last."""
        return self._at(now, since) != self._place

    def at(self, now: datetime, since: datetime) -> pygame.Surface:
        """The area's pixels at `now`, upright; the same surface each time."""
        self._place = left = self._at(now, since)
        self._band.fill(self._paper)
        # Wide areas show the end of one round and the beginning of the next.
        start = self._width - left
        while start < self._width:
            self._put(start)
            start += max(1, self._round)
        return self._band

    def _at(self, now: datetime, since: datetime) -> int:
        """Pixels that the text has moved; once it has gone through, only the gap parts two rounds."""
        ms = max(0, (now - since) // timedelta(milliseconds=1))
        moved = ms * self._speed // 1000
        return moved if moved < self._width else self._width + (moved - self._width) % self._round

    def _put(self, start: int) -> None:
        for number, (_, offset) in enumerate(self._tiles):
            left = start + offset
            if left >= self._width:
                break
            ends = self._tiles[number + 1][1] if number + 1 < len(self._tiles) else self._round
            if start + ends > 0:
                tile = self._tile(number)
                self._band.blit(tile, (left, (self._height - tile.get_height()) // 2))

    def _tile(self, number: int) -> pygame.Surface:
        if number not in self._drawn:
            self._drawn[number] = drawn(self._tiles[number][0], self._type, self._ink)
        self._drawn.move_to_end(number)
        while len(self._drawn) > 2 + self._width // TILE:
            self._drawn.popitem(last=False)
        return self._drawn[number]


def _cut(text: str, type_: pygame.font.Font) -> list[tuple[str, int]]:
    """Pieces of the text with their offset in pixels from its beginning."""
    pieces: list[tuple[str, int]] = []
    piece, offset = "", 0
    for letter in " ".join(text.split()) or " ":
        piece += letter
        width = type_.size(piece)[0] if letter == " " or len(piece) % 16 == 0 else 0
        if (letter == " " and width >= TILE) or width >= MAX_TILE:
            pieces.append((piece, offset))
            piece, offset = "", offset + width
    return [*pieces, (piece, offset)] if piece or not pieces else pieces


def _dimmed(colour: str, percent: int) -> pygame.Color:
    found = pygame.Color(colour)
    return pygame.Color(*(part * percent // 100 for part in (found.r, found.g, found.b)))
