"""The officer's folder as the office knows it: each file read when it or a file that it names has changed.

Only what a publication asks of the folder is kept: which notices are good, by the digest of their words, and which are
not. One that has a fault is read again each time: what it waits for may be any file.
"""

from __future__ import annotations

import json
import os
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ...notice.reading import MAX_NOTICES, REVIEW_BOOK, Places, read_file
from ...settings import Settings
from ...wire import sha256
from .glance import Identity, settled
from .memory import FILE, Memory, Saving, glimpse

MANUSCRIPT, PLACES = "manuscript", "places"
_ENDING = ".md"


class Read(NamedTuple):
    """A good notice; `beside`: the files that it names, as they were."""

    of: Identity
    slug: str
    digest: str
    beside: tuple[tuple[str, Identity], ...] = ()


@dataclass(frozen=True)
class Folder:
    """What the folder holds."""

    digests: dict[str, str] = field(default_factory=dict)  # of good notices, by id
    broken: frozenset[str] = frozenset()  # ids of the others


class Manuscripts:
    """The folder of one commune."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        """Raises `Damaged` when what is remembered cannot be read."""
        self._content = settings.content
        self._places = memory.note(PLACES)
        self._read: dict[str, Read] = {}  # by path below the folder
        for path, of, told in memory.rows(MANUSCRIPT):
            slug, digest, beside = json.loads(told)
            self._read[path] = Read(of, slug, digest, tuple((name, (a, b, c, d)) for name, a, b, c, d in beside))
        self._dirty: set[str] = set()
        self._there: frozenset[str] = frozenset()
        self._notices: list[str] = []
        self._found: Folder | None = None

    def look(self, places: Places) -> Folder:
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
        try:
            notice, problems = read_file(self._content / path, self._content, places)
        except FileNotFoundError:  # between the look and now: the next look says so
            return
        if notice and not any(problem.severity == "error" for problem in problems):
            names, folder = [file.name for file in notice.files], _folder(path)
            beside = tuple((name, settled(there.get(f"{folder}{name}"), now_ns)) for name in names)
            self._read[path] = Read(settled(there[path], now_ns), notice.slug, notice.digest, beside)

    def _told(self, notices: list[str]) -> Folder:
        """Of two with one slug the first is good, as `read_all` has it."""
        slugs, digests, broken = dict[str, str](), dict[str, str](), set[str]()
        for path in notices:
            ident, read = path.removesuffix(_ENDING), self._read.get(path)
            if read is None or slugs.setdefault(read.slug, ident) != ident:
                broken.add(ident)
            else:
                digests[ident] = read.digest
        found = Folder(digests, frozenset(broken))
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
    rows = glimpse(settings.state / FILE, MANUSCRIPT, "$[0]", {PLACES: _key(settings.places)})
    return {path.removesuffix(_ENDING): (of, slug) for path, of, slug in rows}


def _key(places: Places) -> str:
    return sha256(repr([sorted(names) for names in vars(places).values()]).encode())


def _told(read: Read) -> str:
    return json.dumps([read.slug, read.digest, [[name, *of] for name, of in read.beside]], ensure_ascii=False)


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
