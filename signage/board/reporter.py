"""Makes reports out of the notes that sync, player and kiosk leave."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import datetime
from typing import Any

from ..errors import BangtinError
from ..report import MAX_PLAYS, VERDICTS, Play, Report, Showing
from ..wire import Fields
from . import health, makings, notes, panic, playlog
from .clock import NOTE, Clock, kernel_synchronised, state
from .glimpse import Glimpses
from .identity import Board
from .reporting import MAX_WITH_FRAME, Courier, Outbox
from .shelf import Shelf
from .witness import fresh

SILENT_S = 30.0  # seconds without a sign of life from the player before it is called frozen


class Reporter:
    """One board's."""

    def __init__(self, board: Board, *, metered: bool = False) -> None:
        """`metered`: its link is paid by the megabyte."""
        self._board, self._clock = board, Clock(note=board.state / NOTE)
        self._key = board.key()
        self.outbox = Outbox(board.outbox, board.state)
        self.glimpses = Glimpses(board.state, metered=metered)
        self._makings = makings.Makings(board.folder)
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

    @property
    def picture_due(self) -> bool:
        """Whether a report is worth making for a picture that somebody waits for."""
        return self.glimpses.due and self._has_room

    @property
    def _has_room(self) -> bool:
        """While reports pile up pictures stay: an outage must fit the disk."""
        return len(self.outbox.waiting()) <= MAX_WITH_FRAME

    def make(self, courier: Courier | None = None) -> None:
        """One report into the outbox, with the plays since the last."""
        with suppress(OSError, BangtinError):
            self._prove()
        for _ in range(2):  # again with the fault that the first one met
            report, played = self._report(courier)
            self.outbox.add(report, self._key, played)
            if not self.outbox.unwritable or notes.UNWRITABLE in self._faults:
                break
        self.glimpses.went(report.frame)
        self._makings.told(report.about)
        self.glimpses.judged(report.verdict)

    def _report(self, courier: Courier | None) -> tuple[Report, playlog.Position]:
        """As things are, and how far in the play log it reaches."""
        player, sync = self._notes()
        plays, played = self._plays()
        alive, claimed = self._player(player)
        witness = fresh(self._board.state)
        verdict, layer = _seen(witness) or (claimed, "none" if claimed in ("unknown", "frozen") else "surface")
        offset = notes.field(sync, "offset_ms", lambda f, n: f.integer(n, least=-(2**53)))
        now = self._clock.now()
        about = self._makings.look()
        self._own_faults(alive, claimed, courier, now)
        noted = [fault for note in (player if alive else None, sync, witness) for fault in notes.faults(note)]
        faults = [*panic.faults(self._board.state), *noted]
        others = {code for code, _ in faults}
        faults += [(f["code"], _moment(f)) for f in self._faults.as_json() if f["code"] not in others]
        synced = kernel_synchronised()
        report = Report(
            commune=self._board.commune, repository=self._board.repository, board=self._board.id,
            seq=0, prev="", sent=now,
            publication=notes.field(player if alive else sync, "number", Fields.integer),
            showing=_showing(player) if alive else None,
            verdict=verdict, layer=layer,
            plays=tuple(plays), faults=tuple(faults[: notes.MAX_FAULTS]),
            clock_state=state(self._clock.machine(), self._clock.floor, offset_ms=offset, synchronised=synced),
            clock_offset_ms=offset,
            sync_last_ok=notes.field(sync, "last_ok", Fields.when),
            sync_error=notes.field(sync, "error", lambda f, n: f.text(n, most=200)),
            sync_usb=_carried(self._board),
            machine=health.measure(self._board.folder, self._pids(player, witness)),
            frame=self.glimpses.take(now) if self._has_room else None,
            about=about if self._makings.is_news(about) else None,
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
        pid = notes.field(note, "pid", Fields.integer)
        if note is None or pid is None or not health.alive(pid):
            return False, "unknown"
        try:
            age = time.time() - (self._board.state / "player.json").stat().st_mtime
        except OSError:
            return True, "unknown"
        if age > SILENT_S:
            return True, "frozen"
        return True, str(notes.field(note, "verdict", lambda f, n: f.text(n)) or "unknown")

    def _own_faults(self, alive: bool, claimed: str, courier: Courier | None, now: datetime) -> None:
        wrong = {"player-stopped": not alive, "player-silent": claimed == "frozen", "outbox-full": self.outbox.dropped}
        wrong["report-refused"] = bool(courier and courier.bad_reports)
        wrong[notes.UNWRITABLE] = self.outbox.unwritable
        wrong["disk-worn"] = self._makings.worn
        self._faults.only("", [code for code, is_so in wrong.items() if is_so], now)

    def _pids(self, *others: Fields | None) -> list[int]:
        found = [notes.field(note, "pid", Fields.integer) for note in others]
        return [os.getpid(), *(pid for pid in found if pid is not None)]


def _moment(fault: dict[str, str]) -> datetime:
    return Fields(fault).when("since")


def _seen(witness: Fields | None) -> tuple[str, str] | None:
    """The witness's verdict and layer, where it could look, or knows without looking that all is not well."""
    verdict = notes.field(witness, "verdict", lambda f, n: f.choice(n, VERDICTS))
    layer = notes.field(witness, "layer", lambda f, n: f.choice(n, ("none", "window")))
    if verdict is None or layer is None or (layer == "none" and verdict not in ("frozen", "black")):
        return None
    return verdict, layer


def _showing(note: Fields | None) -> Showing | None:
    return notes.field(note, "showing", lambda f, n: Showing.read(f.object(n)))


def _carried(board: Board) -> datetime | None:
    """When a stick was last taken in, unless the last one was refused."""
    note = notes.read(board.state / notes.IMPORTED)
    return None if note is None or note.has("error") else notes.field(note, "at", Fields.when)
