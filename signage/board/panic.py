"""The safe slide on this board at once, because somebody who stands before it says so: no network, no key.

One file in the board's folder, which the player looks at twice a second and at every start. Who may
write it has the board's machine in hand already: by SSH, or by the keyboard behind its locked door.
It goes before everything, emergencies too, and nothing that is published ends it; the hub is told.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from .. import durable
from ..wire import BadFormat, canonical, when
from . import notes

NOTE = "panic.json"
FAULT = "panic"


def begin(state: Path, now: datetime) -> None:
    """From now on, and after any power cut; a second time changes nothing. Raises `OSError`."""
    if not on(state):
        durable.write(state / NOTE, canonical({"v": 1, "since": when(now)}))


def end(state: Path) -> None:
    """Raises `OSError`."""
    durable.remove(state / NOTE)


def on(state: Path) -> bool:
    """Whether it was asked for: by the file's name alone, whatever a bad disk has made of it."""
    return (state / NOTE).exists()


def faults(state: Path) -> list[tuple[str, datetime]]:
    """As other notes tell theirs: `panic` and since when, or nothing."""
    try:
        written = (state / NOTE).stat().st_mtime
    except OSError:
        return []
    note = notes.read(state / NOTE)
    try:
        return [(FAULT, note.when("since") if note else datetime.fromtimestamp(written, UTC))]
    except BadFormat:
        return [(FAULT, datetime.fromtimestamp(written, UTC))]
