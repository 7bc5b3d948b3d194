"""Is the audit log whole, and does it agree with what is published and with the review book? For the auditor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterator

from tuf.api.metadata import Metadata, Targets

from ..errors import Problem, Refused
from ..keys import PublicKey
from ..settings import Settings
from ..wire import BadFormat, Fields, when
from . import audit
from .audit import Entry, Head, Log
from .book import Book
from .repository import Repository


def inquire(settings: Settings, repo: Repository) -> tuple[list[Entry], list[Problem]]:
    """The readable lines, and everything that does not fit; a warning is no sign of tampering.

    Raises `Refused` (`audit-none`) where there is no log, `Unavailable` (`repository-missing`).
    """
    folder = settings.folder / audit.FOLDER
    if not folder.is_dir():
        raise Refused("audit-none", folder=str(folder))
    log = Log(folder)
    found = [*chain(log, repo), *_unpublished(log, repo), *_noted(log)]
    return log.entries, [*found, *_records_gone(log, Book(settings.review_book))]


def chain(log: Log, repo: Repository) -> list[Problem]:
    """Whether lines were changed, removed or moved, by the chain and by every head that was signed."""
    begun = log.entries or any(anchor(lich) for _, lich in kept(repo))
    return [*log.reading.problems, *(_head(log, repo) if begun else ()), *_publications(log, repo)]


def _head(log: Log, repo: Repository) -> Iterator[Problem]:
    head = audit.signed_head(log.folder, _lich_keys(repo))
    if head is None:
        yield _problem("audit-seal")
    elif audit.misses(log.reading, head):
        yield _problem("audit-cut", n=head.n, where=f"{audit.FOLDER}/{audit.HEAD}")
    elif log.head.n > head.n:  # a power cut before they were sealed, or somebody else's
        yield _problem("audit-unsealed", "warning", n=head.n + 1, last=log.head.n)


def _lich_keys(repo: Repository) -> list[PublicKey]:
    """The online key of today, and those of the lists of people that are still kept."""
    found = []
    for path in repo.versions("targets"):
        delegations = Metadata[Targets].from_bytes(path.read_bytes()).signed.delegations
        found += [PublicKey(key.keyval["public"]) for key in (delegations.keys.values() if delegations else ())]
    return found


def _publications(log: Log, repo: Repository) -> Iterator[Problem]:
    """The publication that is served, and those before it that are kept: the log knows each of them."""
    lines = {(entry.n, entry.sha256): entry for entry in log.entries}
    for name, lich in kept(repo):
        head = anchor(lich)
        entry = lines.get((head.n, head.sha256)) if head else None
        if head and entry is None:
            lost = any(_lost(e, head, lich.version) for e in log.entries)
            code = "audit-restored" if lost else "audit-cut"
            yield _problem(code, "warning" if lost else "error", n=head.n, where=name)
            continue
        files = {target: file.hashes["sha256"] for target, file in lich.targets.items()}
        if entry is None or entry.what != audit.PUBLICATION or entry.facts.get("files") != files:
            yield _problem("audit-publication", where=name)


def kept(repo: Repository, skip: Container[str] = ()) -> Iterator[tuple[str, Targets]]:
    """The metadata of `lich` that are still there, but for the empty ones of a new repository and files to `skip`."""
    for path in repo.versions("lich"):
        if path.name in skip:
            continue
        lich = Metadata[Targets].from_bytes(path.read_bytes()).signed
        if lich.targets:
            yield path.name, lich


def anchor(lich: Targets) -> Head | None:
    """The head of the log that a publication was signed with."""
    try:
        return Head.read(Fields(lich.unrecognized_fields.get(audit.BUILT_IN)))
    except BadFormat:
        return None


def _lost(entry: Entry, head: Head, version: int) -> bool:
    """Whether this line says that what `head` stands for was lost with a machine, and restored from before it."""
    if entry.what != audit.RESTORED:
        return False
    kept, lich = (entry.facts.get(name) for name in ("kept", "lich"))
    return isinstance(kept, int) and isinstance(lich, int) and head.n > kept and version <= lich


def _unpublished(log: Log, repo: Repository) -> Iterator[Problem]:
    """Publications that were written down and did not happen: the power went between the two."""
    said = (e.facts.get("number") for e in log.entries if e.what == audit.PUBLICATION)
    numbers = [number for number in said if isinstance(number, int)]  # what else stands there breaks the chain
    for number, times in sorted(Counter(numbers).items()):
        if times > 1 or number > repo.version("lich"):
            yield _problem("audit-unpublished", "warning", number=number)


def _noted(log: Log) -> Iterator[Problem]:
    """When the office itself found the log changed, and went on: a publication waits for no log."""
    for entry in log.entries:
        if entry.what == audit.BROKEN:
            yield _problem("audit-was-broken", "warning", n=entry.n, at=when(entry.at))


def _records_gone(log: Log, book: Book) -> Iterator[Problem]:
    """Signatures that the office saw and that nobody may take out of the book."""
    there = {record.sha256 for every in book.records().values() for record in every}
    for entry in log.entries:
        if entry.what == audit.RECORD and entry.facts.get("record") not in there:
            values = {name: entry.facts.get(name, "") for name in ("act", "person", "notice", "record")}
            yield _problem("audit-record-gone", n=entry.n, **values)


def _problem(code: str, severity: str = "error", **values: object) -> Problem:
    return Problem(code, audit.FOLDER, severity="warning" if severity == "warning" else "error", values=values)
