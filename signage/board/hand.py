"""What the board draws by its own hand: the safe slide, and an emergency's words, page by page.

A page stays long enough to be read; when its scene comes round again the next page is shown, so that
no word is passed over however short the turns are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .rotation import Scene
from .screen import Surface, Words, laid_out, safe_panel

if TYPE_CHECKING:  # a board that holds something loads no test pattern
    from .welcome import Welcome

Size = tuple[int, int]  # pixels, upright


@dataclass(frozen=True)
class Names:
    """For the safe slide."""

    commune: str
    board: str
    ident: str = ""  # the board's id
    phone: str = ""  # to call about it
    welcome: Welcome | None = None  # instead of it, on a new board


@dataclass
class _Reading:
    """An emergency's words, and how far they have been read."""

    sha: str
    words: Words
    page: int
    since: datetime


class Hand:
    """One glass's; `names` may change."""

    def __init__(self) -> None:
        self.names = Names("", "")
        self.reading: _Reading | None = None

    def drawn(self, scene: Scene, size: Size, now: datetime, clock: datetime | None) -> Surface:
        """The scene without a slide; `clock` is the time to write, None when it is not to be believed."""
        if scene.entry is None:
            names = self.names
            if names.welcome:
                return names.welcome.drawn(size, names.welcome.page(now))
            return safe_panel(size, names.commune, names.board, clock, ident=names.ident, phone=names.phone)
        return self._read(scene, size, now).words.draw(self.page(scene, size, now))

    def page(self, scene: Scene, size: Size, now: datetime) -> int:
        """Which page of the words it is now; 0 for everything else. Asking turns the page when it is time."""
        if scene.entry is None or scene.slide is not None:
            return self.names.welcome.page(now) if self.names.welcome and scene.slide is None else 0
        reading = self._read(scene, size, now)
        if not 0 <= (now - reading.since) / timedelta(milliseconds=1) < reading.words.page_ms:
            reading.page, reading.since = (reading.page + 1) % len(reading.words.pages), now
        return reading.page

    def _read(self, scene: Scene, size: Size, now: datetime) -> _Reading:
        """The words laid out for this size; kept, for the pages that follow."""
        entry = scene.entry
        assert entry is not None
        if self.reading is None or (self.reading.sha, self.reading.words.size) != (entry.sha, size):
            end = entry.ranges[-1][1] if entry.ranges else entry.statement.end  # 24 hours at most
            words = laid_out(size, entry.title, entry.alert, end)
            self.reading = _Reading(entry.sha, words, 0, now)
        return self.reading
