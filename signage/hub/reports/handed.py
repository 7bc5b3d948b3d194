"""What people fill in by hand and hand in: checked whole, kept in the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from ...errors import BadInput, Problem
from ...lettering import control_characters, nfc
from ..store import tables as t
from ..store.engine import to_ms
from . import cells
from .pack import Field, Pack

PERIODIC = "dinh-ky"  # the one kind of report that is handed in
_GROUPING = (" ", ".", "\u00a0", "\u202f")  # between thousands, as people type them


@dataclass(frozen=True)
class Submission:
    """A report that was handed in."""

    commune: str
    period: str
    at: int  # ms
    sha: str  # of the report as it was
    who: str


def read_fields(typed: Mapping[str, str], pack: Pack) -> dict[str, str]:
    """What was typed, as it is kept: numbers as digits, texts NFC; empty ones are left out.

    Raises `BadInput` with every problem (`field-number`, `field-most`, `field-within`, `field-text`).
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for field in pack.fields:
        text = nfc(typed.get(field.ident, "")).strip()
        if not text:
            continue
        try:
            found[field.ident] = _text(field, text) if field.kind == "text" else str(_number(field, text))
        except BadInput as error:
            problems += error.problems
    for field in pack.fields:
        whole = found.get(field.within)
        if whole is not None and field.ident in found and int(found[field.ident]) > int(whole):
            names = {f.ident: f.name for f in pack.fields}
            values = {"value": found[field.ident], "most": whole, "of": names[field.within]}
            problems.append(Problem("field-within", "", field=field.name, values=values))
    if problems:
        raise BadInput(problems)
    return found


def _number(field: Field, text: str) -> int:
    digits = text
    for mark in _GROUPING:
        digits = digits.replace(mark, "")
    if not (digits.isascii() and digits.isdecimal()):
        raise BadInput([Problem("field-number", "", field=field.name, values={"value": text[:40]})])
    if len(digits) > len(str(field.most)) or int(digits) > field.most:
        values = {"value": text[:40], "most": cells.said(cells.COUNT, field.most)}
        raise BadInput([Problem("field-most", "", field=field.name, values=values)])
    return int(digits)


def _text(field: Field, text: str) -> str:
    text = text.replace("\r\n", "\n")
    if len(text) > field.most or control_characters(text):
        values = {"most": field.most, "count": len(text)}
        raise BadInput([Problem("field-text", "", field=field.name, values=values)])
    return text


def keep_fields(
    connection: Connection, commune: str, period: str, values: Mapping[str, str], account: int | None, now: datetime
) -> list[str]:
    """Replace what was filled in; the fields that changed."""
    f = t.report_field.c
    which = (f.commune == commune) & (f.period == period)
    before = {r.field: r.value for r in connection.execute(select(f.field, f.value).where(which))}
    changed = sorted(k for k in before.keys() | values.keys() if before.get(k) != values.get(k))
    for name in changed:
        connection.execute(delete(t.report_field).where(which, f.field == name))
        if name in values:
            row = {"commune": commune, "period": period, "field": name, "value": values[name]}
            connection.execute(insert(t.report_field), row | {"account": account, "at": to_ms(now)})
    return changed


def hand_in(
    connection: Connection, commune: str, period: str, sha: str, account: int | None, now: datetime
) -> None:  # fmt: skip
    """This report is handed in; an earlier one of the period is replaced."""
    s = t.submission.c
    connection.execute(
        delete(t.submission).where(s.commune == commune, s.period == period, s.kind == PERIODIC)
    )  # fmt: skip
    row = {"commune": commune, "period": period, "kind": PERIODIC, "at": to_ms(now), "account": account, "sha": sha}
    connection.execute(insert(t.submission), row)


def handed_in(connection: Connection, commune: str) -> dict[str, Submission]:
    """What a commune has handed in, by period."""
    return {one.period: one for one in _submissions(connection, t.submission.c.commune == commune)}


def handed_of(connection: Connection, period: str) -> dict[str, Submission]:
    """What was handed in for a period, by commune."""
    return {one.commune: one for one in _submissions(connection, t.submission.c.period == period)}


def by_all(connection: Connection, communes: Sequence[str] = ()) -> list[str]:
    """Periods that each of these communes that has a board has handed in; of none named, each of all."""
    s, b = t.submission.c, t.board.c
    asked = select(b.commune).distinct()
    whose = list(connection.execute(asked.where(b.commune.in_(communes)) if communes else asked).scalars())
    periods = select(s.period).where(s.kind == PERIODIC, s.commune.in_(whose)).group_by(s.period)
    return list(connection.execute(periods.having(func.count(s.commune.distinct()) == len(whose))).scalars())


def _submissions(connection: Connection, which: object) -> Iterable[Submission]:
    s = t.submission.c
    asked = select(s.commune, s.period, s.at, s.sha, t.account.c.full_name)
    asked = asked.outerjoin(t.account, t.account.c.id == s.account).where(which, s.kind == PERIODIC)  # type: ignore[arg-type]
    for row in connection.execute(asked.order_by(s.commune, s.period)):
        yield Submission(row.commune, row.period, row.at, row.sha, row.full_name or "")
