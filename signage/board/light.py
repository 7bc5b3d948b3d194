"""How bright the glass is at a moment, and whether it is dark by schedule. Pure.

The office has expanded the hours (`dark`, `light.nights`); the board only compares moments. What
overrides the schedule:

    an emergency from `wake_level` on    wakes a dark board, at night brightness; a drill does not
    a suspect clock                      never dark, and as bright as by day: a clock that is known to be
                                         wrong must not blank a board, nor make it too faint for the sun
    no publication held                  never dark
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..schedule import active
from .playlist import Playlist
from .rotation import Scene


@dataclass(frozen=True)
class Light:
    """`dark`: a black frame or no output; `percent`: 1–100 of all that the board can."""

    dark: bool
    percent: int


FULL = Light(False, 100)


def light(playlist: Playlist | None, scene: Scene, now: datetime, *, suspect: bool = False) -> Light:
    """The light for `scene` at `now`; it changes at the edges that `rotation.boundary` knows."""
    if playlist is None:
        return FULL
    if suspect:
        return Light(False, playlist.light.day)
    if active(playlist.dark, now):
        return Light(not (scene.kind == "emergency" and _woken(playlist, now)), playlist.light.night)
    return Light(False, playlist.light.night if active(playlist.light.nights, now) else playlist.light.day)


def _woken(playlist: Playlist, now: datetime) -> bool:
    """By any that is in force, so that several in turn do not switch the board on and off."""
    real = (e for e in playlist.emergencies if not e.drill and active(e.ranges, now))
    return any(e.level >= playlist.wake_level for e in real)
