"""The witness: looks at the real window after each change and every ten seconds, and says what it saw.

It trusts the player for what should be there, and for nothing else: not for being alive, not for
the pixels, not for the time that a picture may stand. What lies under a mask (clock, ticker, film)
is not compared. `bangtin board kiosk` is this process.

    state/witness.json   the verdict, written when it changes; its age is the witness's own sign of life
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..wire import BadFormat, Fields, when
from . import notes
from .clock import NOTE, Clock
from .connector import DRM, connector
from .sight import Sight
from .verdict import WRONG, Expectation, Facts, Judgement, Seen, judge
from .voice import Ear, Note

LOOK_S = 10.0  # seconds between two looks at a picture that stands
AGAIN_S = 0.25  # seconds until the next look at one that is not as expected
WRONG_S = 2.0  # the same, once that has lasted a while
AFTER_CHANGE_S = 0.1  # seconds after the end of a transition
BEAT_S = 5.0  # seconds between two signs of life
SHORT_S = 2.0  # seconds: shorter transitions are not worth a note
FRESH_S = 20.0  # seconds: an older witness.json says nothing


class Witness:
    """One board's; `step` is called about once a second."""

    def __init__(self, state: Path, drm: Path = DRM) -> None:
        self._path, self._drm = state / "witness.json", drm
        self.ear: Ear = Note(state / "player.json")  # of the player that lives now
        self._sight, self._clock = Sight(), Clock(note=state / NOTE)
        self._faults = notes.Faults()
        self._beat_at: float | None = None
        self._expect: Expectation | None = None
        self._raw: object = None  # `expect` as the player wrote it: a new moment is a new expectation
        self._held_at = self._next = 0.0
        self._seen: Seen | None = None
        self._differs_at: float | None = None
        self._connector = "unknown"
        self._told: tuple[object, ...] = ()
        self._since = self._clock.now()
        self._changed_at = self._touched_at = float("-inf")
        self._verdict = ""
        self._pid: int | None = None

    def step(self, pid: int | None, age_s: float, extra: tuple[str, ...] = ()) -> tuple[Judgement, bool]:
        """The verdict now, and whether it rests on a look taken now.

        `pid`: of the living player; `age_s`: since it was started; `extra`: faults to tell besides.
        """
        now = time.monotonic()
        if pid != self._pid:  # what the player before expected stands until the new one speaks
            self._pid, self._beat_at, self._next = pid, None, 0.0
        self._read(pid, now)
        looked = now >= self._next
        if looked:
            self._look(pid, now)
        facts = Facts(
            pid is not None, age_s, None if self._beat_at is None else now - self._beat_at, self._expect,
            now - self._held_at, self._seen, now - self._differs_at if self._differs_at else 0.0, self._connector,
        )  # fmt: skip
        judgement = judge(facts)
        self._tell(judgement, extra, now)
        return judgement, looked and self._seen is not None

    def close(self) -> None:
        self._sight.close()

    # ── what the player says ─────────────────────────────────────────────────────────────────────

    def _read(self, pid: int | None, now: float) -> None:
        """Hear its heartbeat, by our own clock; take what it expects to be on the glass."""
        word = self.ear.word()
        if word is None or pid is None or word.raw.get("pid") != pid:
            return
        self._beat_at = now
        if word.raw.get("expect") != self._raw:
            self._raw = word.raw.get("expect")
            self._expects(_expectation(word), now)

    def _expects(self, expect: Expectation | None, now: float) -> None:
        same = self._expect is not None and expect is not None and _picture(expect) == _picture(self._expect)
        self._expect, self._held_at = expect, now
        if not same:
            self._seen = None  # but what was wrong before stays wrong until something right is seen
            self._next = now + AFTER_CHANGE_S + (expect.changing_s if expect else 0.0)

    # ── what is there ────────────────────────────────────────────────────────────────────────────

    def _look(self, pid: int | None, now: float) -> None:
        before = self._raw
        seen = self._sight.look(self._expect) if self._expect else self._sight.glance()
        self._read(pid, now)
        if self._raw != before:  # it changed while we looked
            return
        self._connector = connector(self._drm)
        self._seen = seen
        if seen not in WRONG:
            self._differs_at, wait = None, LOOK_S
        else:
            self._differs_at = self._differs_at or now
            wait = AGAIN_S if now - self._differs_at < WRONG_S else WRONG_S
        self._next = now + wait

    # ── what it says ─────────────────────────────────────────────────────────────────────────────

    def _tell(self, judgement: Judgement, extra: tuple[str, ...], now: float) -> None:
        """Write when something has changed, else a sign of life now and then."""
        if judgement.verdict == "transition":
            if self._told and now - self._held_at < SHORT_S:
                return
            judgement = replace(judgement, fault=None)
        moment = self._clock.now()
        codes = (*([judgement.fault] if judgement.fault else []), *extra)
        told = (judgement.verdict, judgement.layer, self._connector, codes)
        if told != self._told:
            if judgement.verdict != self._verdict:
                self._verdict, self._since = judgement.verdict, moment
            self._faults.only("", codes, moment)
            note = {
                "pid": os.getpid(), "verdict": judgement.verdict, "layer": judgement.layer,
                "since": when(self._since), "at": when(moment), "connector": self._connector,
                "faults": self._faults.as_json(),
            }  # fmt: skip
            with suppress(OSError):  # a full disk: nobody hears of it, but the screen is still looked after
                notes.write(self._path, note)
                self._told, self._touched_at = told, now
        elif now - self._touched_at >= BEAT_S:
            self._touched_at = now
            with suppress(OSError):
                os.utime(self._path)


def _expectation(word: Fields) -> Expectation | None:
    """A word that makes no sense expects nothing."""
    try:
        expect = word.maybe("expect", word.object)
        return Expectation.read(expect) if expect else None
    except (BadFormat, TypeError, ValueError):
        return None


def _picture(expect: Expectation) -> Expectation:
    """The same for two expectations of the same pixels."""
    return replace(expect, lasts_s=0.0, changing_s=0.0)


def fresh(state: Path) -> Fields | None:
    """What the witness says, or None when it says nothing lately."""
    path = state / "witness.json"
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return None
    return notes.read(path) if abs(age) < FRESH_S else None
