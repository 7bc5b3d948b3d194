"""What the office writes into its audit log: who signed what and when it was seen, keys, publications, alerts.

A line stands in the log before what it tells of is published. Nothing here stops a publication: a log that was
changed is told, and said in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tuf.api.metadata import Metadata, Root, Targets

from .. import durable
from ..dossier import Dossier
from ..errors import Problem
from ..publication import EMERGENCIES, PEOPLE, EmergencyList
from ..review import People, Record, Statement, effective
from ..wire import canonical, sha256, when
from . import audit
from .audit import Said
from .book import Book
from .knowledge.glance import NEVER, exactly, unchanged
from .knowledge.journal import Journal
from .repository import Repository

KEPT, TAKING = "go-xuong", ("withdraw", "hide", "show")  # folder beside the log, and the acts that are kept in it
BROUGHT_BACK = "record-brought-back"  # a problem's code
MAX_TOLD = 50  # of the log's own faults in one line
Records = Mapping[str, Iterable[Record]]  # by statement


class Minutes:
    """The log, as one publication writes it; under the lock of publishing."""

    def __init__(self, repo: Repository, now: datetime, journal: Journal) -> None:
        self._repo, self._now, self._journal = repo, now, journal

    def begin(self) -> list[Problem]:
        """Write down what is new about the log itself and the keys; what is wrong with the log."""
        journal, broken = self._journal, self._journal.open(self._repo)
        self._append([*_broken(journal.broken, broken), *keys(self._repo, journal.keys, journal.newest)])
        return [Problem("audit-broken", audit.FOLDER, severity="warning", values={"count": len(broken)})] * bool(broken)

    def see(self, every: Mapping[str, list[Record]], statements: Mapping[str, Statement], people: People) -> None:
        """Write down which of these records are new, before anything is judged by them."""
        said = records(every, statements, people, self._journal.knows)
        self._append(said)
        for sha, signed in every.items():
            for record in signed:
                if record.act in TAKING and effective(record, sha, people):
                    durable.write_if_changed(self._journal.folder / KEPT / record.file_name, record.sealed.data)

    def bring_back(self, book: Book) -> list[Problem]:
        """Put those takings down into the book that were seen before and are not in it now, or not as they were signed.

        Who can write in the shared folder could else undo them with one deletion.
        """
        gone, same = [], self._journal.same
        for path in sorted((self._journal.folder / KEPT).glob("*.json")):
            there = book.folder / "records" / path.name
            as_left = exactly(path), unchanged(there)
            if same.get(path.name) == as_left and NEVER not in as_left:
                continue
            data = path.read_bytes()
            if there.is_symlink() or not there.is_file() or there.read_bytes() != data:
                durable.write(there, data)
                values = {"file": path.name}
                gone.append(Problem(BROUGHT_BACK, audit.FOLDER, severity="warning", values=values))
            same[path.name] = as_left
        return gone

    def tell(self, lich: Mapping[str, bytes], number: int, slides: Iterable[str]) -> dict[str, Any]:
        """Write down what is published next; what `lich` is to sign of the log."""
        files = {name: sha256(data) for name, data in lich.items()}
        self._append(publication(self._repo, lich[EMERGENCIES], files, number, slides))
        return {audit.BUILT_IN: self._journal.head.as_json()}

    def _append(self, said: Iterable[Said]) -> None:
        self._journal.append(said, self._now, self._repo.key("lich"))


def _broken(last: Any, found: list[Problem]) -> Iterator[Said]:
    """What is wrong with the log, said once; `last`: what was said of it before."""
    told = [f"{p.code} {p.file}:{p.line or p.values.get('n', '')}" for p in found[:MAX_TOLD]]
    if told and told != last:
        yield audit.BROKEN, {"found": told}


def keys(repo: Repository, known: Container[tuple[str, int]], newest: int) -> Iterator[Said]:
    """Every root, and every list of people, that the log does not have yet; `newest`: the last list that it has."""
    for path in repo.versions("root"):
        if (audit.ROOT, _version(path)) not in known:
            yield audit.ROOT, {"version": _version(path), **_root(path.read_bytes())}
    for path in repo.versions("targets"):
        if _version(path) > newest:  # old ones are no longer kept
            yield audit.TARGETS, {"version": _version(path), **_targets(path.read_bytes())}


def _version(path: Path) -> int:
    return int(path.name.partition(".")[0])


def _root(data: bytes) -> dict[str, Any]:
    root = Metadata[Root].from_bytes(data).signed
    roles = {name: {"keys": sorted(role.keyids), "threshold": role.threshold} for name, role in root.roles.items()}
    return {"sha256": sha256(data), "roles": roles}


def _targets(data: bytes) -> dict[str, Any]:
    targets = Metadata[Targets].from_bytes(data).signed
    people = targets.targets.get(PEOPLE)
    lich = sorted(targets.delegations.keys) if targets.delegations else []
    return {"sha256": sha256(data), "people": people.hashes["sha256"] if people else None, "lich": lich}


def records(
    every: Records, statements: Mapping[str, Statement], people: People, known: Callable[[str], bool]
) -> Iterator[Said]:
    """Each record that counts today and that the log does not have: it counts as seen from now on."""
    for sha, signed in sorted(every.items()):
        for record in sorted(signed, key=lambda r: (r.at, r.sha256)):
            if known(record.sha256) or effective(record, sha, people) is None:
                continue
            notice = statements[sha].notice if sha in statements else ""
            yield audit.RECORD, {
                "record": record.sha256, "act": record.act, "statement": sha, "notice": notice,
                "person": record.person, "role": record.role, "said": when(record.at), "reason": record.reason,
            }  # fmt: skip


def publication(
    repo: Repository, emergencies: bytes, files: Mapping[str, str], number: int, slides: Iterable[str] | None
) -> Iterator[Said]:
    """What is about to be published: each signed file's hash, one digest of all slides, alerts that come and go.

    `slides`: None where they are those of the publication before, but for the emergencies'.
    """
    old = repo.current(EMERGENCIES)
    was, now = EmergencyList.read(old) if old else None, EmergencyList.read(emergencies)
    yield from _alerts(audit.RAISED, was.entries if was else (), now.entries, number)
    yield from _alerts(audit.CANCELLED, was.cancelled if was else (), now.cancelled, number)
    drawn = {"slides": sha256(canonical(sorted(set(slides))))} if slides is not None else {}
    yield audit.PUBLICATION, {"number": number, "files": dict(sorted(files.items())), **drawn}


def _alerts(what: str, was: Iterable[Dossier], now: Iterable[Dossier], number: int) -> Iterator[Said]:
    before = {entry.statement for entry in was}
    for entry in now:
        if entry.statement not in before:
            told = Statement.read(entry.statement)
            level = (told.alert or {}).get("level", 0)
            yield what, {
                "statement": told.sha256, "notice": told.notice, "level": level, "end": when(told.end), "number": number
            }  # fmt: skip
