"""A record: one person's act on one statement, in a DSSE envelope with that person's signature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..keys import RECORD_TYPE, Sealed, SigningKey
from ..wire import BadFormat, canonical, parse, sha256, when

MAX_RECORD = 4096  # bytes of a record's payload
ACTS = ("submit", "approve", "withdraw", "hide", "show")
ROLES = ("author", "approver", "duty", "operator", "auditor")


@dataclass(frozen=True)
class Record:
    """What an envelope says; who really signed it is for `judgement` to find out."""

    act: str
    statement: str
    person: str
    role: str
    at: datetime
    reason: str
    sealed: Sealed

    @property
    def sha256(self) -> str:
        """Its name in a publication."""
        return sha256(self.sealed.data)

    @property
    def file_name(self) -> str:
        """Its name beside the content: `<statement>.<person>.<act>.<moment>.json`.

        The moment is part of it: who hides, shows and hides again has signed three records, and a
        person with a new key signs once more what the old key had signed.
        """
        moment = when(self.at).translate({ord("-"): None, ord(":"): None})
        return f"{self.statement}.{self.person}.{self.act}.{moment}.json"

    @classmethod
    def read(cls, data: bytes) -> Record:
        """Raises `BadFormat`, also when a good envelope was written anew: with spaces, more fields, in UTF-16."""
        sealed = Sealed.read(data, RECORD_TYPE)
        if not sealed.is_plain:
            raise BadFormat("$", "not the canonical form of an envelope")
        fields = parse(sealed.payload, limit=MAX_RECORD)
        return cls(
            fields.choice("act", ACTS), fields.sha("statement"), fields.name("person"),
            fields.choice("role", ROLES), fields.when("at"), fields.text("reason", most=500), sealed,
        )  # fmt: skip


def sign(
    key: SigningKey, *, act: str, statement: str, person: str, role: str, at: datetime, reason: str = ""
) -> Record:
    """A new record, signed."""
    payload: dict[str, Any] = {"v": 1, "act": act, "statement": statement, "person": person, "role": role}
    data = key.seal(canonical({**payload, "at": when(at), "reason": reason}), RECORD_TYPE)
    return Record.read(data)
