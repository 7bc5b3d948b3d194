"""The officer's folder as the office knows it: each file read when it or a file that it names has changed.

Only what is asked of the whole folder is kept: which notices are good, by the digest of their words, what their authors
are warned of, and which are not good. One that has a fault is read again each time: what it waits for may be any file.
"""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import Problem
from ...notice.reading import MAX_NOTICES, REVIEW_BOOK, Places, read_file, twice
from ...settings import Settings
from ...wire import sha256
from .glance import Identity, settled
from .memory import Memory, Saving, glimpse

MANUSCRIPT, PLACES = "manuscript", "places"
_ENDING = ".md"


class Read(NamedTuple):
    """A good notice; `beside`: the files that it names, as they were."""

    of: Identity
    slug: str
    digest: str
    beside: tuple[tuple[str, Identity], ...] = ()
    warnings: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Written:
    """What the folder holds."""

    digests: dict[str, str] = field(default_factory=dict)  # of good notices, by id
    broken: frozenset[str] = frozenset()  # ids of the others
    problems: tuple[Problem, ...] = ()  # of all files, in the order of `read_all`


class Manuscripts:
    """The folder of one commune."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        """Raises `Damaged` when what is remembered cannot be read."""
        self._content = settings.content
        self._places = memory.note(PLACES)
        self._read: dict[str, Read] = {}  # by path below the folder
        for path, of, told in memory.rows(MANUSCRIPT):
            self._read[path] = _as_read(of, path, *json.loads(told))
        self._faults: dict[str, list[Problem]] = {}  # of what is no good notice, by path
        self._dirty: set[str] = set()
        self._there: frozenset[str] = frozenset()
        self._notices: list[str] = []
        self._found: Written | None = None

    def look(self, places: Places) -> Written:
        """The folder as it is now; the same object as before where nothing has changed."""
        if (key := _key(places)) != self._places:  # a board or hamlet that came or went: any notice may name it
            self._dirty |= self._read.keys()
            self._read, self._places = {}, key
        now_ns, there = time.time_ns(), _scan(self._content)
        if there.keys() != self._there:
            self._there = frozenset(there)
            ordered = sorted((path for path in there if path.endswith(_ENDING)), key=_parts)
            self._notices = ordered[:MAX_NOTICES]  # as `notice_files` has them
        notices = self._notices
        changed = [path for path in notices if not self._is_known(path, there)]
        gone = self._read.keys() - set(notices)
        for path in gone:
            del self._read[path]
        for path in changed:
            self._take(path, there, places, now_ns)
        self._dirty |= {path for path in changed if path in self._read} | gone
        if changed or gone or self._found is None:
            self._found = self._told(notices)
        return self._found

    def _is_known(self, path: str, there: dict[str, Identity | None]) -> bool:
        read = self._read.get(path)
        if read is None or read.of != there[path]:
            return False
        folder = _folder(path)
        return all(there.get(f"{folder}{name}") == of for name, of in read.beside)

    def _take(self, path: str, there: dict[str, Identity | None], places: Places, now_ns: int) -> None:
        self._read.pop(path, None)
        self._faults.pop(path, None)
        try:
            notice, problems = read_file(self._content / path, self._content, places)
        except FileNotFoundError:  # between the look and now: the next look says so
            return
        if notice is None:
            self._faults[path] = problems
            return
        names, folder = [file.name for file in notice.files], _folder(path)
        beside = tuple((name, settled(there.get(f"{folder}{name}"), now_ns)) for name in names)
        self._read[path] = Read(settled(there[path], now_ns), notice.slug, notice.digest, beside, tuple(problems))

    def _told(self, notices: list[str]) -> Written:
        """Of two with one slug the first is good, as `read_all` has it."""
        slugs, digests, problems = dict[str, str](), dict[str, str](), list[Problem]()
        for path in notices:
            ident, read = path.removesuffix(_ENDING), self._read.get(path)
            if read is None:
                problems += self._faults.get(path, ())
                continue
            problems += read.warnings
            if (first := slugs.setdefault(read.slug, ident)) == ident:
                digests[ident] = read.digest
            else:
                problems.append(twice(ident, first, read.slug))
        broken = frozenset(path.removesuffix(_ENDING) for path in notices).difference(digests)
        found = Written(digests, broken, tuple(problems))
        return found if found != self._found or self._found is None else self._found

    @property
    def news(self) -> bool:
        """Whether something is known that is not remembered."""
        return bool(self._dirty)

    def save(self, saving: Saving) -> None:
        """Remember what was read."""
        known = {path: self._read[path] for path in self._dirty if path in self._read}
        saving.put(MANUSCRIPT, [(path, read.of, _told(read)) for path, read in known.items()])
        saving.drop(MANUSCRIPT, self._dirty - known.keys())
        saving.note(PLACES, self._places)
        self._dirty.clear()


def slugs_of(settings: Settings) -> dict[str, tuple[Identity, str]]:
    """The address of each good notice that is remembered, by id, with its file as it was."""
    rows = glimpse(settings.state, MANUSCRIPT, "$[0]", {PLACES: _key(settings.places)})
    return {path.removesuffix(_ENDING): (of, slug) for path, of, slug in rows}


def _key(places: Places) -> str:
    return sha256(repr([sorted(names) for names in vars(places).values()]).encode())


def _told(read: Read) -> str:
    warnings = [[one.code, one.line, one.field, one.values] for one in read.warnings]
    return json.dumps([read.slug, read.digest, [[name, *of] for name, of in read.beside], warnings], ensure_ascii=False)


def _as_read(of: Identity, path: str, slug: str, digest: str, beside: list[Any], warnings: list[Any]) -> Read:
    """The inverse of `_told`."""
    files = tuple((name, (a, b, c, d)) for name, a, b, c, d in beside)
    told = (Problem(code, path, line, field, "warning", values) for code, line, field, values in warnings)
    return Read(of, slug, digest, files, tuple(told))


def _folder(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _parts(path: str) -> list[str]:
    return path.split("/")


def _scan(content: Path) -> dict[str, Identity | None]:
    """Every file below the folder as it is, None for no plain file; without the hidden, Word's own and the book."""
    found: dict[str, Identity | None] = {}
    left = [""]
    while left:
        here = left.pop()
        try:
            with os.scandir(content / here) as entries:
                inside = [entry for entry in entries if not entry.name.startswith((".", "~$"))]
        except FileNotFoundError:
            continue
        for entry in inside:
            path = f"{here}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if path != REVIEW_BOOK:
                    left.append(f"{path}/")
                continue
            try:
                seen = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # between the listing and now
                continue
            plain = stat.S_ISREG(seen.st_mode)
            found[path] = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns) if plain else None
    return found
