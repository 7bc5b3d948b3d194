"""Notices as the office published them, read from its publication's folder into the table `notice`.

Only so that people see and count them: nothing is verified here and nothing is trusted for it (boards and
the office verify what they show, and every page that lists notices says so). Without that folder a hub
knows of a notice what the boards told: a slide's title.

    manifests, khan-cap.json    which statements are in force, for which boards; hidden; taken back
    dossiers                    a statement's words and files; its records' dates
    notices.json                category and hamlets, which no statement has (of the website beside `board/`)
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from ..dossier import MAX_DOSSIER, Dossier, file_name
from ..keys import MAX_ENVELOPE
from ..notice.vocabulary import EMERGENCY
from ..publication import BOARD_FOLDER, EMERGENCIES, MAX_EMERGENCY_LIST, MAX_MANIFEST, EmergencyList, Manifest
from ..review import Record, Statement
from ..wire import BadFormat, canonical, sha256
from .store import tables as t
from .store.bulk import upsert
from .store.engine import to_ms

MAX_METADATA = 5 * 1024 * 1024  # bytes; python-tuf's own limit for targets
MAX_LIST = 32 * 1024 * 1024  # bytes of the website's notices.json
MAX_KNOWN = 20_000  # notices of one publication
FIRST_SURE = timedelta(hours=1)  # the hub's first look: what was approved longer ago was published nobody knows when
_BAD = (OSError, ValueError, KeyError, TypeError, AttributeError, BadFormat)


@dataclass(frozen=True)
class Published:
    """One statement of a publication; `boards` are codes, `files` what a play of it can be called."""

    statement: str
    notice: str
    title: str
    kind: str
    klass: str
    start: datetime
    end: datetime
    files: tuple[str, ...]
    meant: tuple[str, ...]  # as the statement says it: all, board:…, group:…
    submitted: datetime | None
    approved: datetime | None
    alert: str
    boards: tuple[str, ...] = ()
    category: str = ""
    hamlets: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Edition:
    """A publication at one moment, as far as it could be read."""

    commune: str
    name: str
    number: int
    made: datetime
    notices: tuple[Published, ...]
    withdrawn: dict[str, datetime] = field(default_factory=dict)  # statement: by its record


class Publication:
    """An office's folder `publication/`, looked at again when `timestamp.json` has changed. One thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._site, self._board = folder, folder / BOARD_FOLDER
        self._stamp: tuple[int, ...] | None = None
        self._read: dict[str, Published] = {}  # dossiers of the last edition, by hash

    def look(self) -> Edition | None:
        """What is published now; None when that is what was given last, or cannot be read."""
        try:
            stamp = self._stamps()
            if stamp == self._stamp:
                return None
            edition = self._edition()
        except _BAD:  # half-copied, say: the next look may find it whole
            return None
        self._stamp = stamp
        return edition

    def forget(self) -> None:
        """What was given last was not taken: give it again."""
        self._stamp = None

    def _stamps(self) -> tuple[int, ...]:
        stamp = (self._board / "metadata" / "timestamp.json").stat()
        listed = self._site / "notices.json"  # it follows the boards' part by seconds
        return stamp.st_mtime_ns, stamp.st_size, listed.stat().st_mtime_ns if listed.exists() else 0

    def _edition(self) -> Edition | None:
        targets = self._targets()
        manifests = [
            Manifest.read(_bytes(self._target(name, sha), MAX_MANIFEST))
            for name, sha in targets.items() if name != EMERGENCIES
        ]  # fmt: skip
        if not manifests:
            return None
        alarms = EmergencyList.read(_bytes(self._target(EMERGENCIES, targets[EMERGENCIES]), MAX_EMERGENCY_LIST))
        newest = max(manifests, key=lambda m: m.number)
        found = self._of_manifests(manifests)
        for dossier in alarms.entries:
            if one := _published(dossier):
                meant = tuple(m.board for m in manifests if _meant_for(one.meant, m.board))
                found[one.statement] = replace(one, boards=meant)
        gone = {removed.statement: self._removed_at(removed.records, m) for m in manifests for removed in m.withdrawn}
        for dossier in alarms.cancelled:
            gone[sha256(dossier.statement)] = _moment(dossier.records, "withdraw") or alarms.made
        listed = self._listed()
        notices = (_with(one, listed.get(one.statement, {})) for one in list(found.values())[:MAX_KNOWN])
        made = max(newest.made, alarms.made)
        return Edition(newest.commune, newest.commune_name, newest.number, made, tuple(notices), gone)

    def _targets(self) -> dict[str, str]:
        snapshot = self._role("timestamp.json")["meta"]["snapshot.json"]["version"]
        lich = self._role(f"{int(snapshot)}.snapshot.json")["meta"]["lich.json"]["version"]
        files = self._role(f"{int(lich)}.lich.json")["targets"]
        return {name: str(file["hashes"]["sha256"]) for name, file in files.items()}

    def _role(self, name: str) -> dict[str, Any]:
        return dict(json.loads(_bytes(self._board / "metadata" / name, MAX_METADATA))["signed"])

    def _target(self, name: str, sha: str) -> Path:
        folder, _, file = name.rpartition("/")
        return self._board / "targets" / folder / f"{sha}.{file}"

    def _of_manifests(self, manifests: list[Manifest]) -> dict[str, Published]:
        boards: dict[str, list[str]] = {}
        hidden: set[str] = set()
        for manifest in manifests:
            hidden.update(manifest.hidden)
            for item in manifest.items:
                boards.setdefault(item.dossier, []).append(manifest.board)
        self._read = {sha: one for sha in boards if (one := self._read.get(sha) or self._dossier(sha))}
        return {
            one.statement: replace(one, boards=tuple(sorted(boards[sha])), hidden=one.statement in hidden)
            for sha, one in self._read.items()
        }

    def _dossier(self, sha: str) -> Published | None:
        try:
            return _published(Dossier.read(_bytes(self._board / file_name(sha), MAX_DOSSIER)))
        except _BAD:
            return None

    def _removed_at(self, records: Iterable[str], manifest: Manifest) -> datetime:
        found = []
        for sha in records:
            try:
                found.append(_bytes(self._board / "records" / f"{sha}.json", MAX_ENVELOPE))
            except _BAD:
                continue
        return _moment(found, "withdraw") or manifest.made

    def _listed(self) -> dict[str, dict[str, Any]]:
        """Lines of the website's list, by statement; none when there is no such list, or a strange one."""
        try:
            lines = json.loads(_bytes(self._site / "notices.json", MAX_LIST))["notices"]
            return {str(line["statement"]): line for line in lines}
        except _BAD:
            return {}


