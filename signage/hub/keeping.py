"""Write a batch of reports into the store, in the caller's transaction: a few statements, however many they are.

First each report is placed in its board's chain and told apart (`chain`, `tally`), against the state that the
batch found; then all that follows is written table by table, always in the order of the boards, so that two
processes on one PostgreSQL never wait for each other in a ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, tuple_, update

from ..errors import Refused
from . import newest, tally
from .alarms import NEW_KEY, own_level
from .chain import Last, Standing, oddity, repeat_oddity, stand
from .heard import Heard, about_of, as_report, small
from .hours import Hours
from .marks import Marks
from .plays import Days, Plays
from .roster import Enrolled
from .spans import Spans
from .store import tables as t
from .store.bulk import Asked, Put
from .store.engine import from_ms

RAW_KEPT = 24  # last reports of a board that are kept whole, with their signatures
JPEG_START = b"\xff\xd8\xff"

_STATE = (
    "board", "chain", "seq", "sha", "received", "sent", "evidence", "report", "publication", "most", "verdict", "apart",
    "layer", "screen", "kind", "statement", "faults", "temp_c", "disk_mb", "marks", "own_level",
)  # fmt: skip
_put_state = Put(t.state, _STATE, ("board",))
_put_report = Put(t.report, ("board", "slot", "chain", "seq", "sha", "received", "envelope"), ("board", "slot"))
_put_frame = Put(t.frame, ("board", "received", "sent", "layer", "file", "jpeg"), ("board",))
_put_about = Put(t.about, ("board", "received", "told"), ("board",))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report whose signature was checked, and when it came, by the hub's own clock (ms)."""

    enrolled: Enrolled
    heard: Heard
    received: int


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of it: its standing, and the last number that is kept (and on disk)."""

    standing: Standing
    last: int


@dataclass(slots=True)
class _State:
    """A board as the batch finds it, and as the batch goes on."""

    chain: int  # of its key, by the roster
    retired: bool
    metered: bool
    told: int | None  # its commune's newest publication by the boards' own word, as the batch finds it
    best: int | None  # the one that it should hold
    apart: int | None = None  # since when it tells another one, always the same
    most: int | None = None  # highest that its key told
    last: Last | None = None
    look: tally.Look | None = None
    marks: int = 0
    marks_found: int = 0
    newest: Arrival | None = None  # of this batch


@dataclass(slots=True)
class _Batch:
    """What a batch will write."""

    hub_since: int
    states: dict[int, _State] = field(default_factory=dict)
    ring: dict[tuple[int, int], tuple[Any, ...]] = field(default_factory=dict)
    frames: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    abouts: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    unsettled: set[str] = field(default_factory=set)  # communes whose newest publication may be another now
    days: Days = field(default_factory=dict)
    hours: Hours = field(default_factory=Hours)
    spans: Spans = field(default_factory=Spans)
    marks: Marks = field(default_factory=Marks)


class Keeper:
    """Keeps batches; of what it remembers nothing matters but speed."""

    def __init__(self, hub_since: int) -> None:
        self._hub_since = hub_since
        self._plays = Plays()

    def keep(self, connection: Connection, arrivals: Sequence[Arrival]) -> list[Accepted | Refused]:
        """An answer for each, in their order. A report of a key that is no longer the board's is refused."""
        batch = _Batch(self._hub_since)
        batch.states = _states(connection, sorted({one.enrolled.number for one in arrivals}))
        known = _kept(connection, batch.states, arrivals)
        # One board's reports may have come in disorder, over two connections: its numbers say the order.
        order = sorted(range(len(arrivals)), key=lambda i: (arrivals[i].enrolled.number, arrivals[i].heard.said.seq))
        answers: dict[int, Accepted | Refused] = {}
        for i in order:
            answers[i] = self._one(connection, batch, arrivals[i], known)
        self._write(connection, batch)
        return [answers[i] for i in range(len(arrivals))]

    def forget(self) -> None:
        """The last transaction was not kept."""
        self._plays.forget()

    def _one(
        self, connection: Connection, batch: _Batch, one: Arrival, known: dict[tuple[int, int, int], str]
    ) -> Accepted | Refused:
        enrolled, said, state = one.enrolled, one.heard.said, batch.states.get(one.enrolled.number)
        if state is None or state.retired or state.chain != enrolled.chain:
            return Refused("report-key-wrong", board=enrolled.board)
        standing, missing = stand(state.last, enrolled.chain, said.seq, said.prev)
        if standing is Standing.REPEAT and state.last:
            kind = repeat_oddity(known.get((enrolled.number, enrolled.chain, said.seq)), one.heard.sha)
            if kind:
                state.marks = batch.marks.count(connection, one, kind, state.marks)
            return Accepted(standing, state.last.seq)
        if state.last and enrolled.chain > state.last.chain:
            state.marks = batch.marks.add(one, NEW_KEY, 0, state.marks)
            batch.unsettled.add(enrolled.commune)
            state.most = None
        if kind := oddity(standing):
            state.marks = batch.marks.add(one, kind, missing, state.marks)
        known[enrolled.number, enrolled.chain, said.seq] = one.heard.sha
        _follow(batch, state, one)
        self._plays.collect(batch.days, enrolled.number, said, one.heard.sha, one.received)
        return Accepted(standing, said.seq)

    def _write(self, connection: Connection, batch: _Batch) -> None:
        kept = [(number, state) for number, state in batch.states.items() if state.newest]
        _put_state(connection, [_state_row(number, state) for number, state in kept])
        counted = [(n, s.marks) for n, s in batch.states.items() if s.newest is None and s.marks != s.marks_found]
        for number, marks in counted:  # boards that only repeated themselves
            connection.execute(update(t.state).where(t.state.c.board == number), {"marks": marks})
        _put_report(connection, [batch.ring[key] for key in sorted(batch.ring)])
        _put_frame(connection, [batch.frames[number] for number in sorted(batch.frames)])
        _put_about(connection, [batch.abouts[number] for number in sorted(batch.abouts)])
        batch.hours.write(connection)
        batch.spans.write(connection)
        batch.marks.write(connection)
        self._plays.write(connection, batch.days)
        shown = [(number, s.newest.heard.said, s.newest.received) for number, s in kept if s.newest]
        self._plays.name(connection, shown)
        newest.settle(connection, batch.unsettled, max((at for _, _, at in shown), default=0))


