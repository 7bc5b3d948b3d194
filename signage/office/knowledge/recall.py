"""What is said of a few notices, without reading the rest: for who signs one of ten thousand.

A statement is called by the hash of its bytes, so of which notice it is never changes, and a file of the folder that
is as it was has the address that it had: that is all that is taken from the office's memory here. Without a memory (a
machine on which nobody asked for the whole yet) the bytes are searched for a name. What is found is read from its files
and judged, as everything is. The memory's file is only read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ...errors import Refused
from ...notice import Reading, read_all, read_file
from ...notice.reading import MAX_NOTICES, REVIEW_BOOK, twice
from ...review import Statement
from ...settings import Settings
from ...wire import sha256
from ..book import MAX_RECORD_FILES, Book
from .checked import STATEMENT
from .glance import NEVER, Identity, settled
from .known import COMMUNE
from .manuscripts import slugs_of
from .memory import glimpse

_NAME = re.compile(r"([0-9a-f]{64})\.json")
_NOTICE = re.compile(rb'"notice":"([^"]*)"')  # a quote within another text of a statement has a backslash before it
_FEW = 50  # notices whose addresses are searched for in files that nobody remembers; for more all are read


class Recall:
    """Book and folder of one commune, for as long as somebody is at the desk."""

    def __init__(self, settings: Settings, book: Book) -> None:
        self._settings, self._book = settings, book
        self._of: dict[str, str] | None = None  # notices by statement
        self._slugs: dict[str, tuple[Identity, str]] = {}  # addresses by id
        self._silent: dict[str, tuple[Identity, set[str]]] = {}  # addresses that a file has not, by id

    def _remembered(self) -> dict[str, str]:
        if self._of is None:
            self._of, self._slugs = _notices_of(self._settings), slugs_of(self._settings)
        return self._of

    # ── the book ─────────────────────────────────────────────────────────────────────────────────

    def statements(self, wanted: Callable[[str], bool]) -> dict[str, Statement]:
        """Every one about notices that are wanted, if it is what its name says. Raises `Refused` (`book-full`)."""
        folder, of = self._book.folder / "statements", self._remembered()
        names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - not a path for each of 10,000
        if len(names) > MAX_RECORD_FILES:
            raise Refused("book-full", folder="statements", most=MAX_RECORD_FILES)
        every, found = [match[1] for name in names if (match := _NAME.fullmatch(name))], dict[str, Statement]()
        for sha in (sha for sha in every if sha not in of):
            with suppress(OSError):
                data = Path(f"{folder}/{sha}.json").read_bytes()
                if sha256(data) == sha and (told := _NOTICE.search(data)):
                    of[sha] = told[1].decode(errors="replace")
        for sha in (sha for sha in every if sha in of and wanted(of[sha])):
            found |= self._book.statements(sha)
        return found

    # ── the folder ───────────────────────────────────────────────────────────────────────────────

    def reading(self, notices: Collection[str]) -> Reading:
        """As `read_all` has them: the good ones of these, and every problem of theirs."""
        content, places, ours = self._settings.content, self._settings.places, set(notices)
        self._remembered()
        if len(ours) > _FEW and not self._slugs:
            return self._of_all(ours)
        order, found = list(_files(content)), Reading()
        read = {ident: read_file(content / f"{ident}.md", content, places) for ident in order if ident in ours}
        first = self._first(order, {notice.slug for notice, _ in read.values() if notice})
        for ident, (notice, problems) in read.items():
            found.problems += problems
            if notice and first.get(notice.slug, ident) == ident:
                found.notices[ident] = notice
            elif notice:
                found.problems.append(twice(ident, first[notice.slug], notice.slug))
        return found

    def _of_all(self, ours: set[str]) -> Reading:
        whole = read_all(self._settings.content, self._settings.places)
        problems = [one for one in whole.problems if one.file.removesuffix(".md") in ours]
        return Reading({ident: one for ident, one in whole.notices.items() if ident in ours}, problems)

    def _first(self, order: list[str], slugs: set[str]) -> dict[str, str]:
        """Which of the folder's good notices, in this order, is the first with each of these addresses."""
        found, content = dict[str, str](), str(self._settings.content)
        for ident in order if slugs else ():
            if (slug := self._slug(ident, f"{content}/{ident}.md", slugs)) is not None:
                found.setdefault(slug, ident)
        return found

    def _slug(self, ident: str, path: str, slugs: set[str]) -> str | None:
        """Which of these addresses that file has, if it is a good notice."""
        try:
            seen = os.lstat(path)
        except OSError:
            return None
        here, none = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns), (NEVER, set[str]())
        if (known := self._slugs.get(ident)) and known[0] == here:
            return known[1] if known[1] in slugs else None
        if (silent := self._silent.get(ident, none))[0] == here and slugs <= silent[1]:
            return None
        with suppress(OSError):
            data = Path(path).read_bytes()
            if PurePosixPath(ident).name in slugs or any(slug.encode() in data for slug in slugs):
                notice, _ = read_file(Path(path), self._settings.content, self._settings.places)
                if notice and notice.slug in slugs:
                    return notice.slug
        self._silent[ident] = settled(here), slugs
        return None


def _files(content: Path) -> Iterator[str]:
    """The ids of `notice_files`, in its order."""
    found: list[tuple[str, ...]] = []
    for here, folders, files in os.walk(content):
        parts = Path(here).relative_to(content).parts
        folders[:] = [one for one in folders if not one.startswith((".", "~$")) and (parts or one != REVIEW_BOOK)]
        found += [(*parts, name) for name in files if name.endswith(".md") and not name.startswith((".", "~$"))]
    for path in sorted(found)[:MAX_NOTICES]:
        yield "/".join(path).removesuffix(".md")


def _notices_of(settings: Settings) -> dict[str, str]:
    """Of which notice each remembered statement is."""
    rows = glimpse(settings.state, STATEMENT, "$[0][0]", {COMMUNE: settings.commune.code})
    return {name.removesuffix(".json"): notice for name, _, notice in rows}
