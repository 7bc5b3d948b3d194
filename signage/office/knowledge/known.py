"""The review book as the office knows it: read once, and after that only where it changed.

Of each statement a gist is kept: of which notice it is, who is done with it, whether its files are whole. What goes to
boards is read from its files and judged again by each process; the rest of the archive is only looked at (`glance`).
Judged by the same functions as everywhere (`standing`), so that the answer is that of reading the whole book.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from ...errors import Problem, Refused
from ...notice import Notice
from ...review import People, Record, Statement
from ...settings import Settings
from ..book import ending
from ..manifests import Shown
from ..standing import Brief, Note, Standing, briefly_in_force, standings, unapproved
from . import remembered
from .checked import KINDS, STATEMENT, CheckedBook, Gist, whole
from .glance import NEVER, Folder
from .manuscripts import Written
from .memory import Memory, Row, Saving

NOTICE = "notice"  # a kind of rows: what is in force, but for its words
PEOPLE, COMMUNE = "people", "commune"  # words that are remembered
BATCH = 200  # statements that are held with their records at a time
Log = Callable[[Mapping[str, list[Record]], Mapping[str, Statement]], None]  # writes down what the office sees
Seen = Callable[[], Mapping[str, datetime] | None]  # when the office first saw each record, as `standings` asks


class KnownBook:
    """One commune's review book, the people it was judged by, and what of it is in force.

    `look` and `judged_by` find what changed, `judge` judges it; the rest is then as if the whole book had been read.
    """

    def __init__(self, settings: Settings, memory: Memory) -> None:
        """Raises `Damaged` when what is remembered cannot be read."""
        folder, self._memory, self._commune = settings.review_book, memory, settings.commune.code
        ours = memory.note(COMMUNE) == self._commune
        rows = {kind: memory.rows(kind) if ours else [] for kind in KINDS}
        self.book, self._notes = CheckedBook(folder, self._commune, rows), Folder(folder / "notes", ".txt")
        told = {name.removesuffix(".json"): told for name, _, told in rows[STATEMENT] if not told.startswith("!")}
        self._gists = {sha: Gist.of(sha, json.loads(gist)) for sha, gist in told.items()}
        self._of: dict[str, set[str]] = {}  # statements of a notice
        for sha, gist in self._gists.items():
            self._of.setdefault(gist.brief.notice, set()).add(sha)
        self.force: dict[str, str] = {}  # notice → the statement that counts
        self._decide(self._of)
        signed = memory.note(PEOPLE)
        self._people = self._people_saved = People.read(signed.encode()) if signed else People(())
        self._seen: Seen = dict
        self._touched: set[str] = set()  # statements to judge again
        self._changed: set[str] = set()  # files that are to be hashed again
        self._dirty: set[str] = set()  # notices to be remembered anew, by statement
        self._standing: dict[str, Standing] = {}
        self._shown: dict[str, Shown] = {}
        self._notices: dict[str, Notice] = {}
        self._unsaved: dict[str, str] = {}  # notices as JSON
        self._notes_read: dict[str, Note] | None = None

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def look(self, *, thorough: bool) -> bool:
        """See what changed in the book's folders; whether anything is to be judged. Raises `Refused` (`book-full`)."""
        found = self.book.look(thorough=thorough)
        self._touched |= found.statements
        self._changed |= found.files
        return bool(self._touched or self._changed)

    def judged_by(self, people: People, seen: Seen) -> None:
        """What somebody has signed who is another than before is to be judged again."""
        was, now = ({person.id: person for person in those.people} for those in (self._people, people))
        self.touch_signed_by({ident for ident in was.keys() | now.keys() if was.get(ident) != now.get(ident)})
        self._people, self._seen = people, seen

    def touch(self, statements: set[str]) -> None:
        """These are to be judged again."""
        self._touched |= statements

    def touch_all(self) -> None:
        """Everything is to be judged again."""
        self._touched |= self.book.listed

    def touch_signed_by(self, persons: set[str]) -> None:
        """What these have signed is to be judged again."""
        if persons:
            self._touched |= self.book.signed_by(persons)

    # ── judging ──────────────────────────────────────────────────────────────────────────────────

    def judge(self, now: datetime, log: Log, *, check: bool = True) -> None:
        """Judge what changed; `log` is told of each batch before. Without `check`, `check` is left to who needs it."""
        notices: set[str] = set()
        touched = sorted(self._touched)
        for start in range(0, len(touched), BATCH):
            batch = touched[start : start + BATCH]
            statements, records = self._read(batch)
            log(records, statements)
            for standing in standings(statements, records, self._people, self._seen()):
                self._standing[standing.sha256] = standing
            notices.update(*(self._take(sha, sha in statements) for sha in batch))
            self._keep_live(now)
        before = {self.force[notice] for notice in notices if notice in self.force}
        self._decide(notices)
        counts = {self.force[notice] for notice in notices if notice in self.force}
        for sha in before - counts:
            self._lost(sha)
        for sha in (due := counts | self._users(self._changed)):
            self._gists[sha] = self._gists[sha].unchecked()
            self.book.dirty[STATEMENT].add(f"{sha}.json")
        self._check_all(due if check else set(), now)
        self._touched, self._changed = set(), set()

    def check(self, now: datetime) -> None:
        """Ask of what is in force whether its files are whole, where nobody has asked yet."""
        self._check_all({sha for sha in self.force.values() if self._gists[sha].is_unchecked}, now)

    def _check_all(self, due: set[str], now: datetime) -> None:
        for number, sha in enumerate(sorted(due), start=1):
            self._check(sha)
            if number % BATCH == 0:
                self._keep_live(now)
        self._keep_live(now)

    def _read(self, shas: Iterable[str]) -> tuple[dict[str, Statement], dict[str, list[Record]]]:
        """These statements as far as they are there, and their records; what is damaged is noted."""
        statements, records = dict[str, Statement](), dict[str, list[Record]]()
        for sha in shas:
            statements |= self.book.statements(sha)
            records |= self.book.records(sha)
        return statements, records

    def _take(self, sha: str, there: bool) -> set[str]:
        """Keep the gist of a statement that was judged; the notices whose statements are others than before."""
        self._shown.pop(sha, None)
        self._notices.pop(sha, None)
        self.book.dirty[STATEMENT].add(f"{sha}.json")
        old, notices = self._gists.pop(sha, None), set()
        if old:
            notices.add(old.brief.notice)
            self._of[old.brief.notice].discard(sha)
        if there:
            gist = self._gists[sha] = Gist.made(self._standing[sha])
            notices.add(gist.brief.notice)
            self._of.setdefault(gist.brief.notice, set()).add(sha)
        else:
            self._standing.pop(sha, None)
        return notices

    def _decide(self, notices: Iterable[str]) -> None:
        for notice in list(notices):
            found = briefly_in_force(self._gists[sha].brief for sha in self._of.get(notice, ()))
            if notice in found:
                self.force[notice] = found[notice].sha256
            else:
                self.force.pop(notice, None)

    def _users(self, files: set[str]) -> set[str]:
        """What is in force and needs one of these files."""
        return {sha for sha in self.force.values() if files and not files.isdisjoint(self._gists[sha].needed)}

    def _check(self, sha: str) -> None:
        """Whether what is in force has its files whole, and what it says."""
        self._shown.pop(sha, None)
        self._notices.pop(sha, None)
        try:
            standing = self.standing(sha)
            if standing is None:  # changed since the look: it is looked at again
                raise Refused("book-file", file=f"{sha}.json")
            shown = self._shown[sha] = whole(self.book, standing)
        except Refused as error:
            self._gists[sha] = self._gists[sha].faulty(error)
        else:
            self._gists[sha] = self._gists[sha].sound(shown.notice)
            self._unsaved[sha] = remembered.to_json(shown.notice)
        self.book.dirty[STATEMENT].add(f"{sha}.json")
        self._dirty.add(sha)

    def _lost(self, sha: str) -> None:
        """It counts no more."""
        self._unsaved.pop(sha, None)
        self._notices.pop(sha, None)
        self._dirty.add(sha)

    def _keep_live(self, now: datetime) -> None:
        """Keep whole only what is not over; the archive would fill the memory."""
        after = now.timestamp()
        live = {
            sha for sha in self._standing.keys() | self._shown.keys() if (g := self._gists.get(sha)) and g.end > after
        }
        self._standing = {sha: one for sha, one in self._standing.items() if sha in live}
        self._shown = {sha: one for sha, one in self._shown.items() if sha in live}

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def standing(self, sha: str) -> Standing | None:
        """A statement's standing, from its files; None when they are not what they were at the last look."""
        if sha not in self._standing:
            for found in standings(*self._read([sha]), self._people, self._seen()):
                if found.brief == self._gists[sha].brief:
                    self._standing[sha] = found
        return self._standing.get(sha)

    def shown(self, found: Iterable[Gist]) -> list[Shown]:
        """These with the words that were signed; what changed since the last look is left out."""
        for sha in (gist.brief.sha256 for gist in found if gist.brief.sha256 not in self._shown):
            with contextlib.suppress(Refused):
                if standing := self.standing(sha):
                    self._shown[sha] = whole(self.book, standing)
        return [self._shown[gist.brief.sha256] for gist in found if gist.brief.sha256 in self._shown]

    def in_force(self) -> list[Gist]:
        """What counts of each notice and is whole, by notice; also what is hidden or taken back."""
        return [gist for _, sha in sorted(self.force.items()) if (gist := self._gists[sha]).fault is None]

    def approved(self) -> dict[str, Brief]:
        """What counts of each notice, whole or not, by notice."""
        return {notice: self._gists[sha].brief for notice, sha in sorted(self.force.items())}

    def gists(self) -> Iterable[Gist]:
        """Of every statement."""
        return self._gists.values()

    def notice(self, gist: Gist) -> Notice:
        """What a statement in force says; raises `Refused` (`book-file`) where its words are damaged since."""
        sha = gist.brief.sha256
        if sha not in self._notices:
            told = self._unsaved.get(sha) or self._memory.row(NOTICE, sha)
            file = self.book.folder / "files" / gist.files[0]
            self._notices[sha] = (
                remembered.from_json(told, file) if told else self.book.notice(self._read([sha])[0][sha])
            )
        return self._notices[sha]

    def removed(self, now: datetime) -> list[Standing]:
        """What was taken back and is not over."""
        after = now.timestamp()
        shas = [sha for sha, gist in self._gists.items() if gist.brief.withdrawn is not None and gist.end > after]
        return [standing for sha in sorted(shas) if (standing := self.standing(sha))]

    def paths(self, notice: Notice) -> dict[str, Path]:
        """Where the pictures and attachments of a notice in force lie, by the names that it gives them."""
        folder = self.book.folder / "files"
        return {file.name: folder / f"{file.sha256}.{ending(file)}" for file in notice.files}

    def notes(self) -> dict[str, Note]:
        """The newest note of each statement."""
        if self._notes.look(thorough=True) or self._notes_read is None:
            self._notes_read = self.book.notes()
        return self._notes_read

    def unsigned(self, folder: Written) -> list[Problem]:
        """What of the officers' folder is not in force as it is written."""
        return unapproved(folder.digests, folder.broken, (g.brief for g in self.gists()), self.approved(), self.notes())

    def faults(self) -> list[Problem]:
        """What is in force and left out, by notice."""
        return [problem for _, sha in sorted(self.force.items()) if (problem := self._gists[sha].problem)]

    # ── remembering ──────────────────────────────────────────────────────────────────────────────

    def is_of(self, settings: Settings) -> bool:
        """Whether it is this commune's."""
        return (self.book.folder, self._commune) == (settings.review_book, settings.commune.code)

    @property
    def news(self) -> bool:
        """Whether something is known that is not remembered."""
        return any(self.book.dirty.values()) or bool(self._dirty) or self._people != self._people_saved

    def save(self, saving: Saving) -> None:
        """Remember what is known; nothing may be left to be judged."""
        assert not self._touched and not self._changed
        for kind, names in self.book.dirty.items():
            rows = {name: self._row(kind, name) for name in names}
            saving.put(kind, [row for row in rows.values() if row])
            saving.drop(kind, [name for name, row in rows.items() if not row])
            names.clear()
        saving.put(NOTICE, [(sha, NEVER, self._unsaved[sha]) for sha in self._dirty if sha in self._unsaved])
        saving.drop(NOTICE, [sha for sha in self._dirty if sha not in self._unsaved])
        self._dirty.clear()
        self._unsaved.clear()
        saving.note(PEOPLE, self._people.to_bytes().decode())
        saving.note(COMMUNE, self._commune)
        self._people_saved = self._people

    def _row(self, kind: str, name: str) -> Row | None:
        gist = self._gists.get(name.removesuffix(".json")) if kind == STATEMENT else None
        return self.book.row(kind, name, json.dumps(gist.told, ensure_ascii=False) if gist else "")


def stolen(people: People) -> set[str]:
    """Whose keys are in somebody else's hands."""
    return {person.id for person in people.people if person.void_from}
