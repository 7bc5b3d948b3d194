"""May this statement be shown? Pure: statement, records and people in, an answer out.

A statement is approved by two records of different persons with different keys, one an author's
`submit`, one an approver's `approve`, each valid when it was signed. For class `khẩn cấp` one duty
record is enough, for at most 24 h; one without an alert is a template, prepared for months and
approved like any long notice. The office asks this for the site, every board asks it again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ..keys import PublicKey, Sealed
from ..notice.vocabulary import EMERGENCY
from .people import People
from .record import Record
from .statement import Statement

LONGEST_EMERGENCY = timedelta(hours=24)
LONGEST_PREPARED = timedelta(days=2 * 366)  # of a template
SIGNATURES_KEPT = 1024  # whose verification is remembered; records have some 1 kB each
MAY_REMOVE = ("author", "approver", "duty")  # to take something down, one person is enough


@dataclass(frozen=True)
class Approval:
    """The records that allow a statement to be shown, and the moment the last of them was signed."""

    records: tuple[Record, ...]
    at: datetime


def effective(record: Record, statement: str, people: People) -> PublicKey | None:
    """The key that counts for this record on this statement, or None when the record is worth nothing."""
    person = people.get(record.person)
    if record.statement != statement or person is None or record.role not in person.roles:
        return None
    if person.void_from is not None and record.at >= person.void_from:
        return None
    for known in person.keys:
        if known.since <= record.at <= known.until and _signed(record.sealed, known.key):
            return known.key
    return None


@lru_cache(maxsize=SIGNATURES_KEPT)
def _signed(sealed: Sealed, key: PublicKey) -> bool:
    """The answer depends on these bytes alone; a board asks it of every notice whenever one is new."""
    return sealed.signed_by(key)


def approval(statement: Statement, records: Iterable[Record], people: People) -> Approval | str:
    """The approval of `statement`, or the code of why there is none."""
    sha = statement.sha256
    every = [(r, key) for r in records if (key := effective(r, sha, people))]
    signed = [(r, key) for r, key in every if _theirs(r, statement, people)]
    if statement.klass == EMERGENCY:
        longest = LONGEST_EMERGENCY if statement.alert is not None else LONGEST_PREPARED
        if statement.end - statement.start > longest:
            return "emergency-too-long"
    if statement.is_emergency:
        duty = [r for r, _ in signed if r.act == "approve" and r.role == "duty"]
        if duty:
            first = min(duty, key=lambda r: r.at)
            return Approval((first,), first.at)
    # Who is marked stolen comes last: a board that had not seen their records before counts them no more.
    authors = [(r, k) for r, k in signed if r.act == "submit" and r.role == "author"]
    authors.sort(key=lambda pair: stolen(pair[0].person, people))
    approvers = [(r, k) for r, k in signed if r.act == "approve" and r.role == "approver"]
    approvers.sort(key=lambda pair: (stolen(pair[0].person, people), pair[0].at))
    if not authors:
        return "no-author"
    for submit, author_key in authors:
        for approve, approver_key in approvers:
            if submit.person != approve.person and author_key != approver_key:
                return Approval((submit, approve), max(submit.at, approve.at))
    return "no-other-person" if approvers else "no-approver"


def _theirs(record: Record, statement: Statement, people: People) -> bool:
    person = people.get(record.person)
    return person is not None and person.may_sign(statement.klass)


def stolen(person: str, people: People) -> bool:
    """Whether this person's key is known to be in a thief's hands (`void_from`)."""
    known = people.get(person)
    return known is not None and known.void_from is not None


def withdrawal(statement: str, records: Iterable[Record], people: People) -> Record | None:
    """The record that takes the statement back for good, or None."""
    taken = [
        r for r in records
        if r.act == "withdraw" and r.role in MAY_REMOVE and effective(r, statement, people)
    ]  # fmt: skip
    return min(taken, key=lambda r: r.at, default=None)
