"""The audit log as the office left it: read whole once, and after that only continued.

While its files are those that this office wrote last, and the publications that are served the ones it told of,
there is nothing to read; at the least doubt the whole log is read and its chain checked line by line (`inquiry`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import Problem
from ...keys import PrivateKey
from ...review import People
from ...settings import Settings
from ...wire import to_moment, when
from .. import audit, inquiry
from ..audit import Entry, Head, Log, Reading, Said
from ..repository import Repository
from .glance import NEVER, Identity, exactly
from .memory import Memory, Saving

SEEN, LOG = "seen", "log"  # a kind of rows: when a record was first seen; a word: all else
PUBLICATIONS = 32  # the newest, that are remembered; the repository keeps fewer versions of `lich`


class Journal:
    """The log, for one who publishes."""

    def __init__(self, settings: Settings, memory: Memory) -> None:
        """Raises `Damaged` when what is remembered cannot be read."""
        self.folder, self._memory = settings.folder / audit.FOLDER, memory
        told = json.loads(memory.note(LOG) or "{}")
        files = told.get("files")
        self._files = {name: _identity(of) for name, of in files.items()} if files else None  # None: to be read whole
        self.keys = {(what, version) for what, version in told.get("keys", ())}  # roots and lists of people, by version
        self.broken: Any = told.get("broken")  # what was last found wrong with the log
        self._publications: dict[int, tuple[str, Any]] = {
            n: (sha, files) for n, sha, files in told.get("publications", ())
        }
        head = Head(*told["head"]) if told else Head(0, audit.START)
        last = self.folder / told["last"] if told.get("last") else None
        self._log = Log(self.folder, Reading(head=head, last=last, whole=told.get("whole", 0)))
        self._seen: dict[str, datetime] | None = None  # None: in the rows
        self._new: dict[str, datetime] = {}
        self._changed = False
        self.anew = False  # whether it was read whole since it was last remembered
        self.lost = False  # whether records that were seen are in the log no more
        self.same: dict[str, tuple[Identity, Identity]] = {}  # takings that the book has, as both files were
        self._served: dict[str, Identity] = {}  # metadata that agree with the log

    @property
    def head(self) -> Head:
        return self._log.head

    @property
    def newest(self) -> int:
        """The newest list of people that the log has."""
        return max((version for what, version in self.keys if what == audit.TARGETS), default=0)

    def open(self, repo: Repository) -> list[Problem]:
        """What is wrong with the log. Nothing, and nothing is read, where it is as this office left it."""
        self.lost = False
        if self._files is not None and self._files == _files(self.folder) and self._agrees(repo):
            return []
        before = {record for record, _, _ in self._memory.rows(SEEN)} | self._new.keys() | (self._seen or {}).keys()
        files = _files(self.folder)
        self._log = Log(self.folder)
        self.keys, self.broken, self._publications, self._files = set(), None, {}, None
        self._seen, self._new, self.anew = {}, {}, True
        found = [problem for problem in inquiry.chain(self._log, repo) if problem.severity == "error"]
        self._learn(self._log.entries)
        self.lost = not before <= self._seen.keys()
        if not found and files == _files(self.folder):  # else somebody was writing
            self._files = files
        return found

    def _agrees(self, repo: Repository) -> bool:
        """Whether the log tells of each publication that is kept, as `inquiry.chain` asks."""
        served = {path.name: exactly(path) for path in repo.versions("lich")}
        for _, lich in inquiry.kept(repo, skip={name for name, of in served.items() if self._served.get(name) == of}):
            head = inquiry.anchor(lich)
            sha, files = self._publications.get(head.n, ("", None)) if head else ("", None)
            if (
                head is None
                or head.sha256 != sha
                or files != {n: file.hashes["sha256"] for n, file in lich.targets.items()}
            ):
                return False
        self._served = served
        return True

    def append(self, said: Iterable[Said], now: datetime, key: PrivateKey) -> None:
        """Add lines; on disk when this returns."""
        before = len(self._log.entries)
        self._log.append(said, now, key)
        added = self._log.entries[before:]
        self._learn(added)
        self._changed = self._changed or bool(added)
        if added and self._files is not None:  # of a log with faults nothing is remembered
            self._files = _files(self.folder)

    def _learn(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            version = entry.facts.get("version")
            if entry.what == audit.RECORD:
                record = str(entry.facts.get("record"))
                if not self.knows(record):
                    (self._new if self._seen is None else self._seen)[record] = entry.at
            elif entry.what in (audit.ROOT, audit.TARGETS) and isinstance(
                version, int
            ):  # else somebody wrote that line
                self.keys.add((entry.what, version))
            elif entry.what == audit.BROKEN:
                self.broken = entry.facts.get("found")
            elif entry.what == audit.PUBLICATION:
                self._publications[entry.n] = entry.sha256, entry.facts.get("files")
        for n in sorted(self._publications)[:-PUBLICATIONS]:
            del self._publications[n]
        self._log.entries.clear()

    def knows(self, record: str) -> bool:
        """Whether the log has this record."""
        if self._seen is not None:
            return record in self._seen
        return record in self._new or self._memory.row(SEEN, record) is not None

    def seen(self, people: People) -> Mapping[str, datetime] | None:
        """When each record was first seen, as `audit.seen`; None where that is nobody's question."""
        if not self.folder.is_dir() or not any(person.void_from for person in people.people):
            return None
        if self._seen is None:
            self._seen = {record: to_moment(at) for record, _, at in self._memory.rows(SEEN)} | self._new
            self._new = {}
        return self._seen

    @property
    def news(self) -> bool:
        """Whether something is known that is not remembered."""
        return self.anew or self._changed

    def save(self, saving: Saving) -> None:
        """Remember it."""
        if self.anew:
            saving.drop_all(SEEN)
        rows = self._new if self._seen is None else self._seen
        saving.put(SEEN, [(record, NEVER, when(at)) for record, at in rows.items()])
        reading = self._log.reading
        saving.note(LOG, json.dumps({
            "files": self._files, "keys": sorted(self.keys), "broken": self.broken,
            "publications": [[n, sha, files] for n, (sha, files) in sorted(self._publications.items())],
            "head": [reading.head.n, reading.head.sha256], "whole": reading.whole,
            "last": reading.last.name if reading.last else "",
        }))  # fmt: skip
        self._seen, self._new, self.anew, self._changed = None, {}, False, False


def _files(folder: Path) -> dict[str, Identity]:
    """The log's files, as they are to the tick: nobody but the office writes there."""
    return {path.name: exactly(path) for path in sorted(folder.glob("*.json*"))}


def _identity(told: Iterable[int]) -> Identity:
    inode, size, modified, changed = told
    return inode, size, modified, changed
