"""What trust allows a board to show, as values: made by `trust`, read by `rotation` and `screen`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ..publication import WAKE_LEVEL, Light, Manifest, Mode
from ..review import Film, SlideFile, Statement
from ..schedule import Range


@dataclass(frozen=True)
class Entry:
    """One statement that was approved for this board, and when it may be shown."""

    sha: str
    statement: Statement
    slides: tuple[SlideFile, ...]  # for this board's shape; only an emergency may have none
    ranges: tuple[Range, ...]  # clipped to the statement's own start and end; in order, apart
    order: int = 0
    prepared: tuple[SlideFile, ...] = ()  # of the template that an emergency names: after its own words

    @property
    def title(self) -> str:
        return self.statement.title

    @property
    def alert(self) -> Mapping[str, Any]:
        return self.statement.alert or {}

    @property
    def level(self) -> int:
        return int(self.alert.get("level", 1))

    @property
    def drill(self) -> bool:
        """An exercise: shown with the band “DIỄN TẬP”, silent beside a real emergency."""
        return bool(self.alert.get("drill", False))


@dataclass(frozen=True)
class Refusal:
    """An item that this board does not show, and the code of why."""

    statement: str
    code: str


@dataclass(frozen=True)
class Memory:
    """What a board must not forget between publications.

    `withdrawn`: statement → its own end (None: not known, remembered for good). `verified`: records
    that counted when they were seen; a key that turns out to be stolen cannot make more of them.
    """

    withdrawn: Mapping[str, datetime | None]
    verified: frozenset[str]


NOTHING_KNOWN = Memory({}, frozenset())


@dataclass(frozen=True)
class Playlist:
    """Everything that this board may show."""

    number: int
    made: datetime  # the newest moment that the office's signature proves
    commune_name: str
    board_name: str
    mode: Mode
    entries: tuple[Entry, ...]
    evergreen: tuple[Entry, ...]
    emergencies: tuple[Entry, ...]
    refused: tuple[Refusal, ...]
    expired: tuple[str, ...]  # fault codes of metadata past their life: they never blank a board
    memory: Memory
    templates: tuple[Entry, ...] = ()  # prepared emergencies: never shown alone
    dark: tuple[Range, ...] = ()  # in order, apart; no more of it than `light.obeyed` allows, nor of `light.nights`
    dark_long: bool = False  # the manifest asks for more
    light: Light = field(default_factory=Light)
    wake_level: int = WAKE_LEVEL  # risk level from which an emergency wakes a dark board
    sound: bool = False  # carried for whoever makes it heard: this player opens no mixer
    fade_ms: int = 0  # 0: cut
    safe: bool = False  # of all this nothing but emergencies is shown
    phone: str = ""  # of the commune, for the safe slide

    def everything(self) -> Iterator[Entry]:
        """Emergencies first: their slides are fetched first."""
        yield from self.emergencies
        yield from self.entries
        yield from self.evergreen

    def slides(self) -> list[SlideFile]:
        """Every slide once, in the order in which they matter; a template's too: it must lie here beforehand."""
        entries = (*self.everything(), *self.templates)
        return list({slide.file: slide for e in entries for slide in (*e.slides, *e.prepared)}.values())

    def films(self) -> list[Film]:
        """Every film once, in the order in which they matter."""
        return list({s.film.file: s.film for s in self.slides() if s.film}.values())

    def put_aside(self) -> Playlist:
        """With nothing to show, not even an emergency: somebody at the board has asked for the safe slide."""
        return replace(self, safe=True, emergencies=())

    def only(self, present: Callable[[SlideFile], bool]) -> Playlist:
        """Without the slides that are not there; an item without any left is not shown.

        An emergency is shown whole: with a slide missing, the board draws its signed words itself.
        """

        def kept(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
            fewer = (replace(e, slides=tuple(s for s in e.slides if present(s))) for e in entries)
            return tuple(e for e in fewer if e.slides)

        def whole(entry: Entry) -> Entry:
            own = entry.slides if all(present(s) for s in entry.slides) else ()
            return replace(entry, slides=own, prepared=tuple(s for s in entry.prepared if present(s)))

        return replace(
            self,
            entries=kept(self.entries),
            evergreen=kept(self.evergreen),
            emergencies=tuple(whole(e) for e in self.emergencies),
        )


def urgent(before: Playlist | None, after: Playlist, manifest: Manifest) -> bool:
    """Whether glass must change before slides are fetched: an emergency, or something taken down."""
    if before is None:
        return bool(after.emergencies)
    if before.safe != after.safe or {e.sha for e in before.emergencies} != {e.sha for e in after.emergencies}:
        return True
    taken = {*manifest.hidden, *after.memory.withdrawn, *(removed.statement for removed in manifest.withdrawn)}
    return any(e.sha in taken for e in before.everything())
