"""What people have signed, for those few notices that lie in the folder; read again only when somebody signs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import BangtinError
from ...settings import Settings
from ..desk import Desk
from ..publish import signed_people
from ..standing import Note, Standing, in_force
from .progress import Case

BOOK = ("records", "statements", "notes", "files")  # folders whose change may be a signature
MAX_PAGE = 4 * 1024 * 1024  # bytes of a served page that is looked into


class Casebook:
    """Standings by notice; the whole book is asked once for each change of it."""

    def __init__(self) -> None:
        self._stamp: tuple[object, ...] = ()
        self._desk: Desk | None = None
        self._standings: Mapping[str, list[Standing]] = {}
        self._notes: dict[str, Note] = {}
        self.trouble = ""  # why the book cannot be asked, in words

    def refresh(self, settings: Settings) -> None:
        stamp = (settings, *(_changed(settings.review_book / name) for name in BOOK))
        stamp = (*stamp, _changed(settings.publication / "board/metadata/timestamp.json"))
        if stamp == self._stamp and self._desk:
            return
        self.trouble = ""
        try:
            self._desk = Desk(settings, signed_people(settings))
            found: dict[str, list[Standing]] = {}
            for standing in self._desk.standings():
                found.setdefault(standing.statement.notice, []).append(standing)
            self._standings, self._notes = found, self._desk.book.notes()
        except BangtinError as error:
            self._desk, self._standings, self.trouble = None, {}, error.told("vi")
        self._stamp = stamp

    def case(self, ident: str, digest: str, url: str, settings: Settings, *, prepared: bool = False) -> Case:
        standings = self._standings.get(ident, [])
        force = in_force(standings).get(ident)
        served = settings.publication / url
        page = f"{settings.commune.site}/{url}" if force and url and _says(served, force.sha256) else ""
        return Case(ident, digest, standings, self._notes, page, prepared)

    def taken(self, ident: str, url: str, settings: Settings) -> bool:
        """Whether the address is another notice's: its page is served, and none of ours was ever approved."""
        return bool(url) and not in_force(self._standings.get(ident, [])) and (settings.publication / url).exists()

    def approvers(self, case: Case, settings: Settings) -> list[str]:
        """The names of those who may approve what waits."""
        waits = next((s for s in case.standings if s.submitted and s.statement.digest == case.digest), None)
        desk = self._desk
        if waits is None or desk is None:
            return []
        roles = ("approver", "duty")
        return [m.name for m in settings.members if any(not desk.hindrance(waits, m.id, role) for role in roles)]


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _says(page: Path, statement: str) -> bool:
    """Whether the page that is served is that statement's."""
    try:
        with page.open("rb") as file:
            return statement.encode() in file.read(MAX_PAGE)
    except OSError:
        return False
