"""The review book: statements, records and the signed files, beside the content.

`content/so-duyet/` travels with the notices, through git or a shared folder:

    statements/<sha256>.json                     what was signed
    records/<statement>.<person>.<act>.<moment>.json    who signed it
    files/<sha256>.<ending>                      canonical texts, pictures, attachments, slides
    notes/<statement>.<person>.<moment>.txt      why an approver sent it back: words, signed by nobody

Nothing here is trusted for where it lies: a statement counts by its hash, a record by its
signature, a file by the hash that a statement names. What does not fit is reported and left out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from .. import durable
from ..errors import BangtinError, Problem, Refused
from ..notice import Notice, SourceFile, parse
from ..notice.canonical import digest
from ..notice.files import ATTACHMENT_TYPES, FILM_ENDINGS
from ..review import Record, Statement
from ..review.statement import MAX_WORDS
from ..wire import sha256, when
from .standing import Note

MAX_RECORD_FILES = 200_000  # records in one book
MAX_NOTE = 500  # characters of a note
_NOTE = re.compile(r"([0-9a-f]{64})\.([a-z0-9-]{1,64})\.(\d{8}T\d{6}Z)")
_MOMENT = "%Y%m%dT%H%M%SZ"


class Book:
    """The review book in one folder."""

    def __init__(self, folder: Path, commune: str | None = None) -> None:
        """`commune`: whose statements count; a province's people sign for many, with the same keys."""
        self.folder, self._commune = folder, commune
        self.problems: list[Problem] = []

    # ── writing ──────────────────────────────────────────────────────────────────────────────────

    def put_file(self, data: bytes, ending: str) -> str:
        """Keep these bytes; the name under which they lie."""
        name = f"{sha256(data)}.{ending}"
        durable.write_if_changed(self.folder / "files" / name, data)
        return name

    def put_statement(self, statement: Statement) -> None:
        durable.write_if_changed(self.folder / "statements" / f"{statement.sha256}.json", statement.to_bytes())

    def put_record(self, record: Record) -> None:
        durable.write_if_changed(self.folder / "records" / record.file_name, record.sealed.data)

    def put_note(self, statement: str, note: Note) -> None:
        name = f"{statement}.{note.person}.{note.at.astimezone(UTC):{_MOMENT}}.txt"
        durable.write(self.folder / "notes" / name, note.words[:MAX_NOTE].encode())

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    def statements(self, sha: str = "*") -> dict[str, Statement]:
        """Every statement (or this one) that is what its name says."""
        return self._read_statements(self._listed("statements", f"{sha}.json"))

    def _read_statements(self, paths: Iterable[Path]) -> dict[str, Statement]:
        found: dict[str, Statement] = {}
        for path in paths:
            data = path.read_bytes()
            try:
                statement = Statement.read(data)
                if statement.sha256 != path.stem:
                    raise Refused("book-name")
                if self._commune not in (None, statement.commune):
                    raise Refused("other-commune")
                found[path.stem] = statement
            except BangtinError as error:
                self._damaged(path, error)
        return found

    def records(self, statement: str = "*") -> dict[str, list[Record]]:
        """Every readable record (of one statement) by statement; signatures are for `review` to judge."""
        return self._read_records(self._listed("records", "*.json" if statement == "*" else f"{statement}.*.json"))

    def records_of(self, statements: Container[str], folder_name: str = "records") -> dict[str, list[Record]]:
        """The same of these statements alone: one look at the names, and no file of others is opened."""
        folder = self.folder / folder_name
        names = os.listdir(folder) if folder.is_dir() else []  # noqa: PTH208 - of 20,000 names not a path for each
        ours = (folder / name for name in sorted(names) if name.endswith(".json") and name[:64] in statements)
        return self._read_records(path for path in ours if path.is_file() and not path.is_symlink())

    def _read_records(self, paths: Iterable[Path]) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for path in paths:
            try:
                record = Record.read(path.read_bytes())
                if record.file_name != path.name:
                    raise Refused("book-name")
                found.setdefault(record.statement, []).append(record)
            except BangtinError as error:
                self._damaged(path, error)
        return found

    def notes(self) -> dict[str, Note]:
        """The newest note of each statement; what is no note is left out."""
        found: dict[str, Note] = {}
        for path in self._listed("notes", "*.txt"):
            match = _NOTE.fullmatch(path.stem)
            if match is None or path.stat().st_size > 4 * MAX_NOTE:
                continue
            try:
                at, words = datetime.strptime(match[3], _MOMENT), path.read_text("utf-8")
            except ValueError:
                continue
            note = Note(match[2], at.replace(tzinfo=UTC), " ".join(words.split())[:MAX_NOTE])
            old = found.get(match[1])
            if note.words and (old is None or note.at > old.at):
                found[match[1]] = note
        return found

    def file(self, digest: str, ending: str) -> Path:
        """The signed file with this hash; raises `Refused` (`book-file`) when it is missing or changed."""
        path = self.folder / "files" / f"{digest}.{ending}"
        if not path.is_file() or path.is_symlink() or durable.sha256_of(path) != digest:
            raise Refused("book-file", file=path.name)
        return path

    def slides(self, statement: Statement) -> Iterator[Path]:
        """The files that boards fetch for a statement, slides and films, each once; raises `Refused` (`book-file`)."""
        for name in statement.names():
            digest, _, kind = name.partition(".")
            yield self.file(digest, kind)

    def notice(self, statement: Statement) -> Notice:
        """The notice in the words that were signed; raises `Refused` (`book-file`, `book-text`)."""
        text = self.file(statement.text, "md").read_bytes()
        try:
            notice = parse(statement.notice, text, statement.files)
        except ValueError as error:
            raise Refused("book-text", notice=statement.notice) from error
        if digest(text, statement.files) != statement.digest or not _says(statement, notice):
            raise Refused("book-text", notice=statement.notice)
        return notice

    def sources(self, statement: Statement) -> dict[str, Path]:
        """Pictures and attachments by the name that the notice gives them."""
        return {file.name: self.file(file.sha256, ending(file)) for file in statement.files}

    def _listed(self, folder: str, pattern: str = "*.json") -> list[Path]:
        paths = sorted((self.folder / folder).glob(pattern))
        if len(paths) > MAX_RECORD_FILES:
            raise Refused("book-full", folder=folder, most=MAX_RECORD_FILES)
        return [p for p in paths if p.is_file() and not p.is_symlink() and not durable.is_temporary(p.name)]

    def _damaged(self, path: Path, error: BangtinError) -> None:
        shown = path.relative_to(self.folder.parent).as_posix()
        self.problems.append(Problem("book-damaged", shown, severity="warning", values={"why": error.told("en")}))


