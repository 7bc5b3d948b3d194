"""The whole book and folder, for who wants to know what waits: warm from the office's memory, then only what changed.

Which statements may wait is taken from there; each of them is then read from its files and judged like any other
(`Desk.about`). The memory is copied as it was at the beginning; nothing is written to it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime

from ...settings import Settings
from ...wire import BadFormat
from .. import audit
from ..desk import Desk
from ..standing import Standing, still_waiting
from .known import KnownBook, stolen
from .manuscripts import Folder, Manuscripts
from .memory import FILE, Damaged, Memory

_USELESS = (Damaged, ValueError, TypeError, LookupError, BadFormat)  # raised by a memory that is not what it was


class Overview:
    """Of one commune, from one look to the next."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.folder = settings, Folder()
        with closing(Memory.copy_of(settings.state / FILE)) as memory:
            try:
                self._book, self._manuscripts = KnownBook(settings, memory), Manuscripts(settings, memory)
            except _USELESS:
                memory.forget()  # of this copy
                self._book, self._manuscripts = KnownBook(settings, memory), Manuscripts(settings, memory)
        self.warm = any(True for _ in self._book.gists())  # whether something was remembered

    def look(self, desk: Desk, now: datetime) -> None:
        """As it is now, for these people."""
        book, people, settings = self._book, desk.people, self._settings
        book.look(thorough=True)
        book.judged_by(people, lambda: audit.seen(settings, people))
        book.touch_signed_by(stolen(people))  # when the office saw what they have signed is asked of the log each time
        book.judge(now, lambda records, statements: None)
        self.folder = self._manuscripts.look(settings.places)

    def waiting(self, desk: Desk) -> list[Standing]:
        """What waits for approval, as `Desk.waiting` says it."""
        digests = self.folder.digests
        every = (gist.brief for gist in self._book.gists())
        may = (one for one in every if one.submitted and one.approved is None and one.withdrawn is None)
        return still_waiting(desk.about(*{one.notice for one in may if digests.get(one.notice) == one.digest}), digests)

    def said(self) -> set[tuple[str, str]]:
        """Notice and digest of every statement that was submitted, approved or taken back."""
        every = (gist.brief for gist in self._book.gists())
        return {(b.notice, b.digest) for b in every if b.submitted or b.approved is not None or b.withdrawn is not None}

    def pages(self) -> set[str]:
        """The addresses of what is in force."""
        return {gist.url for gist in self._book.in_force() if gist.brief.withdrawn is None}


def waiting(settings: Settings, desk: Desk, now: datetime) -> list[Standing]:
    """What `Desk.waiting` says of all, once; where nothing is remembered, by reading the book."""
    seen = Overview(settings)
    if not seen.warm:
        return desk.waiting()
    seen.look(desk, now)
    return seen.waiting(desk)
