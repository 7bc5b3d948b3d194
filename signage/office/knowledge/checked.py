"""The review book's files, each read or hashed once; and the gist that is kept of a statement."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import BangtinError, Problem, Refused
from ...notice import Notice
from ...review import Record, Statement
from ..book import MAX_RECORD_FILES, Book, ending
from ..manifests import Shown
from ..standing import Brief, Standing
from .glance import Folder
from .memory import Row

STATEMENT, RECORD, FILE = "statement", "record", "file"  # kinds of files, in folders of these names
KINDS = {STATEMENT: ".json", RECORD: ".json", FILE: ""}  # and how their names end
_SHA = 64  # letters of a SHA-256, with which a record's name begins


def whole(book: Book, standing: Standing) -> Shown:
    """What is in force, with the words that were signed; raises `Refused` when a file of it is missing or changed."""
    notice = book.notice(standing.statement)
    book.sources(standing.statement)
    if not standing.withdrawn:
        for _ in book.slides(standing.statement):
            pass
    return Shown(standing, notice)


class Gist(NamedTuple):
    """What is kept of one statement; moments in seconds since 1970."""

    brief: Brief
    start: int
    end: int
    hidden: bool
    emergency: bool
    reason: str  # of its withdrawal
    files: tuple[str, ...]  # its text, pictures and attachments, by their names in the book
    slides: tuple[str, ...]
    # Of what is in force alone:
    url: str = ""  # of its page
    prepared: bool = False
    fault: tuple[str, dict[str, Any]] | None = None  # why it is left out: code, values

    @classmethod
    def made(cls, standing: Standing) -> Gist:
        statement = standing.statement
        files = [f"{statement.text}.md", *(f"{file.sha256}.{ending(file)}" for file in statement.files)]
        return cls(
            standing.brief, int(statement.start.timestamp()), int(statement.end.timestamp()), standing.hidden,
            statement.is_emergency, standing.withdrawn.reason if standing.withdrawn else "",
            tuple(files), tuple(statement.names()),
        )  # fmt: skip

    @classmethod
    def of(cls, sha: str, told: list[Any]) -> Gist:
        """The inverse of `told`."""
        brief, start, end, hidden, emergency, reason, files, slides, url, prepared, fault = told
        return cls(
            Brief(sha, *brief), start, end, hidden, emergency, reason, tuple(files), tuple(slides), url, prepared,
            (fault[0], fault[1]) if fault else None,
        )  # fmt: skip

    @property
    def told(self) -> list[Any]:
        """For JSON."""
        return [self.brief[1:], *self[1:]]

    @property
    def needed(self) -> tuple[str, ...]:
        """The files without which it is left out."""
        return self.files if self.brief.withdrawn is not None else self.files + self.slides

    @property
    def gone(self) -> bool:
        """Whether it is off the boards for good, or for now."""
        return self.hidden or self.brief.withdrawn is not None

    @property
    def problem(self) -> Problem | None:
        """Why it is left out."""
        if self.fault is None:
            return None
        code, values = self.fault
        return Problem(code, f"{self.brief.notice}.md", values={"notice": self.brief.notice, **values})

    @property
    def is_unchecked(self) -> bool:
        """Whether nobody knows of its files; of what is in force."""
        return not self.url and self.fault is None

    def unchecked(self) -> Gist:
        return self._replace(fault=None, url="", prepared=False)

    def faulty(self, error: Refused) -> Gist:
        return self._replace(fault=(error.code, dict(error.values)), url="", prepared=False)

    def sound(self, notice: Notice) -> Gist:
        return self._replace(fault=None, url=notice.url, prepared=notice.prepared)


class Looked(NamedTuple):
    """What a look at the book found to be other than before."""

    statements: set[str]  # whose own file or a record came, went or changed
    files: set[str]


class CheckedBook(Book):
    """A book that is looked at again and again: its files are hashed once, and again when they change."""

    def __init__(self, folder: Path, commune: str, rows: Mapping[str, list[Row]]) -> None:
        """`rows`: what is remembered of each kind of file (`row`)."""
        super().__init__(folder, commune)
        known = {kind: [(name, of) for name, of, _ in rows[kind]] for kind in KINDS}
        self._folders = {kind: Folder(folder / f"{kind}s", KINDS[kind], known[kind]) for kind in KINDS}
        self._sound = {
            name: told == "1" for name, _, told in rows[FILE] if told
        }  # whether a file is what its name says
        self._signed = {sha: set(names) for sha, names in groupby((row[0] for row in rows[RECORD]), _statement_of)}
        self._why: dict[tuple[str, str], str] = {}  # what is damaged, by kind and name
        for kind in (STATEMENT, RECORD):
            self._why |= {(kind, name): told[1:] for name, _, told in rows[kind] if told.startswith("!")}
        self.dirty: dict[str, set[str]] = {kind: set() for kind in KINDS}  # names of each kind, to be remembered anew

    def look(self, *, thorough: bool) -> Looked:
        """See what changed since the last look. Raises `Refused` (`book-full`)."""
        found = {kind: folder.look(thorough=thorough) for kind, folder in self._folders.items()}
        for kind, change in found.items():
            self.dirty[kind] |= change.names
            for name in change.gone:
                self._why.pop((kind, name), None)
        for name in found[RECORD].changed:
            self._signed.setdefault(_statement_of(name), set()).add(name)
        for name in found[RECORD].gone:
            self._signed.get(_statement_of(name), set()).discard(name)
        for name in found[FILE].names:
            self._sound.pop(name, None)
        for kind in (STATEMENT, RECORD):
            if len(self._folders[kind].files) > MAX_RECORD_FILES:
                raise Refused("book-full", folder=f"{kind}s", most=MAX_RECORD_FILES)
        touched = {name.removesuffix(".json") for name in found[STATEMENT].names}
        return Looked(touched | set(map(_statement_of, found[RECORD].names)), found[FILE].names)

    @property
    def listed(self) -> set[str]:
        """Every statement of which there is a file or a record."""
        return {name.removesuffix(".json") for name in self._folders[STATEMENT].files} | self._signed.keys()

    def signed_by(self, persons: Container[str]) -> set[str]:
        """The statements of which there is a record by one of these, as far as its name says."""
        names = (name for name in self._folders[RECORD].files if name[_SHA + 1 :].partition(".")[0] in persons)
        return set(map(_statement_of, names))

    def row(self, kind: str, name: str, told: str = "") -> Row | None:
        """What is remembered of a file: `told`, or what is wrong with it; None for one that is gone."""
        identity = self._folders[kind].files.get(name)
        if identity is None:
            return None
        if kind == FILE:
            told = {True: "1", False: "0", None: ""}[self._sound.get(name)]
        why = self._why.get((kind, name))
        if kind == STATEMENT and why is None and not told:  # it changed since the look
            return None
        return name, identity, f"!{why}" if why is not None else told

    def damages(self) -> list[Problem]:
        """Statements and records that are not what their names say."""
        order = sorted(self._why.items(), key=lambda one: (one[0][0] != STATEMENT, one[0]))
        told = ((f"{self.folder.name}/{kind}s/{name}", why) for (kind, name), why in order)
        return [Problem("book-damaged", file, severity="warning", values={"why": why}) for file, why in told]

    def file(self, digest: str, ending: str) -> Path:
        name = f"{digest}.{ending}"
        if name in self._folders[FILE].files and name not in self._sound:
            self.dirty[FILE].add(name)
            try:
                super().file(digest, ending)
                self._sound[name] = True
            except Refused:
                self._sound[name] = False
        if not self._sound.get(name):
            raise Refused("book-file", file=name)
        return self.folder / "files" / name

    def statements(self, sha: str = "*") -> dict[str, Statement]:
        if sha == "*":
            return super().statements()
        self._why.pop((STATEMENT, f"{sha}.json"), None)
        return self._read_statements(self._plain(STATEMENT, [f"{sha}.json"]))

    def records(self, statement: str = "*") -> dict[str, list[Record]]:
        if statement == "*":
            return super().records()
        names = sorted(self._signed.get(statement, ()))
        for name in names:
            self._why.pop((RECORD, name), None)
        return self._read_records(self._plain(RECORD, names))

    def _plain(self, kind: str, names: Iterable[str]) -> list[Path]:
        paths = (self.folder / f"{kind}s" / name for name in names if name in self._folders[kind].files)
        return [path for path in paths if path.is_file() and not path.is_symlink()]

    def _damaged(self, path: Path, error: BangtinError) -> None:
        self._why[path.parent.name.removesuffix("s"), path.name] = error.told("en")


def _statement_of(record: str) -> str:
    return record[:_SHA]
