"""Publish: from the review book to what citizens and boards fetch, in one step that can be repeated.

The boards' part comes first (`boards`), the website after it (`site`); each swaps into place what changed and leaves
the rest alone. `Publisher` knows from one publication to the next what it has read (`known`, `journal`,
`manuscripts`), so that a publication costs what changed, not what the archive holds; `memory` is that on disk.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from .. import durable
from ..errors import Problem
from ..publication import BOARD_FOLDER
from ..settings import Settings
from ..wire import BadFormat
from . import archive, boards, handover, memory
from .boards import repository, signed_at, signed_people
from .checked import Gist
from .desk import Desk
from .journal import Journal
from .known import KnownBook, stolen
from .manuscripts import Manuscripts
from .memory import SAVED, Damaged, Memory
from .minutes import Minutes
from .press import Press
from .repository import Life
from .site import Site
from .standing import unapproved

__all__ = ["Outcome", "Publisher", "Timings", "publish", "repository", "signed_people"]

CLOCK_AHEAD, CLOCK_BACK = timedelta(days=40), timedelta(hours=1)  # between two publications, before a clock is doubted
PATIENCE_S = 60.0  # for another publication to end: a watching office and an alert meet here


@dataclass
class Timings:
    """Seconds that each stage of a publication took."""

    read: float = 0.0  # seeing what changed, and judging it
    sign: float = 0.0  # the boards' part: objects, manifests, metadata
    archive: float = 0.0
    check: float = 0.0  # the thorough look for files that were changed in place
    folder: float = 0.0  # the officer's folder
    remember: float = 0.0
    site: float = 0.0

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """What is done within it counts as this stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            setattr(self, stage, getattr(self, stage) + time.perf_counter() - began)


@dataclass
class Outcome:
    """What one publication did."""

    number: int
    notices: int
    files_written: int
    files_removed: int
    problems: list[Problem] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)
    next_change: datetime | None = None
    timings: Timings = field(default_factory=Timings)


def clock_doubt(settings: Settings, now: datetime) -> datetime | None:
    """The moment of the last publication, when `now` is so far from it that the clock may be wrong; else None.

    Boards take a publication's moment for the least that the time can be. Raises `Unavailable` (`repository-missing`).
    """
    last = signed_at(repository(settings), now)
    return None if last - CLOCK_BACK <= now <= last + CLOCK_AHEAD else last


def publish(settings: Settings, now: datetime, *, patience_s: float = PATIENCE_S) -> Outcome:
    """One publication by an office that remembers, in `state/`, what it read before (`Publisher.publish`)."""
    with closing(Publisher(settings)) as publisher:
        return publisher.publish(settings, now, patience_s=patience_s)


@dataclass
class _Known:
    """What is known of a commune's office at one moment."""

    book: KnownBook
    journal: Journal
    manuscripts: Manuscripts
    saved: str  # the memory's word when this was read from it or written to it

    @classmethod
    def of(cls, settings: Settings, kept: Memory) -> _Known:
        """Raises `Damaged` when what is remembered cannot be read."""
        saved = kept.note(SAVED)
        try:
            return cls(KnownBook(settings, kept), Journal(settings, kept), Manuscripts(settings, kept), saved)
        except (ValueError, TypeError, LookupError, BadFormat) as error:
            kept.forget()
            raise Damaged from error


