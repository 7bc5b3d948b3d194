"""The safe slide on all boards, by any one responsible person: records on the repository instead of a statement."""

from __future__ import annotations

from datetime import datetime

from ..errors import Refused
from ..review import Record, effective, sign
from .desk import Desk, Signatory
from .standing import is_hidden


def asked(desk: Desk, repository: str) -> bool:
    """Whether it is on: somebody's `hide` of the repository, and no approver's `show` after it."""
    records = desk.book.records(repository).get(repository, [])
    return is_hidden([r for r in records if effective(r, repository, desk.people)])


def ask(desk: Desk, repository: str, act: str, who: Signatory, now: datetime, reason: str) -> Record:
    """`hide` puts it on all boards with the next publication, `show` ends it; raises `Refused` (`may-not-sign`)."""
    record = sign(who.key, act=act, statement=repository, person=who.person, role=who.role, at=now, reason=reason)
    if effective(record, repository, desk.people) is None:
        raise Refused("may-not-sign", person=who.person, role=who.role, act=act)
    desk.book.put_record(record)
    return record
