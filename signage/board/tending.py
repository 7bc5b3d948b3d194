"""The process with the network: rounds of sync, and reports to the hub, until it is told to stop.

A round follows a hint at once (`hints`). Reports are made and carried by a thread of their own, with a connection of
their own: a slow download must not make a board look silent. Each file has one writer, so nothing is locked.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar, cast

from .. import hint
from ..errors import BangtinError
from ..report import MAX_FRAME, MAX_PLAYS, VERDICTS, Play, Report, Showing
from ..wire import BadFormat, Fields, when
from . import health, notes, panic, playlog
from .clock import NOTE, Clock, kernel_synchronised, state
from .download import Line
from .hints import SLOW_S, Listener
from .identity import Board
from .outcome import Outcome, record
from .reporting import MAX_WITH_FRAME, Courier, Outbox, digest
from .shelf import Shelf
from .sync import Syncer
from .witness import fresh

SILENT_S = 30.0  # seconds without a sign of life from the player before it is called frozen
LOOK_S = 1.0  # seconds between two looks at what the player says
STICK_S = 1200.0  # seconds that a round waits for one from a stick (`stick.LONGEST_S`, and what is made of it)
SLOW_HEARTBEAT_S = 300.0  # seconds between two reports, from which pictures go with changes alone
SETTLE_S = 2.0  # seconds that a change must last before it is reported by itself
T = TypeVar("T")
RETRY_S = 10.0  # seconds until the next round after one that failed


def once(board: Board) -> Outcome:
    """One round of sync, noted in `state/sync.json`."""
    return _Rounds(board).run()


def watch(board: Board, *, every: float, heartbeat: float) -> int:
    """Until SIGTERM or Ctrl-C; returns 0."""
    signal.signal(signal.SIGTERM, _stop)
    rounds = _Rounds(board, STICK_S, listener := Listener(_channels(board), every).start())
    if board.hub:
        threading.Thread(target=_reports, args=(board, heartbeat), name="reports", daemon=True).start()
    while True:
        outcome = rounds.run()
        _wait(board, listener, every, retry=outcome.error is not None)


def _channels(board: Board) -> list[str]:
    """Where hints may come from: the publication's own server, or else the hub."""
    hub = [f"{board.hub}/v1/{hint.PATH}"] if board.hub else []
    return [f"{board.url}/board/{hint.PATH}", *hub]


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


def _wait(board: Board, listener: Listener, every: float, *, retry: bool) -> None:
    """Until the next poll, unless a hint comes, or the player finds a damaged slide; at most until the next poll as
    it is without a channel, should the channel be lost meanwhile.
    """
    before, began = notes.damaged(board.state), time.monotonic()
    spread = random.uniform(0.9, 1.1)  # noqa: S311 (spreads the boards' polls)
    while True:
        usual = max(every, SLOW_S) if listener.alive else every
        left = began + (min(every, RETRY_S) if retry else usual) * spread - time.monotonic()
        if left <= 0 or listener.wait(min(LOOK_S, left)) or notes.damaged(board.state) not in (before, []):
            return


class _Rounds:
    def __init__(self, board: Board, patience_s: float = 0.0, listener: Listener | None = None) -> None:
        self._board, self._clock, self._listener = board, Clock(note=board.state / NOTE), listener
        self._syncer = Syncer(board, Line(), self._clock, patience_s, listener)
        self._faults = notes.Faults()
        self._last_ok, self._failed = _last_ok(board), False

    def run(self) -> Outcome:
        outcome = self._syncer.round()
        now = self._clock.now()
        if outcome.error is None:
            self._last_ok = now
        if outcome.error is None and self._failed and self._listener:
            self._listener.online()
        self._failed = outcome.error is not None
        with suppress(OSError):  # a full disk: the reports tell
            record(self._board, outcome, self._faults, now, self._last_ok)
        return outcome


def _carried(board: Board) -> datetime | None:
    """When a stick was last taken in, unless the last one was refused."""
    note = notes.read(board.state / notes.IMPORTED)
    return None if note is None or note.has("error") else _field(note, "at", Fields.when)


def _last_ok(board: Board) -> datetime | None:
    return _field(notes.read(board.state / "sync.json"), "last_ok", Fields.when)


