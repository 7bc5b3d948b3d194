"""Publish again when something changes: the folder's door (`bangtin publish --watch`).

The only module that imports watchdog. Changes within a short quiet time become one publication; a
notice that begins or ends wakes it too, and signatures are renewed before they run out.
"""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
SAME_S = 5.0  # seconds between two looks whether each folder is still the same one
_EVENTS = ("created", "modified", "moved", "deleted", "closed")


class _Bell(FileSystemEventHandler):
    """Rings for events that may change what is published; `written` where a file may not be there whole yet.

    `elsewhere` once a folder is another one than it was, mounted or made anew: of that one nothing rings.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        self.rang, self.written, self.elsewhere = threading.Event(), threading.Event(), False
        self._folders, self._seen, self._looked = folders, _identities(folders), time.monotonic()

    def look(self) -> bool:
        """Whether it is time to look, and a folder is another one."""
        if time.monotonic() - self._looked >= SAME_S:
            self._looked, self.elsewhere = time.monotonic(), _identities(self._folders) != self._seen
        return self.elsewhere

    def on_any_event(self, event: FileSystemEvent) -> None:
        name = Path(str(event.dest_path or event.src_path)).name
        if event.event_type in _EVENTS and not event.is_directory and not _ignored(name):
            if event.event_type in ("created", "modified"):
                self.written.set()
            self.rang.set()


def _identities(folders: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Which folders they are; a file's own events come with its folder."""
    found: list[tuple[int, int] | None] = []
    for folder in folders:
        try:
            told = folder.stat()
            found.append((told.st_dev, told.st_ino) if stat.S_ISDIR(told.st_mode) else None)
        except OSError:
            found.append(None)
    return found


def _ignored(name: str) -> bool:
    """Temporary files of ours, of editors and of Word."""
    return durable.is_temporary(name) or name.startswith((".", "~$")) or name.endswith(("~", ".swp", ".tmp"))


def watch(
    folders: list[Path], act: Callable[[], datetime | None], stop: threading.Event, *, polling: bool = False
) -> None:
    """Call `act` now and after each change until `stop`; `act` returns when it next wants to be called.

    `act` handles its own errors; `polling` is for network shares that send no change events. A folder that is mounted
    or made anew is watched anew.
    """
    while not stop.is_set():
        bell = _Bell(folders)
        with _observed(bell, folders, polling=polling):
            while not stop.is_set() and not bell.elsewhere:
                wanted = act()
                _wait(bell, stop, wanted)


@contextmanager
def _observed(bell: _Bell, places: Sequence[Path], *, polling: bool) -> Iterator[None]:
    """What is not there rings once it is: then it is another one."""
    observer = PollingObserver(timeout=POLL_S) if polling else Observer()
    for place in places:
        if place.exists():
            observer.schedule(bell, str(place), recursive=place.is_dir())
    observer.start()
    try:
        yield
    finally:
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
        if bell.rang.wait(min(left, 0.25)) or bell.look():
            break
    first = datetime.now(UTC)
    while not stop.is_set() and bell.rang.is_set():
        quiet = QUIET_S if bell.written.is_set() else WHOLE_S
        bell.rang.clear()
        bell.written.clear()
        stop.wait(quiet)
        if (datetime.now(UTC) - first).total_seconds() > LONGEST_WAIT_S:
            return
