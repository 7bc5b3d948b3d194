"""How bright the glass is at a moment, and whether it is dark by schedule. Pure.

The office has expanded the hours (`dark`, `light.nights`); the board only compares moments. The online key
that signs them must not be able to put a board out, so that dark is only what `dark` says, and not for long:

    brightness                           never below `DAY_LEAST`, `NIGHT_LEAST`, `EMERGENCY_LEAST`
    dark and night together              at most `NIGHT_MOST` in any 24 hours; beyond it is day (`dark_long`)
    an emergency from `wake_level` on    wakes a dark board, at night brightness; from `WAKES_ALWAYS` on
                                         whatever `wake_level` says; a drill does not
    a suspect clock                      never dark, and as bright as by day: a clock that is known to be
                                         wrong must not blank a board, nor make it too faint for the sun
    no publication held                  never dark
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..publication import DAY, DAY_LEAST, EMERGENCY_LEAST, NIGHT_LEAST, NIGHT_MOST, WAKES_ALWAYS
from ..schedule import Range, active, at_most, common, merged
from .playlist import Playlist
from .rotation import Scene


@dataclass(frozen=True)
class Light:
    """`dark`: a black frame or no output; `percent`: 1–100 of all that the board can."""

    dark: bool
    percent: int


FULL = Light(False, 100)


@dataclass(frozen=True)
class Hours:
    """The dark and the night hours that a board follows; `too_long`: more were asked for."""

    dark: tuple[Range, ...]
    nights: tuple[Range, ...]
    too_long: bool


def obeyed(dark: Sequence[Range], nights: Sequence[Range]) -> Hours:
    """Of the hours that a manifest asks for, in any order, those that a board follows."""
    asked = merged((*dark, *nights))
    allowed = at_most(asked, NIGHT_MOST, DAY)
    dark, nights = (tuple(common(merged(hours), allowed)) for hours in (dark, nights))
    return Hours(dark, nights, allowed != asked)


def light(playlist: Playlist | None, scene: Scene, now: datetime, *, suspect: bool = False) -> Light:
    """The light for `scene` at `now`; it changes at the edges that `rotation.boundary` knows."""
    if playlist is None:
        return FULL
    off = not suspect and active(playlist.dark, now)
    night = off or (not suspect and active(playlist.light.nights, now))
    percent = max(NIGHT_LEAST, playlist.light.night) if night else max(DAY_LEAST, playlist.light.day)
    if scene.kind != "emergency":
        return Light(off, percent)
    return Light(off and not _woken(playlist, now), max(EMERGENCY_LEAST, percent))


def _woken(playlist: Playlist, now: datetime) -> bool:
    """By any that is in force, so that several in turn do not switch the board on and off."""
    real = (e for e in playlist.emergencies if not e.drill and active(e.ranges, now))
    return any(e.level >= min(playlist.wake_level, WAKES_ALWAYS) for e in real)
