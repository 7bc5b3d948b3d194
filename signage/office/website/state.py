"""What the website's maker remembers from one process to the next: `state/site/site.sqlite3`, plain rows, no pickle.

Another version of the program or of a library empties it, and so does damage: then the site is made anew and
compared with what is there. It is believed as far as the office's own disk is: who can write here can write the
pages themselves. A file's row is its size and times as they were when its bytes were judged.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .closure import Read
from .pages import Leaf, Memory
from .pages.leaves import Leaves
from .pages.shards import BODIES, HEADS, Backing, Index, Posting, Words
from .served import Kept

DUTIES = 1 << 12  # sets of duties that notices count for, remembered as one value each
LIBRARIES = ("pelican", "markdown", "nh3", "jinja2", "msgspec", "segno", "icalendar")  # that make what is written
_TABLES = """
    create table if not exists kept (name text primary key, value text);
    create table if not exists output (path text primary key, size int, modified int, changed int, sha text, key text);
    create table if not exists leaf (ident text primary key, given text, asked text, digest text, row_key text,
                                     row blob, record blob, entry blob, duties text);
    create table if not exists place (number integer primary key, key text, words blob);
    create table if not exists word (tier text, bunch text, word text, form text, text blob, last int, count int,
                                     primary key (tier, bunch, word, form)) without rowid;
"""
_TABLE_NAMES = ("kept", "output", "leaf", "place", "word")


class State:
    """The file; `None` for a site that is made once and forgotten."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._base: sqlite3.Connection | None = None

    def templates(self) -> Read:
        """What was read in each template, by its SHA-256."""
        with contextlib.suppress(sqlite3.DatabaseError, ValueError, TypeError):
            told = dict(self._open().execute("select name, value from kept")) if self._file else {}
            if told.get("made by") == made_by():
                return {sha: (names, links) for sha, (names, links) in json.loads(told["templates"]).items()}
        return {}

    def load(self, memory: Memory) -> dict[str, Kept]:
        """Fill `memory`, and give what is known of every file."""
        if self._file is None:
            return {}
        try:
            return self._load(memory)
        except (sqlite3.DatabaseError, ValueError, TypeError, LookupError):
            self.forget()
            return {}

    def _load(self, memory: Memory) -> dict[str, Kept]:
        base = self._open()
        told = dict(base.execute("select name, value from kept"))
        if told.get("made by") != made_by():
            return {}
        leaves, index = memory.leaves, memory.index
        leaves.made_of = told["leaves"]
        for ident, given, asked, digest, row_key, row, record, entry, duties in base.execute("select * from leaf"):
            links = tuple((address, there) for address, there in json.loads(asked)) if asked else ()
            leaves.kept[ident] = Leaf(given, links, digest, row_key, row, record, entry, _numbers(duties))
        index.placed = [("", None)] * json.loads(told["places"])
        for number, key in base.execute("select number, key from place"):
            index.placed[number] = key, None
        index.files_of = json.loads(told["files"])
        index.backing, index.anew = _Words(base), False
        rows = base.execute("select path, size, modified, changed, sha, key from output")
        return {path: Kept((size, modified, changed), sha, key) for path, size, modified, changed, sha, key in rows}

    def save(
        self, memory: Memory, outputs: Mapping[str, Kept], changed: Iterable[str], templates: Read
    ) -> None:  # fmt: skip
        """Everything that changed, in one step; `changed`: paths of files. Raises `OSError`."""
        if self._file is not None:
            try:
                with self._open() as base:
                    self._save(base, memory, outputs, changed, templates)
            except sqlite3.DatabaseError as error:
                self.close()
                raise OSError(f"{self._file}: {error}") from error
        memory.leaves.changed = set()
        memory.index.settle()

    def _save(
        self, base: sqlite3.Connection, memory: Memory, outputs: Mapping[str, Kept], changed: Iterable[str],
        templates: Read,
    ) -> None:  # fmt: skip
        leaves, index = memory.leaves, memory.index
        if dict(base.execute("select name, value from kept")).get("made by") != made_by():
            for name in _TABLE_NAMES:  # another version's may have other columns
                base.execute(f"drop table {name}")
            for statement in _TABLES.split(";"):
                base.execute(statement)
            changed, leaves.changed, index.anew = outputs, set(leaves.kept), True
        self._save_outputs(base, outputs, changed)
        self._save_leaves(base, leaves)
        self._save_words(base, index)
        told = {"made by": made_by(), "leaves": leaves.made_of, "places": str(len(index.placed))}
        told["files"], told["templates"] = json.dumps(index.files_of), json.dumps(templates)
        base.executemany("replace into kept values (?, ?)", told.items())

    def _save_outputs(self, base: sqlite3.Connection, outputs: Mapping[str, Kept], changed: Iterable[str]) -> None:
        changed = list(changed)
        base.executemany("delete from output where path = ?", ((path,) for path in changed if path not in outputs))
        base.executemany("replace into output values (?, ?, ?, ?, ?, ?)", (
            (path, *one.stat, one.sha256, one.key)
            for path in changed if (one := outputs.get(path))
        ))  # fmt: skip

    def _save_leaves(self, base: sqlite3.Connection, leaves: Leaves) -> None:
        kept = leaves.kept
        gone = [(ident,) for ident in leaves.changed if ident not in kept]
        base.executemany("delete from leaf where ident = ?", gone)
        base.executemany("replace into leaf values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (
            (ident, leaf.given, json.dumps(leaf.asked) if leaf.asked else "", leaf.digest,
             leaf.row_key, leaf.row, leaf.record, leaf.entry, " ".join(map(str, leaf.duties)))
            for ident in leaves.changed if (leaf := kept.get(ident))
        ))  # fmt: skip

    def _save_words(self, base: sqlite3.Connection, index: Index) -> None:
        if index.anew:
            base.execute("delete from word")
            base.execute("delete from place")
        else:
            gone = ((tier, index.group_of(word), word) for tier, word in index.changed)
            base.executemany("delete from word where tier = ? and bunch = ? and word = ?", gone)
        base.executemany("insert into word values (?, ?, ?, ?, ?, ?, ?)", (
            (tier, bunch, word, form, bytes(one.text), one.last, one.count)
            for tier, bunch, word, form, one in index.postings()
        ))  # fmt: skip
        base.execute("delete from place where number >= ?", (len(index.placed),))
        base.executemany("replace into place values (?, ?, ?)", (
            (place, index.placed[place][0], packed)
            for place, packed in index.moved.items() if place < len(index.placed)
        ))  # fmt: skip

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            assert self._file is not None
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(self._file, check_same_thread=False)
            self._base.executescript("pragma journal_mode = wal; pragma synchronous = normal;" + _TABLES)
        return self._base

    def close(self) -> None:
        """Let the file go."""
        if self._base:
            self._base.close()
            self._base = None

    def forget(self) -> None:
        """Throw away what cannot be read."""
        self.close()
        if self._file:
            for end in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + end).unlink(missing_ok=True)


