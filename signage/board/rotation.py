"""Which slide now, and until when. Pure: a playlist and a moment in, a scene out.

Slots are absolute: position = now mod loop, so boards with the same list agree without talking, and
one that restarts rejoins in the middle. An active emergency is alone on the glass; the highest
level first, then the latest, several in turn; a drill only while there is no real one. Priority
items come first and again after every three normal ones. When nothing is valid: evergreen items;
when there are none: the safe slide. When somebody has put the safe slide on the boards, only an
emergency comes before it: an evergreen item may be the very thing that was seen to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..notice.vocabulary import PRIORITY
from ..review import SlideFile
from ..schedule import active, next_change
from .playlist import Entry, Playlist

NORMALS_BETWEEN = 3  # normal items between two turns of the priority ones
WORDS_MS = 12_000  # at least: how long the board's own drawing of an emergency's words stays
READING_MS = 70  # milliseconds to read one character
SAFE_MS = 60_000  # the safe slide looks again after this long
LONGEST = timedelta(hours=1)  # a scene is asked for again at least this often
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Scene:
    """What is on the glass from `since` until `until`; `entry` is None for the safe slide alone."""

    kind: str  # "emergency" | "rotation" | "evergreen" | "safe"
    entry: Entry | None
    slide: SlideFile | None  # None: the board draws (safe slide, an emergency's words)
    since: datetime
    until: datetime

    @property
    def what(self) -> tuple[str, str | None, str | None]:
        """The same for two scenes that look the same."""
        return self.kind, self.entry.sha if self.entry else None, self.slide.file if self.slide else None

    def share(self, now: datetime) -> float:
        """How far through the scene `now` is, from 0 to 1."""
        whole = (self.until - self.since) / _MS
        return min(1.0, max(0.0, (now - self.since) / _MS / whole)) if whole else 0.0


@dataclass(frozen=True)
class _Slot:
    entry: Entry
    slide: SlideFile | None

    @property
    def ms(self) -> int:
        if self.slide is not None:
            return self.slide.dwell_ms
        return max(WORDS_MS, len(str(self.entry.alert.get("words", ""))) * READING_MS)


def scene(playlist: Playlist | None, now: datetime) -> Scene:
    """The scene at `now`; the same question with the same answer on every board."""
    if playlist is None:
        return Scene("safe", None, None, now, now + timedelta(milliseconds=SAFE_MS))
    change = boundary(playlist, now)
    for kind, entries in _choices(playlist, now):
        if slots := [_Slot(e, s) for e in entries for s in (*(e.slides or (None,)), *e.prepared)]:
            return _turn(kind, slots, now, change)
    until = min(now + timedelta(milliseconds=SAFE_MS), change or now + LONGEST)
    return Scene("safe", None, None, now, until)


def taking_turns(playlist: Playlist | None, now: datetime) -> list[Entry]:
    """What is in the loop at `now`, each once, in order."""
    found = (entries for _, entries in _choices(playlist, now) if entries) if playlist else iter(())
    return list({entry.sha: entry for entry in next(found, [])}.values())


def _choices(playlist: Playlist, now: datetime) -> Iterable[tuple[str, list[Entry]]]:
    alarms = [e for e in playlist.emergencies if active(e.ranges, now)]
    real = [e for e in alarms if not e.drill] or alarms
    yield "emergency", sorted(real, key=lambda e: (-e.level, -_ms(e.statement.start), e.sha))
    if playlist.safe:
        return
    yield "rotation", in_turn([e for e in playlist.entries if active(e.ranges, now)])
    yield "evergreen", in_turn([e for e in playlist.evergreen if e.statement.start <= now < e.statement.end])


def in_turn(entries: Sequence[Entry]) -> list[Entry]:
    """One loop: priority items first, and again after every three normal ones."""
    ordered = sorted(entries, key=lambda e: (e.order, e.statement.start, e.sha))
    first = [e for e in ordered if e.statement.klass == PRIORITY]
    normal = [e for e in ordered if e.statement.klass != PRIORITY]
    loop = list(first)
    for place in range(0, len(normal), NORMALS_BETWEEN):
        loop += [*(first if place else ()), *normal[place : place + NORMALS_BETWEEN]]
    return loop


def _turn(kind: str, slots: Sequence[_Slot], now: datetime, change: datetime | None) -> Scene:
    whole = sum(slot.ms for slot in slots)
    position = _ms(now) % whole
    for slot in slots:
        if position < slot.ms:
            break
        position -= slot.ms
    since = _EPOCH + (_ms(now) - position) * _MS
    until = since + slot.ms * _MS
    return Scene(kind, slot.entry, slot.slide, since, min(until, change) if change else until)


def boundary(playlist: Playlist, now: datetime) -> datetime | None:
    """The next moment at which something begins or ends to be valid, or the light changes."""
    ever = (((e.statement.start, e.statement.end),) for e in playlist.evergreen)
    ranges = (e.ranges for e in (*playlist.emergencies, *playlist.entries))
    listed = (playlist.dark, playlist.light.nights, *ranges, *ever)
    return min((edge for parts in listed if (edge := next_change(parts, now))), default=None)


def following(playlist: Playlist | None, current: Scene) -> Scene:
    """The scene after this one, as far as is known now: to decode it ahead."""
    return scene(playlist, current.until)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MS
