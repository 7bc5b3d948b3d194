"""The kiosk: starts the player, is its witness, starts it again when it is dead or wrong.

It feeds systemd's watchdog only after a look that found what should be there (or, where nothing can
look, a living player): whatever else hangs, the whole graphical session is then started anew.
Restarts are quick while the day's budget lasts and slow afterwards; the board is never given up.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import power, systemd
from .alone import alone
from .budget import RESTARTS, Budget
from .connector import DRM
from .shots import Shots
from .voice import PIPE, Pipe
from .waking import Waker
from .witness import Witness

STEP_S = 0.5  # seconds between two looks at the player's process and its heartbeat
ILL_S = 10.0  # seconds that a wrong picture may stand before the player is started again
STUCK_S = 0.5  # the same for a player that stands still: its heartbeat was waited for already
TERM_S = 3.0  # seconds between SIGTERM and SIGKILL
LONGEST_GAP_S = 30.0  # seconds between two starts, while the budget lasts
LATELY_S = 600.0  # seconds in which restarts make the next one wait longer
SLOW_S = 600.0  # seconds between two starts when the budget is spent
STARTING_S = 90.0  # seconds that systemd waits for the first verified picture
SPENT = "restarts-spent"
_SET_PDEATHSIG = 1  # prctl(2)


def run(state: Path, command: Sequence[str], *, seconds: float | None = None, drm: Path = DRM) -> int:
    """Until SIGTERM, Ctrl-C or `seconds`; returns 0. `command` starts the player.

    Raises `Unavailable` (`locked`) when another kiosk has this board.
    """
    with alone(state / "kiosk.lock"):
        kiosk = Kiosk(state, command, drm)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: kiosk.stop())
        kiosk.run(seconds)
    return 0


class Kiosk:
    """One board's; `run` is its life."""

    def __init__(self, state: Path, command: Sequence[str], drm: Path) -> None:
        self._command = list(command)
        self._witness, self._shots = Witness(state, drm), Shots(state)
        self._budget = Budget(state)
        self._waker = Waker(state)
        self._patience = float(os.environ.get("WATCHDOG_USEC") or 0) / 1e6  # systemd's, in seconds
        self._player: subprocess.Popen[bytes] | None = None
        self._pipe: Pipe | None = None  # what the player says
        self._started_at = 0.0
        self._ill_at: float | None = None  # since when it has been ill, with no sound look between
        self._slow = False
        self._told_patience = 0.0
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._waker.wake()

    def run(self, seconds: float | None) -> None:
        """The loop; the player ends with it."""
        end = time.monotonic() + seconds if seconds else float("inf")
        first = self._budget.first
        if not (self._budget.open() if first else self._budget.spend()):
            self._slow_down()
        self._start()
        systemd.tell(systemd.READY)
        self._wait_for_us(max(STARTING_S, self._usual()))
        try:
            while not self._stopping and time.monotonic() < end:
                self._step()
                self._shots.step()
                self._waker.wait(STEP_S)
        finally:
            systemd.tell(systemd.STOPPING)
            self._end()
            self._witness.close()
            self._shots.close()
            self._waker.close()
            if self._pipe:
                self._pipe.close()

    def _step(self) -> None:
        now = time.monotonic()
        alive = self._player is not None and self._player.poll() is None
        pid = self._player.pid if alive and self._player else None
        judgement, looked = self._witness.step(pid, now - self._started_at, (SPENT,) if self._slow else ())
        if looked and judgement.sound:
            systemd.tell(systemd.FED)
            self._wait_for_us(self._usual())
        if judgement.sound and alive:
            self._ill_at = None
        elif judgement.ill and self._ill_at is None:
            self._ill_at = now
        if alive and not judgement.ill:
            return
        patience = 0.0 if not alive else STUCK_S if judgement.verdict == "frozen" else ILL_S
        if now - (self._ill_at or now) >= patience and self._may_start(now):
            code = self._player.poll() if self._player else None
            _say(f"player {f'ended with {code}' if not alive else judgement.fault or 'says nothing'}: starts again")
            self._end()
            self._start()

    def _may_start(self, now: float) -> bool:
        """Whether it is time to start the player again; takes that from the budget."""
        gap = SLOW_S if self._slow else min(LONGEST_GAP_S, 2.0 ** self._budget.recent(LATELY_S) - 1)
        if now < self._started_at + gap:
            return False
        if self._budget.spend():
            self._slow = False
        elif not self._slow:
            self._slow_down()
            return now >= self._started_at + SLOW_S
        return True

    def _slow_down(self) -> None:
        """Starting anew does not help: go on slowly, and have systemd be as patient."""
        self._slow = True
        self._wait_for_us(self._usual())
        _say(f"{RESTARTS} restarts in a day of this boot, or they cannot be counted: one try in {SLOW_S:.0f} s now")

    def _usual(self) -> float:
        """Seconds that systemd should wait for the next verified picture; 0: it does not watch."""
        return SLOW_S * 1.5 if self._slow and self._patience else self._patience

    def _wait_for_us(self, seconds: float) -> None:
        if self._patience and seconds != self._told_patience:
            self._told_patience = seconds
            systemd.tell(systemd.watchdog(seconds))

    # ── the process ──────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        env = {name: value for name, value in os.environ.items() if name not in ("NOTIFY_SOCKET", "WATCHDOG_USEC")}
        self._started_at, self._ill_at = time.monotonic(), None
        try:
            handles = self._listen(env)
            self._player = subprocess.Popen(
                self._command, env=env, stdin=subprocess.DEVNULL, pass_fds=handles,
                preexec_fn=_with_us(),  # noqa: PLW1509 (there is one thread)
            )  # fmt: skip
        except OSError as error:  # no memory, no more processes: tried again
            self._player = None
            _say(f"player does not start: {error}")
        finally:
            if self._pipe:
                self._pipe.started()

    def _listen(self, env: dict[str, str]) -> tuple[int, ...]:
        """A way for the next player's words: the handles that it inherits."""
        if self._pipe:
            self._pipe.close()
            self._pipe = None
        if sys.platform == "win32":  # no handles are inherited there: its note on the disk will do
            return ()
        self._pipe = self._witness.ear = pipe = Pipe()
        env[PIPE] = str(pipe.tell)
        return (pipe.tell,)

    def _end(self) -> None:
        """SIGTERM, then SIGKILL; a screen that it left off is switched on."""
        player, self._player = self._player, None
        if player is None:
            return
        killed = player.poll() not in (None, 0)
        if player.poll() is None:
            player.terminate()
            try:
                player.wait(TERM_S)
            except subprocess.TimeoutExpired:
                player.kill()
                player.wait()
                killed = True
        if killed:
            power.restore()


def _with_us() -> Callable[[], Any] | None:
    """Has the kernel end a player whose kiosk is gone: it would keep the board from the next one."""
    if not sys.platform.startswith("linux"):
        return None
    with suppress(OSError, AttributeError):
        prctl = ctypes.CDLL(None).prctl
        return lambda: prctl(_SET_PDEATHSIG, signal.SIGTERM)
    return None


def _say(words: str) -> None:
    """For the journal: once per change, never per look."""
    with suppress(OSError):
        print(f"bangtin kiosk: {words}", file=sys.stderr, flush=True)
