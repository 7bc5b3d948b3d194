"""One statement and the records that stand by it, in one text: all that a board needs to judge it.

A manifest names the dossier of each notice by its SHA-256 alone, so one hash is all that a notice costs a board
that has it already; the emergency list carries its dossiers within. Whoever changes a letter of it, or leaves a
record out, has made another file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .wire import Fields, canonical, parse, sha256

MAX_RECORDS = 8  # records of one statement
MAX_WORDS = 64 * 1024  # characters of the statement; its bytes are limited like any statement's
MAX_ENVELOPE = 8 * 1024  # characters of a record, in its envelope; all of them ASCII, so bytes too
MAX_DOSSIER = 192 * 1024  # bytes: of a statement that is all quotation marks, and of 8 records
FOLDER = "dossiers"


def file_name(digest: str) -> str:
    """Where a dossier of this SHA-256 lies below `board/`."""
    return f"{FOLDER}/{digest}.json"


@dataclass(frozen=True)
class Dossier:
    """A statement's bytes, and its records' bytes: those that approve it, or that take it back."""

    statement: bytes
    records: tuple[bytes, ...]

    def as_json(self) -> dict[str, Any]:
        return {"statement": self.statement.decode(), "records": [record.decode() for record in self.records]}

    def to_bytes(self) -> bytes:
        return canonical({"v": 1, **self.as_json()})

    @cached_property
    def sha256(self) -> str:
        """Its name in a publication."""
        return sha256(self.to_bytes())

    @classmethod
    def read(cls, data: bytes) -> Dossier:
        """Raises `BadFormat`; what statement and records are worth is not looked at."""
        return cls.within(parse(data, limit=MAX_DOSSIER))

    @classmethod
    def within(cls, fields: Fields) -> Dossier:
        """One that stands inside another file; raises `BadFormat`."""
        where = f"{fields.at('records')}[]"
        records = (Fields({"r": v}, where) for v in fields.array("records", most=MAX_RECORDS))
        return cls(
            fields.text("statement", most=MAX_WORDS).encode(),
            tuple(r.text("r", most=MAX_ENVELOPE).encode() for r in records),
        )
