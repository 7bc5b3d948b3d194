"""Notes that one process of a board leaves for the others and for people: one writer per note.

    state/sync.json      by sync: the last round, and since when what is wrong
    state/usb.json       by `import-usb`: what the last stick brought
    state/time.json      by sync: the latest moment that has certainly passed (`clock`)
    state/player.json    by the player: what is on the glass, what must be seen there (`expect`), faults
    state/damaged.json   by the player: slides that no longer hash to their name
    state/film.json      by the player: films that may have ended it (`trial`)
    state/panic.json     by a person at the board: the safe slide, and nothing else (`panic`)
    state/frame.jpg      by the player: what it drew, small
    state/sdl.json       by the player: the version of what it draws with
    state/wanted.json    by sync: when it last wanted a look at the glass (`glimpse`)
    state/glass.jpg      by the kiosk: what stood there then, small

They can be made again, so they are whole but not synced to the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from .. import durable
from ..wire import BadFormat, Fields, canonical, parse, when

IMPORTED, SDL = "usb.json", "sdl.json"
WANTED, GLASS = "wanted.json", "glass.jpg"
UNWRITABLE = "state-unwritable"  # the fault of a process whose own files cannot be written
MAX_NOTE = 256 * 1024  # bytes
MAX_DAMAGED = 100  # files
MAX_FAULTS = 40
T = TypeVar("T")


def write(path: Path, values: Mapping[str, Any]) -> None:
    durable.write(path, canonical({"v": 1, **values}), sync=False)


def read(path: Path) -> Fields | None:
    """The note, or None when it is absent or unreadable."""
    try:
        return parse(path.read_bytes(), limit=MAX_NOTE)
    except (OSError, BadFormat):
        return None


def damaged(state: Path) -> list[str]:
    """Slides that the player found damaged."""
    note = read(state / "damaged.json")
    try:
        return note.shas("files", most=MAX_DAMAGED) if note else []
    except BadFormat:
        return []


def tell_damaged(state: Path, files: Iterable[str]) -> None:
    write(state / "damaged.json", {"files": sorted(files)[:MAX_DAMAGED]})


def field(note: Fields | None, name: str, read: Callable[[Fields, str], T]) -> T | None:
    """A field of a note that may be absent or damaged."""
    try:
        return note.maybe(name, lambda n: read(note, n)) if note else None
    except BadFormat:
        return None


class Faults:
    """What is wrong now, each with the moment since when."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}

    def set(self, code: str, wrong: bool, now: datetime) -> None:
        if wrong:
            self._since.setdefault(code, now)
        else:
            self._since.pop(code, None)

    def only(self, family: str, codes: Iterable[str], now: datetime) -> None:
        """Of the codes that begin with `family`, exactly these hold."""
        wanted = set(codes)
        for code in [c for c in self._since if c.startswith(family)]:
            self.set(code, code in wanted, now)
        for code in wanted:
            self.set(code, True, now)

    def as_json(self) -> list[dict[str, str]]:
        return [{"code": c, "since": when(s)} for c, s in sorted(self._since.items())[:MAX_FAULTS]]

    def __contains__(self, code: str) -> bool:
        return code in self._since


def faults(note: Fields | None) -> list[tuple[str, datetime]]:
    """The faults that a note names."""
    if note is None:
        return []
    try:
        return [(f.name("code"), f.when("since")) for f in note.objects("faults", most=MAX_FAULTS)]
    except BadFormat:
        return []
