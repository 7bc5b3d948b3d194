"""`bangtin board play --pattern`: the test pattern in this board's mode, for whoever hangs the board up."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

from .. import __version__, durable
from .alone import alone
from .identity import Board
from .screen import Cue, Glass, panel
from .screen.pattern import pattern
from .shelf import Shelf
from .waking import Waker

REST_S = 0.5  # seconds between two looks at the window


def show(board: Board, *, how: str, screenshot: Path | None = None, seconds: float | None = None) -> int:
    """Show it until SIGTERM, Ctrl-C or `seconds`; returns 0.

    A board that holds nothing yet shows it on all of the screen. Raises `Unavailable` (`locked`, `screen-missing`).
    """
    with alone(board.state / "player.lock"):
        now = datetime.now(UTC)
        held = Shelf(board.shelf).holding(board.root(), board.identity, now)
        glass = Glass(how, held.playlist.mode if held else None, f"Bảng Tin: {board.id}")
        waker, stopping = Waker(board.shelf), False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True
            waker.wake()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        glass.show(panel(pattern(glass.mode, board.id, __version__), glass.form()), Cue(now, now, None))
        if screenshot:
            durable.write(screenshot, glass.screenshot(), sync=False)
        left = seconds if seconds is not None else float("inf")
        while left > 0 and not stopping and glass.pump():
            waker.wait(min(REST_S, left))
            left -= REST_S
        glass.close()
        waker.close()
    return 0
