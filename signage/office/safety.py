"""The safe slide on all boards, by any one responsible person: records on the repository instead of a statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..errors import Refused
from ..review import Record, effective, sign
from .desk import Desk, Signatory
from .standing import is_hidden


def asked(desk: Desk, repository: str) -> bool:
    """Whether it is on: somebody's `hide` of the repository, and no approver's `show` after it."""
    records = desk.book.records(repository).get(repository, [])
    return is_hidden([r for r in records if effective(r, repository, desk.people)])


def moment(records: Iterable[Record], act: str, now: datetime) -> datetime:
    """When to sign `hide` or `show` so that it comes after what was signed before, by a clock that may be ahead."""
    before = [r.at for r in records if r.act == ("show" if act == "hide" else "hide")]
    after = timedelta(seconds=1 if act == "show" else 0)  # of one second hiding counts
    return max([now, *(at + after for at in before)])


def ask(desk: Desk, repository: str, act: str, who: Signatory, now: datetime, reason: str) -> Record:
    """`hide` puts it on all boards with the next publication, `show` ends it; raises `Refused` (`may-not-sign`)."""
    now = moment(desk.book.records(repository).get(repository, []), act, now)
    record = sign(who.key, act=act, statement=repository, person=who.person, role=who.role, at=now, reason=reason)
    if effective(record, repository, desk.people) is None:
        raise Refused("may-not-sign", person=who.person, role=who.role, act=act)
    desk.book.put_record(record)
    return record