# ── reports ──────────────────────────────────────────────────────────────────────────────────────


def _reports(board: Board, heartbeat: float) -> None:
    """`report_forever`, begun again whatever ends it: a board that falls silent looks dead."""
    while True:
        try:
            report_forever(board, heartbeat)
        except Exception:
            traceback.print_exc()
        time.sleep(RETRY_S)


def report_forever(board: Board, heartbeat: float) -> None:
    """Make a report at each heartbeat and after each change that lasts; carry what waits."""
    reporter = Reporter(board)
    line = Line()
    courier = Courier(reporter.outbox, line, board.hub or "", board.commune, board.id)
    changed_at: float | None = None
    seen, due = reporter.signature(), 0.0
    told, tell_at = cast("str | None", "never"), 0.0
    while True:
        now, signature = time.monotonic(), reporter.signature()
        if signature != seen:
            seen, changed_at = signature, changed_at or now
        if now >= due or (changed_at is not None and now - changed_at >= SETTLE_S):
            with suppress(OSError, BangtinError):  # a failing disk: the next heartbeat tries again
                reporter.make(courier, picture=changed_at is not None or heartbeat < SLOW_HEARTBEAT_S)
            due, changed_at = now + heartbeat, None
        courier.visit()
        if courier.fault != told and now >= tell_at:
            tell_at = now + heartbeat
            with suppress(OSError):
                notes.write(board.state / "hub.json", {"fault": courier.fault, "since": when(reporter.now())})
                told, tell_at = courier.fault, 0.0
        time.sleep(LOOK_S)


