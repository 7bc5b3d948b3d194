"""A board as it stood at a past moment: its shelf filled from the office's archive, judged and played like any other.

What the office kept is what it signed, so no key and no network is needed, and no expiry matters: boards
themselves read their shelf that way after a restart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import Refused
from ..publication import EMERGENCIES, PEOPLE, EmergencyList, Manifest, manifest_name
from ..review import Statement
from ..settings import Settings
from ..wire import BadFormat, sha256

if TYPE_CHECKING:
    from ..board.identity import Board
    from ..office.archive import Kept
    from ..office.book import Book


def kept_at(settings: Settings, board: str, moment: datetime) -> Kept | None:
    """The archived publication that told this board what to show at `moment`, or None.

    Raises `Refused` (`archive-damaged`).
    """
    from ..office import archive

    kept = archive.at(settings.folder / archive.FOLDER, moment)
    return kept if kept and manifest_name(board) in kept.files else None


def enrolled(settings: Settings, kept: Kept, board: str, moment: datetime, folder: Path) -> Board:
    """A board in `folder` that holds that publication."""
    from ..board import identity
    from ..board.playlist import Memory
    from ..board.shelf import Generation, Shelf
    from ..board.trust import Chain
    from ..office import archive, audit, dossiers
    from ..office.book import Book

    made = identity.enroll(folder, board=board, url="http://127.0.0.1", hub=None, root=kept.roots[0])
    shelf, manifest = Shelf(made.shelf), Manifest.read(kept.files[manifest_name(board)])
    told = dict(dossiers.found(settings.folder / archive.FOLDER, (item.dossier for item in manifest.items)))
    for sha, dossier in told.items():
        shelf.put(sha, dossier.to_bytes())
    statements = [dossier.statement for dossier in told.values()]
    statements += [entry.statement for entry in EmergencyList.read(kept.files[EMERGENCIES]).entries]
    for data in _objects(Book(settings.review_book), manifest, statements):
        shelf.put(sha256(data), data)
    entries = audit.log_of(settings).entries
    # As a board on the wall remembers what it had verified before a key was stolen.
    seen = {str(e.facts.get("record")) for e in entries if e.what == audit.RECORD and e.at <= moment}
    shown = {sha256(record) for dossier in told.values() for record in dossier.records}
    chain = Chain(kept.roots, kept.targets, kept.lich)
    files = {name: kept.files[name] for name in (PEOPLE, manifest_name(board), EMERGENCIES)}
    shelf.switch(Generation(chain, files, Memory({}, frozenset(seen & shown))))
    return made


def _objects(book: Book, manifest: Manifest, statements: Iterable[bytes]) -> Iterator[bytes]:
    """The slides of these statements, and the records that take others back, from the review book."""
    for gone in manifest.withdrawn:
        records = {r.sha256: r.sealed.data for r in book.records(gone.statement).get(gone.statement, [])}
        yield from (records[sha] for sha in gone.records if sha in records)
    for data in statements:
        try:
            for path in book.slides(Statement.read(data)):
                yield path.read_bytes()
        except (BadFormat, Refused):
            continue  # the board shows what is left, as it did then
