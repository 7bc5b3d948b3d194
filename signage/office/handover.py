"""What the website is handed: every notice that citizens may read, and what each board shows.

The same object as before for whatever is unchanged, so that nobody need compare it.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from ..errors import Refused
from ..settings import Settings
from . import audit
from .boards import repository, shown_whole, signed_people
from .desk import Desk
from .knowledge.checked import Gist
from .knowledge.known import KnownBook
from .knowledge.memory import Memory
from .repository import Repository
from .showing import Pictures, Served, Showing, showing
from .website.clean import Published, build


class Handover:
    """What was handed over last."""

    def __init__(self) -> None:
        self._published: dict[str, tuple[Gist, Published]] = {}
        self._served = Served()

    def told(
        self, settings: Settings, book: KnownBook, repo: Repository, now: datetime
    ) -> tuple[list[Published], list[Showing]]:
        """For the site at `now`; `book` judged."""
        pictures, after = Pictures(settings), now.timestamp()
        told = [gist for gist in book.in_force() if not gist.prepared and (_taken(gist) or not gist.hidden)]
        self._published = {
            gist.brief.sha256: (gist, self._one(gist, book, self._card(gist, book, pictures, after))) for gist in told
        }
        boards = showing(settings, repo, book.book, pictures, now, self._served)
        pictures.sweep()
        return [one for _, one in self._published.values()], boards

    def _one(self, gist: Gist, book: KnownBook, card: bytes | None) -> Published:
        before = self._published.get(gist.brief.sha256)
        if before and before[0] is gist and before[1].card == card:
            return before[1]
        notice, brief = book.notice(gist), gist.brief
        assert brief.approved is not None
        return Published(
            notice, brief.sha256, datetime.fromtimestamp(brief.approved, UTC), book.paths(notice),
            datetime.fromtimestamp(brief.withdrawn, UTC) if brief.withdrawn is not None else None, gist.reason, card,
        )  # fmt: skip

    def _card(self, gist: Gist, book: KnownBook, pictures: Pictures, after: float) -> bytes | None:
        """The picture of a shared link; none of what is over or taken back."""
        if not _has_card(gist, after):
            return None
        try:
            return next((pictures.card(one.standing.statement, book.book) for one in book.shown([gist])), None)
        except Refused:  # changed since the look
            return None


def _has_card(gist: Gist, after: float) -> bool:
    return gist.end > after and not _taken(gist)


def _taken(gist: Gist) -> bool:
    return gist.brief.withdrawn is not None


def build_site(settings: Settings, output: Path, now: datetime) -> int:
    """The website of what is approved, into `output`, read whole and built clean; how many notices and pages it has."""
    with closing(Memory(None)) as nothing:
        book, people = KnownBook(settings, nothing), signed_people(settings)
        book.look(thorough=True)
        book.judged_by(people, lambda: audit.seen(settings, people))
        book.judge(now, lambda records, statements: None)
        return build_clean(settings, book, output, now, settings.state / "site-clean")


def build_clean(settings: Settings, book: KnownBook, output: Path, now: datetime, work: Path) -> int:
    """The same of a book that is judged; `work` is a scratch folder, which goes afterwards."""
    items, shown = Handover().told(settings, book, repository(settings), now)
    shutil.rmtree(output, ignore_errors=True)
    try:
        build(settings, items, output, now=now, work=work, conf=conf(settings), shown=shown)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return len(items)


def published(settings: Settings) -> list[Published]:
    """The words that citizens read now, without files: approved, neither taken back nor hidden."""
    desk = Desk(settings, signed_people(settings))
    return [
        Published(one.notice, one.standing.sha256, one.standing.approval.at, {})
        for one in shown_whole(desk, desk.standings())[0]
        if one.standing.approval and not (one.notice.prepared or one.standing.withdrawn or one.standing.hidden)
    ]


def conf(settings: Settings) -> Path | None:
    """The commune's own choices of how its site looks, if it has any."""
    path = settings.folder / "pelicanconf.py"
    return path if path.exists() else None
