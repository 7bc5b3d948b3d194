"""All that an office knows of its commune: the review book, the audit log, the officers' folder.

Read anew where the disk's memory is of no use, and that before any lock is taken: an emergency must not wait for an
archive to be read.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ...errors import Problem
from ...review import People, Record, Statement
from ...settings import Settings
from ...wire import BadFormat
from ..minutes import Minutes
from ..repository import Repository
from .journal import Journal
from .known import KnownBook, stolen
from .manuscripts import Manuscripts
from .memory import SAVED, Damaged, Memory


class Knowledge:
    """What is known at one moment, and where it is remembered. `close` it."""

    def __init__(self, settings: Settings, path: Path | None) -> None:
        """`path`: the memory's file, or None to remember nothing. Raises `Damaged`: then it was thrown away."""
        self._memory = Memory(path)
        self._saved: str | None = self._memory.note(SAVED) or None
        try:
            self.book, self.journal = KnownBook(settings, self._memory), Journal(settings, self._memory)
            self._manuscripts = Manuscripts(settings, self._memory)
        except (ValueError, TypeError, LookupError, BadFormat) as error:
            self._memory.forget()
            raise Damaged from error

    def close(self) -> None:
        """Let the file go."""
        self._memory.close()

    def is_of_now(self, settings: Settings) -> bool:
        """Whether it is this commune's, and nobody else has remembered anything since; raises `Damaged`."""
        return self.book.is_of(settings) and self._saved == (self._memory.note(SAVED) or None)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def look(self) -> bool:
        """The thorough look at the book, for which no lock is needed; whether anything is to be judged."""
        return self.book.look(thorough=True)

    def read_ahead(self, repo: Repository, people: People, now: datetime) -> None:
        """Judge what changed before anything is written down; what the log has not seen is judged again later."""
        if not self.journal.folder.is_dir():
            return
        self.journal.open(repo)
        unseen: set[str] = set()

        def note(records: Mapping[str, list[Record]], _: Mapping[str, Statement]) -> None:
            knows = self.journal.knows
            unseen.update(sha for sha, every in records.items() if not all(knows(record.sha256) for record in every))

        self.book.judged_by(people, lambda: self.journal.seen(people))
        self.book.judge(now, note)
        self.book.touch(unseen)

    def judge(self, people: People, minutes: Minutes, now: datetime) -> None:
        """Judge what changed; what is new is written down before."""
        self.book.judged_by(people, lambda: self.journal.seen(people))
        if self.journal.lost:
            self.book.touch_all()
        elif self.journal.anew:
            self.book.touch_signed_by(stolen(people))
        self.book.judge(now, lambda records, statements: minutes.see(records, statements, people))

    def unsigned(self, settings: Settings) -> list[Problem]:
        """What of the officers' folder is not in force as it is written."""
        return self.book.unsigned(self._manuscripts.look(settings.places))

    # ── remembering ──────────────────────────────────────────────────────────────────────────────

    def remember_judged(self) -> None:
        """Book and log; under the lock of publishing."""
        self._remember(self.book, self.journal)

    def remember_folder(self) -> None:
        """The officers' folder."""
        self._remember(self._manuscripts)

    def _remember(self, *parts: KnownBook | Journal | Manuscripts) -> None:
        """A disk that takes nothing stops no publication: the next one reads anew."""
        if not any(part.news for part in parts):
            return
        saved, self._saved = secrets.token_hex(8), "unsaved"
        with suppress(Damaged):
            with self._memory.saving() as saving:
                for part in parts:
                    part.save(saving)
                saving.note(SAVED, saved)
            self._saved = saved
