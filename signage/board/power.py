"""Whether the screen is lit, and how brightly: one small interface over whatever this machine has.

Software always works: the player draws less bright, or black, and `set` says how much of the
brightness is left for it to do. Where the X server can switch its outputs off (DPMS), `xset` does
that too, in a thread with a time limit: a hung tool never holds up an emergency. A tool that fails
is not asked again, and is told as a fault; the screen is switched on again first, and whenever
the process ends. Not used: CEC and DDC (screens differ too much), Wayland compositors.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Sequence

TOOL_S = 3.0  # seconds that a tool may take
TRIES = 3  # times that switching on is tried: a screen is never left off
TOOL_FAILED = "power-tool"
Tool = Callable[[bool], None]  # raises OSError or subprocess.SubprocessError
_QUERY = ("xset", "q")
# Without time-outs of its own the server never blanks in the day; `force` switches DPMS on for good.
_OFF = ("xset", "s", "off", "dpms", "0", "0", "0", "dpms", "force", "off")
_ON = ("xset", "s", "off", "dpms", "0", "0", "0", "dpms", "force", "on")


class Power:
    """One screen's. `set` may be called at every frame; nothing happens while nothing changes.

    `find` answers the tool of this machine, or None; it is asked at the first darkness, by a thread.
    """

    def __init__(self, find: Callable[[], Tool | None] | None = None) -> None:
        self._find = find or xset
        self._tool: Tool | None = None
        self._asked = False
        self._lock = threading.Lock()
        self._wanted = self._is = True
        self._worker: threading.Thread | None = None
        self._failed = False

    def set(self, on: bool, percent: int = 100) -> int:
        """Light the screen, or not; answers at what percentage the player must draw (0: black)."""
        with self._lock:
            self._wanted = on
            if self._wanted != self._is and self._worker is None:
                self._worker = threading.Thread(target=self._work, name="power", daemon=True)
                self._worker.start()
        return max(0, min(100, percent)) if on else 0

    def faults(self) -> list[str]:
        """Codes of what is wrong: `power-tool`, once a tool has failed."""
        return [TOOL_FAILED] if self._failed else []

    def close(self) -> None:
        """Switch on what was switched off; takes `TOOL_S` × `TRIES` seconds at the very most."""
        self.set(True)
        if worker := self._worker:
            worker.join(TOOL_S * (TRIES + 1))

    def _work(self) -> None:
        if not self._asked:
            self._tool, self._asked = self._find(), True
        while True:
            with self._lock:
                wanted = self._wanted
                if wanted == self._is:
                    self._worker = None
                    return
            self._apply(wanted)
            self._is = wanted

    def _apply(self, on: bool) -> None:
        if self._tool is None:
            return
        if any(_worked(self._tool, on) for _ in range(TRIES if on else 1)):
            return
        self._failed = True
        if not on:  # it may have half worked
            any(_worked(self._tool, True) for _ in range(TRIES))
        self._tool = None


def restore() -> None:
    """Switch on what a player that was killed in its dark hours left off."""
    if tool := xset():
        any(_worked(tool, True) for _ in range(TRIES))


def xset() -> Tool | None:
    """The X server's own switch, where there is one (Xvfb and Wayland have none)."""
    if not os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or not shutil.which("xset"):
        return None
    try:
        told = _run(_QUERY)
    except (OSError, subprocess.SubprocessError):
        return None
    if "DPMS is " not in told:
        return None

    def switch(on: bool) -> None:
        _run(_ON if on else _OFF)

    return switch


def _worked(tool: Tool, on: bool) -> bool:
    try:
        tool(on)
    except (OSError, subprocess.SubprocessError):
        return False
    return True


def _run(words: Sequence[str]) -> str:
    done = subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TOOL_S, check=True, errors="replace"
    )
    return done.stdout
