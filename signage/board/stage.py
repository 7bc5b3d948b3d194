"""What stands on the glass, and how it gives way to what the moment asks for.

    emergency   alone, at once, without a fade; with its slide not decoded yet, its signed words
    dark        a black frame by schedule, and the output off where that can be done
    others      faded in when ready; until then what stands there stays

Time comes in as `now`; nothing here waits. `step` brings the glass to a moment, `rest` says until when
nothing needs to be done.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from ..review import SlideFile
from . import rotation
from .diary import Announcement, Diary
from .hand import Hand, Names
from .light import Light, light
from .playlist import Playlist
from .rotation import Scene
from .screen import Cue, Expected, Form, Glass, Picture, clock_text, panel

FRAME_S = 1 / 60  # seconds of one frame
REST_S = 0.5  # seconds at most between two looks at time and window
FIRST_WAIT = timedelta(seconds=2)  # that the first slide may take before the safe slide stands in
LINGER = timedelta(seconds=1)  # that an emergency or a darkness which is over may stay until the next slide is decoded
FADE_SHARE = 3  # a fade takes at most the third part of a turn
TURNS_AHEAD = 8  # turns of one and the same picture that are announced at once
STAYS = timedelta(seconds=10)  # for which a picture that stays beyond its time is announced anew
LATE_S = 5.0  # seconds beyond its time after which the next picture is told as late
LATE = "slide-late"


class Pictures(Protocol):
    """The gallery, as far as it is asked here."""

    def prepare(self, slide: SlideFile, form: Form) -> None: ...
    def take(self, slide: SlideFile, form: Form) -> Picture | None: ...


class Dimmer(Protocol):
    """`power.Power`: `set` answers at what percentage to draw (0: black)."""

    def set(self, on: bool, percent: int = 100) -> int: ...


@dataclass(frozen=True)
class _Shown:
    """What is on the glass: the scene as it was drawn (`slide` None: by the board), in which light."""

    scene: Scene
    light: Light
    minute: str
    page: int


def banded(scene: Scene) -> bool:
    """Whether the board adds the band of an exercise: a template's slide does not know that it is one."""
    entry = scene.entry
    return entry is not None and entry.drill and scene.slide in entry.prepared


