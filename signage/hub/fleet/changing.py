"""Read the fleet's settings from the store, change them as a plan says, take boards out of use and back."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ...errors import BadInput, Refused
from ...wire import canonical
from .. import newest, roster
from ..people import audit
from ..people.audit import Actor
from ..store import tables as t
from ..store.engine import to_ms
from . import codes, plan
from .file import BoardSetting, FleetFile, GroupSetting
from .plan import Change

MUTE = "mute"
MICRO = 1_000_000  # of a degree
MAX_TOLD = 20  # boards of a group that the audit names
_ROW = audit.MAX_DETAIL - 500  # bytes of changes that one row of the audit tells; more go into a second one
_OF_ROW = {"name", "site", "hamlet", "shape", "metered"}  # columns of the board's row, as they are


def settings(connection: Connection, communes: Iterable[str] | None = None) -> FleetFile:
    """What the store says, all of it or of these communes."""
    muted_boards, muted_groups = _muted(connection)
    b = t.board.c
    asked = select(t.board).order_by(b.commune, b.code)
    if communes is not None:
        asked = asked.where(b.commune.in_(sorted(communes)))
    rows = connection.execute(asked).all()
    boards = [
        BoardSetting(
            r.commune, r.code, r.name, r.site, r.hamlet, r.shape, bool(r.metered), r.retired is not None,
            _degrees(r.latitude), _degrees(r.longitude), muted_boards.get(r.id) or None,
        )
        for r in rows
    ]  # fmt: skip
    keys = {r.id: f"{r.commune}/{r.code}" for r in rows}
    members: dict[int, list[str]] = defaultdict(list)
    for group, board in connection.execute(select(t.group_board.c.group_id, t.group_board.c.board)):
        if board in keys:
            members[group].append(keys[board])
    g = t.fleet_group.c
    groups = [
        GroupSetting(r.commune, r.name, tuple(sorted(members[r.id])), muted_groups.get(r.id, ()))
        for r in connection.execute(select(g.id, g.commune, g.name).order_by(g.commune, g.name))
        if communes is None or r.commune in set(communes)
    ]
    return FleetFile(tuple(boards), tuple(groups))


def apply(connection: Connection, wanted: FleetFile, file: str, by: Actor, now: datetime) -> list[Change]:
    """Make it so, in one transaction; what was changed. Raises `BadInput` (`fleet-board-unknown`)."""
    there = settings(connection)
    if problems := plan.problems(there, wanted, file):
        raise BadInput(problems)
    changes = plan.changes(there, wanted)
    if not changes:
        return []
    b = t.board.c
    numbers = {f"{r.commune}/{r.code}": r.id for r in connection.execute(select(b.id, b.commune, b.code))}
    of_boards = [change for change in changes if change.what == "board"]
    roster.hold(connection, {numbers[change.key] for change in of_boards})
    for change in changes:
        if change.what == "board":
            _board(connection, numbers[change.key], change, now)
        else:
            _group(connection, change, numbers, now)
    newest.settle(connection, {c.key.split("/")[0] for c in of_boards if c.field == "retired"}, to_ms(now))
    for commune, told in _told(changes):
        audit.record(connection, by, "board.settings", file, now, commune=commune, set=told)
    return changes


def _told(changes: Iterable[Change]) -> list[tuple[str, list[list[str]]]]:
    """What the audit says, by commune (empty: a group of the whole hub): key, field and new value of each change."""
    rows: list[tuple[str, list[list[str]]]] = []
    size = 0
    for change in sorted(changes, key=lambda one: one.key):
        commune = change.key.partition("/")[0].replace("*", "")
        told = [change.key, change.field, _plainly(change.now)]
        bytes_ = len(canonical(told)) + 1
        if not rows or rows[-1][0] != commune or size + bytes_ > _ROW:
            rows.append((commune, []))
            size = 0
        rows[-1][1].append(told)
        size += bytes_
    return rows


def _plainly(value: Any) -> str:
    """A new value on one line; `true` and `false` as the file has them."""
    if isinstance(value, tuple):
        return ", ".join(value[:MAX_TOLD]) + (f" … ({len(value)})" if len(value) > MAX_TOLD else "")
    return str(value).lower() if isinstance(value, bool) else str(value)


def retire(connection: Connection, commune: str, board: str, by: Actor, now: datetime, reason: str = "") -> None:
    """It hangs no more: not heard, not judged; its past is kept. Raises `Refused` (`board-not-there`)."""
    b = t.board.c
    there = (b.commune == commune) & (b.code == board)
    done = connection.execute(update(t.board).where(there, b.retired.is_(None)).values(retired=to_ms(now)))
    if not done.rowcount:
        raise Refused("board-not-there", board=board, commune=commune)
    codes.end(connection, commune, board)  # else a forgotten one would bring it back
    newest.settle(connection, [commune], to_ms(now))
    audit.record(connection, by, "board.retire", board, now, commune=commune, reason=reason)


def restore(connection: Connection, commune: str, board: str, by: Actor, now: datetime) -> None:
    """It hangs again, with the key that it had. Raises `Refused` (`board-not-there`)."""
    b = t.board.c
    there = (b.commune == commune) & (b.code == board) & b.retired.is_not(None)
    number = connection.execute(select(b.id).where(there)).scalar()
    if number is None:
        raise Refused("board-not-there", board=board, commune=commune)
    roster.in_use_again(connection, number, now)
    connection.execute(update(t.board).where(there).values(retired=None))
    newest.settle(connection, [commune], to_ms(now))
    audit.record(connection, by, "board.restore", board, now, commune=commune)


def muted(connection: Connection) -> dict[int, frozenset[str]]:
    """Reasons of each board about which nobody is told: its own, and its groups'."""
    boards, groups = _muted(connection)
    found: dict[int, set[str]] = {board: set(codes) for board, codes in boards.items()}
    if groups:
        g = t.group_board.c
        for group, board in connection.execute(select(g.group_id, g.board).where(g.group_id.in_(groups))):
            found.setdefault(board, set()).update(groups[group])
    return {board: frozenset(codes) for board, codes in found.items()}