def _asked(among: ColumnElement[bool]) -> Any:
    state = t.state.c
    return (
        select(
            t.board.c.id, t.board.c.chain.label("key"), t.board.c.retired, t.board.c.metered,
            t.commune.c.newest.label("told"), func.coalesce(t.commune.c.published, t.commune.c.newest).label("best"),
            state.apart, state.most,
            state.chain, state.seq, state.sha, state.received, state.sent, state.evidence, state.screen,
            state.kind, state.statement, state.publication, state.faults, state.marks,
        )
        .join(t.commune, t.commune.c.code == t.board.c.commune)
        .outerjoin(t.state, state.board == t.board.c.id)
        .where(among)
        .order_by(t.board.c.id)
        .with_for_update(of=t.board, key_share=True)
    )  # fmt: skip


_ask_states = Asked(t.board.c.id, _asked)


def _states(connection: Connection, numbers: list[int]) -> dict[int, _State]:
    """The boards of a batch, locked in their order until it is kept."""
    found = {}
    for row in _ask_states(connection, numbers):
        one = found[row.id] = _State(
            row.key, row.retired is not None, bool(row.metered), row.told, row.best, row.apart, row.most
        )
        if row.seq is not None:
            one.last, one.marks = Last(row.chain, row.seq, row.sha), row.marks
            one.marks_found = row.marks
            one.look = tally.Look(
                row.received, row.sent, row.evidence, row.screen, row.kind, row.statement, row.publication,
                frozenset(row.faults.split()),
            )  # fmt: skip
    return found


def _kept(
    connection: Connection, states: dict[int, _State], arrivals: Sequence[Arrival]
) -> dict[tuple[int, int, int], str]:
    """Hashes of the reports that we still have under the numbers of those that may be repeats."""
    asked = set()
    for one in arrivals:
        state, seq = states.get(one.enrolled.number), one.heard.said.seq
        if state and state.last and seq <= state.last.seq:
            asked.add((one.enrolled.number, seq % RAW_KEPT))
    if not asked:
        return {}
    ring = t.report.c
    rows = connection.execute(
        select(ring.board, ring.chain, ring.seq, ring.sha).where(tuple_(ring.board, ring.slot).in_(sorted(asked)))
    )
    return {(row.board, row.chain, row.seq): row.sha for row in rows}


def _follow(batch: _Batch, state: _State, one: Arrival) -> None:
    """The board goes on from here."""
    enrolled, said, received = one.enrolled, one.heard.said, one.received
    number, sent, machine = enrolled.number, _ms(said.sent), said.machine
    showing = said.showing
    look = tally.Look(
        received, sent,
        tally.evidence(sent, received, said.clock.state == "trusted", state.look.evidence if state.look else None),
        tally.screen_of(said.verdict, said.layer), showing.kind if showing else "",
        showing.statement if showing else None, said.publication, frozenset(f.code for f in said.faults),
    )  # fmt: skip
    state.apart = _apart(state, said.publication, received)
    batch.hours.add(number, tally.pieces(state.look, look, state.metered))
    batch.hours.heard(number, look.evidence, machine.temp_c, machine.disk_free_mb)
    since = {fault.code: _ms(fault.since) for fault in said.faults}
    around = tally.Around(state.metered, machine.uptime_s * 1000, batch.hub_since, since)
    batch.spans.add(number, tally.events(state.look, look, around))
    state.look, state.last, state.newest = look, Last(enrolled.chain, said.seq, one.heard.sha), one
    batch.ring[number, said.seq % RAW_KEPT] = (
        number, said.seq % RAW_KEPT, enrolled.chain, said.seq, one.heard.sha, received, one.heard.envelope,
    )  # fmt: skip
    if said.frame and said.frame.data.startswith(JPEG_START):
        taken = _ms(said.frame.at)
        file = showing.file if showing and _ms(showing.since) <= taken else None
        batch.frames[number] = (number, received, taken, said.frame.layer, file, said.frame.data)
    if told := about_of(said):
        batch.abouts[number] = (number, received, told)
    if said.publication is not None and (state.most is None or said.publication > state.most):
        if state.most is None or state.told is None or said.publication > state.told:
            batch.unsettled.add(enrolled.commune)
        state.most = said.publication


def _apart(state: _State, number: int | None, received: int) -> int | None:
    """Since when the board tells this number though another is the newest; a number of its own begins anew."""
    if number is None or state.best is None or number == state.best:
        return None
    same = state.look is not None and state.look.publication == number
    return min(state.apart, received) if same and state.apart is not None else received


def _state_row(number: int, state: _State) -> tuple[Any, ...]:
    one, look = state.newest, state.look
    assert one and look
    said = one.heard.said
    return (
        number, one.enrolled.chain, said.seq, one.heard.sha, look.received, look.sent, look.evidence, small(said),
        said.publication, state.most, said.verdict, state.apart, said.layer, look.screen, look.kind, look.statement,
        " ".join(sorted(look.faults)), said.machine.temp_c, said.machine.disk_free_mb, state.marks,
        int(own_level(as_report(said), from_ms(look.received))),
    )  # fmt: skip


def _ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