class _Words(Backing):
    """The words of the search, as the file has them."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def group(self, tier: str, name: str) -> Words:
        found: Words = {}
        asked = "select word, form, text, last, count from word where tier = ? and bunch = ?"
        for word, form, text, last, count in self._asked(asked, tier, name):
            found.setdefault(word, {})[form] = Posting(8 if tier == HEADS else 1, text, last, count)
        return found

    def counts(self) -> dict[str, int]:
        return dict(self._asked("select word, count from word where tier = ?", BODIES))

    def spots(self, place: int) -> bytes:
        for (packed,) in self._asked("select words from place where number = ?", place):
            return bytes(packed)
        raise LookupError(place)

    def _asked(self, asked: str, *given: object) -> list[tuple[Any, ...]]:
        try:
            return self._base.execute(asked, given).fetchall()
        except sqlite3.DatabaseError as error:
            raise LookupError from error


@lru_cache(DUTIES)
def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


@cache
def made_by() -> str:
    """Digest of the program's own source and the versions of the libraries that make what is written."""
    found = hashlib.sha256()
    package = Path(__file__).parents[2]
    for path in sorted(package.rglob("*.py")):
        found.update(path.relative_to(package).as_posix().encode() + b"\n" + path.read_bytes())
    for name in LIBRARIES:
        try:
            found.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            found.update(f"{name} ?\n".encode())
    return found.hexdigest()
