"""The whole book and folder, for who wants to know what waits: warm from a memory, then only what changed.

The publisher's memory is copied as it was at the beginning, and never written here. On a machine that never publishes
(an author's, an approver's) there is none: what commands have read there is remembered in a file of their own (`OWN`).
Either only tells where to look, and what to say of the archive: whatever is signed is read from its files and judged
like any other (`Desk.about`). `bangtin check --all` reads everything without it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import datetime

from ...errors import Problem
from ...notice import Notice
from ...notice.reading import read_file
from ...settings import Settings
from ...wire import BadFormat
from .. import audit
from ..desk import Desk
from ..standing import Standing, still_waiting
from .known import KnownBook, stolen
from .manuscripts import Manuscripts, Written
from .memory import FILE, OWN, SAVED, Damaged, Memory

_USELESS = (Damaged, ValueError, TypeError, LookupError, BadFormat)  # raised by a memory that is not what it was


class Overview:
    """Of one commune, from one look to the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.folder = settings, Written()
        self._own = not self._recalled(FILE)  # whether we remember by ourselves
        if self._own:
            self._recalled(OWN)

    def _recalled(self, name: str) -> bool:
        """Go on from that memory; whether it knew anything."""
        path = self._settings.state / name
        with closing(Memory.copy_of(path)) as memory:
            try:
                self._go_on_from(memory)
            except _USELESS:
                memory.forget()  # of this copy
                if name == OWN:
                    Memory(path).forget()
                self._go_on_from(memory)
        return any(True for _ in self._book.gists())

    def _go_on_from(self, memory: Memory) -> None:
        self._book, self._manuscripts = KnownBook(self._settings, memory), Manuscripts(self._settings, memory)
        self._saved = memory.note(SAVED)

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, desk: Desk, now: datetime) -> None:
        """Book and folder as they are now, for these people."""
        self._judge(desk, now)
        self.folder = self._manuscripts.look(self._settings.places)
        self._remember()

    def look_at_book(self, desk: Desk, now: datetime) -> None:
        """The book alone."""
        self._judge(desk, now)
        self._remember()

    def _judge(self, desk: Desk, now: datetime) -> None:
        book, people, settings = self._book, desk.people, self._settings
        book.look(thorough=True)
        book.judged_by(people, lambda: audit.seen(settings, people))
        if (settings.folder / audit.FOLDER).is_dir():
            book.touch_signed_by(stolen(people))  # when the office saw what they have signed: the log may have grown
        book.judge(now, lambda records, statements: None, check=False)

    def _remember(self) -> None:
        """In our own file, unless another command has remembered something there meanwhile."""
        parts = [part for part in (self._book, self._manuscripts) if part.news]
        if not self._own or not parts:
            return
        path, saved = self._settings.state / OWN, secrets.token_hex(8)
        with suppress(Damaged), closing(Memory(path)) as memory, memory.saving() as saving:
            if memory.note(SAVED) == self._saved:
                for part in parts:
                    part.save(saving)
                saving.note(SAVED, saved)
                self._saved = saved

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def waiting(self, desk: Desk) -> list[Standing]:
        """What waits for approval, as `Desk.waiting` says it."""
        digests = self.folder.digests
        every = (gist.brief for gist in self._book.gists())
        may = (one for one in every if one.submitted and one.approved is None and one.withdrawn is None)
        return still_waiting(desk.about(*{one.notice for one in may if digests.get(one.notice) == one.digest}), digests)

    def unsigned(self) -> list[Problem]:
        """What `Desk.problems` says."""
        return self._book.unsigned(self.folder) + self._book.book.damages()

    def notices(self, wanted: Iterable[str]) -> list[Notice]:
        """Those of the folder's good notices, read."""
        content, places = self._settings.content, self._settings.places
        read = (read_file(content / f"{ident}.md", content, places)[0] for ident in wanted)
        return [notice for notice in read if notice]

    def live(self, now: datetime) -> set[str]:
        """The notices of which a statement is not over."""
        return {gist.brief.notice for gist in self._book.gists() if gist.end > now.timestamp()}

    def said(self) -> set[tuple[str, str]]:
        """Notice and digest of every statement that was submitted, approved or taken back."""
        every = (gist.brief for gist in self._book.gists())
        return {(b.notice, b.digest) for b in every if b.submitted or b.approved is not None or b.withdrawn is not None}

    def pages(self, now: datetime) -> set[str]:
        """The addresses of what is in force and whole."""
        self._book.check(now)
        self._remember()
        return {gist.url for gist in self._book.in_force() if gist.brief.withdrawn is None}


def seen(settings: Settings, desk: Desk, now: datetime) -> Overview:
    """Book and folder, looked at once."""
    found = Overview(settings)
    found.look(desk, now)
    return found
