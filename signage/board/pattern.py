"""`bangtin board play --pattern`: the test pattern in this board's mode, for whoever hangs the board up."""

from __future__ import annotations

import signal
from datetime import UTC, datetime
from pathlib import Path

from .. import durable
from .alone import alone
from .identity import Board
from .screen import Cue, Glass, panel
from .shelf import Shelf
from .waking import Waker
from .welcome import Welcome

REST_S = 0.5  # seconds between two looks at the window


def show(board: Board, *, how: str, screenshot: Path | None = None, seconds: float | None = None) -> int:
    """Show it until SIGTERM, Ctrl-C or `seconds`; returns 0.

    A board that holds nothing, and does not know its mode, shows it on all of the screen.
    Raises `Unavailable` (`locked`, `screen-missing`).
    """
    with alone(board.state / "player.lock"):
        now = datetime.now(UTC)
        held = Shelf(board.shelf).holding(board.root(), board.identity, now)
        glass = Glass(how, held.playlist.mode if held else board.mode, f"Bảng Tin: {board.id}")
        waker, stopping = Waker(board.shelf), False

        def stop(*_: object) -> None:
            nonlocal stopping
            stopping = True
            waker.wake()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        welcome, shown = Welcome(glass.mode, board.id, board.words() if board.mode else ()), -1
        left = seconds if seconds is not None else float("inf")
        while left > 0 and not stopping and glass.pump():
            if (page := welcome.page(now := datetime.now(UTC))) != shown:
                shown = page
                glass.show(panel(welcome.drawn(glass.upright, page), glass.form()), Cue(now, now, None))
                if screenshot:
                    durable.write(screenshot, glass.screenshot(), sync=False)
            waker.wait(min(REST_S, left))
            left -= REST_S
        glass.close()
        waker.close()
    return 0
