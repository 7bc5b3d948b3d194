"""What the office remembers between two publications or commands: files of SQLite, rows of JSON, no pickle.

Nothing here is of value: another version of the program empties it, and so does damage; then the archive is read anew.
It is believed as far as the office's own disk is, where the keys that publish lie too (`docs/threat-model.md`), and
`bangtin publish --full` reads everything without it and compares. Only who holds the lock of publishing writes `FILE`.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from .glance import Identity

FILE = "memory.sqlite3"  # below state/: what who publishes remembers
OWN = "looked.sqlite3"  # below state/: what commands remember where nobody publishes (`overview`)
PROGRAM = "program"  # a word: which version remembered all this
SAVED = "saved"  # a word: another one whenever somebody has remembered something
MAX_TOLD = 64 * 1024  # characters of a row; what needs more is read again each time
MAX_BYTES = 2 * 1024**3  # of the file: a larger one is thrown away
_TABLES = """
    create table if not exists note (name text primary key, told text not null) without rowid;
    create table if not exists row (
        kind text, name text, inode int, size int, modified int, changed int, told text not null,
        primary key (kind, name)
    ) without rowid;
"""
Row = tuple[str, Identity, str]  # name, identity of the file it was read from, what is remembered of it


class Memory:
    """Rows by kind and name. `close` it."""

    def __init__(self, path: Path | None) -> None:
        """None: remember nothing beyond this object."""
        self._path = path
        self._base: sqlite3.Connection | None = None
        try:
            self._open()
        except (sqlite3.Error, OSError):
            self._begin_anew()

    @classmethod
    def copy_of(cls, path: Path) -> Memory:
        """What is remembered there at this moment, to read; nothing where that is of no use.

        For who does not hold the lock of publishing: the file is never written, and not held a moment longer.
        """
        memory = cls(None)
        with contextlib.suppress(sqlite3.Error, OSError):
            if path.is_file() and path.stat().st_size <= MAX_BYTES:
                with contextlib.closing(_to_read(path)) as source:
                    source.backup(copy := sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
                memory.close()
                memory._base = copy
                _set_up(copy)
                return memory
        memory.forget()
        return memory

    def rows(self, kind: str) -> list[Row]:
        """All of a kind, by name; none where they cannot be read: then `forget` was called."""
        asked = "select name, inode, size, modified, changed, told from row where kind = ? order by name"
        try:
            return [(name, (a, b, c, d), told) for name, a, b, c, d, told in self._open().execute(asked, (kind,))]
        except (sqlite3.Error, ValueError, TypeError):
            self.forget()
            raise Damaged from None

    def row(self, kind: str, name: str) -> str | None:
        """One of them."""
        asked = "select told from row where kind = ? and name = ?"
        try:
            found = self._open().execute(asked, (kind, name)).fetchone()
        except sqlite3.Error:
            self.forget()
            raise Damaged from None
        return str(found[0]) if found else None

    def note(self, name: str) -> str:
        """A word kept by itself; "" without one."""
        try:
            found = self._open().execute("select told from note where name = ?", (name,)).fetchone()
        except sqlite3.Error:
            self.forget()
            raise Damaged from None
        return str(found[0]) if found else ""

    @contextlib.contextmanager
    def saving(self) -> Iterator[Saving]:
        """All that is put within it is remembered in one step, or nothing of it."""
        base = self._open()
        try:
            with base:
                base.execute("begin immediate")
                yield Saving(base)
        except sqlite3.Error:  # a full disk, a torn file
            self.forget()
            raise Damaged from None

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            self._base = self._connected()
        return self._base

    def _connected(self) -> sqlite3.Connection:
        if self._path is None:
            base = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        else:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.exists() and self._path.stat().st_size > MAX_BYTES:
                _remove(self._path)
            base = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        # Synced as it comes: rows of two publications mixed by a power cut would be believed.
        base.execute("pragma synchronous = full")
        _set_up(base)
        return base

    def _begin_anew(self) -> None:
        """After damage; where nothing can be written, only this process remembers."""
        try:
            self.forget()
            self._open()
        except (sqlite3.Error, OSError):
            self._path = None

    def empty(self) -> None:
        """Throw everything away, also for those who have the file open: what they know is not of now any more."""
        try:
            with self._open() as base:
                base.execute("begin immediate")
                base.execute("delete from row")
                base.execute("delete from note where name <> ?", (PROGRAM,))
                base.execute("insert into note values (?, ?)", (SAVED, secrets.token_hex(8)))
        except sqlite3.Error:
            self.forget()

    def forget(self) -> None:
        """Throw everything away."""
        self.close()
        if self._path:
            with contextlib.suppress(OSError):
                _remove(self._path)

    def close(self) -> None:
        """Let the file go."""
        if self._base:
            self._base.close()
            self._base = None


def glimpse(state: Path, kind: str, part: str, notes: Mapping[str, str]) -> list[Row]:
    """Of all rows of a kind that part alone (as SQLite writes a way into JSON), for who only reads.

    None where neither memory is of use: another program's or commune's (`notes`), damaged, or not there.
    """
    return _glimpsed(state / FILE, kind, part, notes) or _glimpsed(state / OWN, kind, part, notes)


def _glimpsed(path: Path, kind: str, part: str, notes: Mapping[str, str]) -> list[Row]:
    asked = (
        "select name, inode, size, modified, changed, json_extract(told, ?) from row"
        " where kind = ? and json_valid(told) order by name"
    )
    with contextlib.suppress(sqlite3.Error, OSError, ValueError, TypeError):
        if path.is_file() and path.stat().st_size <= MAX_BYTES:
            with contextlib.closing(_to_read(path)) as base:
                told = dict(base.execute("select name, told from note"))
                if all(told.get(name) == value for name, value in {**notes, PROGRAM: program()}.items()):
                    return [(name, (a, b, c, d), str(e)) for name, a, b, c, d, e in base.execute(asked, (part, kind))]
    return []


class Damaged(Exception):
    """What was remembered cannot be read, and was thrown away: start anew."""


class Saving:
    """One step of remembering."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def put(self, kind: str, rows: Iterable[Row]) -> None:
        """Remember these instead of what was remembered under their names."""
        kept = ((kind, name, *of, told) for name, of, told in rows if len(told) <= MAX_TOLD)
        self._base.executemany("replace into row values (?, ?, ?, ?, ?, ?, ?)", kept)

    def drop(self, kind: str, names: Iterable[str]) -> None:
        """Forget these."""
        self._base.executemany("delete from row where kind = ? and name = ?", ((kind, name) for name in names))

    def drop_all(self, kind: str) -> None:
        """Forget all of a kind."""
        self._base.execute("delete from row where kind = ?", (kind,))

    def note(self, name: str, told: str) -> None:
        """Keep a word by itself."""
        self._base.execute("replace into note values (?, ?)", (name, told))


def _to_read(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def _set_up(base: sqlite3.Connection) -> None:
    """Tables, with what this version of the program has remembered."""
    base.executescript(_TABLES)
    (told,) = base.execute("select told from note where name = ?", (PROGRAM,)).fetchone() or ("",)
    if told != program():
        with base:
            base.execute("begin immediate")
            base.execute("delete from row")
            base.execute("delete from note")
            base.execute("insert into note values (?, ?)", (PROGRAM, program()))


def _remove(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


@cache
def program() -> str:
    """What runs, by its files' sizes and times: what another version remembered is not believed."""
    package = Path(__file__).parents[2]
    told = [sys.version]
    for path in sorted(package.rglob("*.py")):
        found = path.stat()
        told.append(f"{path.relative_to(package).as_posix()} {found.st_size} {found.st_mtime_ns}")
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