def take(connection: Connection, edition: Edition) -> None:
    """Put an edition into the store: new notices, what became of the others, the commune's number."""
    commune = edition.commune
    known = {row.statement: row for row in connection.execute(select(t.notice).where(t.notice.c.commune == commune))}
    if connection.execute(select(t.commune.c.code).where(t.commune.c.code == commune)).first() is None:
        upsert(connection, t.commune, [{"code": commune, "name": edition.name}], keys=("code",))
    made = to_ms(edition.made)
    told = {"published": edition.number, "published_at": made}
    connection.execute(update(t.commune).where(t.commune.c.code == commune).values(told))
    unnamed = (t.commune.c.code == commune) & (t.commune.c.name == "")
    connection.execute(update(t.commune).where(unnamed).values(name=edition.name))
    rows = [_row(edition, one, known.get(one.statement), first=not known) for one in edition.notices]
    upsert(connection, t.notice, rows, keys=("commune", "statement"))
    here = {one.statement for one in edition.notices}
    for sha, row in known.items():
        taken = edition.withdrawn.get(sha)
        if taken and row.withdrawn is None:
            _set(connection, commune, sha, withdrawn=to_ms(taken))
        elif sha not in here and not taken and row.gone is None and row.withdrawn is None and (row.end or 0) > made:
            _set(connection, commune, sha, gone=made)


