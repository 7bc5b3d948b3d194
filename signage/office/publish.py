"""Publish: from the review book to what citizens and boards fetch, in one step that can be repeated.

The boards' part comes first (`boards`), the website after it (`site`); each swaps into place what changed and leaves
the rest alone. `Publisher` knows from one publication to the next what it has read (`known`, `journal`,
`manuscripts`), so that a publication costs what changed, not what the archive holds; `memory` is that on disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from .. import durable
from ..errors import Problem
from ..publication import BOARD_FOLDER
from ..settings import Settings
from . import archive, boards, handover
from .boards import repository, signed_at, signed_people
from .desk import Desk
from .knowledge import memory
from .knowledge.checked import Gist
from .knowledge.memory import Damaged
from .knowledge.moment import Knowledge
from .minutes import Minutes
from .outcome import Outcome, Timings
from .website.press import Press
from .website.site import Site

__all__ = ["Outcome", "Publisher", "Timings", "publish", "repository", "signed_people"]

SITE_LOCK, SITE_STATE = "site.lock", "site/site.sqlite3"  # in state/
CLOCK_AHEAD, CLOCK_BACK = timedelta(days=40), timedelta(hours=1)  # between two publications, before a clock is doubted
PATIENCE_S = 60.0  # for another publication to end: a watching office and an alert meet here


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


class _Turn(NamedTuple):
    """The boards' part of one publication, as it was done last."""

    outcome: Outcome
    fresh: bool  # everything was read in it: no file has been changed in place since
    told: list[Problem]  # of book and log
    missed: list[Problem]  # what boards will miss


