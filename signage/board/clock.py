"""Trusted, suspect or unknown time; a board often has no battery clock and starts in the year 2000.

What it holds to is a lower bound: the moment at which the publication in force was made, by its
signature, or that a trusted clock has told before, and every second that the machine has run since. It
runs on with the machine's uptime, whatever happens to its clock, and outlives power cuts in
`state/time.json`; so nothing that has ended by it comes back, an emergency least of all.

The two are kept apart, because the key that signs `made` is online: whoever has it, or an office whose
computer is in the wrong year, can say any moment up to the life of what the offline keys signed. So a later
publication that says an earlier moment takes the word back (`prove`), and `unsaid` is the time without it.

| state     | when                                                          | time that the board goes by        |
|-----------|---------------------------------------------------------------|------------------------------------|
| `trusted` | the kernel is synchronised, or the server's Date agrees       | the machine's                      |
| `unknown` | nobody has confirmed it, and it is not below the bound        | the machine's                      |
| `suspect` | it is more than `AGREES_MS` below the bound                   | the bound, running on              |
| `suspect` | the server's Date differs, and the kernel is not synchronised | the server's over HTTPS, never     |
|           | (over HTTPS: twice, `APART_S` apart, and nothing expires by it)| below the bound; else the machine's|

A suspect time is never written on the glass, and never makes a board dark.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from .. import durable
from ..wire import BadFormat, Fields, canonical, when
from . import notes
from .boot import MAX_BOOT_ID, Boot

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # moved up at each release
AGREES_MS = 120_000  # milliseconds that our clock may differ from a server's, or lag the bound, and still agree
APART_S = 300.0  # seconds between two Dates that must agree; more than AGREES_MS, or one that stands still would
LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # no moment beyond it is believed
FURTHEST_MS = 50 * 365 * 86_400_000  # milliseconds: a Date that is further off is nonsense
KEPT_EVERY_S = 600.0  # seconds between two writes of the note: what a power cut can cost
LOOKED_EVERY_S = 10.0  # seconds between two looks at the note
NOTE = "time.json"
_AGREES = timedelta(milliseconds=AGREES_MS)
_TIMEX_BYTES = 512  # more than struct timex has on any Linux
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised


def state(now: datetime, floor: datetime, *, offset_ms: int | None, synchronised: bool) -> str:
    """ "trusted" | "suspect" | "unknown". Pure; `offset_ms`: the server's Date minus ours."""
    if now < floor - _AGREES or (offset_ms is not None and abs(offset_ms) > AGREES_MS and not synchronised):
        return "suspect"
    return "trusted" if synchronised or offset_ms is not None else "unknown"


_libc = lru_cache(maxsize=1)(lambda: ctypes.CDLL(None))  # opened once: the player asks at each frame of a fade