def _set(connection: Connection, commune: str, sha: str, **values: int) -> None:
    which = (t.notice.c.commune == commune) & (t.notice.c.statement == sha)
    connection.execute(update(t.notice).where(which).values(values))


def _row(edition: Edition, one: Published, known: Any, *, first: bool) -> dict[str, Any]:
    made = to_ms(edition.made)
    sure = not first or (one.approved is not None and edition.made - one.approved <= FIRST_SURE)
    hidden = (known.hidden if known and known.hidden else made) if one.hidden else None
    return {
        "commune": edition.commune, "statement": one.statement, "notice": one.notice, "title": one.title,
        "kind": one.kind, "class": one.klass, "category": one.category or (known.category if known else ""),
        "hamlets": _list(one.hamlets) if one.hamlets or not known else known.hamlets,
        "files": _list(one.files), "boards": _list(one.boards),
        "submitted": _ms(one.submitted), "approved": _ms(one.approved),
        "published": known.published if known else made if sure else None,
        "start": to_ms(one.start), "end": to_ms(one.end), "gone": None, "hidden": hidden, "alert": one.alert,
    }  # fmt: skip


def slide(board: Path, sha: str) -> tuple[bytes, str] | None:
    """The slide of this hash below a publication's `board/`, and its media type; None when it is not there whole."""
    from ..review.slide import MAX_SLIDE, SLIDE_TYPES

    for kind, ending in SLIDE_TYPES.items():
        try:
            data = _bytes(board / "slides" / f"{sha}.{ending}", MAX_SLIDE)
        except (OSError, ValueError):
            continue
        if sha256(data) == sha:
            return data, kind
    return None


def _published(dossier: Dossier) -> Published | None:
    try:
        statement = Statement.read(dossier.statement)
    except (BadFormat, ValueError):
        return None
    sha, alert = sha256(dossier.statement), statement.alert
    files = [slide.file for slides in statement.slides.values() for slide in slides]
    if statement.klass == EMERGENCY:
        files.append(sha)  # what a board draws by itself is a play of the statement
    told = {k: v for k, v in (alert or {}).items() if k in ("level", "source", "bulletin_time", "drill")}
    return Published(
        sha, statement.notice, statement.title, statement.kind, statement.klass, statement.start, statement.end,
        tuple(dict.fromkeys(files)), statement.boards, _moment(dossier.records, "submit"),
        _moment(dossier.records, "approve"), canonical(told).decode() if alert else "",
    )  # fmt: skip


def _with(one: Published, line: dict[str, Any]) -> Published:
    category, hamlets = line.get("category"), line.get("hamlets")
    if not isinstance(hamlets, list) or not all(isinstance(h, str) for h in hamlets):
        hamlets = []
    return replace(one, category=category if isinstance(category, str) else "", hamlets=tuple(hamlets))


def _moment(records: Iterable[bytes], act: str) -> datetime | None:
    """When the first record of this kind says that it was signed; whether it was is not looked at."""
    found = []
    for data in records:
        try:
            record = Record.read(data)
        except (BadFormat, ValueError):
            continue
        if record.act == act:
            found.append(record.at)
    return min(found, default=None)


def _meant_for(meant: tuple[str, ...], board: str) -> bool:
    """As boards take it: whoever names a group in an emergency reaches every board."""
    return any(b in ("all", f"board:{board}") or b.startswith("group:") for b in meant)


def _list(values: Iterable[str]) -> str:
    return canonical(list(values)).decode()


def _ms(moment: datetime | None) -> int | None:
    return to_ms(moment) if moment else None


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"{path.name} is larger than {most} bytes")
    return data