class Publisher:
    """Whoever publishes a commune's notices, and what it knows from one time to the next. `close` it."""

    def __init__(self, settings: Settings, *, remember: bool = True) -> None:
        """Without `remember` everything is read anew, and forgotten afterwards."""
        self._path = settings.state / memory.FILE if remember else None
        self._knowledge: Knowledge | None = None
        self._site_state = settings.state / SITE_STATE if remember else None
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
        turn = self._boards_first(settings, now, patience_s, Outcome(0, 0, 0, 0))
        try:
            if site:
                turn = self._website(settings, now, patience_s, turn)
        finally:  # what was changed in place leaves the boards even where the site is refused
            closer = self._looked_closely(settings, now, patience_s, turn)
        if site and closer is not turn:
            closer = self._website(settings, now, patience_s, closer)
        return self._summed_up(settings, now, closer)

    def _boards_first(self, settings: Settings, now: datetime, patience_s: float, outcome: Outcome) -> _Turn:
        try:
            return self._boards(settings, now, patience_s, outcome)
        except Damaged:  # thrown away: once more, from the archive itself
            self._forget()
            return self._boards(settings, now, patience_s, outcome)
        except BaseException:
            self._forget()  # what was half judged is not believed
            raise

    def _website(self, settings: Settings, now: datetime, patience_s: float, turn: _Turn) -> _Turn:
        """Not under the lock of the boards' part: an emergency must not wait for a site."""
        with durable.only_one(settings.state / SITE_LOCK, patience_s=patience_s), turn.outcome.timings.of("site"):
            if self._is_old(settings, turn.outcome, patience_s):
                turn = self._boards_first(settings, now, patience_s, turn.outcome)
            self._build(settings, now, turn.outcome)
        return turn

    def _looked_closely(self, settings: Settings, now: datetime, patience_s: float, turn: _Turn) -> _Turn:
        """See what was changed in place, which takes a look at every file: another turn for the boards if anything was.

        After the site, whose readers are waiting; a notice's words are held against their hash by whoever reads them.
        """
        known = self._knowledge
        try:
            with turn.outcome.timings.of("check"):
                changed = known is not None and not turn.fresh and known.look()
        except BaseException:
            self._forget()
            raise
        return self._boards_first(settings, now, patience_s, turn.outcome) if changed else turn

    def _summed_up(self, settings: Settings, now: datetime, turn: _Turn) -> Outcome:
        known, outcome = self._knowledge, turn.outcome
        assert known is not None
        with outcome.timings.of("folder"):
            outcome.problems = [*turn.told, *known.unsigned(settings), *known.book.book.damages(), *turn.missed]
        with outcome.timings.of("remember"):
            known.remember_folder()
        here = known.book.in_force()
        outcome.notices, outcome.lives = len(here), repository(settings).lives(now)
        outcome.next_change = _next_change((edge for gist in here for edge in (gist.start, gist.end)), now)
        return outcome

    def _is_old(self, settings: Settings, outcome: Outcome, patience_s: float) -> bool:
        """Whether somebody else has published since: the site is never built of less than the one before."""
        with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
            try:
                same = self._knowledge is not None and self._knowledge.is_of_now(settings)
            except Damaged:
                same = False
            return not same or repository(settings).version("lich") != outcome.number

    def _forget(self) -> None:
        if self._knowledge:
            self._knowledge.close()
        self._knowledge = None

    def clean_site(self, settings: Settings, output: Path, now: datetime, work: Path) -> int:
        """The site of what was just published, built clean into `output`; how many notices and pages it has."""
        assert self._knowledge is not None
        return handover.build_clean(settings, self._knowledge.book, output, now, work)

    # ── boards ───────────────────────────────────────────────────────────────────────────────────

    def _boards(self, settings: Settings, now: datetime, patience_s: float, outcome: Outcome) -> _Turn:
        with outcome.timings.of("read"):
            known, fresh = self._known(settings, now)
        with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
            told, missed = self._signed(settings, known, now, outcome)
        return _Turn(outcome, fresh, told, missed)

    def _known(self, settings: Settings, now: datetime) -> tuple[Knowledge, bool]:
        """What is known, and whether that was read now: then no file has changed in place since."""
        if self._knowledge and self._knowledge.is_of_now(settings):
            return self._knowledge, False
        self._forget()
        known = self._knowledge = Knowledge(settings, self._path)
        if known.look():
            known.read_ahead(repository(settings), signed_people(settings), now)
        return known, True

    def _signed(
        self, settings: Settings, known: Knowledge, now: datetime, outcome: Outcome
    ) -> tuple[list[Problem], list[Problem]]:
        """Judge what changed and sign what boards are to show; what to tell of the book, and what boards will miss."""
        repo, kept, time_of = repository(settings), settings.folder / archive.FOLDER, outcome.timings.of
        with time_of("archive"):
            archive.keep(repo, kept, now)  # what a power cut left unkept
        with time_of("read"):
            desk, minutes = Desk(settings, signed_people(settings)), Minutes(repo, now, known.journal)
            desk.book, book = known.book.book, known.book
            broken = minutes.begin()
            book.look(thorough=False)
            if back := minutes.bring_back(book.book):
                book.look(thorough=False)
            known.judge(desk.people, minutes, now)
        with time_of("sign"):
            after, missed = now.timestamp(), list[Problem]()
            told = book.in_force()
            live = book.shown([gist for gist in told if gist.end > after and gist.brief.withdrawn is None])
            outcome.files_removed += _remove_pages(settings, (gist for gist in told if gist.gone))
            number = boards.sign_for_boards(settings, desk, minutes, live, book.removed(now), now, missed)
            outcome.number = number or repo.version("lich")
        with time_of("archive"):
            archive.keep(repo, kept, now)
        with time_of("remember"):
            known.remember_judged()
        return [*back, *broken, *book.faults()], missed

    # ── website ──────────────────────────────────────────────────────────────────────────────────

    def _build(self, settings: Settings, now: datetime, outcome: Outcome) -> None:
        assert self._knowledge is not None
        if self._site and self._site_state and not self._site_state.is_file():  # thrown away by who found it wrong
            self._site.close()
            self._site = None
        if self._site is None:
            press = Press(settings.state / "site/press")
            self._site = Site(settings.publication, press, state=self._site_state, keep=BOARD_FOLDER)
        items, shown = self._handover.told(settings, self._knowledge.book, repository(settings), now)
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
