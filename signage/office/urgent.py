"""The short way of an emergency: its list alone is signed and served, all else waits for the publication after it.

Read are the statements that the served list names and the one that was just signed, with their records; nothing here
grows with the archive. What comes out is the list that a whole publication would sign; the manifests stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .. import durable
from ..publication import BOARD_FOLDER, EMERGENCIES, EmergencyList
from ..review import Record, Statement
from ..settings import Settings
from ..wire import sha256
from . import archive, audit, minutes
from . import publish as whole
from .book import Book
from .desk import Desk
from .manifests import Edition, _emergencies, _remembered
from .repository import Repository
from .standing import Standing, standings


def publish_emergencies(
    settings: Settings, changed: Iterable[str], now: datetime, *, patience_s: float = whole.PATIENCE_S
) -> int | None:
    """Put the emergencies `changed` (SHA-256 of their statements), just raised or taken back, on the boards.

    The number that this was published under; None when only the whole publication can help (after a power cut or a
    restore, with a clock that went back), or when it would say nothing new. Either way `publish` is to follow: it
    brings website and archive up to date. Raises `Unavailable` (`locked`, `repository-missing`), `Refused` (a key).
    """
    with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
        repo = whole.repository(settings)
        if not repo.served or repo.behind or whole.signed_at(repo, now) > now:
            return None
        archive.keep(repo, settings.folder / archive.FOLDER, now)  # of two emergencies at once the first one too
        desk = Desk(settings, whole.signed_people(settings))
        was = EmergencyList.read(repo.current(EMERGENCIES) or b"")
        known = {sha256(entry.statement) for entry in (*was.entries, *was.cancelled)}
        statements = {sha: one for sha in sorted(known | set(changed)) for one in desk.book.statements(sha).values()}
        records = _records(settings, desk, statements)
        log = audit.end_of(settings, repo.key("lich").public)
        log.append(_new(log, records, statements, desk), now, repo.key("lich"))
        found = standings(statements, records, desk.people, audit.seen(settings, desk.people))
        return _publish(settings, desk, repo, log, [s for s in found if s.statement.is_emergency], was, now)


def _records(settings: Settings, desk: Desk, statements: dict[str, Statement]) -> dict[str, list[Record]]:
    """Theirs from the book, and what took one down though somebody has deleted it there (`Minutes.bring_back`)."""
    kept = Book(settings.folder / audit.FOLDER, settings.commune.code).records_of(statements, minutes.KEPT)
    found = desk.book.records_of(statements)
    for sha, every in kept.items():
        there = found.setdefault(sha, [])
        there += [record for record in every if record not in there]
    return found


def _new(
    log: audit.Log, records: dict[str, list[Record]], statements: dict[str, Statement], desk: Desk
) -> Iterable[audit.Said]:
    """Records that the log has not seen, as far back as its last file goes; to say one twice does no harm."""
    end = log.reading.last.read_bytes() if log.reading.last else b""
    known = {r.sha256 for every in records.values() for r in every if r.sha256.encode() in end}
    return minutes.records(records, statements, desk.people, known)


def _publish(
    settings: Settings, desk: Desk, repo: Repository, log: audit.Log, every: list[Standing], was: EmergencyList,
    now: datetime,
) -> int | None:  # fmt: skip
    served = settings.publication / BOARD_FOLDER
    shown, _ = whole._shown(desk, every)
    live = [s.standing for s in shown if s.notice.end > now and not s.standing.withdrawn]
    gone = [s for s in every if s.withdrawn and s.statement.end > now]
    edition = Edition.at(repo.identity()[1], repo.next_version("lich"), now)
    told = _emergencies(live, _remembered(gone), edition)
    if (told.entries, told.cancelled) == (was.entries, was.cancelled):
        return None
    for standing in live:
        whole._copy_objects(desk, standing, served)
    lich = {name: repo.current(name) or b"" for name in repo.current_names()} | {EMERGENCIES: told.to_bytes()}
    EmergencyList.read(lich[EMERGENCIES])  # nothing is signed that a board would refuse to read
    slides = (name for standing in live for name in standing.statement.names())
    key = repo.key("lich")
    log.append(minutes.publication(repo, lich, edition.number, slides), now, key)
    repo.publish(lich, now, {audit.BUILT_IN: log.head.as_json()})
    return edition.number
