"""What people have signed, for those few notices that lie in the folder; the rest of the review book is never parsed.

The names of the book's files are enough to see what is new: a statement is called by its hash, a record by the
statement that it is about. So a round after a signature reads that record and no other, whatever the archive holds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ...errors import BangtinError
from ...review import Record, Statement
from ...settings import Settings
from .. import audit
from ..desk import Desk
from ..publish import signed_people
from ..standing import Note, Standing, in_force, standings
from .names import HOME
from .progress import Case

STATEMENTS, RECORDS, NOTES = "statements", "records", "notes"
MAX_PAGE = 4 * 1024 * 1024  # bytes of a served page that is looked into
MAX_SIGNED = 1024 * 1024  # bytes of a statement or a record


class Casebook:
    """Standings by notice, kept up with the book."""

    def __init__(self) -> None:
        self.trouble = ""  # why the book cannot be asked, in words
        self._stamp: tuple[object, ...] = ()
        self._desk: Desk | None = None
        self._looked: set[str] = set()  # statements that were looked into, ours or not
        self._statements: dict[str, Statement] = {}  # ours
        self._names: dict[str, tuple[str, ...]] = {}  # records' files by statement, as they were judged
        self._standings: dict[str, dict[str, Standing]] = {}  # by notice, by statement
        self._notes: dict[str, Note] = {}
        self._pages: dict[Path, tuple[tuple[int, int], str, bool]] = {}

    def refresh(self, settings: Settings) -> None:
        """See what is new in the book, and who may sign."""
        book, timestamp = settings.review_book, settings.publication / "board/metadata/timestamp.json"
        stamp = (settings, *(_changed(book / name) for name in (STATEMENTS, RECORDS, NOTES)), _changed(timestamp))
        if stamp == self._stamp:
            return
        self._stamp, self.trouble = stamp, ""
        try:
            desk = Desk(settings, signed_people(settings))
        except BangtinError as error:
            self._desk, self._standings, self.trouble = None, {}, error.told("vi")
            return
        if self._desk is None or desk.people != self._desk.people:
            self._names, self._standings = {}, {}
        self._desk = desk
        self._notes = desk.book.notes()
        self._find(book / STATEMENTS)
        self._judge(book / RECORDS)

    def _find(self, folder: Path) -> None:
        """New statements about notices that came by this door."""
        for name in sorted(_listed(folder) - self._looked):
            self._looked.add(name)
            with suppress(OSError, BangtinError):
                data = _bytes(folder / name)
                if f'"{HOME}/'.encode() not in data:
                    continue
                statement = Statement.read(data)
                code = self._desk.settings.commune.code if self._desk else ""
                if f"{statement.sha256}.json" == name and statement.commune == code:
                    self._statements[statement.sha256] = statement

    def _judge(self, folder: Path) -> None:
        """Those whose records have changed."""
        assert self._desk is not None
        groups: dict[str, list[str]] = {sha: [] for sha in self._statements}
        for name in _listed(folder):
            if (sha := name.partition(".")[0]) in groups:
                groups[sha].append(name)
        fresh = {
            sha: tuple(sorted(found)) for sha, found in groups.items() if self._names.get(sha) != tuple(sorted(found))
        }
        if not fresh:
            return
        records = {sha: _records(folder, found) for sha, found in fresh.items()}
        seen = audit.seen(self._desk.settings, self._desk.people)
        for one in standings({sha: self._statements[sha] for sha in fresh}, records, self._desk.people, seen):
            self._standings.setdefault(one.statement.notice, {})[one.sha256] = one
        self._names |= fresh

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    def case(self, ident: str, digest: str, url: str, settings: Settings, *, prepared: bool = False) -> Case:
        about = self._about(ident)
        force = in_force(about).get(ident)
        page = force is not None and bool(url) and self._says(settings.publication / url, force.sha256)
        return Case(ident, digest, about, self._notes, f"{settings.commune.site}/{url}" if page else "", prepared)

    def _about(self, ident: str) -> list[Standing]:
        return list(self._standings.get(ident, {}).values())

    def posted(self, ident: str) -> bool:
        """Whether some words of it are in force."""
        return bool(in_force(self._about(ident)))

    def over(self, ident: str) -> datetime | None:
        """When what was posted last under this id ends, or was taken back; None where nothing was."""
        force = in_force(self._about(ident)).get(ident)
        if force is None:
            return None
        end = force.statement.end
        return min(force.withdrawn.at, end) if force.withdrawn else end

    def says(self, ident: str, digest: str) -> bool:
        """Whether these very words were signed under this id."""
        return any(one.statement.digest == digest for one in self._about(ident))

    def taken(self, ident: str, url: str, settings: Settings) -> bool:
        """Whether the address is another notice's: its page is served, and none of ours was ever approved."""
        return bool(url) and not in_force(self._about(ident)) and (settings.publication / url).exists()

    def approvers(self, case: Case, settings: Settings) -> list[str]:
        """The names of those who may approve what waits."""
        waits = next((s for s in case.standings if s.submitted and s.statement.digest == case.digest), None)
        desk = self._desk
        if waits is None or desk is None:
            return []
        roles = ("approver", "duty")
        return [m.name for m in settings.members if any(not desk.hindrance(waits, m.id, role) for role in roles)]

    def _says(self, page: Path, statement: str) -> bool:
        """Whether the page that is served is that statement's; a page is read once."""
        try:
            told = page.stat()
            identity = told.st_mtime_ns, told.st_size
            known = self._pages.get(page)
            if known is None or known[:2] != (identity, statement):
                with page.open("rb") as file:
                    known = identity, statement, statement.encode() in file.read(MAX_PAGE)
                self._pages[page] = known
        except OSError:
            return False
        return known[2]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _listed(folder: Path) -> set[str]:
    try:
        return {name for name in os.listdir(folder) if name.endswith(".json")}  # noqa: PTH208 (names alone)
    except OSError:
        return set()


def _bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SIGNED)


def _records(folder: Path, found: Iterable[str]) -> list[Record]:
    """Those that can be read and are called what they are; the book's own problems are `check`'s to tell."""
    good: list[Record] = []
    for name in found:
        with suppress(OSError, BangtinError):
            record = Record.read(_bytes(folder / name))
            if record.file_name == name:
                good.append(record)
    return good
