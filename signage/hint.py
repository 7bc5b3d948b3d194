"""A hint: "look now", pushed from a publication's server to the boards that listen; perhaps with the news itself.

Server-sent events rather than long poll: a long poll costs a request for every quiet stretch, and what happens
between two of them has to be remembered for everybody; an open answer costs one comment. The wire (`docs/formats.md`):

    :                                               a comment: the line is alive
    data: metadata/timestamp.json {…}               signed files as they are published, path and bytes,
    data: targets/lich/<sha256>.khan-cap.json {…}     so that the board need not ask for them
                                                    an empty line: that was the hint

Nothing is trusted for who sent it: the files are handed to TUF as if they had been fetched, and a hint that is
wrong costs its reader one round. Boards poll as before, only more slowly; polling is the truth.

Bytes, for a line that is paid by the month: a comment takes 128 bytes there and back (TLS record, TCP and IP headers,
acknowledgement), 133 behind nginx. Every 280 s that is 30 · 86,400 / 280 · 128 B = 1.2 MB a month; polls every 600 s
take 4.5 MB (`bench/sync.py`): 5.7 of the 6 MB that a metered board's sync may have. Routers of mobile networks forget
quiet connections after five minutes at the earliest that we know of, so 280 s is also the longest that is of use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .publication import EMERGENCIES

PATH = "hints"  # below `board/` of a publication's server; below `/v1/` of a hub
QUERY = "every"  # seconds between two comments that a board asks for
KIND = "text/event-stream"
LEAST_S, MOST_S = 20.0, 280.0  # seconds between two comments
COMMENT = b":\n"
LOOK_S = 0.02  # seconds between two looks at a publication, by whoever sends hints
MAX_HINT = 48 * 1024  # bytes; what would make a hint larger is left for the board to fetch
MAX_FILES = 8  # files in one hint
_CARRIED = re.compile(r"(?:metadata|targets)/[A-Za-z0-9./_-]{1,200}")
_BREAK = re.compile(rb"[\r\n]")
_STAMP = "metadata/timestamp.json"


def every(asked: str) -> float:
    """Seconds between two comments, for whoever asked for so many in the address."""
    try:
        return min(MOST_S, max(LEAST_S, float(int(asked))))
    except ValueError:
        return MOST_S


def event(files: Mapping[str, bytes]) -> bytes:
    """A hint with these files; one that has a line break in it, as none of ours has, stays out."""
    lines = [b"data: look\n"]
    for path, data in list(files.items())[:MAX_FILES]:
        line = b"data: " + path.encode() + b" " + data + b"\n"
        if sum(map(len, lines)) + len(line) < MAX_HINT and not _BREAK.search(data):
            lines.append(line)
    return b"".join([*lines, b"\n"])


class TooMuch(Exception):
    """Somebody sends more than any hint has."""


@dataclass
class Reading:
    """The hints and comments in bytes as they come; never more than `MAX_HINT` of them are kept."""

    _rest: bytes = b""
    _size: int = 0
    _files: dict[str, bytes] | None = None

    def feed(self, data: bytes) -> Iterator[dict[str, bytes] | None]:
        """Files of a hint, or None for a comment. Raises `TooMuch`."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from self._line(line.removesuffix(b"\r"))
        if self._size + len(self._rest) > MAX_HINT:  # only now: the rest may be of another hint than the lines
            raise TooMuch

    def _line(self, line: bytes) -> Iterator[dict[str, bytes] | None]:
        if line.startswith(b":"):
            yield None
        elif line.startswith(b"data:"):
            self._size += len(line)
            self._files = {} if self._files is None else self._files
            if self._size > MAX_HINT or len(self._files) > MAX_FILES:
                raise TooMuch
            path, _, data = line.removeprefix(b"data:").strip(b" ").partition(b" ")
            name = path.decode("ascii", "replace")
            if data and _CARRIED.fullmatch(name):
                self._files[name] = data
        elif not line and self._files is not None:
            files, self._files, self._size = self._files, None, 0
            yield files
        elif len(line) > MAX_HINT:
            raise TooMuch


# ── what there is to tell ────────────────────────────────────────────────────────────────────────


@dataclass
class Bell:
    """Rings when a publication's timestamp is another one: one `stat` a look, whoever published."""

    served: Path  # the folder `board/` of a publication
    _mark: tuple[int, ...] | None = None
    _said: bytes = field(default=b"", repr=False)

    def rang(self) -> bytes | None:
        """The hint to send, or None when nothing is new since the last look; the first look hears nothing."""
        path = self.served / _STAMP
        try:
            found = path.stat()
            mark = (found.st_ino, found.st_mtime_ns, found.st_size)
            if mark == self._mark:
                return None
            said = path.read_bytes()
        except OSError:
            return None
        first, before = self._mark is None, self._said
        self._mark, self._said = mark, said
        return None if first or said == before else event(self._files(said))

    def _files(self, stamp: bytes) -> dict[str, bytes]:
        """The metadata that the timestamp leads to, and the emergencies; as far as they can be read."""
        files = {_STAMP: stamp}
        try:
            number = _signed(stamp)["meta"]["snapshot.json"]["version"]
            snapshot = self._read(files, f"metadata/{int(number)}.snapshot.json")
            lich = self._read(files, f"metadata/{int(_signed(snapshot)['meta']['lich.json']['version'])}.lich.json")
            digest = str(_signed(lich)["targets"][EMERGENCIES]["hashes"]["sha256"])
            folder, _, name = EMERGENCIES.rpartition("/")
            self._read(files, f"targets/{folder}/{digest}.{name}")
        except (OSError, ValueError, KeyError, TypeError):
            pass  # the board asks for what is not here
        return files

    def _read(self, files: dict[str, bytes], path: str) -> bytes:
        with (self.served / path).open("rb") as file:
            data = file.read(MAX_HINT + 1)
        files[path] = data
        return data


def _signed(data: bytes) -> dict[str, Any]:
    return dict(json.loads(data)["signed"])
