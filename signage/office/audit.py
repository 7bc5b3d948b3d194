"""The audit log: one line for everything that the office saw or did, each holding the hash of the line before.

    nhat-ky/00000001.jsonl   lines, in files named by the number of their first line
    nhat-ky/dau.json         how many lines there are and the hash of the last, signed by the online key `lich`
    nhat-ky/go-xuong/        the records by which something was taken down: who deletes them elsewhere undoes nothing

Only who publishes writes here, under the lock of publishing. A changed, removed or moved line breaks the chain; a tail
that was cut off is missed by the signed head here and by the one in every publication (`docs/formats.md`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from .. import durable
from ..errors import Problem
from ..keys import PrivateKey, PublicKey, Sealed
from ..review import People
from ..settings import Settings
from ..wire import BadFormat, Fields, canonical, parse, sha256, when

FOLDER, HEAD = "nhat-ky", "dau.json"
MAX_SEGMENT = 4 * 1024 * 1024  # bytes after which a new file is begun
MAX_LINE = 256 * 1024  # bytes: a publication names each of 500 boards' manifests
START = "0" * 64  # `prev` of the first line
HEAD_TYPE = "application/vnd.bangtin.audit+json"
BUILT_IN = "nhat-ky"  # our field in the metadata of `lich`: {"n", "head"}

RECORD, ROOT, TARGETS, PUBLICATION = "record", "root", "people", "publication"
RAISED, CANCELLED, RESTORED, BROKEN = "alert-raised", "alert-cancelled", "restored", "broken"
Said = tuple[str, Mapping[str, Any]]  # what, and its facts


@dataclass(frozen=True)
class Entry:
    """One line, as it stands in the file."""

    n: int
    prev: str
    at: datetime  # when the office wrote it
    what: str
    facts: Mapping[str, Any]
    data: bytes = field(repr=False)  # the line without its end

    @property
    def sha256(self) -> str:
        return sha256(self.data)


@dataclass(frozen=True)
class Head:
    """So many lines, and the hash of the last of them."""

    n: int
    sha256: str

    def as_json(self) -> dict[str, Any]:
        return {"n": self.n, "head": self.sha256}

    @classmethod
    def read(cls, fields: Fields) -> Head:
        """Raises `BadFormat`."""
        return cls(fields.integer("n"), fields.sha("head"))


@dataclass
class Reading:
    """The lines that can be read, what is wrong with the chain, and how its files end."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    head: Head = Head(0, START)
    last: Path | None = None  # the newest file …
    whole: int = 0  # … and how many of its bytes are whole lines


class Log:
    """The log in one folder, read once; `append` is for the one process that publishes."""

    def __init__(self, folder: Path, reading: Reading | None = None) -> None:
        """`reading`: what is known of it already."""
        self.folder = folder
        self.reading = reading or read(folder)

    @property
    def entries(self) -> list[Entry]:
        return self.reading.entries

    @property
    def head(self) -> Head:
        return self.reading.head

    def append(self, said: Iterable[Said], at: datetime, key: PrivateKey) -> None:
        """Add lines, on disk when this returns, and sign the new head; what a power cut left half-written goes."""
        made, head = [], self.head
        for what, facts in said:
            data = canonical({"v": 1, "n": head.n + 1, "prev": head.sha256, "at": when(at), "what": what, **facts})
            made.append(_entry(data))
            head = Head(head.n + 1, sha256(data))
        if not made:
            return
        path = self._file(made[0].n)
        durable.append(path, b"".join(entry.data + b"\n" for entry in made))
        durable.write(self.folder / HEAD, key.seal(canonical({"v": 1, **head.as_json()}), HEAD_TYPE))
        self.reading.entries += made
        self.reading.head, self.reading.last, self.reading.whole = head, path, path.stat().st_size

    def _file(self, n: int) -> Path:
        """The file for line `n`."""
        last, whole = self.reading.last, self.reading.whole
        if last is None or whole >= MAX_SEGMENT:
            return self.folder / f"{n:08}.jsonl"
        if last.stat().st_size != whole:
            durable.write(last, last.read_bytes()[:whole])
        return last


def log_of(settings: Settings) -> Log:
    """The commune's log."""
    return Log(settings.folder / FOLDER)


def read(folder: Path) -> Reading:
    """Every line of the log with its chain checked; a half-written last line is none (a power cut)."""
    found = Reading()
    paths = sorted(folder.glob("*.jsonl"))
    for path in paths:
        *lines, rest = path.read_bytes().split(b"\n")
        if path.name != f"{found.head.n + 1:08}.jsonl":
            found.problems.append(_problem("audit-missing", path, found.head.n + 1))
        for number, line in enumerate(lines, start=1):
            _take(found, line, path, number)
        found.last, found.whole = path, sum(len(line) + 1 for line in lines)
        if rest:
            torn = path is paths[-1]
            found.problems.append(_problem("audit-torn" if torn else "audit-line", path, len(lines) + 1, torn=torn))
    return found


def _take(found: Reading, line: bytes, path: Path, number: int) -> None:
    """One line: it names the hash of the one before, and counts on."""
    try:
        entry = _entry(line)
    except BadFormat:
        found.problems.append(_problem("audit-line", path, number))
        found.head = Head(found.head.n + 1, sha256(line))
        return
    if entry.n != found.head.n + 1:
        found.problems.append(_problem("audit-missing", path, number))
    elif entry.prev != found.head.sha256:
        found.problems.append(_problem("audit-chain", path, number))
    found.entries.append(entry)
    found.head = Head(entry.n, entry.sha256)


def _entry(data: bytes) -> Entry:
    """Raises `BadFormat`."""
    fields = parse(data, limit=MAX_LINE)
    known = ("v", "n", "prev", "at", "what")
    facts = {name: value for name, value in fields.raw.items() if name not in known}
    return Entry(
        fields.integer("n", least=1), fields.sha("prev"), fields.when("at"), fields.text("what", most=40), facts, data
    )


def _problem(code: str, path: Path, line: int, *, torn: bool = False) -> Problem:
    return Problem(code, f"{FOLDER}/{path.name}", line, severity="warning" if torn else "error")


# ── what is asked of it ──────────────────────────────────────────────────────────────────────────


def seen(settings: Settings, people: People) -> dict[str, datetime] | None:
    """When the office first saw each record that counted then.

    None where that is nobody's question: no key was stolen, or this machine keeps no log (an officer's own).
    """
    if not (settings.folder / FOLDER).is_dir() or not any(person.void_from for person in people.people):
        return None
    found: dict[str, datetime] = {}
    for entry in log_of(settings).entries:
        if entry.what == RECORD:
            found.setdefault(str(entry.facts.get("record")), entry.at)
    return found


def signed_head(folder: Path, keys: Iterable[PublicKey]) -> Head | None:
    """The head that one of these keys has signed, or None."""
    try:
        sealed = Sealed.read((folder / HEAD).read_bytes(), HEAD_TYPE)
        head = Head.read(parse(sealed.payload, limit=MAX_LINE))
    except (OSError, BadFormat):
        return None
    return head if any(sealed.signed_by(key) for key in keys) else None


def misses(reading: Reading, head: Head) -> bool:
    """Whether a line that somebody signed for is not here, or another one stands in its place."""
    return not any(entry.n == head.n and entry.sha256 == head.sha256 for entry in reversed(reading.entries))


def between(entries: Iterable[Entry], since: datetime | None, until: datetime | None) -> Iterator[Entry]:
    """Those from `since` until before `until`."""
    for entry in entries:
        if (since is None or entry.at >= since) and (until is None or entry.at < until):
            yield entry