def _muted(connection: Connection) -> tuple[dict[int, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    s = t.fleet_setting.c
    boards: dict[int, tuple[str, ...]] = {}
    groups: dict[int, tuple[str, ...]] = {}
    for r in connection.execute(select(s.board, s.group_id, s.value).where(s.name == MUTE)):
        codes = tuple(json.loads(r.value))
        if r.board is not None:
            boards[r.board] = codes
        else:
            groups[r.group_id] = codes
    return boards, groups


def _board(connection: Connection, number: int, change: Change, now: datetime) -> None:
    if change.field == MUTE:
        _set(connection, now, change.now, board=number)
        return
    value: dict[str, Any] = {change.field: change.now}
    if change.field == "retired":
        value = {"retired": to_ms(now) if change.now else None}
        if change.now:
            codes.end(connection, *change.key.split("/"))
        else:
            roster.in_use_again(connection, number, now)
    elif change.field in ("latitude", "longitude"):
        value = {change.field: round(change.now * MICRO)}
    else:
        assert change.field in _OF_ROW
    connection.execute(update(t.board).where(t.board.c.id == number).values(**value))


def _group(connection: Connection, change: Change, numbers: dict[str, int], now: datetime) -> None:
    commune, _, name = change.key.partition("/")
    g = t.fleet_group.c
    of = g.commune.is_(None) if commune == "*" else g.commune == commune
    ident = connection.execute(select(g.id).where(of, g.name == name)).scalar()
    if ident is None:
        told = {"commune": None if commune == "*" else commune, "name": name}
        ident = connection.execute(insert(t.fleet_group).returning(g.id), told).scalar_one()
    if change.field == MUTE:
        _set(connection, now, change.now, group_id=ident)
        return
    connection.execute(delete(t.group_board).where(t.group_board.c.group_id == ident))
    if change.now:
        connection.execute(insert(t.group_board), [{"group_id": ident, "board": numbers[key]} for key in change.now])


def _set(connection: Connection, now: datetime, codes: Sequence[str], **whose: int) -> None:
    ((column, number),) = whose.items()
    connection.execute(
        delete(t.fleet_setting).where(t.fleet_setting.c[column] == number, t.fleet_setting.c.name == MUTE)
    )  # fmt: skip
    if codes:
        told = {column: number, "name": MUTE, "value": json.dumps(list(codes)), "set_at": to_ms(now)}
        connection.execute(insert(t.fleet_setting), told)


def _degrees(micro: int | None) -> float | None:
    return None if micro is None else micro / MICRO