class Stage:
    """One glass's. `suspect`: the clock is known to be wrong: no time is written, nothing is dark."""

    def __init__(self, glass: Glass, pictures: Pictures, diary: Diary, power: Dimmer) -> None:
        self._glass, self._pictures, self._diary, self._power = glass, pictures, diary, power
        self._playlist: Playlist | None = None
        self._hand = Hand()
        self._scene: Scene | None = None  # what the moment asks for
        self._shown: _Shown | None = None
        self._said: Announcement | None = None
        self._said_at = 0.0  # monotonic
        self._late_at: float | None = None  # monotonic: since when what is wanted does not stand
        self._asked: datetime | None = None  # since when the scene that is not shown yet is waited for
        self._ahead: Scene | None = None  # for which the next slide has been asked for
        self._unsettled = False
        self.suspect = False

    def plays(self, playlist: Playlist | None, names: Names) -> None:
        """From now on, this."""
        self._playlist, self._hand.names = playlist, names
        self._scene = self._ahead = None

    def cleared(self) -> None:
        """The window was made anew."""
        self._shown = self._ahead = None
        self._unsettled = False

    @property
    def shows(self) -> bool:
        """Whether something has been drawn yet."""
        return self._shown is not None

    @property
    def idle(self) -> bool:
        """Whether the glass stands still, with what is wanted on it."""
        return self._shown is not None and not self._glass.moving and not self._unsettled

    @property
    def standing(self) -> Scene | None:
        """The scene whose slide stands whole on the glass, where its film may play."""
        shown = self._shown
        return None if shown is None or shown.light.dark or self._glass.fading else shown.scene

    # ── one moment ───────────────────────────────────────────────────────────────────────────────

    def step(self, now: datetime) -> None:
        """Bring the glass to what this moment asks for; does nothing in most moments."""
        scene = self._scene
        if scene is None or not scene.since <= now < scene.until:
            scene = self._scene = rotation.scene(self._playlist, now)
            self._asked = None
        wanted = light(self._playlist, scene, now, suspect=self.suspect)
        if not self._stands(scene, wanted):
            self._change(scene, wanted, now)
        elif self._shown is not None and scene is not self._shown.scene:
            self._shown = replace(self._shown, scene=scene)
            if self._said is not None and scene.until > self._said.until:
                self._say(self._announcement(self._said.expected, scene, wanted.dark))
            self._diary.goes_on(scene, self._said, now)
        self._late_at = None if self._stands(scene, wanted) else self._late_at or time.monotonic()
        self._stays_on(now)
        if self._shown is not None and not (wanted.dark or self._shown.light.dark):
            self._refresh(scene, now)
        if self._unsettled and not self._glass.fading:
            self._unsettled = False
            self._diary.settled(self._glass, now)
        if not self._unsettled:
            self._look_ahead(scene, wanted)

    def rest(self, now: datetime) -> float:
        """Seconds until there is something to do, unless something wakes us.

        Never long: the machine's clock may be set, and the minute changes by that clock.
        """
        if self._scene is None:
            return 0.0
        if self._glass.moving:
            return FRAME_S - time.monotonic() % FRAME_S
        left = (self._scene.until - now).total_seconds()
        return min(REST_S, max(0.0, left))

    def faults(self) -> list[str]:
        late = self._late_at is not None and time.monotonic() - self._late_at > LATE_S
        return [LATE] if late else []

    def _stands(self, scene: Scene, wanted: Light) -> bool:
        shown = self._shown
        return shown is not None and shown.light == wanted and (wanted.dark or shown.scene.what == scene.what)

    # ── changing ─────────────────────────────────────────────────────────────────────────────────

    def _change(self, scene: Scene, wanted: Light, now: datetime) -> None:
        """When its picture is not ready, what is on the glass stays, but never beside an emergency.

        The first one is waited for a little, so that a board that starts does not flash its safe slide.
        """
        if wanted.dark:
            self._darken(scene, wanted, now)
            return
        percent = max(1, self._power.set(True, wanted.percent))
        form = self._glass.form(percent, banded(scene))
        picture = self._picture(scene, form, now)
        if picture is None:
            self._asked = self._asked or now
            stand_in = self._stand_in(scene, now)
            if stand_in is None or self._stands(stand_in, wanted):
                return
            scene = stand_in
            picture = self._panel(scene, form, now)
        self._put(scene, wanted, picture, now)

    def _picture(self, scene: Scene, form: Form, now: datetime) -> Picture | None:
        if scene.slide is None:
            return self._panel(scene, form, now)
        return self._pictures.take(scene.slide, form)

    def _stand_in(self, scene: Scene, now: datetime) -> Scene | None:
        """What the board draws while a slide is not ready; None: what stands there may stay."""
        assert self._asked is not None
        waited, shown = abs(now - self._asked), self._shown.scene if self._shown else None
        if scene.kind == "emergency":
            its_own = shown is not None and shown.what[:2] == scene.what[:2] and not self._glass.is_dark
            return None if its_own and waited <= LINGER else replace(scene, slide=None)
        if shown is not None and shown.kind != "emergency" and not self._glass.is_dark:
            return None
        late = waited > (LINGER if shown else FIRST_WAIT)
        return Scene("safe", None, None, scene.since, scene.until) if late else None

    def _put(self, scene: Scene, wanted: Light, picture: Picture, now: datetime) -> None:
        fade_ms = self._fade_ms(scene)
        coming = self._announcement(self._glass.expects(picture), scene)
        self._diary.announce(scene, self._say(replace(coming, changing_ms=fade_ms)), now)
        self._shown = _Shown(scene, wanted, self._minute(now), self._page(scene, now))
        self._glass.show(picture, self._cue(scene, now), fade_ms)
        self._unsettled = True

    def _darken(self, scene: Scene, wanted: Light, now: datetime) -> None:
        self._diary.announce(None, self._say(self._announcement(self._glass.expects(None), scene, dark=True)), now)
        self._shown = _Shown(scene, wanted, "", 0)
        self._glass.darken()
        self._power.set(False, wanted.percent)
        self._unsettled = True

    def _fade_ms(self, scene: Scene) -> int:
        """A cut from and to an emergency, and wherever the board draws; never longer than a turn allows."""
        shown = self._shown.scene if self._shown else None
        if self._playlist is None or shown is None or "emergency" in (scene.kind, shown.kind):
            return 0
        turn_ms = (scene.until - scene.since) // timedelta(milliseconds=1)
        return min(self._playlist.fade_ms, turn_ms // FADE_SHARE) if scene.slide else 0

    def _announcement(self, expected: Expected, scene: Scene, dark: bool = False) -> Announcement:
        """The same picture for several turns, and all of a darkness, is announced at once: a note less a turn."""
        if dark and self._playlist is not None:
            end = rotation.boundary(self._playlist, scene.since)
            return Announcement(expected, scene.since, end or scene.until)
        last = scene
        for _ in range(TURNS_AHEAD if scene.slide else 0):
            following = rotation.following(self._playlist, last)
            if following.what != scene.what:
                break
            last = following
        return Announcement(expected, scene.since, last.until)

    def _say(self, announcement: Announcement) -> Announcement:
        self._said, self._said_at = announcement, time.monotonic()
        return announcement

    # ── staying ──────────────────────────────────────────────────────────────────────────────────

    def _stays_on(self, now: datetime) -> None:
        """What stands beyond its time (a slow card, a clock that was set) is announced anew: it is no dead picture."""
        said, shown = self._said, self._shown
        if said is None or shown is None:
            return
        lasted, lasts = time.monotonic() - self._said_at, (said.until - said.since).total_seconds()
        if lasted >= lasts or not said.since <= now < said.until:
            said = self._say(replace(said, since=now, until=now + STAYS, changing_ms=0))
            self._diary.goes_on(shown.scene, said, now)

    def _refresh(self, scene: Scene, now: datetime) -> None:
        """The moving parts of what is shown: fade, ticker, clock, pages of words (of what is over, none)."""
        shown = self._shown
        assert shown is not None
        if shown.scene.slide is None and shown.scene.what[1] not in (None, scene.what[1]):
            return
        minute, page = self._minute(now), self._page(shown.scene, now)
        if (minute, page) != (shown.minute, shown.page):
            self._shown = replace(shown, minute=minute, page=page)
            if shown.scene.slide is None:
                percent = max(1, self._power.set(True, shown.light.percent))
                picture = self._panel(shown.scene, self._glass.form(percent), now)
                self._put(shown.scene, shown.light, picture, now)
            else:
                self._glass.tick(self._cue(shown.scene, now))
                self._diary.picture(self._glass)
        if self._glass.moving:
            self._glass.animate(self._cue(shown.scene, now))

    def _look_ahead(self, scene: Scene, wanted: Light) -> None:
        """Have the next scene's slide decoded, once what is wanted now stands still."""
        if scene is self._ahead or self._shown is None or self._shown.scene.what != scene.what:
            return
        self._ahead = scene
        following = rotation.following(self._playlist, scene)
        if following.slide is None or following.what == scene.what:
            return
        later = light(self._playlist, following, following.since, suspect=self.suspect)
        percent = (wanted if later.dark else later).percent
        self._pictures.prepare(following.slide, self._glass.form(percent, banded(following)))

    def _panel(self, scene: Scene, form: Form, now: datetime) -> Picture:
        return panel(self._hand.drawn(scene, form.size, now, self._time(now)), form)

    def _page(self, scene: Scene, now: datetime) -> int:
        return self._hand.page(scene, self._glass.upright, now)

    def _cue(self, scene: Scene, now: datetime) -> Cue:
        return Cue(now, scene.since, self._time(now))

    def _time(self, now: datetime) -> datetime | None:
        """The time to draw: none when the clock is known to be wrong."""
        return None if self.suspect else now

    def _minute(self, now: datetime) -> str:
        return clock_text(self._time(now))