def told_alert(notice: Notice) -> dict[str, object] | None:
    """What the statement of an emergency says of it, but for the template's own statement."""
    if (alert := notice.alert) is None:
        return None
    words = notice.board_summary or notice.body
    told: dict[str, object] = {
        "level": alert.level, "source": alert.source, "bulletin_time": when(alert.bulletin_time),
        "words": " ".join(words.split())[:MAX_WORDS],
    }  # fmt: skip
    return {**told, "drill": True} if alert.drill else told


def _says(statement: Statement, notice: Notice) -> bool:
    """Whether all that boards go by is in the text that an approver reads, and no page with a script is attached."""
    alert, named = statement.alert, bool(notice.alert and notice.alert.prepared_as)
    plain = {name: value for name, value in alert.items() if name != "template"} if alert else None
    told = (statement.kind, statement.klass, statement.title, statement.boards, statement.start, statement.end, plain)
    read = (notice.kind, notice.klass, notice.title, notice.boards, notice.start, notice.end, told_alert(notice))
    names = [file.name.lower().endswith((*ATTACHMENT_TYPES, *FILM_ENDINGS)) for file in statement.files]
    return told == read and named == bool(alert and "template" in alert) and all(names)


def ending(file: SourceFile) -> str:
    """The ending under which a source file is kept."""
    return file.name.rpartition(".")[2].lower()
