"""Publish again when something changes: the folder's door (`bangtin publish --watch`).

The only module that imports watchdog. Changes within a short quiet time become one publication; a
notice that begins or ends wakes it too, and signatures are renewed before they run out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.polling import PollingObserver

from .. import durable

QUIET_S = 0.15  # seconds without a further change before we publish: a file may be half copied
# … when every file came whole, by a rename, as ours, git's and a synced folder's do: one act writes several, some
# milliseconds apart. Nothing depends on it: half a file is refused by its hash, and rings again when it is whole.
WHOLE_S = 0.02
LONGEST_WAIT_S = 2.0  # seconds after the first change, however many follow
RENEW_EVERY = timedelta(hours=6)  # look at signatures and the calendar at least this often
POLL_S = 2.0  # seconds between looks at a network share that sends no events
_EVENTS = ("created", "modified", "moved", "deleted", "closed")


class _Bell(FileSystemEventHandler):
    """Rings for events that may change what is published; `written` where a file may not be there whole yet."""

    def __init__(self) -> None:
        self.rang, self.written = threading.Event(), threading.Event()

    def on_any_event(self, event: FileSystemEvent) -> None:
        name = Path(str(event.dest_path or event.src_path)).name
        if event.event_type in _EVENTS and not event.is_directory and not _ignored(name):
            if event.event_type in ("created", "modified"):
                self.written.set()
            self.rang.set()


def _ignored(name: str) -> bool:
    """Temporary files of ours, of editors and of Word."""
    return durable.is_temporary(name) or name.startswith((".", "~$")) or name.endswith(("~", ".swp", ".tmp"))


def watch(
    folders: list[Path], act: Callable[[], datetime | None], stop: threading.Event, *,
    polling: bool = False, local: Sequence[Path] = (),
) -> None:  # fmt: skip
    """Call `act` now and after each change until `stop`; `act` returns when it next wants to be called.

    `act` handles its own errors; `polling` is for network shares that send no change events, but for `local`
    folders: those of this machine's own disk.
    """
    bell = _Bell()
    shared = PollingObserver(timeout=POLL_S) if polling else Observer()
    own = Observer()
    for observer, places in ((shared, folders), (own, local)):
        for folder in places:
            observer.schedule(bell, str(folder), recursive=folder.is_dir())
        observer.start()
    try:
        while not stop.is_set():
            wanted = act()
            _wait(bell, stop, wanted)
    finally:
        for observer in (shared, own):
            observer.stop()
            observer.join()


def _wait(bell: _Bell, stop: threading.Event, wanted: datetime | None) -> None:
    """Until a change has come to rest, the wanted moment has come, or `stop`."""
    latest = datetime.now(UTC) + RENEW_EVERY
    until = min(latest, wanted) if wanted else latest
    end = time.monotonic() + (until - datetime.now(UTC)).total_seconds()  # also when the clock is set back meanwhile
    while not stop.is_set():
        left = min((until - datetime.now(UTC)).total_seconds(), end - time.monotonic())
        if left <= 0:
            return
        if bell.rang.wait(min(left, 0.25)):
            break
    first = datetime.now(UTC)
    while not stop.is_set() and bell.rang.is_set():
        quiet = QUIET_S if bell.written.is_set() else WHOLE_S
        bell.rang.clear()
        bell.written.clear()
        stop.wait(quiet)
        if (datetime.now(UTC) - first).total_seconds() > LONGEST_WAIT_S:
            return