class Reporter:
    """Makes reports out of the notes that sync and player leave."""

    def __init__(self, board: Board) -> None:
        self._board, self._clock = board, Clock(note=board.state / NOTE)
        self._key = board.key()
        self.outbox = Outbox(board.outbox, board.state)
        self._frame_sent = ""
        self._faults = notes.Faults()
        self._proven: tuple[int, int] | None = None

    def now(self) -> datetime:
        return self._clock.now()

    def signature(self) -> tuple[Any, ...]:
        """Changes when something happened that a person should hear of soon."""
        player, sync = self._notes()
        witness = fresh(self._board.state)
        glass = player.raw.get("showing") if player else None
        kind = glass.get("kind") if isinstance(glass, dict) else None
        emergency = glass.get("statement") if isinstance(glass, dict) and kind == "emergency" else None
        told = [*panic.faults(self._board.state), *(f for n in (player, sync, witness) for f in notes.faults(n))]
        codes = tuple(code for code, _ in told)
        looked = [note.raw.get("verdict") for note in (player, witness) if note]
        return (
            kind, emergency, ["match" if v == "transition" else v for v in looked],
            player.raw.get("number") if player else None, sync.raw.get("number") if sync else None, codes,
        )  # fmt: skip

    def _notes(self) -> tuple[Fields | None, Fields | None]:
        return notes.read(self._board.state / "player.json"), notes.read(self._board.state / "sync.json")

    def make(self, courier: Courier | None = None, *, picture: bool = True) -> None:
        """One report into the outbox, with the plays since the last; `picture`: with the thumbnail, if it is new."""
        with suppress(OSError, BangtinError):
            self._prove()
        for _ in range(2):  # again with the fault that the first one met
            report, played = self._report(courier, picture)
            self.outbox.add(report, self._key, played)
            if not self.outbox.unwritable or notes.UNWRITABLE in self._faults:
                break
        self._frame_sent = digest(report.frame) if report.frame else self._frame_sent

    def _report(self, courier: Courier | None, picture: bool) -> tuple[Report, playlog.Position]:
        """As things are, and how far in the play log it reaches."""
        player, sync = self._notes()
        plays, played = self._plays()
        frame = self._frame() if picture else None
        alive, claimed = self._player(player)
        witness = fresh(self._board.state)
        verdict, layer = _seen(witness) or (claimed, "none" if claimed in ("unknown", "frozen") else "surface")
        offset = _field(sync, "offset_ms", lambda f, n: f.integer(n, least=-(2**53)))
        now = self._clock.now()
        self._own_faults(alive, claimed, courier, now)
        noted = [fault for note in (player if alive else None, sync, witness) for fault in notes.faults(note)]
        faults = [*panic.faults(self._board.state), *noted]
        others = {code for code, _ in faults}
        faults += [(f["code"], _moment(f)) for f in self._faults.as_json() if f["code"] not in others]
        synced = kernel_synchronised()
        report = Report(
            commune=self._board.commune, repository=self._board.repository, board=self._board.id,
            seq=0, prev="", sent=now,
            publication=_field(player if alive else sync, "number", Fields.integer),
            showing=_showing(player) if alive else None,
            verdict=verdict, layer=layer,
            plays=tuple(plays), faults=tuple(faults[: notes.MAX_FAULTS]),
            clock_state=state(self._clock.machine(), self._clock.floor, offset_ms=offset, synchronised=synced),
            clock_offset_ms=offset,
            sync_last_ok=_field(sync, "last_ok", Fields.when),
            sync_error=_field(sync, "error", lambda f, n: f.text(n, most=200)),
            sync_usb=_carried(self._board),
            machine=health.measure(self._board.folder, self._pids(player, witness)),
            frame=frame,
        )  # fmt: skip
        return report, played

    def _plays(self) -> tuple[list[Play], playlog.Position]:
        played = self.outbox.place.played
        try:
            return playlog.read(self._board.plays, played, MAX_PLAYS)
        except OSError:
            return [], played

    def _prove(self) -> None:
        """The clock's floor, read again only when the shelf has changed."""
        shelf = Shelf(self._board.shelf)
        if (mark := shelf.mark()) != self._proven:
            held = shelf.holding(self._board.root(), self._board.identity, self._clock.now())
            if held:
                self._clock.prove(held.floor)
            self._proven = mark

    def _player(self, note: Fields | None) -> tuple[bool, str]:
        """Whether the player lives, and its verdict: what a dead or stuck one said last is no news."""
        pid = _field(note, "pid", Fields.integer)
        if note is None or pid is None or not health.alive(pid):
            return False, "unknown"
        try:
            age = time.time() - (self._board.state / "player.json").stat().st_mtime
        except OSError:
            return True, "unknown"
        if age > SILENT_S:
            return True, "frozen"
        return True, str(_field(note, "verdict", lambda f, n: f.text(n)) or "unknown")

    def _own_faults(self, alive: bool, claimed: str, courier: Courier | None, now: datetime) -> None:
        wrong = {"player-stopped": not alive, "player-silent": claimed == "frozen", "outbox-full": self.outbox.dropped}
        wrong["report-refused"] = bool(courier and courier.bad_reports)
        wrong[notes.UNWRITABLE] = self.outbox.unwritable
        self._faults.only("", [code for code, is_so in wrong.items() if is_so], now)

    def _frame(self) -> bytes | None:
        """The newest thumbnail, when it was not sent yet and nothing piles up."""
        if len(self.outbox.waiting()) > MAX_WITH_FRAME:
            return None
        try:
            data = (self._board.state / "frame.jpg").read_bytes()
        except OSError:
            return None
        return data if len(data) <= MAX_FRAME and digest(data) != self._frame_sent else None

    def _pids(self, *others: Fields | None) -> list[int]:
        found = [_field(note, "pid", Fields.integer) for note in others]
        return [os.getpid(), *(pid for pid in found if pid is not None)]


def _moment(fault: dict[str, str]) -> datetime:
    return Fields(fault).when("since")


def _seen(witness: Fields | None) -> tuple[str, str] | None:
    """The witness's verdict and layer, where it could look, or knows without looking that all is not well."""
    verdict = _field(witness, "verdict", lambda f, n: f.choice(n, VERDICTS))
    layer = _field(witness, "layer", lambda f, n: f.choice(n, ("none", "window")))
    if verdict is None or layer is None or (layer == "none" and verdict not in ("frozen", "black")):
        return None
    return verdict, layer


def _showing(note: Fields | None) -> Showing | None:
    return _field(note, "showing", lambda f, n: Showing.read(f.object(n)))


def _field(note: Fields | None, name: str, read: Callable[[Fields, str], T]) -> T | None:
    """A field of a note that may be absent or damaged."""
    try:
        return note.maybe(name, lambda n: read(note, n)) if note else None
    except BadFormat:
        return None
