"""The player's word to its kiosk, by a pipe: no disk that is full, slow or read-only stands between them.

A word is one line of JSON: `pid`, and `expect`, what must be on the glass now. It is said *before*
that is drawn, so that the witness never finds a picture that nobody announced, and again with each
heartbeat, so that a lost one is made good. A line of at most `MAX_WORD` is whole or not there (pipe(7)).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from ..wire import BadFormat, Fields, canonical, parse
from . import notes

PIPE = "BANGTIN_PIPE"  # in the player's environment: the number of the pipe's handle
MAX_WORD = 4096  # bytes of a line: PIPE_BUF of Linux
_READ = 64 * 1024  # bytes read at once: all that a pipe holds


class Voice:
    """The player's end. Without a kiosk nobody listens, and nothing is said."""

    def __init__(self) -> None:
        number = os.environ.pop(PIPE, "")
        self._handle = int(number) if number.isdecimal() else None
        if self._handle is not None:
            os.set_blocking(self._handle, False)

    @property
    def heard(self) -> bool:
        """Whether there is a kiosk."""
        return self._handle is not None

    def say(self, expect: Mapping[str, Any] | None) -> None:
        """`expect`: of player.json."""
        if self._handle is not None:
            with suppress(OSError):  # a kiosk that is busy, or gone: the kernel ends us then
                os.write(self._handle, canonical({"v": 1, "pid": os.getpid(), "expect": expect}) + b"\n")


class Ear(Protocol):
    """Where a witness listens."""

    def word(self) -> Fields | None:
        """The newest word since the last time, also one without sense (`pid` is missing); None: silence."""
        ...


class Pipe:
    """The kiosk's end, of one player; `tell` is what that inherits."""

    def __init__(self) -> None:
        self._hear, self.tell = os.pipe()
        os.set_blocking(self._hear, False)
        self._rest = b""

    def word(self) -> Fields | None:
        found = b""
        with suppress(OSError):
            found = os.read(self._hear, _READ)
        *lines, self._rest = (self._rest + found).split(b"\n")
        if not lines:
            self._rest = self._rest[-MAX_WORD:]
            return None
        try:
            return parse(lines[-1], limit=MAX_WORD)
        except BadFormat:
            return Fields({})

    def started(self) -> None:
        """The player has its end: ours of it is closed, whether it lives or not."""
        os.close(self.tell)

    def close(self) -> None:
        os.close(self._hear)


class Note:
    """Where there is no pipe: the note on the disk, and the moment at which it was touched."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None

    def word(self) -> Fields | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        stamp, before = (stat.st_mtime_ns, stat.st_ino), self._stamp
        self._stamp = stamp
        return None if stamp == before else notes.read(self._path)
