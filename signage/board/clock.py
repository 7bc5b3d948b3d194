"""Trusted, suspect or unknown time; a board often has no battery clock and starts in the year 2000.

What is certain is a lower bound: the newest moment that an office's signature proves (a manifest's
`made`), or that a trusted clock has told before, and every second that the machine has run since. It
runs on with the machine's uptime, whatever happens to its clock, and outlives power cuts in
`state/time.json`; so nothing that has ended by it comes back, an emergency least of all.

| state     | when                                                          | time that the board goes by        |
|-----------|---------------------------------------------------------------|------------------------------------|
| `trusted` | the kernel is synchronised, or the server's Date agrees       | the machine's                      |
| `unknown` | nobody has confirmed it, and it is not below the bound        | the machine's                      |
| `suspect` | it is more than `AGREES_MS` below the bound                   | the bound, running on              |
| `suspect` | the server's Date differs, and the kernel is not synchronised | the server's over HTTPS, never     |
|           |                                                               | below the bound; else the machine's|

A suspect time is never written on the glass, and never makes a board dark.
"""

from __future__ import annotations

import ctypes
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from .. import durable
from ..wire import BadFormat, canonical, when
from . import notes

BUILT = datetime(2026, 11, 1, tzinfo=UTC)  # moved up at each release
AGREES_MS = 120_000  # milliseconds that our clock may differ from a server's, or lag the bound, and still agree
FURTHEST_MS = 50 * 365 * 86_400_000  # milliseconds: a Date that is further off is nonsense
KEPT_EVERY_S = 600.0  # seconds between two writes of the note: what a power cut can cost
LOOKED_EVERY_S = 10.0  # seconds between two looks at the note
NOTE = "time.json"
_AGREES = timedelta(milliseconds=AGREES_MS)
_TIMEX_BYTES = 512  # more than struct timex has on any Linux
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def state(now: datetime, floor: datetime, *, offset_ms: int | None, synchronised: bool) -> str:
    """ "trusted" | "suspect" | "unknown". Pure; `offset_ms`: the server's Date minus ours."""
    if now < floor - _AGREES or (offset_ms is not None and abs(offset_ms) > AGREES_MS and not synchronised):
        return "suspect"
    return "trusted" if synchronised or offset_ms is not None else "unknown"


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    """Opened once: the player asks at each frame of a fade."""
    return ctypes.CDLL(None)


def kernel_synchronised() -> bool:
    """Whether the kernel says that something (NTP, PTP) keeps the clock right."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        answer = _libc().ntp_adjtime(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= int(answer) < _TIME_ERROR


class Boot:
    """One life of the machine: what it is called, and the seconds it has lasted; alike in all its processes."""

    def __init__(self) -> None:
        boottime = getattr(time, "CLOCK_BOOTTIME", None)
        self._before = time.clock_gettime(boottime) - time.monotonic() if boottime is not None else 0.0
        self.name = ""
        with suppress(OSError):
            self.name = _BOOT_ID.read_text("ascii").strip()

    def seconds(self) -> float:
        return self._before + time.monotonic()


@dataclass(frozen=True)
class _Mark:
    """A moment, and the uptime at which it was; it runs on."""

    moment: datetime
    at_s: float

    def now(self, seconds: float) -> datetime:
        return self.moment + timedelta(seconds=seconds - self.at_s)


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
        self._signed = BUILT
        self._passed = _Mark(BUILT, self._began)
        self._server: _Mark | None = None  # when its Date differs from ours
        self._vouched = False
        self._looked = self._kept = float("-inf")
        self._seen: tuple[int, int] | None = None
        self._look()

    def _up(self) -> float:
        return self.boot.seconds()

    # ── what is certain ──────────────────────────────────────────────────────────────────────────

    def prove(self, moment: datetime) -> None:
        """An office's signature proves that this moment has passed."""
        self._signed = max(self._signed, moment)
        self._at_least(moment)

    def _at_least(self, moment: datetime) -> None:
        if moment > self.bound():
            self._passed = _Mark(moment, self._up())

    def bound(self) -> datetime:
        """It is certainly not earlier than this."""
        return self._passed.now(self._up())

    @property
    def floor(self) -> datetime:
        """What the machine's clock is held against: a synchronised one against signatures alone."""
        return self._signed if self._synchronised() else self.bound()

    # ── what time it is ──────────────────────────────────────────────────────────────────────────

    def machine(self) -> datetime:
        """What the machine says (or pretends)."""
        if self.start is None:
            return datetime.now(UTC)
        return self.start + timedelta(seconds=self._up() - self._began)

    def now(self) -> datetime:
        """The time that the board goes by."""
        machine = self.machine()
        if not self.bounded:
            return machine
        self._look()
        if self._server and self._vouched and self._disagrees(machine):
            return max(self.bound(), self._server.now(self._up()))
        return max(machine, self.bound()) if machine < self.floor - _AGREES else machine

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

    def keep(self, *, offset_ms: int | None, secure: bool, fresh: bool) -> None:
        """Write what is known, when it is new or old enough. Only `sync` calls this, after a round.

        `fresh`: signed metadata have just been found not to be expired by the machine's clock, which
        a trusted clock then passes on to the next life. `secure`: TLS vouches for the server's Date.
        """
        machine, synced = self.machine(), self._synchronised()
        if fresh and state(machine, self.floor, offset_ms=offset_ms, synchronised=synced) == "trusted":
            self._passed = _Mark(machine, self._up())
        before, self._vouched = self._server, secure
        wrong = offset_ms is not None and AGREES_MS < abs(offset_ms) < FURTHEST_MS and not synced
        self._server = _Mark(machine + timedelta(milliseconds=offset_ms or 0), self._up()) if wrong else None
        if (before is None) == (self._server is None) and self._up() - self._kept < KEPT_EVERY_S:
            return
        self._kept = self._up()
        if self.note is not None:
            server = when(self._server.now(self._kept)) if self._server else None
            up, passed = int(self._kept * 1000), when(self.bound())
            told = {"v": 1, "passed": passed, "server": server, "tls": secure, "boot": self.boot.name, "up_ms": up}
            with suppress(OSError):  # a full disk: the next round tries again
                durable.write(self.note, canonical(told))  # to the disk: a power cut is what it is for

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
            passed, server = fields.when("passed"), fields.maybe("server", fields.when)
            at_s = fields.integer("up_ms") / 1000
            if self.boot.name and fields.text("boot", most=64) == self.boot.name:
                self._at_least(_Mark(passed, at_s).now(self._up()))
                self._server, self._vouched = _Mark(server, at_s) if server else None, fields.boolean("tls")
            else:
                self._at_least(passed + timedelta(seconds=self._up() if self.boot.name else 0))
