"""What a USB stick carries between office and board, and how its files are read: nobody knows who wrote them.

    bangtin-publication/   the boards' part of a publication, laid out as `publication` says
    bangtin-board/         one board's enrolment: ticket.json and 1.root.json go, board.pub.json comes back

Nothing on a stick is listed, searched or run: only names that this program makes are opened, none of
them through a link, and only regular files, of limited size and number, in limited time.
"""

from __future__ import annotations

import errno
import hmac
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from .errors import Refused, Unavailable
from .keys import PublicKey, valid_public
from .publication import Mode
from .wire import BadFormat, canonical, parse, sha256, when

PUBLICATION, ENROLMENT = "bangtin-publication", "bangtin-board"
TICKET, ROOT, CARD, USED = "ticket.json", "1.root.json", "board.pub.json", "used.json"
MAX_TICKET = 16 * 1024  # bytes of ticket.json and used.json
MAX_CARD = 4096  # bytes of board.pub.json
MAX_FILES = 20_000  # files opened on one stick, in one go
MAX_BYTES = 4 * 1024**3  # bytes read from one stick, in one go
MAX_DEPTH = 4  # folders and the file, below the stick's own folder
LONGEST_S = 900.0  # seconds that reading may take in all: a board waits with its other work
_BLOCK = 256 * 1024  # bytes read at once
# Every name that a publication or an enrolment can have is of these letters.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# A pipe without a writer would keep us waiting; a terminal would become ours.
_FILE = os.O_RDONLY | _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_CLOEXEC", 0)
# A link, a file where a folder should be, a socket, a file that is not for us; all else is a bad medium.
_STRANGE = {errno.ELOOP, errno.ENOTDIR, errno.EMLINK, errno.ENXIO, errno.EACCES, errno.EPERM, errno.ENAMETOOLONG}


class Missing(Exception):
    """There is no such file; whether that is wrong is for the reader to say."""


class Stick:
    """Files below one folder of a stick. What a person named as the stick may be a link; nothing in it may."""

    def __init__(self, folder: Path, name: str) -> None:
        """Raises `Unavailable` (`usb-missing`) when the stick has no such folder."""
        self._where = str(folder / name)
        self._end: float | None = None  # of the time that reading may take; it begins with the first file
        self._files = self._bytes = 0
        try:
            top = os.open(folder, _FOLDER)
            try:
                self._top = os.open(name, _FOLDER | _NO_LINK, dir_fd=top)
            finally:
                os.close(top)
        except OSError as error:
            raise Unavailable("usb-missing", folder=self._where, why=error.strerror) from error

    def close(self) -> None:
        os.close(self._top)

    def __enter__(self) -> Stick:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, name: str, limit: int) -> bytes:
        """A small file, whole; raises as `blocks` does."""
        return b"".join(self.blocks(name, limit))

    def blocks(self, name: str, limit: int) -> Iterator[bytes]:
        """A file's bytes, at most `limit`.

        Raises `Missing`, `Refused` (`usb-strange`) for what is no plain file, is too large or changes
        while it is read, `Unavailable` (`usb-unreadable`, `usb-too-much`).
        """
        self._count(1, 0)
        try:
            handle = self._open(name)
        except FileNotFoundError as error:
            raise Missing(name) from error
        except OSError as error:
            if error.errno in _STRANGE:
                raise Refused("usb-strange", file=name, why=error.strerror) from error
            raise Unavailable("usb-unreadable", file=name, why=error.strerror) from error
        try:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode) or before.st_size > limit:
                kind = "size" if stat.S_ISREG(before.st_mode) else "not a plain file"
                raise Refused("usb-strange", file=name, why=kind)
            yield from self._read(name, handle, before)
        finally:
            os.close(handle)

    def write(self, name: str, data: bytes) -> None:
        """A small file of our own folder, whole or not at all; through no link.

        Raises `Unavailable` (`usb-unwritable`).
        """
        temp = f"{name}.new"
        try:
            with suppress(FileNotFoundError):
                os.unlink(temp, dir_fd=self._top)
            handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK, 0o644, dir_fd=self._top)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(temp, name, src_dir_fd=self._top, dst_dir_fd=self._top)
            os.fsync(self._top)
        except OSError as error:
            raise Unavailable("usb-unwritable", file=name, why=error.strerror) from error

    def remove(self, name: str) -> None:
        """Delete a file of our own folder, if it is there. Raises `Unavailable` (`usb-unwritable`)."""
        try:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._top)
            os.fsync(self._top)
        except OSError as error:
            raise Unavailable("usb-unwritable", file=name, why=error.strerror) from error

    def _open(self, name: str) -> int:
        """Part by part, none of them a link. Raises `OSError`."""
        parts = name.split("/")
        if len(parts) > MAX_DEPTH or not all(_NAME.fullmatch(part) for part in parts):
            raise Refused("usb-strange", file=name[:200], why="name")
        folder = self._top
        try:
            for part in parts[:-1]:
                inner = os.open(part, _FOLDER | _NO_LINK, dir_fd=folder)
                if folder != self._top:
                    os.close(folder)
                folder = inner
            return os.open(parts[-1], _FILE, dir_fd=folder)
        finally:
            if folder != self._top:
                os.close(folder)

    def _read(self, name: str, handle: int, before: os.stat_result) -> Iterator[bytes]:
        size = 0
        try:
            while block := os.read(handle, _BLOCK):
                size += len(block)
                self._count(0, len(block))
                if size > before.st_size:
                    break
                yield block
            after = os.fstat(handle)
        except OSError as error:
            raise Unavailable("usb-unreadable", file=name, why=error.strerror) from error
        if size != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
            raise Refused("usb-strange", file=name, why="changed while it was read")

    def _count(self, files: int, size: int) -> None:
        self._files, self._bytes = self._files + files, self._bytes + size
        if self._end is None:
            self._end = time.monotonic() + LONGEST_S
        if self._files > MAX_FILES or self._bytes > MAX_BYTES or time.monotonic() > self._end:
            raise Unavailable("usb-too-much", folder=self._where)


