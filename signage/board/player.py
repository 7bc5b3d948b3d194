"""Show for ever: a loop by absolute time that opens no network socket.

It looks at the shelf by one `stat` every 50 ms, asks `rotation` when the current scene is over, and
draws only when something changes: a still slide costs next to nothing. Whatever fails, something
true stays on the glass: the slide before, an evergreen one, or the safe slide.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import durable
from ..publication import Mode
from ..report import Showing
from . import notes, rotation
from .clock import Clock, kernel_synchronised
from .gallery import Gallery
from .identity import Board
from .playlist import Playlist
from .playlog import PlayLog
from .rotation import Scene
from .screen import Glass, Picture, clock_text, safe_panel, words_pages
from .shelf import Holding, Shelf

POLL_S = 0.05  # seconds between two looks at the shelf
FIRST_POLL_S = 0.002  # the same until the first picture is on the glass
PUMP_EVERY = 5  # looks at the shelf between two at the window system
BEAT_S = 10.0  # seconds between two signs of life
FRAME_EVERY_S = 300.0  # seconds between two thumbnails of ordinary rotation
FIRST_WAIT_S = 2.0  # seconds that the first slide may take before the safe slide stands in


def play(
    board: Board, *, how: str, screenshot: Path | None = None, seconds: float | None = None,
    start: datetime | None = None,
) -> int:  # fmt: skip
    """Show until SIGTERM, Ctrl-C, `seconds`, or a closed window; returns 0. Raises `Unavailable`."""
    with durable.only_one(board.state / "player.lock"):
        player = Player(board, how, screenshot, Clock(start, bounded=start is None))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: player.stop())
        player.run(seconds)
    return 0


class Player:
    """One player; `run` is its life."""

    def __init__(self, board: Board, how: str, screenshot: Path | None, clock: Clock) -> None:
        self._board, self._screenshot, self._clock = board, screenshot, clock
        self._root, self._identity = board.root(), board.identity
        self._shelf = Shelf(board.shelf)
        self._mark = self._shelf.mark()
        self._held = self._load()
        self._log = PlayLog(board.plays)
        self._glass = Glass(how, self._mode(), f"Bảng Tin: {board.id}")
        self._gallery = Gallery(self._shelf, board.state, self._load)
        self._playlist = self._usable()
        self._scene: Scene | None = None  # what the time asks for
        self._shown: Scene | None = None  # what is on the glass
        self._since = clock.now()  # of what is on the glass
        self._drawn_minute, self._drawn_page = "", 0
        self._paged_for: tuple[str, tuple[int, int]] | None = None
        self._pages = 1
        self._verdict = "unknown"
        self._faults = notes.Faults()
        self._beat = self._frame_at = float("-inf")
        self._stopping = False
        self._began = time.monotonic()

    def stop(self) -> None:
        self._stopping = True

    def run(self, seconds: float | None) -> None:
        """The loop; what is on the glass at the end is logged."""
        end = self._began + seconds if seconds else float("inf")
        looks = 0
        try:
            while not self._stopping and time.monotonic() < end:
                self._look_at_shelf()
                self._step(self._clock.now())
                looks += 1
                if looks % PUMP_EVERY == 0 and not self._glass.pump():
                    break
                time.sleep(POLL_S if self._shown else FIRST_POLL_S)
        finally:
            self._log_play(self._clock.now())
            self._log.flush()
            self._glass.close()

    # ── content ──────────────────────────────────────────────────────────────────────────────────

    def _load(self) -> Holding | None:
        return self._shelf.holding(self._root, self._identity, self._clock.now())

    def _mode(self) -> Mode | None:
        return self._held.playlist.mode if self._held else None

    def _usable(self) -> Playlist | None:
        """What is held, without the slides that cannot be shown now."""
        if self._held is None:
            return None
        self._clock.prove(self._held.floor)
        return self._held.playlist.only(self._gallery.can_show)

    def _look_at_shelf(self) -> None:
        if (mark := self._shelf.mark()) != self._mark:
            self._mark = mark
            self._gallery.reload()
        news = self._gallery.news()
        if news is None:
            return
        # An emptied or unreadable shelf takes nothing off the glass that was verified before.
        if news.loaded and news.holding is not None:
            self._held = news.holding
        if self._held and self._held.playlist.mode != self._glass.mode:
            self._log_play(self._clock.now())
            self._shown = None
            self._gallery.forget_pictures()
            self._glass.set_mode(self._held.playlist.mode)
        self._playlist = self._usable()
        self._scene = None

    # ── the glass ────────────────────────────────────────────────────────────────────────────────

    def _step(self, now: datetime) -> None:
        """Bring the glass to what this moment asks for; does nothing in most moments."""
        scene = self._scene
        if scene is None or not scene.since <= now < scene.until:
            scene = self._scene = rotation.scene(self._playlist, now)
            self._decode_ahead(scene)
        if self._shown is None or scene.what != self._shown.what or scene.until != self._shown.until:
            self._change_to(scene, now)
        elif self._minute() != self._drawn_minute or self._page(scene, now) != self._drawn_page:
            self._redraw(scene, now)
        if time.monotonic() - self._beat > BEAT_S:
            self._sign_of_life(now)

    def _change_to(self, scene: Scene, now: datetime) -> None:
        """When its picture is not ready, what is on the glass stays.

        The first one is waited for a little, so that a board that starts does not flash its safe slide.
        """
        if self._shown is not None and scene.what == self._shown.what:
            if scene.since != self._shown.since:
                self._log_play(now)  # its next turn: the same picture, another play
            self._shown = scene
            return
        picture = self._picture(scene, now)
        if picture is None and (self._shown is not None or time.monotonic() - self._began < FIRST_WAIT_S):
            return
        self._log_play(now)
        if picture is None:
            scene = Scene("safe", None, None, now, scene.until)
            picture = self._panel(scene, now)
        self._glass.show(picture, self._time())
        self._shown, self._since = scene, now
        self._drawn_minute, self._drawn_page = self._minute(), self._page(scene, now)
        self._after_change(scene, now)

    def _redraw(self, scene: Scene, now: datetime) -> None:
        self._drawn_minute, self._drawn_page = self._minute(), self._page(scene, now)
        if scene.slide is None:
            self._glass.show(self._panel(scene, now), self._time())
        else:
            self._glass.tick(self._time())
        if self._screenshot:
            durable.write(self._screenshot, self._glass.screenshot(), sync=False)

    def _picture(self, scene: Scene, now: datetime) -> Picture | None:
        if scene.slide is None:
            return self._panel(scene, now)
        return self._gallery.picture(scene.slide, self._glass)

    def _panel(self, scene: Scene, now: datetime) -> Picture:
        """What the board draws itself."""
        size = self._glass.upright
        if scene.entry is not None:
            pages = words_pages(size, scene.entry.title, scene.entry.alert)
            return Picture(pages[self._page(scene, now, len(pages)) % len(pages)])
        held = self._held.playlist if self._held else None
        commune = held.commune_name if held else f"Xã {self._board.commune}"
        name = held.board_name if held else self._board.id
        return Picture(safe_panel(size, commune, name, self._time()))

    def _page(self, scene: Scene, now: datetime, pages: int | None = None) -> int:
        """Which page of an emergency's words; one page unless the board draws them."""
        if scene.entry is None or scene.slide is not None:
            return 0
        if pages is None:
            pages = self._pages_of(scene)
        return min(pages - 1, int(scene.share(now) * pages))

    def _pages_of(self, scene: Scene) -> int:
        assert scene.entry is not None
        key = (scene.entry.sha, self._glass.upright)
        if self._paged_for != key:
            self._paged_for = key
            self._pages = len(words_pages(self._glass.upright, scene.entry.title, scene.entry.alert))
        return self._pages

    def _decode_ahead(self, scene: Scene) -> None:
        for one in (scene, rotation.following(self._playlist, scene)):
            if one.slide is not None:
                self._gallery.picture(one.slide, self._glass)

    def _time(self) -> datetime | None:
        """The time to draw: none when the clock is known to be wrong."""
        return None if self._clock.suspect else self._clock.now()

    def _minute(self) -> str:
        return clock_text(self._time())

    # ── the record ───────────────────────────────────────────────────────────────────────────────

    def _log_play(self, now: datetime) -> None:
        """What was on the glass until now; of an emergency that the board drew, the statement is named."""
        shown, since = self._shown, self._since
        self._since = now
        if shown is None or shown.entry is None:
            return
        ms = round((now - since).total_seconds() * 1000)
        if ms > 0:
            file = shown.slide.file if shown.slide else shown.entry.sha
            self._log.add(file=file, statement=shown.entry.sha, at=since, ms=ms)

    def _after_change(self, scene: Scene, now: datetime) -> None:
        self._verdict = self._glass.verdict()
        if self._screenshot:
            durable.write(self._screenshot, self._glass.screenshot(), sync=False)
        usual = scene.kind == "rotation"
        if not usual or time.monotonic() - self._frame_at > FRAME_EVERY_S:
            self._frame_at = time.monotonic()
            if frame := self._glass.thumbnail():
                durable.write(self._board.state / "frame.jpg", frame, sync=False)
        self._note(now)

    def _sign_of_life(self, now: datetime) -> None:
        self._beat = time.monotonic()
        self._log.flush_if_due()
        if not self._same_faults(now):
            self._note(now)
        else:
            self._note_path().touch()

    def _same_faults(self, now: datetime) -> bool:
        before = self._faults.as_json()
        self._tell_faults(now)
        return before == self._faults.as_json() and self._note_path().exists()

    def _tell_faults(self, now: datetime) -> None:
        held = self._held
        wrong = {
            "clock-suspect": self._clock.suspect,
            "shelf-empty": held is None,
            "shelf-damaged": bool(held and held.fallen_back),
            "clock-unknown": held is None and not kernel_synchronised() and not self._clock.suspect,
        }
        codes = [code for code, is_so in wrong.items() if is_so] + self._gallery.faults()
        self._faults.only("", codes, now)

    def _note_path(self) -> Path:
        return self._board.state / "player.json"

    def _note(self, now: datetime) -> None:
        self._tell_faults(now)
        shown = self._shown
        showing: dict[str, Any] | None = None
        if shown is not None:
            entry = shown.entry
            file = shown.slide.file if shown.slide else None
            sha, title = (entry.sha, entry.title) if entry else (None, "")
            showing = Showing(shown.kind, sha, file, title, self._since).as_json()
        notes.write(self._note_path(), {
            "pid": os.getpid(), "showing": showing, "verdict": self._verdict,
            "number": self._held.playlist.number if self._held else None, "faults": self._faults.as_json(),
        })  # fmt: skip
