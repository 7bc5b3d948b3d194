"""How often the player may be started again at once: so many times a day, counted per boot.

A fault that a new start does not cure must not become a loop that wears out the card and hides
itself. When the budget is spent, or cannot be stored, restarts go on slowly: never quite given up.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from ..wire import BadFormat
from . import notes
from .boot import BOOT_ID, MAX_BOOT_ID, Boot

RESTARTS = 10  # in `SPAN_S` of one boot
SPAN_S = 24 * 3600  # seconds


class Budget:
    """Of one board and one boot, kept in state/restarts.json across restarts of the kiosk itself."""

    def __init__(self, state: Path, boot_id: Path = BOOT_ID) -> None:
        self._path = state / "restarts.json"
        self._boot = Boot(boot_id)
        self.used = self._stored()
        self.first = self.used is None  # nothing was started in this boot before

    def spend(self, now: float | None = None) -> bool:
        """Take one restart; False when there is none left, or it cannot be written down.

        `now`: seconds since the machine was started.
        """
        moment = int(self._boot.seconds() if now is None else now)
        used = [at for at in self.used or () if moment - SPAN_S < at <= moment]
        if len(used) >= RESTARTS:
            return False
        return self._store([*used, moment])

    def open(self) -> bool:
        """Note that this boot has begun; False when it cannot be stored."""
        return self._store(self.used or [])

    def recent(self, within_s: float, now: float | None = None) -> int:
        """How many restarts there were lately."""
        moment = self._boot.seconds() if now is None else now
        return sum(moment - within_s < at <= moment for at in self.used or ())

    def _store(self, used: list[int]) -> bool:
        if not self._boot.name:
            return False
        try:
            notes.write(self._path, {"boot": self._boot.name, "used": used})
        except OSError:
            return False
        self.used = used
        return True

    def _stored(self) -> list[int] | None:
        """The restarts of this boot; None when there is no note of this boot."""
        note = notes.read(self._path)
        with suppress(BadFormat):
            if note and self._boot.name and note.text("boot", most=MAX_BOOT_ID) == self._boot.name:
                used = note.array("used", most=RESTARTS)
                return [at for at in used if type(at) is int]
        return None
