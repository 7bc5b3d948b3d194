"""An office on another machine goes on where the lost one stopped: boards never accept a lower version than they saw.

With the address of what is served, its signed metadata are taken over, newer than the backup as they may be. Without
one, versions go on from a number that the lost office cannot have reached since the backup was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from .. import durable
from ..dossier import Dossier, file_name
from ..errors import BangtinError, Refused
from ..keys import PrivateKey
from ..publication import EMERGENCIES, EmergencyList, Manifest
from ..review import Record
from ..settings import Settings
from ..wire import BadFormat, sha256, when
from . import audit
from .book import Book
from .repository import Repository

RATE = 10  # publications a second, more than any office makes
MAX_FILE = 5_000_000  # bytes of a signed file, as boards read them
MAX_ROOTS = 64
Fetch = Callable[[str], bytes]  # a path below `board/` → its bytes; raises `BangtinError`, `OSError`


def go_on(settings: Settings, repo: Repository, made: datetime, now: datetime, fetch: Fetch | None) -> bool:
    """Make the restored `settings` able to publish after a backup of `made`; whether something newer was served.

    Raises `Refused` (`served-other`) when `fetch` brings what this commune's keys have not signed.
    """
    kept = audit.log_of(settings).head.n
    newer = _take_over(repo, fetch) if fetch else False
    # Also beyond what is served: a cache, or who sits on the line, may have kept back the newest.
    repo.set_floor(RATE * max(0, round((now - made).total_seconds())))
    if fetch and newer:
        _take_records(repo, Book(settings.review_book), fetch)
    key = PrivateKey.load(settings.keys / "lich.pem")
    facts = {"backup": when(made), "kept": kept, "lich": repo.version("lich"), "served": fetch is not None}
    audit.log_of(settings).append([(audit.RESTORED, facts)], now, key)
    return newer


def _take_over(repo: Repository, fetch: Fetch) -> bool:
    """Put the served metadata in the place of the backup's when they are newer."""
    try:
        files = list(_served(repo, fetch))
    except (RepositoryError, KeyError, ValueError, AttributeError) as error:
        raise Refused("served-other", why=f"{type(error).__name__}: {error}") from error
    for path, data in files:
        durable.write(path, data)
    return bool(files)


def _take_records(repo: Repository, book: Book, fetch: Fetch) -> None:
    """Bring the served records into the book: what was withdrawn or approved since the backup stays so."""
    data = []
    for name in repo.current_names():
        told = repo.current(name) or b""
        if name == EMERGENCIES:
            lists = EmergencyList.read(told)
            data += [record for entry in (*lists.entries, *lists.cancelled) for record in entry.records]
        else:
            manifest = Manifest.read(told)
            gone = {sha for gone in manifest.withdrawn for sha in gone.records}
            data += [found for sha in sorted(gone) if (found := _named(fetch, f"records/{sha}.json", sha))]
            for item in manifest.items:
                if found := _named(fetch, file_name(item.dossier), item.dossier):
                    data += Dossier.read(found).records
    for record in data:
        with suppress(BadFormat):  # what boards could not read either
            book.put_record(Record.read(record))


def _named(fetch: Fetch, name: str, sha: str) -> bytes | None:
    """The file of that hash; None where it is not served."""
    try:
        data = fetch(name)
    except (BangtinError, OSError):
        return None
    return data if sha256(data) == sha else None


def _served(repo: Repository, fetch: Fetch) -> Iterator[tuple[Path, bytes]]:
    """What is served and newer, in the order in which it may be written: what is named before what names it."""
    found: dict[Path, bytes] = {}

    def signed(name: str) -> Metadata[Any]:
        data = found[repo.metadata / name] = fetch(f"metadata/{name}")
        return Metadata.from_bytes(data)

    root: Metadata[Any] = Metadata.from_bytes(repo.versions("root")[-1].read_bytes())
    for _ in range(MAX_ROOTS):
        name = f"{root.signed.version + 1}.root.json"
        try:
            fresh = signed(name)
        except (BangtinError, OSError):
            break
        for judge in (root.signed, fresh.signed):
            judge.verify_delegate("root", fresh.signed_bytes, fresh.signatures)
        root = fresh
    timestamp = signed("timestamp.json")
    root.signed.verify_delegate("timestamp", timestamp.signed_bytes, timestamp.signatures)
    if timestamp.signed.version <= repo.version("timestamp"):
        return
    snapshot = signed(f"{timestamp.signed.snapshot_meta.version}.snapshot.json")
    root.signed.verify_delegate("snapshot", snapshot.signed_bytes, snapshot.signatures)
    versions = {role: snapshot.signed.meta[f"{role}.json"].version for role in ("targets", "lich")}
    targets = signed(f"{versions['targets']}.targets.json")
    root.signed.verify_delegate("targets", targets.signed_bytes, targets.signatures)
    lich = signed(f"{versions['lich']}.lich.json")
    targets.signed.verify_delegate("lich", lich.signed_bytes, lich.signatures)
    for role in (targets.signed, lich.signed):
        for name, file in role.targets.items():
            path = repo.target_path(name, file.hashes["sha256"])
            data = fetch(path.relative_to(repo.metadata.parent).as_posix())
            if sha256(data) != file.hashes["sha256"]:
                raise ValueError(name)
            yield path, data
    last = repo.metadata / "timestamp.json"
    yield from ((path, data) for path, data in found.items() if path != last)
    yield last, found[last]
