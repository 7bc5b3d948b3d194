"""One look at every board: judged, held against what was seen before, and written down as far as it changed.

Reads at one moment, decides, then writes in short transactions (`store.parts`): each stands for itself, and a look
that is cut short is finished by the next one. What a look costs grows with the number of boards; who looks
(`watchman`) looks less often where it costs much.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ...report import Report
from .. import heard
from ..store import Store
from ..store import tables as t
from ..store.engine import from_ms, to_ms
from ..store.parts import InParts
from . import handling, rows
from .hysteresis import Track, may_tell, step
from .judgement import MARK_TOLD, Contact, Facts, Judgement, Newest, judge

Expected = Callable[[str, str], Newest | None]  # commune, board: the newest publication, from the office's folder
_OF_SILENCE = ("lost", "late")
Says = Callable[[Facts, Judgement, datetime], dict[str, str]]  # the sentence of each reason


@dataclass(frozen=True)
class Watched:
    """One board as it is judged now."""

    number: int
    commune: str
    code: str
    facts: Facts
    judgement: Judgement


@dataclass
class Look:
    """What a look found, and what of it is to be written."""

    now: datetime
    boards: dict[int, Watched]
    fresh: list[rows.Fresh] = field(default_factory=list)
    moved: dict[int, Track] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """How many boards of each commune are in each state, axis by axis."""
        found: dict[str, dict[str, Counter[str]]] = {}
        for one in self.boards.values():
            axes = found.setdefault(
                one.commune, {name: Counter() for name in ("contact", "content", "screen", "level")}
            )
            judgement = one.judgement
            axes["contact"][judgement.contact.value] += 1
            axes["content"][judgement.content.value] += 1
            axes["screen"][judgement.screen.value] += 1
            axes["level"][judgement.level.name.lower()] += 1
        return {commune: {name: dict(axis) for name, axis in axes.items()} for commune, axes in found.items()}


class Reports:
    """Reports already read, by board: most boards have sent nothing new since the last look."""

    def __init__(self) -> None:
        self._read: dict[int, tuple[str, Report]] = {}

    def of(self, board: int, sha: str, payload: bytes) -> Report:
        known = self._read.get(board)
        if known is None or known[0] != sha:
            known = self._read[board] = (sha, heard.kept(payload))
        return known[1]

    def keep(self, boards: Iterable[int]) -> None:
        """Forget the others."""
        for gone in set(self._read) - set(boards):
            del self._read[gone]


@dataclass(frozen=True)
class Seen:
    """What a look goes by, read at one moment."""

    boards: Sequence[Any]  # rows
    newest: dict[str, Newest]
    odd: dict[int, frozenset[str]]
    tracks: dict[rows.Key, rows.Kept]


def read(connection: Connection, now: datetime) -> Seen:
    """All of it at once: while somebody reads for long, SQLite's log of what is written grows without end."""
    b, s = t.board.c, t.state.c
    asked = (
        select(b.id, b.commune, b.code, b.metered, s.received, s.sha, s.report, s.apart)
        .select_from(t.board.outerjoin(t.state, s.board == b.id))
        .where(b.retired.is_(None))
    )
    boards = connection.execute(asked).all()
    return Seen(boards, _newest(connection), _odd(connection, now), rows.tracks(connection))


def look(
    seen: Seen, now: datetime, says: Says, reports: Reports, expected: Expected | None = None,
    listening: datetime | None = None,
) -> Look:  # fmt: skip
    """Judge every board that hangs, and step its tracks."""
    found = Look(now, {w.number: w for w in watched(seen, now, reports, expected, listening)})
    kept = seen.tracks
    for board in found.boards.values():
        levels = dict(board.judgement.reasons)
        sentences: dict[str, str] | None = None
        for code, level in levels.items():
            if (board.number, code) in kept or (track := step(None, level, now)) is None:
                continue
            sentences = says(board.facts, board.judgement, now) if sentences is None else sentences
            found.fresh.append(rows.Fresh(board.number, code, track, sentences.get(code, "")))
    for (number, code), row in kept.items():
        one = found.boards.get(number)
        level_now = dict(one.judgement.reasons).get(code) if one else None
        if one and level_now is None and code in _OF_SILENCE and _waited_for(one):
            continue
        after = step(row.track, level_now, now)
        if one is None and after and after.closed is None:  # it hangs no more
            after = replace(after, quiet_since=after.quiet_since or now, closed=now) if after.opened else None
        if after is None:
            found.gone.append(row.ident)
        elif after != row.track:
            found.moved[row.ident] = after
    return found


def _waited_for(board: Watched) -> bool:
    """Whether we ourselves were away, and cannot say yet whether it is silent: that it is back is not said either."""
    return board.facts.awaited and board.judgement.contact is not Contact.LOST


def write(in_parts: InParts, found: Look) -> None:
    """What changed."""
    in_parts(found.fresh, rows.begin)
    in_parts([*found.moved.items()], rows.move)
    in_parts(found.gone, rows.drop)


def release(store: Store, in_parts: InParts, found: Look, muted: Mapping[int, frozenset[str]]) -> None:
    """Mark what people are to hear of now, after `write`. `muted`: reasons by board that are only kept."""
    with store.reading() as connection:
        waiting = {
            (board, code): kept
            for (board, code), kept in rows.tracks(connection).items()
            if kept.track.opened and kept.track.told is None and board in found.boards
            if code not in muted.get(board, ())
        }
        if not waiting:
            return
        maintained = handling.maintained(connection, found.now)
        before = rows.last_told(connection, (board for board, _ in waiting))
    told = [
        (kept.ident, replace(kept.track, told=found.now))
        for key, kept in waiting.items()
        if may_tell(
            kept.track, before.get(key), found.now,
            maintained=maintained.covers(key[0], found.boards[key[0]].commune),
        )
    ]  # fmt: skip
    in_parts(told, rows.move)


def watched(
    seen: Seen, now: datetime, reports: Reports, expected: Expected | None = None, listening: datetime | None = None
) -> list[Watched]:
    """Every board that hangs, judged."""
    found = []
    for r in seen.boards:
        report = reports.of(r.id, r.sha, r.report) if r.report else None
        best = expected(r.commune, r.code) if expected else seen.newest.get(r.commune)
        received = from_ms(r.received) if report else None
        apart = None if r.apart is None else from_ms(r.apart)
        facts = Facts(report, received, best, r.metered, seen.odd.get(r.id, frozenset()), listening, apart)
        found.append(Watched(r.id, r.commune, r.code, facts, judge(facts, now)))
    reports.keep(one.number for one in found)
    return found


def _newest(connection: Connection) -> dict[str, Newest]:
    """By the office's own folder, where this hub has it; else what its boards told."""
    c = t.commune.c
    rows = connection.execute(select(c.code, c.newest, c.newest_seen, c.published, c.published_at))
    found = {}
    for r in rows:
        proven = r.published is not None
        number, seen = (r.published, r.published_at) if proven else (r.newest, r.newest_seen)
        if number is not None:
            found[r.code] = Newest(number, from_ms(seen or 0), proven)
    return found


def _odd(connection: Connection, now: datetime) -> dict[int, frozenset[str]]:
    m = t.mark.c
    found: dict[int, set[str]] = {}
    rows_: Any = connection.execute(select(m.board, m.kind).where(m.last > to_ms(now - MARK_TOLD)))
    for board, kind in rows_:
        found.setdefault(board, set()).add(kind)
    return {board: frozenset(kinds) for board, kinds in found.items()}
