"""Carry the record to the hub once, in order, across outages.

    outbox/<seq>.json    a signed report that waits, and how far in the play log it reaches
    state/reports.json   the last number used, its hash, how far the plays are told

On a disk that takes nothing one report is kept in memory instead, and says so; what cannot be deleted
is not sent again. A report is deleted only after the hub's acknowledgement. Beyond `MAX_WAITING` the
oldest are dropped; the fault `outbox-full` says so, and the hub sees the gap in the numbers. What the
hub answers can never block the queue: 200 and 409 name its last number, everything up to that goes; a
hub that has lost its memory simply gets the oldest report that is kept; a hub that is ahead of us
moves our counter up; a report that it calls malformed is dropped and told as a fault. What waits is
sent many at a time, one envelope a line; where that is too much for somebody on the way, one by one.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from .. import durable, parcel
from ..errors import Unavailable
from ..keys import MAX_ENVELOPE, PrivateKey
from ..report import MAX_BATCH, MAX_BATCH_BYTES, Report
from ..wire import BadFormat, canonical, parse
from .download import Answer, Line
from .playlog import Position

MAX_WAITING = 1500  # reports: at 30 s twelve hours, at 15 minutes two weeks
MAX_WITH_FRAME = 3  # reports waiting beyond which new ones carry no picture: an outage must fit the disk
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 600.0  # seconds between tries when the hub does not take it
NOT_ENROLLED_WAIT_S = 300.0  # seconds: a person must act first
FURTHEST_JUMP = 10**9  # a hub that claims to be further ahead is not believed
PACKED_FROM = 4096  # bytes of reports, from which they go packed
START = "0" * 64
NOTHING_TOLD = Position()


@dataclass(frozen=True)
class Place:
    """Where this board is in its chain of reports."""

    seq: int = 0
    prev: str = START
    played: Position = NOTHING_TOLD

    def as_json(self) -> dict[str, object]:
        return {"v": 1, "seq": self.seq, "prev": self.prev, "played": [self.played.file, self.played.offset]}


@dataclass
class _Spare:
    """A report that is not on the disk; once it was handed out, it has its number for good."""

    place: Place
    envelope: bytes
    taken: bool = False


class Outbox:
    """Reports that wait, and the place in the chain; one process writes."""

    def __init__(self, folder: Path, state: Path) -> None:
        self._folder, self._state = folder, state / "reports.json"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            durable.sweep(folder)
        self.dropped = False  # reports were dropped since the queue was last empty
        self.unwritable = False  # the last report could not be written
        self._spare: _Spare | None = None
        self._done = 0  # the hub has everything up to this
        self.place = self._recover()

    def _recover(self) -> Place:
        """The further of the note and the newest report: each is written whole, the report first."""
        places = [_place(self._state), *(_place(self._path(n)) for n in self.waiting()[-1:])]
        return max((p for p in places if p), key=lambda p: p.seq, default=Place())

    def waiting(self) -> list[int]:
        """Numbers of what the hub does not have, oldest first."""
        there = [seq for seq in waiting(self._folder) if seq > self._done]
        return [*there, self._spare.place.seq] if self._spare else there

    def add(self, report: Report, key: PrivateKey, played: Position) -> None:
        """Seal and keep a report, numbered after the last: on the disk, else in memory while nothing waits there."""
        if self._spare and self._spare.taken and not self._written(self._spare):
            return  # it may have arrived: no other may have its number
        numbered = replace(report, seq=self.place.seq + 1, prev=self.place.prev)
        self._written(_Spare(Place(numbered.seq, numbered.sha256, played), numbered.sealed(key)))

    def _written(self, report: _Spare) -> bool:
        """Put it on the disk, else keep it in memory."""
        body = report.place.as_json() | {"envelope": report.envelope.decode()}
        try:
            durable.write(self._path(report.place.seq), canonical(body))
        except OSError:
            self.unwritable, self._spare = True, report
            return False
        self.unwritable, self._spare = False, None
        self._stand(report.place)
        for old in self.waiting()[:-MAX_WAITING]:
            self._delete(old)
            self.dropped = True
        return True

    def envelope(self, seq: int) -> bytes | None:
        """The bytes to send, or None when the file is damaged (then it is of no use to anybody)."""
        if self._spare and self._spare.place.seq == seq:
            self._spare.taken = True
            return self._spare.envelope
        try:
            fields = parse(self._path(seq).read_bytes(), limit=MAX_ENVELOPE * 3)
            return fields.text("envelope", most=MAX_ENVELOPE).encode()
        except (OSError, BadFormat):
            return None

    def forget(self, last: int) -> None:
        """The hub has everything up to `last`."""
        for seq in self.waiting():
            if seq <= last:
                self._delete(seq)
        self._done = max(self._done, last)
        if self._spare and self._spare.place.seq <= last:
            self._stand(self._spare.place)
            self._spare = None
        if last > self.place.seq:
            self._stand(replace(self.place, seq=last))
        if not self.waiting():
            self.dropped = False

    def drop(self, seq: int) -> None:
        """This one is of no use to the hub."""
        if self._spare and self._spare.place.seq == seq:
            self._spare = None
        else:
            self._delete(seq)

    def _delete(self, seq: int) -> None:
        with suppress(OSError):  # a disk that takes nothing
            self._path(seq).unlink(missing_ok=True)

    def _stand(self, place: Place) -> None:
        self.place = place
        with suppress(OSError):  # the newest report has it too, and a hub that is ahead moves it up
            durable.write(self._state, canonical(place.as_json()))

    def _path(self, seq: int) -> Path:
        return self._folder / f"{seq}.json"


def waiting(folder: Path) -> list[int]:
    """The numbers of the reports that wait, oldest first."""
    return sorted(int(p.stem) for p in folder.glob("*.json") if p.stem.isdecimal())


def _place(path: Path) -> Place | None:
    try:
        fields = parse(path.read_bytes(), limit=MAX_ENVELOPE * 3)
        file, offset = fields.integers("played", count=2)
        return Place(fields.integer("seq"), fields.sha("prev"), Position(file, offset))
    except (OSError, BadFormat):
        return None


class Courier:
    """Brings what waits to the hub; never raises for what the network or the hub does."""

    def __init__(
        self, outbox: Outbox, line: Line, hub: str, commune: str, board: str,
        clock: Callable[[], float] = time.monotonic, *, metered: bool = False,
    ) -> None:  # fmt: skip
        self._outbox, self._line, self._clock = outbox, line, clock
        self._url = f"{hub}/v1/reports/{commune}/{board}"
        self._wait, self._next = FIRST_WAIT_S, 0.0
        self._most, self._metered = MAX_BATCH, metered
        self.fault: str | None = None  # code of why the hub did not take the last one
        self.bad_reports = 0
        self.wants_frame = False  # a person at the hub asked for a picture of the glass

    def visit(self) -> None:
        """Send what waits, oldest first. Does nothing before its time."""
        if self._clock() < self._next:
            return
        for _ in range(MAX_BATCH):  # more than one only while the hub finds something bad, or takes one by one
            sent = self._take()
            if not sent:
                break
            try:
                answer = self._post(list(sent.values()))
            except Unavailable:
                self._later("hub-unreachable")
                break
            if not self._heard(list(sent), answer):
                break

    def _post(self, envelopes: list[bytes]) -> Answer:
        """Packed where bytes are paid for, and where there are many of them."""
        body = b"\n".join(envelopes)
        if len(body) <= PACKED_FROM and not self._metered:
            return self._line.post(self._url, body)
        return self._line.post(self._url, parcel.packed(envelopes), Content_Type=parcel.KIND, Content_Encoding="gzip")

    def _take(self) -> dict[int, bytes]:
        """The oldest that wait, as many as go in one go."""
        sent: dict[int, bytes] = {}
        size = 0
        for seq in self._outbox.waiting()[: self._most]:
            body = self._outbox.envelope(seq)
            if body is None:
                self._outbox.drop(seq)
                continue
            size += len(body) + 1
            if sent and size > MAX_BATCH_BYTES:
                break
            sent[seq] = body
        return sent

    def _heard(self, sent: list[int], answer: Answer) -> bool:
        """Whether to go on with the next reports."""
        last, place = _number(answer.data, "last"), self._outbox.place
        if last is not None and last > place.seq + FURTHEST_JUMP:
            last = None
        if answer.status in (200, 409):
            if last is None or (answer.status == 409 and last < sent[0]):
                self._later("hub-confused")
                return False
            self._outbox.forget(last)
            self._wait, self.fault = FIRST_WAIT_S, None
            self.wants_frame = self.wants_frame or _is_set(answer.data, "frame")
            return len(sent) == 1 and last >= sent[0]
        if answer.status in (400, 413):
            self._bad(sent, last, answer)
            return True
        if answer.status == 403:
            self._later("hub-not-enrolled", NOT_ENROLLED_WAIT_S)
        else:
            self._later("hub-busy", answer.retry_after)
        return False

    def _bad(self, sent: list[int], last: int | None, answer: Answer) -> None:
        """Drop the one that is bad; when nobody says which it is, send them one by one to find it."""
        line = _number(answer.data, "line")
        if line is None and len(sent) > 1:
            self._most = 1
            return
        if last is not None:
            self._outbox.forget(last)
        at = line - 1 if line else 0
        self._outbox.drop(sent[at if at < len(sent) else 0])
        self.bad_reports += 1
        if answer.status == 400:
            self._most = MAX_BATCH

    def _later(self, fault: str, least: float | None = None) -> None:
        """Wait longer each time, and never all boards at the same moment."""
        self.fault = fault
        wait = max(self._wait, least or 0.0)
        self._next = self._clock() + wait * random.uniform(0.7, 1.3)  # noqa: S311 (no secret)
        self._wait = min(self._wait * 2, LONGEST_WAIT_S)


def _number(data: bytes, name: str) -> int | None:
    """A number that the hub's answer names."""
    found = _field(data, name)
    return found if type(found) is int and 0 <= found < 2**53 else None


def _is_set(data: bytes, name: str) -> bool:
    return _field(data, name) is True


def _field(data: bytes, name: str) -> object:
    try:
        return json.loads(data)[name]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