class Publisher:
    """Whoever publishes a commune's notices, and what it knows from one time to the next. `close` it."""

    def __init__(self, settings: Settings, *, remember: bool = True) -> None:
        """Without `remember` everything is read anew, and forgotten afterwards."""
        state = settings.state
        self._path = state / memory.FILE if remember else None
        self._memory: Memory | None = None
        self._known: _Known | None = None
        self._site_state = state / "site/site.sqlite3" if remember else None
        self._site: Site | None = None
        self._handover = handover.Handover()

    def close(self) -> None:
        """Let files and processes go."""
        self._forget()
        if self._site:
            self._site.close()
        self._site = None

    def publish(
        self, settings: Settings, now: datetime, *, patience_s: float = PATIENCE_S, site: bool = True
    ) -> Outcome:
        """Sign, build, swap into place; without `site` for the boards alone.

        Raises `Refused` when the site differs from what was approved (the old one stays, the boards have theirs), and
        `Unavailable` (`locked`) when another publication takes longer than `patience_s` seconds.
        """
        outcome = self._sign_first(settings, now, patience_s)
        if site:
            # Not under the first lock: an emergency must not wait for a site.
            with durable.only_one(settings.state / "site.lock", patience_s=patience_s), outcome.timings.of("site"):
                if self._is_old(settings, outcome, patience_s):
                    outcome = self._sign_first(settings, now, patience_s)
                self._build(settings, now, outcome)
        return outcome

    def _sign_first(self, settings: Settings, now: datetime, patience_s: float) -> Outcome:
        """The boards' part, under the lock of publishing."""
        with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
            try:
                return self._boards(settings, now)
            except Damaged:  # thrown away: once more, from the archive itself
                self._forget()
                return self._boards(settings, now)
            except BaseException:
                self._known = None  # what was half judged is not believed
                raise

    def _is_old(self, settings: Settings, outcome: Outcome, patience_s: float) -> bool:
        """Whether somebody else has published since: the site is never built of less than the one before."""
        with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
            same = self._known and self._memory and self._known.saved == self._memory.note(SAVED)
            return not same or repository(settings).version("lich") != outcome.number

    def _forget(self) -> None:
        if self._memory:
            self._memory.close()
        self._memory = self._known = None

    # ── boards, and what is known ────────────────────────────────────────────────────────────────

    def _boards(self, settings: Settings, now: datetime) -> Outcome:
        outcome = Outcome(0, 0, 0, 0)
        time_of = outcome.timings.of
        repo, kept = repository(settings), settings.folder / archive.FOLDER
        with time_of("read"):
            known, fresh = self._what_is_known(settings)
            desk = Desk(settings, signed_people(settings))
            desk.book = known.book.book
            minutes = Minutes(repo, now, known.journal)
        with time_of("archive"):
            archive.keep(repo, kept, now)  # what a power cut left unkept
        with time_of("read"):
            broken = minutes.begin()
            known.book.look(thorough=fresh)
            back = minutes.bring_back(known.book.book)
            if back:
                known.book.look(thorough=False)
            self._judge(known, desk, minutes, now)
        outcome.number = repo.version("lich")
        with time_of("sign"):
            missed = self._sign(settings, known, desk, minutes, now, outcome)
        with time_of("check"):
            if not fresh and known.book.look(thorough=True):
                self._judge(known, desk, minutes, now)
                missed = self._sign(settings, known, desk, minutes, now, outcome)
        with time_of("archive"):
            archive.keep(repo, kept, now)
        with time_of("folder"):
            unsigned = self._unsigned(settings, known)
        with time_of("remember"):
            self._remember(known)
        told = known.book.in_force()
        outcome.notices = len(told)
        outcome.problems = [*back, *broken, *known.book.faults(), *unsigned, *known.book.book.damages(), *missed]
        outcome.lives = repo.lives(now)
        outcome.next_change = _next_change((edge for gist in told for edge in (gist.start, gist.end)), now)
        return outcome

    def _what_is_known(self, settings: Settings) -> tuple[_Known, bool]:
        """That, and whether it comes from the disk: then files may have changed in place since."""
        if self._memory is None:
            self._memory = Memory(self._path)
        if self._known and self._known.saved == self._memory.note(SAVED) and self._known.book.is_of(settings):
            return self._known, False
        self._known = _Known.of(settings, self._memory)
        return self._known, True

    def _judge(self, known: _Known, desk: Desk, minutes: Minutes, now: datetime) -> None:
        people, journal = desk.people, known.journal
        known.book.judged_by(people, lambda: journal.seen(people))
        if journal.lost:
            known.book.touch_all()
        elif journal.anew:
            known.book.touch_signed_by(stolen(people))
        known.book.judge(now, lambda records, statements: minutes.see(records, statements, people))

    def _sign(
        self, settings: Settings, known: _Known, desk: Desk, minutes: Minutes, now: datetime, outcome: Outcome
    ) -> list[Problem]:
        """The boards' part; what boards would miss."""
        after, found = now.timestamp(), list[Problem]()
        told = known.book.in_force()
        live = known.book.shown([gist for gist in told if gist.end > after and gist.brief.withdrawn is None])
        outcome.files_removed += _remove_pages(settings, (gist for gist in told if gist.gone))
        number = boards.sign_for_boards(settings, desk, minutes, live, known.book.removed(now), now, found)
        outcome.number = number or outcome.number
        return found

    def _unsigned(self, settings: Settings, known: _Known) -> list[Problem]:
        """What of the officer's folder is not in force as it is written."""
        folder = known.manuscripts.look(settings.places)
        briefs = [gist.brief for gist in known.book.gists()]
        return unapproved(folder.digests, folder.broken, briefs, known.book.approved(), known.book.notes())

    def _remember(self, known: _Known) -> None:
        """On disk, for the next process; a disk that takes nothing stops no publication."""
        parts = (known.book, known.journal, known.manuscripts)
        if self._memory is None or not any(part.news for part in parts):
            return
        try:
            with self._memory.saving() as saving:
                for part in parts:
                    part.save(saving)
                known.saved = secrets.token_hex(8)
                saving.note(SAVED, known.saved)
        except Damaged:
            self._forget()

    # ── website ──────────────────────────────────────────────────────────────────────────────────

    def _build(self, settings: Settings, now: datetime, outcome: Outcome) -> None:
        known, _ = self._what_is_known(settings)
        if self._site is None:
            press = Press(settings.state / "site/press")
            self._site = Site(settings.publication, press, state=self._site_state, keep=BOARD_FOLDER)
        items, shown = self._handover.told(settings, known.book, repository(settings), now)
        done = self._site.update(settings, items, now, shown=shown, conf=handover.conf(settings))
        outcome.files_written += len(done.written)
        outcome.files_removed += len(done.removed)


def _remove_pages(settings: Settings, gone: Iterable[Gist]) -> int:
    """What was taken back leaves the site even if the build that follows should fail; how many pages."""
    removed = 0
    for gist in gone:
        page = settings.publication / gist.url
        if page.is_file() and gist.brief.sha256.encode() in page.read_bytes():
            durable.remove(page)
            removed += 1
    return removed


def _next_change(edges: Iterable[int], now: datetime) -> datetime | None:
    """When a notice next begins or ends: the site's banners and the boards' lists change then."""
    after = now.timestamp()
    found = min((edge for edge in edges if edge > after), default=None)
    return datetime.fromtimestamp(found, UTC) if found is not None else None
