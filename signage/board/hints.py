"""Listen for hints (`signage.hint`) in a thread of its own, and wake sync at once.

Where there is no such channel, on a plain static host, nothing is different from polling. A channel that lives
lets sync poll slowly; one that lies, floods or breaks off is left alone for a while:

| what happened                                               | tried again                                         |
|-------------------------------------------------------------|-----------------------------------------------------|
| a channel that had lived was closed                         | within `SOON_S`, not all boards at the same moment  |
| the line broke, or the server is busy                       | after 2, 4, 8 … `LONGEST_S`, or with the next round |
|                                                             | that gets through after one that did not            |
| no such thing at any address (publication, then hub)        | after `RARE_S`                                      |
| `UNPROVEN` times nothing came before it broke: some proxy   | after `RARE_S`                                      |
| more bytes than `MAX_BYTES` without news, or `FALSE` hints  | after `RARE_S`                                      |
| without truth                                               |                                                     |
"""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass

from .. import hint
from ..errors import BangtinError, Refused
from .download import Line

SLOW_S = 600.0  # seconds between two polls while the channel lives
QUIET = 2.2  # times the agreed silence after which the line is dead
SOON_S = 4.0  # seconds within which boards come back to a server that was started again
LONGEST_S = 600.0  # seconds between two tries of a line that is broken
RARE_S = 3600.0  # seconds until a channel is tried again that is none, or is no good
UNPROVEN, FALSE = 4, 3  # times
BURST, EACH_S = 5.0, 5.0  # rounds that hints may cause at once; seconds until one more
MAX_BYTES, BYTES_S = 512 * 1024.0, 256 * 1024 / 3600  # bytes that may be heard without news; so many more a second


@dataclass
class Share:
    """What somebody may still use: a token bucket."""

    most: float
    per_s: float

    def __post_init__(self) -> None:
        self._left, self._at = self.most, time.monotonic()

    def take(self, much: float = 1.0) -> bool:
        """Use so much, if it is there."""
        there = self.wait_s(much) == 0
        self._left -= much if there else 0
        return there

    def wait_s(self, much: float = 1.0) -> float:
        """Seconds until there is so much."""
        now = time.monotonic()
        self._left, self._at = min(self.most, self._left + (now - self._at) * self.per_s), now
        return max(0.0, (much - self._left) / self.per_s)


class NoGood(Exception):
    """This channel is to be left alone."""


class Listener:
    """The channel of one board; `start` begins to listen. What is public is for sync's own thread."""

    def __init__(self, urls: list[str], every: float) -> None:
        """`urls`: where the channel may be; `every`: seconds between two polls without it."""
        self._agreed = max(hint.LEAST_S, min(hint.MOST_S, every))
        self._urls = [f"{url}?{hint.QUERY}={self._agreed:.0f}" for url in urls]
        self._wake, self._again, self._lock = threading.Event(), threading.Event(), threading.Lock()
        self._brought: Mapping[str, bytes] | None = None
        self._judged = self._taken = False  # whether what waits, and what was taken last, came from outside
        self._rounds, self._bytes = Share(BURST, 1 / EACH_S), Share(MAX_BYTES, BYTES_S)
        self._false = self._broken = self._unproven = 0  # in a row: hints, lines, and lines on which nothing came
        self.alive = False  # something has come on the open channel, and it has not been silent for too long

    def start(self) -> Listener:
        threading.Thread(target=self._listen_on, name="hints", daemon=True).start()
        return self

    # ── for sync ─────────────────────────────────────────────────────────────────────────────────

    def wait(self, seconds: float) -> bool:
        """At most so long, for a hint that may be followed now; whether there is one."""
        if not self._wake.wait(seconds):
            return False
        if rest := self._rounds.wait_s():
            time.sleep(min(rest, seconds))
        return self.rang()

    def rang(self) -> bool:
        """Whether a hint waits that may be followed now."""
        return self._wake.is_set() and self._rounds.wait_s() == 0

    def take(self) -> Mapping[str, bytes] | None:
        """The files that the newest hint brought, for one round; None when no hint waits."""
        with self._lock:
            found, self._brought = self._brought, None
            self._taken, self._judged = self._judged, False
            self._wake.clear()
        if found is not None:
            self._rounds.take()
        return found

    def judge(self, *, was_true: bool, was_news: bool) -> None:
        """What the round made of the hint: who sends several that are not true, or much that is not news, is left
        alone. A flood has a dozen emergencies, and every hint of that day has them all.
        """
        if self._taken:
            self._false = 0 if was_true else self._false + 1
            if was_news:
                self._bytes = Share(MAX_BYTES, BYTES_S)

    def online(self) -> None:
        """The network is there again."""
        if self._broken:
            self._again.set()

    # ── the thread ───────────────────────────────────────────────────────────────────────────────

    def _listen_on(self) -> None:
        place = 0
        while True:
            rare = False
            try:
                self._listen(self._urls[place])
            except Refused:
                place = (place + 1) % len(self._urls)
                rare = place == 0
            except NoGood:
                rare = True
            except (BangtinError, OSError):
                self._broken += 1
            except Exception:  # whatever it is: sync polls
                traceback.print_exc()
                rare = True
            self.alive = False
            self._again.clear()
            self._again.wait(self._pause(rare=rare or self._unproven >= UNPROVEN))

    def _pause(self, *, rare: bool) -> float:
        """Seconds until the next try."""
        spread = random.uniform(0.5, 1.5)  # noqa: S311 (spreads the boards)
        if rare:
            self._broken = self._unproven = self._false = 0
            return RARE_S * spread
        if not self._broken:
            return SOON_S * spread / 1.5
        return min(LONGEST_S, 2.0 ** min(self._broken, 16)) * spread

    def _listen(self, url: str) -> None:
        """Until the answer ends. Raises `NoGood`, and as `Line.listen` does."""
        reading, line = hint.Reading(), Line()
        try:
            for data in line.listen(url, hint.KIND, self._agreed * QUIET):
                self._unproven += not data
                if self._false >= FALSE or not self._bytes.take(len(data)):
                    raise NoGood
                for files in reading.feed(data):
                    self._lives()
                    if files is not None:
                        self._ring(files, judged=True)
        except hint.TooMuch as error:
            raise NoGood from error
        finally:
            line.close()

    def _lives(self) -> None:
        if not self.alive:
            self.alive, self._broken, self._unproven = True, 0, 0
            self._ring({})  # something may have come between the last poll and this channel

    def _ring(self, files: Mapping[str, bytes], *, judged: bool = False) -> None:
        with self._lock:
            self._brought, self._judged = files, judged
            self._wake.set()
