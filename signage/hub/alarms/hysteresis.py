"""When a reason becomes an alarm, when it is over, and when people are told. Pure: a track and `now` in, a track out.

A reason must last before it is an alarm, or come back often; it must be gone for a while before it is over,
longer when it comes and goes. So a board that flaps has one alarm with a count. About one reason of one board
people are told at most once in `TELL_EVERY`, however it comes and goes, and of what lasts always.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .judgement import Level

LEAST_KEPT = Level.WARNING  # quieter reasons are on the board's page, and no alarms
OPEN_AFTER = {Level.ALARM: timedelta(seconds=30), Level.WARNING: timedelta(minutes=5)}  # lasted without a gap
FLAPS = 3  # comings after which it is an alarm though none of them lasted
CLOSE_AFTER = timedelta(minutes=10)  # not seen for so long: over
FLAPPING_CLOSE_AFTER = timedelta(hours=1)  # the same for what came back `FLAPS` times
TELL_EVERY = timedelta(hours=1)  # between two messages that one reason of one board begins


@dataclass(frozen=True)
class Track:
    """One reason of one board. Until `opened` it only waits to be an alarm; with `closed` it is over."""

    level: Level
    since: datetime  # of a waiting one: of its last coming
    times: int = 1
    opened: datetime | None = None
    quiet_since: datetime | None = None
    told: datetime | None = None
    closed: datetime | None = None


def step(track: Track | None, seen: Level | None, now: datetime) -> Track | None:
    """The track after a look that saw the reason at this level, or not; None: there is nothing to remember."""
    if seen is not None and seen < LEAST_KEPT:
        seen = None
    if track is None:
        return Track(seen, now) if seen else None
    return _present(track, seen, now) if seen else _absent(track, now)


def may_tell(track: Track, last_told: datetime | None, now: datetime, *, maintained: bool = False) -> bool:
    """Whether people are told of it now; `last_told`: of an earlier alarm for the same reason of the same board."""
    if track.opened is None or track.told or track.closed or track.quiet_since or maintained:
        return False
    return last_told is None or now - last_told >= TELL_EVERY or last_told > now


def _present(track: Track, seen: Level, now: datetime) -> Track:
    came_back = track.quiet_since is not None
    since = now if track.opened is None and (came_back or track.since > now) else track.since
    track = replace(
        track, level=max(track.level, seen), since=since, times=track.times + came_back, quiet_since=None
    )  # fmt: skip
    lasted = now - track.since >= OPEN_AFTER[track.level]
    return replace(track, opened=now) if track.opened is None and (lasted or track.times >= FLAPS) else track


def _absent(track: Track, now: datetime) -> Track | None:
    quiet_since = min(track.quiet_since or now, now)  # the hub's own clock may be set back
    patience = FLAPPING_CLOSE_AFTER if track.times >= FLAPS else CLOSE_AFTER
    if now - quiet_since < patience:
        return replace(track, quiet_since=quiet_since)
    return replace(track, quiet_since=quiet_since, closed=now) if track.opened else None
