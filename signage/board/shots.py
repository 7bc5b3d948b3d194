"""The kiosk's part in a small picture of the glass: a process of its own takes it, for a few hundred milliseconds.

What draws and packs pictures weighs forty megabytes: it is loaded for one look, and gone again. It looks at the
X server's root window, as the witness does; where there is none, nothing is made and sync sends the player's own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from .notes import GLASS, WANTED

EACH_S = 5.0  # seconds between two looks, however often one is wanted
LONGEST_S = 20.0  # seconds after which the process is ended
OLD_S = 60.0  # seconds after which a wish is forgotten: sync has sent something else
NICE = 10  # the player's next fade comes first


class Shots:
    """Looks when sync asks; `step` is called about twice a second and never waits."""

    def __init__(self, state: Path, command: Sequence[str] | None = None) -> None:
        """`command`: takes the picture (its last word is the state folder)."""
        self._state = state
        self._command = command or [sys.executable, "-m", "signage.board.screen.shot", str(state)]
        self._process: subprocess.Popen[bytes] | None = None
        self._began = float("-inf")

    def step(self) -> None:
        """End what takes too long; begin where a picture is wanted that is newer than the last."""
        if self._process and self._process.poll() is None:
            if time.monotonic() - self._began > LONGEST_S:
                self._process.kill()
            return
        if time.monotonic() - self._began >= EACH_S and self._is_wanted():
            self._began = time.monotonic()
            with suppress(OSError):  # no memory, no more processes: the player's own picture goes
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )  # fmt: skip
                _polite(self._process.pid)

    def close(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _is_wanted(self) -> bool:
        wanted = _moment(self._state / WANTED)
        return wanted is not None and abs(time.time() - wanted) < OLD_S and (_moment(self._state / GLASS) or 0) < wanted


def _moment(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _polite(pid: int) -> None:
    with suppress(OSError, AttributeError):  # AttributeError: not on Windows
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
