"""The short way of an emergency: its list alone is signed and served, all else waits for the publication after it.

Read are the statements that the served list names and the one that was just signed, with their records; nothing here
grows with the archive. What comes out is the list that a whole publication would sign; the manifests stay as they are.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import closing, suppress
from datetime import datetime

from .. import durable
from ..publication import BOARD_FOLDER, EMERGENCIES, EmergencyList
from ..review import Record, Statement
from ..settings import Settings
from ..wire import sha256
from . import archive, audit, minutes
from .boards import copy_objects, repository, shown_whole, signed_at, signed_people
from .book import Book
from .desk import Desk
from .knowledge.journal import Journal
from .knowledge.memory import FILE, SAVED, Damaged, Memory
from .manifests import Edition, emergency_list
from .repository import Repository
from .standing import Standing, standings

PATIENCE_S = 60.0  # for a publication that is signing


def publish_emergencies(
    settings: Settings, changed: Iterable[str], now: datetime, *, patience_s: float = PATIENCE_S
) -> int | None:
    """Put the emergencies `changed` (SHA-256 of their statements), just raised or taken back, on the boards.

    The number that this was published under; None when only the whole publication can help (after a power cut or a
    restore, with a clock that went back), or when it would say nothing new. Either way `publish` is to follow: it
    brings website and archive up to date. Raises `Unavailable` (`locked`, `repository-missing`), `Refused` (a key).
    """
    with durable.only_one(settings.state / "publish.lock", patience_s=patience_s):
        repo = repository(settings)
        if not repo.served or repo.behind or signed_at(repo, now) > now:
            return None
        archive.keep(repo, settings.folder / archive.FOLDER, now)  # of two emergencies at once the first one too
        with closing(Memory(settings.state / FILE)) as memory:
            try:
                journal = Journal(settings, memory)
                journal.open(repo)  # what is wrong with it the publication after tells
            except Damaged:
                return None
            number = _publish(settings, set(changed), repo, journal, now)
            if journal.news:
                with suppress(Damaged), memory.saving() as saving:
                    journal.save(saving)
                    saving.note(SAVED, secrets.token_hex(8))
        return number


def _publish(settings: Settings, changed: set[str], repo: Repository, journal: Journal, now: datetime) -> int | None:
    desk = Desk(settings, signed_people(settings))
    was = EmergencyList.read(repo.current(EMERGENCIES) or b"")
    known = {sha256(entry.statement) for entry in (*was.entries, *was.cancelled)}
    statements = {sha: one for sha in sorted(known | changed) for one in desk.book.statements(sha).values()}
    records = _records(settings, desk, statements)
    key = repo.key("lich")
    journal.append(minutes.records(records, statements, desk.people, journal.knows), now, key)
    every = standings(statements, records, desk.people, journal.seen(desk.people))
    told, live = _list(desk, [s for s in every if s.statement.is_emergency], repo, now)
    if (told.entries, told.cancelled) == (was.entries, was.cancelled):
        return None
    for standing in live:
        copy_objects(desk.book, standing, settings.publication / BOARD_FOLDER)
    data = told.to_bytes()
    EmergencyList.read(data)  # nothing is signed that a board would refuse to read
    files = {**repo.hashes(), EMERGENCIES: sha256(data)}
    journal.append(minutes.publication(repo, data, files, told.number, None), now, key)
    repo.publish_part({EMERGENCIES: data}, now, {audit.BUILT_IN: journal.head.as_json()})
    return told.number


def _list(desk: Desk, every: list[Standing], repo: Repository, now: datetime) -> tuple[EmergencyList, list[Standing]]:
    """What boards are to be told, and of whom they need files."""
    shown, _ = shown_whole(desk, every)
    live = [s.standing for s in shown if s.notice.end > now and not s.standing.withdrawn]
    gone = [s for s in every if s.withdrawn and s.statement.end > now]
    return emergency_list(live, gone, Edition.at(repo.identity()[1], repo.next_version("lich"), now)), live


def _records(settings: Settings, desk: Desk, statements: dict[str, Statement]) -> dict[str, list[Record]]:
    """Theirs from the book, and what took one down though somebody has deleted it there (`Minutes.bring_back`)."""
    kept = Book(settings.folder / audit.FOLDER, settings.commune.code).records_of(statements, minutes.KEPT)
    found = desk.book.records_of(statements)
    for sha, every in kept.items():
        there = found.setdefault(sha, [])
        there += [record for record in every if record not in there]
    return found