def kernel_synchronised() -> bool:
    """Whether the kernel says that something (NTP, PTP) keeps the clock right."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        answer = _libc().ntp_adjtime(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= int(answer) < _TIME_ERROR


@dataclass(frozen=True)
class _Mark:
    """A moment, and the uptime at which it was; it runs on."""

    moment: datetime
    at_s: float

    def now(self, seconds: float) -> datetime:
        try:
            return min(self.moment + timedelta(seconds=seconds - self.at_s), LATEST)
        except OverflowError:  # a note that somebody has spoilt
            return BUILT


@dataclass(frozen=True)
class Proof:
    """What a publication says of time: its number, and when it was made; signed by an online key.

    `offline`: versions of the root and the targets that it came with. They come before its number, for an online key
    that was stolen can say the largest; who names another key begins anew (`trust.floor`).
    """

    number: int
    made: datetime
    offline: tuple[int, int] = (0, 0)

    def is_before(self, other: Proof) -> bool:
        """Whether the other publication is a later one."""
        return (self.offline, self.number) < (other.offline, other.number)


@dataclass
class Clock:
    """Time as this process believes it; every process of a board believes the same.

    `start`: pretend that it began at this moment; `bounded=False`: even below the bound (`--now`).
    `note`: `state/time.json`, written by `sync` alone (`keep`).
    """

    start: datetime | None = None
    bounded: bool = True
    note: Path | None = None
    boot: Boot = field(default_factory=Boot)

    def __post_init__(self) -> None:
        self._began = self._up()
        self._passed = _Mark(BUILT, self._began)
        self._proof = Proof(-1, BUILT)  # of the newest publication
        self._said = _Mark(BUILT, self._began)  # the same, running on
        self._server: _Mark | None = None  # when its Date differs from ours
        self._vouched = False  # that Date is believed
        self._told: _Mark | None = None  # what waits to be told again
        self._looked = self._kept = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._look()

    def _up(self) -> float:
        return self.boot.seconds()

    # ── what is certain ──────────────────────────────────────────────────────────────────────────

    def prove(self, proof: Proof) -> None:
        """This publication is in force: the moment at which it was made has passed, as far as its key goes.
        A later one that was made earlier takes that back; an earlier one says nothing.
        """
        made = min(proof.made, LATEST)
        self._hear(replace(proof, made=made), _Mark(made, self._up()))

    def _hear(self, proof: Proof, mark: _Mark) -> None:
        if proof.is_before(self._proof):
            return
        back = self._proof.is_before(proof) and self.takes_back(proof.made)
        if back or mark.now(self._up()) > self._said.now(self._up()):
            self._said = mark
        self._proof = proof

    def takes_back(self, made: datetime) -> bool:
        """Whether a new publication of this moment says that the one in force is from the future."""
        return made < self._proof.made

    def _at_least(self, mark: _Mark) -> None:
        if mark.now(self._up()) > self._passed.now(self._up()):
            self._passed = mark

    def bound(self) -> datetime:
        """It is not earlier than this, as far as trusted clocks and the office go."""
        return max(self._passed.now(self._up()), self._said.now(self._up()))

    @property
    def floor(self) -> datetime:
        """What the machine's clock is held against: a synchronised one against signatures alone."""
        return max(BUILT, self._proof.made) if self._synchronised() else self.bound()

    # ── what time it is ──────────────────────────────────────────────────────────────────────────

    def machine(self) -> datetime:
        """What the machine says (or pretends)."""
        if self.start is None:
            return datetime.now(UTC)
        return self.start + timedelta(seconds=self._up() - self._began)

    def now(self) -> datetime:
        """The time that the board goes by."""
        if self.bounded:
            self._look()
        return self._time(self.bound(), self.floor)

    def unsaid(self) -> datetime:
        """The same without the online key's word: what trusted clocks, and else the machine, say."""
        passed = self._passed.now(self._up())
        return self._time(passed, BUILT if self._synchronised() else passed)

    def trusted(self, *, offset_ms: int | None, secure: bool) -> datetime | None:
        """The time, when somebody vouches for it; else None. `offset_ms`, `secure`: as for `keep`."""
        machine, synced = self.machine(), self._synchronised()
        heard = offset_ms if secure else None
        if state(machine, self.floor, offset_ms=heard, synchronised=synced) == "trusted":
            return machine
        return self._server.now(self._up()) if self._server and self._vouched and not synced else None

    def _time(self, bound: datetime, floor: datetime) -> datetime:
        machine = self.machine()
        if not self.bounded:
            return machine
        if self._server and self._vouched and self._disagrees(machine):
            return max(bound, self._server.now(self._up()))
        return max(machine, bound) if machine < floor - _AGREES else machine

    @property
    def suspect(self) -> bool:
        """Whether the machine's clock is known to be wrong."""
        machine = self.machine()
        return self.bounded and (machine < self.floor - _AGREES or self._disagrees(machine))

    def _disagrees(self, machine: datetime) -> bool:
        """Whether the server says another time; a synchronised clock needs no advice."""
        if self._server is None or abs(self._server.now(self._up()) - machine) <= _AGREES:
            return False
        return not self._synchronised()

    def _synchronised(self) -> bool:
        return self.start is None and kernel_synchronised()

    # ── the note ─────────────────────────────────────────────────────────────────────────────────

    def keep(self, *, offset_ms: int | None, secure: bool, until: datetime | None) -> None:
        """Write what is known, when it is new or old enough. Only `sync` calls this, after a round.

        `offset_ms`: the server's Date minus ours; `secure`: TLS vouches for it. `until`: when the first of the
        metadata expires that were just found fresh, so that a trusted clock is passed on to the next life; or None.
        """
        machine, synced = self.machine(), self._synchronised()
        if until and state(machine, self.floor, offset_ms=offset_ms, synchronised=synced) == "trusted":
            self._passed = _Mark(machine, self._up())
        before = self._server is None, self._vouched
        wrong = offset_ms is not None and AGREES_MS < abs(offset_ms) < FURTHEST_MS and not synced
        self._server = _Mark(machine + timedelta(milliseconds=offset_ms or 0), self._up()) if wrong else None
        self._vouched = secure and self._believable(until)
        if before == (self._server is None, self._vouched) and self._up() - self._kept < KEPT_EVERY_S:
            return
        self._kept = self._up()
        if self.note is not None:
            with suppress(OSError):  # a full disk: the next round tries again
                durable.write(self.note, canonical(self._as_json()))  # to the disk: a power cut is what it is for

    def _believable(self, until: datetime | None) -> bool:
        """Whether the server's Date can be gone by: told twice, and nothing that was just fresh expires by it."""
        if self._server is None:
            self._told = None
            return True
        there, told, up = self._server.moment, self._told, self._server.at_s
        if told is None or abs(told.now(up) - there) > _AGREES:
            self._told = self._server
            return False
        if up - told.at_s < APART_S:
            return False
        self._told = _Mark(there - timedelta(seconds=APART_S), up - APART_S)  # clocks drift
        return there < until if until else there <= self.unsaid()

    def _as_json(self) -> dict[str, object]:
        up, proof = self._kept, self._proof
        said = {"number": proof.number, "made": when(proof.made), "passed": when(self._said.now(up))}
        said["offline"] = list(proof.offline)
        return {
            "v": 1, "passed": when(self._passed.now(up)), "said": said if proof.number >= 0 else None,
            "server": when(self._server.now(up)) if self._server else None, "tls": self._vouched,
            "boot": self.boot.name, "up_ms": int(up * 1000),
        }  # fmt: skip

    def _look(self) -> None:
        """Take over what `sync` has written since, now and then."""
        if self.note is None or self._up() - self._looked < LOOKED_EVERY_S:
            return
        self._looked = self._up()
        with suppress(OSError):
            found = self.note.stat()
            if (mark := (found.st_ino, found.st_mtime_ns)) != self._seen:
                self._seen = mark
                self._recall()

    def _recall(self) -> None:
        fields = notes.read(self.note) if self.note else None
        if fields is None:
            return
        with suppress(BadFormat):
            server, said = fields.maybe("server", lambda n: _moment(fields, n)), fields.maybe("said", fields.object)
            here = bool(self.boot.name) and fields.text("boot", most=MAX_BOOT_ID) == self.boot.name
            # in another boot at least as long has passed as this one has lasted
            at_s = fields.integer("up_ms") / 1000 if here else 0.0 if self.boot.name else self._up()
            vouched, passed = fields.boolean("tls"), _Mark(_moment(fields, "passed"), at_s)
            if said:
                root, targets = said.integers("offline", count=2, most=2**53)
                proof = Proof(said.integer("number"), _moment(said, "made"), (root, targets))
                self._hear(proof, _Mark(_moment(said, "passed"), at_s))
            self._at_least(passed)
            if here:
                self._server, self._vouched = _Mark(server, at_s) if server else None, vouched


def _moment(fields: Fields, name: str) -> datetime:
    """Raises `BadFormat` when it is none, or none that anybody lives to see."""
    if (moment := fields.when(name)) > LATEST:
        raise BadFormat(name, "too late")
    return moment
