"""What is said of a few notices, without reading the rest: for who signs one of ten thousand.

A statement is called by the hash of its bytes, so of which notice it is never changes, and a file of the folder that
is as it was has the address that it had: that is all that is taken from the office's memory here. Without a memory (an
approver's own machine) the bytes are searched for a name. What is found is read from its files and judged, as
everything is. The memory's file is only read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from ...errors import Refused
from ...notice import Reading, read_all, read_file
from ...notice.reading import MAX_NOTICES, REVIEW_BOOK
from ...review import Statement
from ...settings import Settings
from ...wire import sha256
from ..book import MAX_RECORD_FILES, Book
from .glance import Identity, settled
from .known import notices_of
from .manuscripts import slugs_of

_NAME = re.compile(r"([0-9a-f]{64})\.json")
_NOTICE = re.compile(rb'"notice":"([^"]*)"')  # a quote within another text of a statement has a backslash before it
_FEW = 50  # notices that are asked about at once; of more the whole folder is read


class Recall:
    """Book and folder of one commune, for as long as somebody is at the desk."""

    def __init__(self, settings: Settings, book: Book) -> None:
        self._settings, self._book = settings, book
        self._of: dict[str, str] | None = None  # notices by statement
        self._slugs: dict[str, tuple[Identity, str]] = {}  # addresses by id
        self._silent: dict[tuple[str, str], Identity] = {}  # files without that address, by id and address

    def _remembered(self) -> dict[str, str]:
        if self._of is None:
            self._of, self._slugs = notices_of(self._settings), slugs_of(self._settings)
        return self._of

    # ── the book ─────────────────────────────────────────────────────────────────────────────────

    def statements(self, notices: Collection[str]) -> dict[str, Statement]:
        """Every one about these that is what its name says. Raises `Refused` (`book-full`)."""
        folder, of = self._book.folder / "statements", self._remembered()
        names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208 - not a path for each of 10,000
        if len(names) > MAX_RECORD_FILES:
            raise Refused("book-full", folder="statements", most=MAX_RECORD_FILES)
        every, found = [match[1] for name in names if (match := _NAME.fullmatch(name))], dict[str, Statement]()
        for sha in (sha for sha in every if sha not in of):
            with suppress(OSError):
                data = (folder / f"{sha}.json").read_bytes()
                if sha256(data) == sha and (told := _NOTICE.search(data)):
                    of[sha] = told[1].decode(errors="replace")
        for sha in (sha for sha in every if of.get(sha) in notices):
            found |= self._book.statements(sha)
        return found

    # ── the folder ───────────────────────────────────────────────────────────────────────────────

    def reading(self, notices: Collection[str]) -> Reading:
        """As `read_all` has them: the good ones of these, and every problem of theirs."""
        content, places = self._settings.content, self._settings.places
        if len(notices) > _FEW:
            return self._of_all(notices)
        self._remembered()
        order, found = list(_files(content)), Reading()
        for number, ident in enumerate(order):
            if ident not in notices:
                continue
            notice, problems = read_file(content / f"{ident}.md", content, places)
            if notice and any(self._has(other, notice.slug) for other in order[:number]):
                return self._of_all(notices)  # of two with one address the first is good: rare
            found.problems += problems
            if notice:
                found.notices[ident] = notice
        return found

    def _of_all(self, notices: Collection[str]) -> Reading:
        whole, ours = read_all(self._settings.content, self._settings.places), set(notices)
        problems = [one for one in whole.problems if one.file.removesuffix(".md") in ours]
        return Reading({ident: one for ident, one in whole.notices.items() if ident in ours}, problems)

    def _has(self, ident: str, slug: str) -> bool:
        """Whether that file is a notice with this address."""
        path = f"{self._settings.content}/{ident}.md"
        try:
            seen = os.lstat(path)
        except OSError:
            return False
        here = (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        known = self._slugs.get(ident)
        if known and known[0] == here:
            return known[1] == slug
        if self._silent.get((ident, slug)) == here:
            return False
        with suppress(OSError):
            if PurePosixPath(ident).name == slug or slug.encode() in Path(path).read_bytes():
                notice, _ = read_file(Path(path), self._settings.content, self._settings.places)
                return notice is not None and notice.slug == slug
        self._silent[ident, slug] = settled(here)
        return False


def _files(content: Path) -> Iterator[str]:
    """The ids of `notice_files`, in its order."""
    found: list[tuple[str, ...]] = []
    for here, folders, files in os.walk(content):
        parts = Path(here).relative_to(content).parts
        folders[:] = [one for one in folders if not one.startswith((".", "~$")) and (parts or one != REVIEW_BOOK)]
        found += [(*parts, name) for name in files if name.endswith(".md") and not name.startswith((".", "~$"))]
    for path in sorted(found)[:MAX_NOTICES]:
        yield "/".join(path).removesuffix(".md")