# ── an enrolment ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Ticket:
    """What the office tells one new board: whom to trust, where to look, how its picture lies. Good once."""

    commune: str
    commune_name: str
    repository: str
    board: str
    board_name: str
    url: str
    hub: str | None
    mode: Mode
    root: str  # SHA-256 of 1.root.json
    code: str  # one-use, 64 hex digits: the card that comes back proves that its board had this ticket
    made: datetime
    until: datetime

    def to_bytes(self) -> bytes:
        told = {name: value for name, value in vars(self).items() if name not in ("mode", "made", "until")}
        times = {"made": when(self.made), "until": when(self.until)}
        return canonical({"v": 1, **told, **times, "mode": self.mode.as_json()})

    @classmethod
    def read(cls, data: bytes) -> Ticket:
        """Raises `BadFormat`."""
        fields = parse(data, limit=MAX_TICKET)
        return cls(
            fields.commune("commune"), fields.text("commune_name", most=200), fields.sha("repository"),
            fields.name("board"), fields.text("board_name", most=200), fields.text("url", most=500),
            fields.maybe("hub", lambda name: fields.text(name, most=500)), Mode.read(fields.object("mode")),
            fields.sha("root"), fields.sha("code"), fields.when("made"), fields.when("until"),
        )  # fmt: skip


@dataclass(frozen=True)
class Card:
    """A board's public half, for hub and office."""

    board: str
    key: PublicKey
    commune: str
    repository: str
    root: str  # SHA-256 of the root that it was enrolled with
    proof: str | None = None  # of having had the ticket with the one-use code

    def to_bytes(self) -> bytes:
        told: dict[str, Any] = {
            "v": 1, "board": self.board, "public": self.key.public, "keyid": self.key.keyid,
            "commune": self.commune, "repository": self.repository, "root": self.root,
        }  # fmt: skip
        return canonical(told | ({"proof": self.proof} if self.proof else {}))

    @classmethod
    def read(cls, data: bytes) -> Card:
        """Raises `BadFormat`."""
        fields = parse(data, limit=MAX_CARD)
        key, keyid = PublicKey(fields.sha("public")), fields.sha("keyid")
        if not valid_public(key.public) or key.keyid != keyid:
            raise BadFormat("keyid", "not that of `public`")
        return cls(
            fields.name("board"), key, fields.commune("commune"), fields.sha("repository"), fields.sha("root"),
            fields.maybe("proof", fields.sha),
        )  # fmt: skip


@dataclass(frozen=True)
class Used:
    """Left on the stick in the ticket's place: which key was made with it, and when."""

    board: str
    keyid: str
    at: datetime

    def to_bytes(self) -> bytes:
        return canonical({"v": 1, "board": self.board, "keyid": self.keyid, "at": when(self.at)})

    @classmethod
    def read(cls, data: bytes) -> Used:
        """Raises `BadFormat`."""
        fields = parse(data, limit=MAX_TICKET)
        return cls(fields.name("board"), fields.sha("keyid"), fields.when("at"))


def proven(code: str, board: str, key: PublicKey, root: str) -> str:
    """What a board says of its key with its ticket's code: without the code nobody can."""
    told = canonical({"board": board, "public": key.public, "root": root})
    return hmac.new(bytes.fromhex(code), told, "sha256").hexdigest()


def code_secret(typed: str) -> str:
    """The secret behind a code that a hub made and a person types: 64 hex digits, as a ticket's code is one.

    Small letters, blanks and hyphens are as good; letters that look like digits are taken for them.
    """
    letters = "".join(typed.upper().split()).replace("-", "").translate(str.maketrans("ILO", "110"))
    return sha256(letters.encode())


def maybe(stick: Stick, name: str, limit: int) -> bytes | None:
    """A small file, or None where there is none."""
    with suppress(Missing):
        return stick.read(name, limit)
    return None
