"""Films that are in the decoder for the first time: one that ends the whole player is not played again.

    state/film.json   {"boot": …, "trying": [sha256…], "deadly": [sha256…]}

A film is on trial until it was played through once, or until its slide goes. What is found on trial
at the start was there when the player before died. A power cut is another boot and no film's fault;
so the note need not survive one. A disk that takes no note costs this protection, not the film.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from ..wire import BadFormat
from . import notes
from .boot import BOOT_ID, MAX_BOOT_ID, Boot

NOTE = "film.json"
MAX_FILMS = 50  # of each list


class Trial:
    """The player's; its threads may use it together."""

    def __init__(self, path: Path, boot_id: Path = BOOT_ID) -> None:
        self._path, self._boot = path, Boot(boot_id).name
        self._lock = threading.Lock()
        self._passed: set[str] = set()
        self._trying: set[str] = set()
        self.deadly = self._found()

    def begins(self, sha: str) -> None:
        """Before the decoder is given a byte of it."""
        with self._lock:
            if sha not in self._passed | self._trying:
                self._trying.add(sha)
                self._write()

    def passed(self, sha: str) -> None:
        """The decoder has survived it."""
        with self._lock:
            if sha in self._trying:
                self._passed.add(sha)
                self._trying.discard(sha)
                self._write()

    def _write(self) -> None:
        with suppress(OSError):
            if self._trying or self.deadly:
                lists = {"trying": sorted(self._trying)[:MAX_FILMS], "deadly": sorted(self.deadly)[:MAX_FILMS]}
                notes.write(self._path, {"boot": self._boot, **lists})
            else:
                self._path.unlink(missing_ok=True)

    def _found(self) -> set[str]:
        note = notes.read(self._path)
        with suppress(BadFormat):
            if note and note.text("boot", most=MAX_BOOT_ID) == self._boot:
                return {*note.shas("trying", most=MAX_FILMS), *note.shas("deadly", most=MAX_FILMS)}
        return set()
