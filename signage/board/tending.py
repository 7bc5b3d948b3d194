"""The process with the network: rounds of sync, and reports to the hub, until it is told to stop.

A round follows a hint at once (`hints`). Reports are made and carried by a thread of their own, with a connection of
their own: a slow download must not make a board look silent. Each file has one writer, so nothing is locked.
"""

from __future__ import annotations

import random
import signal
import threading
import time
import traceback
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

from .. import hint
from ..errors import BangtinError
from ..wire import Fields, when
from . import notes
from .clock import NOTE, Clock
from .download import Line
from .hints import SLOW_S, Listener
from .identity import Board
from .outcome import Outcome, record
from .reporter import Reporter
from .reporting import Courier
from .sync import Syncer

LOOK_S = 1.0  # seconds between two looks at what the player says
STICK_S = 1200.0  # seconds that a round waits for one from a stick (`stick.LONGEST_S`, and what is made of it)
METERED_HEARTBEAT_S = 300.0  # seconds between two reports, from which the link is one paid by the megabyte
QUIET_S = 280.0  # seconds after which a metered board's line to the hub shows that it lives: a handshake costs more
SLOW_METERED_S = 1800.0  # seconds between two polls of a metered board while it hears the channel for hints
SETTLE_S = 2.0  # seconds that a change must last before it is reported by itself
RETRY_S = 10.0  # seconds until the next round after one that failed


def once(board: Board) -> Outcome:
    """One round of sync, noted in `state/sync.json`."""
    return _Rounds(board).run()


def watch(board: Board, *, every: float, heartbeat: float, hints: str | None = None) -> int:
    """Until SIGTERM or Ctrl-C; returns 0. `hints`: the address of a channel in place of the usual ones."""
    signal.signal(signal.SIGTERM, _stop)
    channels = [hints] if hints else _channels(board)
    rounds = _Rounds(board, STICK_S, listener := Listener(channels, every).start())
    if board.hub:
        threading.Thread(target=_reports, args=(board, heartbeat), name="reports", daemon=True).start()
    slow = SLOW_METERED_S if heartbeat >= METERED_HEARTBEAT_S else SLOW_S
    while True:
        outcome = rounds.run()
        _wait(board, listener, every, slow, retry=outcome.error is not None)


def _channels(board: Board) -> list[str]:
    """Where hints may come from: the publication's own server, or else the hub."""
    hub = [f"{board.hub}/v1/{hint.PATH}/{board.commune}"] if board.hub else []
    return [f"{board.url}/board/{hint.PATH}", *hub]


def _stop(*_: Any) -> None:
    raise KeyboardInterrupt


def _wait(board: Board, listener: Listener, every: float, slow: float, *, retry: bool) -> None:
    """Until the next poll (each `slow` seconds while the channel lives), unless a hint comes, or the player finds a
    damaged slide; at most until the next poll as it is without a channel, should the channel be lost meanwhile.
    """
    before, began = notes.damaged(board.state), time.monotonic()
    spread = random.uniform(0.9, 1.1)  # noqa: S311 (spreads the boards' polls)
    while True:
        usual = max(every, slow) if listener.alive else every
        left = began + (min(every, RETRY_S) if retry else usual) * spread - time.monotonic()
        if left <= 0 or listener.wait(min(LOOK_S, left)) or notes.damaged(board.state) not in (before, []):
            return


class _Rounds:
    def __init__(self, board: Board, patience_s: float = 0.0, listener: Listener | None = None) -> None:
        self._board, self._clock, self._listener = board, Clock(note=board.state / NOTE), listener
        self._line = Line()
        self._syncer = Syncer(board, self._line, self._clock, patience_s, listener)
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
            record(self._board, outcome, self._faults, now, self._last_ok, self._line.link)
        return outcome


def _last_ok(board: Board) -> datetime | None:
    return notes.field(notes.read(board.state / "sync.json"), "last_ok", Fields.when)


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
    metered = heartbeat >= METERED_HEARTBEAT_S
    reporter = Reporter(board, metered=metered)
    line = Line(quiet_s=QUIET_S if metered else 0.0)
    courier = Courier(reporter.outbox, line, board.hub or "", board.commune, board.id, metered=metered)
    changed_at: float | None = None
    seen, due = reporter.signature(), 0.0
    told, tell_at = cast("str | None", "never"), 0.0
    while True:
        now, signature = time.monotonic(), reporter.signature()
        if signature != seen:
            seen, changed_at = signature, changed_at or now
        changed = changed_at is not None and now - changed_at >= SETTLE_S
        if now >= due or changed or reporter.picture_due:
            with suppress(OSError, BangtinError):  # a failing disk: the next heartbeat tries again
                reporter.make(courier)
            due, changed_at = now + heartbeat, None
        courier.visit()
        if courier.wants_frame:
            courier.wants_frame = False
            reporter.glimpses.ask()
        if courier.fault != told and now >= tell_at:
            tell_at = now + heartbeat
            with suppress(OSError):
                notes.write(board.state / "hub.json", {"fault": courier.fault, "since": when(reporter.now())})
                told, tell_at = courier.fault, 0.0
        time.sleep(LOOK_S)
