"""What was on the glass and when: an append-only record, each line chained to the one before.

    play/<n>.jsonl    {"at","file","ms","prev","statement"} a line; `prev` is the SHA-256 of the line before

Only the player writes. Lines are put on the disk in batches (`FLUSH_S`): a power cut costs at most
that much, and a torn last line is cut off at the next start. Old files go when there are too many.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .. import durable
from ..report import Play
from ..wire import canonical, sha256, to_moment, when

MAX_FILE = 1024 * 1024  # bytes of one file
MAX_FILES = 64  # files that stay: 64 MB, about 300,000 plays
FLUSH_S = 30.0  # seconds that lines may wait in memory
MAX_BATCH = 50  # lines that may wait in memory
MAX_WAITING = 2000  # lines that wait for a full disk; then the oldest are lost, and the chain shows it
START = "0" * 64  # `prev` of the very first line


@dataclass(frozen=True)
class Position:
    """How far a reader has come: the file's number, and the bytes read of it."""

    file: int = 0
    offset: int = 0


class PlayLog:
    """The player's end: it writes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lines: list[bytes] = []
        self._flushed = time.monotonic()
        folder.mkdir(parents=True, exist_ok=True)
        self._number = (_numbers(folder) or [1])[-1]
        self._size, self._prev = self._recover()

    def _recover(self) -> tuple[int, str]:
        """Cut the torn tail of the newest file; an empty one continues the chain of the file before."""
        path = _path(self._folder, self._number)
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        while whole and not _valid(last := whole[whole.rfind(b"\n", 0, -1) + 1 :]):
            whole = whole[: -len(last)]
        if len(whole) < len(data):
            durable.write(path, whole)
        if whole:
            return len(whole), sha256(whole[whole.rfind(b"\n", 0, -1) + 1 :])
        older = [n for n in _numbers(self._folder) if n < self._number]
        before = _path(self._folder, older[-1]).read_bytes() if older else b""
        return 0, sha256(before[before.rfind(b"\n", 0, -1) + 1 :]) if before else START

    def add(self, *, file: str, statement: str | None, at: datetime, ms: int) -> None:
        line = canonical({"at": when(at), "file": file, "ms": ms, "prev": self._prev, "statement": statement}) + b"\n"
        self._prev = sha256(line)
        self._lines.append(line)
        self.flush_if_due()

    def flush_if_due(self) -> None:
        late = time.monotonic() - self._flushed > FLUSH_S
        if self._lines and (late or len(self._lines) == MAX_BATCH):
            self.flush()

    def flush(self) -> None:
        """Put what waits on the disk. Raises `OSError` when it cannot be kept; it waits on then."""
        if not self._lines:
            return
        data, self._flushed = b"".join(self._lines), time.monotonic()
        if self._size + len(data) > MAX_FILE and self._size:
            self._number, self._size = self._number + 1, 0
            for number in _numbers(self._folder)[: -(MAX_FILES - 1)]:
                durable.remove(_path(self._folder, number))
        try:
            durable.append(_path(self._folder, self._number), data)
        except OSError:
            self._lines = self._lines[-MAX_WAITING:]
            with suppress(OSError):  # no torn line stays before those that come
                os.truncate(_path(self._folder, self._number), self._size)
            raise
        self._lines = []
        self._size += len(data)


def read(folder: Path, position: Position, most: int) -> tuple[list[Play], Position]:
    """Up to `most` plays after a position, and the position after them; damaged lines are passed over."""
    plays: list[Play] = []
    for number in [n for n in _numbers(folder) if n >= position.file]:
        offset = position.offset if number == position.file else 0
        with _path(folder, number).open("rb") as file:
            file.seek(offset)
            for line in file:
                if len(plays) >= most or not line.endswith(b"\n"):
                    return plays, Position(number, offset)
                offset += len(line)
                if (play := _valid(line)) is not None:
                    plays.append(play)
        position = Position(number, offset)
    return plays, position


def check(folder: Path) -> int | None:
    """The number of lines when the chain is whole, None when a line was changed, lost or added."""
    prev, count = None, 0
    for number in _numbers(folder):
        for line in _path(folder, number).read_bytes().splitlines(keepends=True):
            if _valid(line) is None or (prev is not None and json.loads(line)["prev"] != prev):
                return None
            prev, count = sha256(line), count + 1
    return count


def _valid(line: bytes) -> Play | None:
    try:
        value = json.loads(line)
        return Play(str(value["file"]), to_moment(value["at"]), int(value["ms"])) if value["prev"] else None
    except (ValueError, KeyError, TypeError):
        return None


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}.jsonl"


def _numbers(folder: Path) -> list[int]:
    return sorted(int(p.stem) for p in folder.glob("*.jsonl") if p.stem.isdecimal() and len(p.stem) < 10)
