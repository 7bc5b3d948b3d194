"""All boards that a person may see: how many are how, and one page of them, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select, true

from ...lettering import folded
from ..alarms import Contact, Content, Level, Screen
from ..store import tables as t
from ..watchman import hearing_since
from .axes import judged

BOARDS_A_PAGE = 40  # boards on one page of the overview
COMMUNES_TOLD = 12  # that have the most to look at
MAX_TEXT = 60  # characters of a search
Communes = frozenset[str] | None  # None: all of them


@dataclass(frozen=True)
class Filter:
    """Which boards; empty: all. `text` is looked for in name, place and code, however it is typed."""

    commune: str = ""
    hamlet: str = ""
    group: str = ""  # of the fleet's file
    level: int | None = None
    axis: str = ""  # contact | content | screen, and which:
    state: str = ""
    text: str = ""

    @property
    def empty(self) -> bool:
        return self == Filter()


@dataclass(frozen=True)
class Tally:
    """How many boards are in each state, axis by axis, and how loud they are; before `level` and `state` filter."""

    contact: Counter[Contact] = field(default_factory=Counter)
    content: Counter[Content] = field(default_factory=Counter)
    screen: Counter[Screen] = field(default_factory=Counter)
    level: Counter[Level] = field(default_factory=Counter)
    total: int = 0
    found: int = 0  # that the whole filter lets through


@dataclass(frozen=True)
class Troubled:
    """A commune with boards to look at."""

    commune: str
    alarms: int
    warnings: int


@dataclass(frozen=True)
class Look:
    """What the overview shows; `boards` are `board.id`, not yet in order."""

    tally: Tally
    boards: list[int]
    troubled: list[Troubled]


def look(
    connection: Connection, communes: Communes, wanted: Filter, now: datetime, page: int = 1,
    size: int = BOARDS_A_PAGE,
) -> Look:  # fmt: skip
    """The counts, the boards of one page, counted from 1, and the communes to look at: one pass over all boards."""
    c = judged(now, hearing_since(connection, now), _scope(communes), _place(wanted)).c
    axes = (c.contact, c.content, c.screen, c.level)
    counts = select(*axes, func.count().label("number"), literal(None).label("rank")).group_by(*axes)
    worst = select(*axes, c.id, c.rank).where(_state(c, wanted)).order_by(c.rank.desc(), c.commune, c.name, c.id)
    shown = worst.limit(size).offset((page - 1) * size).subquery("shown")
    # A commune stands where the contact does; its rank is -1.
    loud = select(c.commune, literal(""), literal(""), c.level, func.count(), literal(-1))
    places = loud.where(c.level >= int(Level.WARNING)).group_by(c.commune, c.level)
    rows = connection.execute(counts.union_all(select(shown), places)).all()
    return Look(
        _tally([row for row in rows if row[5] is None], wanted),
        [row[4] for row in rows if row[5] is not None and row[5] >= 0],
        _troubled([row for row in rows if row[5] == -1]),
    )


def _troubled(rows: Sequence[Any]) -> list[Troubled]:
    alarms: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for commune, _, _, level, count, _ in rows:
        (alarms if level == Level.ALARM else warnings)[commune] += count
    found = [Troubled(code, alarms[code], warnings[code]) for code in {*alarms, *warnings}]
    return sorted(found, key=lambda one: (-one.alarms, -one.warnings, one.commune))[:COMMUNES_TOLD]


def _tally(rows: Sequence[Any], wanted: Filter) -> Tally:
    found = Tally(total=sum(row[4] for row in rows), found=sum(row[4] for row in rows if _passes(row, wanted)))
    for contact, content, screen, level, count, _ in rows:
        found.contact[Contact(contact)] += count
        found.content[Content(content)] += count
        found.screen[Screen(screen)] += count
        found.level[Level(level)] += count
    return found


def called(code: str, name: str) -> str:
    """A commune as people read it: whose boards came without the office's settings has no name yet."""
    return name or f"Xã {code}"


def communes_of(connection: Connection, communes: Communes) -> dict[str, str]:
    """What each commune is called, by code, in order of names."""
    c = t.commune.c
    rows = connection.execute(select(c.code, c.name).where(among(c.code, communes)).order_by(c.name, c.code))
    return {row.code: called(row.code, row.name) for row in rows}


def has_sample(connection: Connection, communes: Communes) -> bool:
    """Whether any of them is invented: every page that shows it says so."""
    c = t.commune.c
    return connection.execute(select(c.code).where(among(c.code, communes), c.sample).limit(1)).first() is not None


def hamlets_of(connection: Connection, commune: str) -> list[str]:
    """Hamlets of a commune in which boards hang."""
    b = t.board.c
    rows = select(b.hamlet).distinct().where(b.commune == commune, b.hamlet != "", b.retired.is_(None))
    return list(connection.execute(rows.order_by(b.hamlet)).scalars())


def groups_of(connection: Connection, communes: Communes) -> list[str]:
    """Names of the groups in which there are boards of these communes."""
    g, m, b = t.fleet_group.c, t.group_board.c, t.board.c
    of = t.fleet_group.join(t.group_board, m.group_id == g.id).join(t.board, b.id == m.board)
    asked = select(g.name).distinct().select_from(of).where(among(b.commune, communes), b.retired.is_(None))
    return list(connection.execute(asked.order_by(g.name)).scalars())


def among(column: ColumnElement[Any], communes: Communes) -> ColumnElement[bool]:
    """Whether a row is of these communes."""
    return true() if communes is None else column.in_(sorted(communes))


def _scope(communes: Communes) -> ColumnElement[bool]:
    return among(t.board.c.commune, communes)


def _place(wanted: Filter) -> ColumnElement[bool]:
    b, tests = t.board.c, []
    if wanted.commune:
        tests.append(b.commune == wanted.commune)
    if wanted.group:
        of = t.group_board.join(t.fleet_group, t.fleet_group.c.id == t.group_board.c.group_id)
        tests.append(
            b.id.in_(select(t.group_board.c.board).select_from(of).where(t.fleet_group.c.name == wanted.group))
        )
    if wanted.hamlet:
        tests.append(b.hamlet == wanted.hamlet)
    if text := wanted.text.strip()[:MAX_TEXT]:
        # A code is its name without marks, so “tram y te” finds “Trạm y tế”.
        code = "-".join(folded(text).split())
        tests.append(or_(b.name.icontains(text, autoescape=True), b.site.icontains(text, autoescape=True),
                         b.code.contains(code, autoescape=True)))  # fmt: skip
    return and_(true(), *tests)


def _state(j: Any, wanted: Filter) -> ColumnElement[bool]:
    tests = []
    if wanted.level is not None:
        tests.append(j.level == wanted.level)
    if wanted.axis:
        tests.append(j[wanted.axis] == wanted.state)
    return and_(true(), *tests)


def _passes(row: Any, wanted: Filter) -> bool:
    told = {"contact": row[0], "content": row[1], "screen": row[2]}
    return wanted.level in (None, row[3]) and (not wanted.axis or told[wanted.axis] == wanted.state)
