"""Sleep until the shelf changes, another thread has news, or the time is up.

On Linux the kernel says when the shelf's folder changes (inotify): the glass follows within
milliseconds and a still slide wakes the processor twice a second, not twenty times. Elsewhere, or
when the folder goes away, looking every `POLL_S` does. A file descriptor of inotify is no socket.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import sys
from pathlib import Path

POLL_S = 0.05  # seconds between two looks where the kernel cannot tell
_MOVED_TO, _CREATE, _DELETE_SELF, _MOVE_SELF = 0x80, 0x100, 0x400, 0x800  # inotify(7)
_NONBLOCK, _CLOEXEC = os.O_NONBLOCK, getattr(os, "O_CLOEXEC", 0)
_READ = 64 * 1024  # bytes of events thrown away at once


class Waker:
    """`wait` belongs to one thread; `wake` may be called from any, and from a signal handler."""

    def __init__(self, folder: Path) -> None:
        with contextlib.suppress(OSError):  # a read-only disk: looked at again and again
            folder.mkdir(parents=True, exist_ok=True)
        self._hear, self._tell = os.pipe()
        os.set_blocking(self._hear, False)
        os.set_blocking(self._tell, False)
        self._kernel = _watched(folder)

    def wait(self, seconds: float) -> None:
        """Return at once when something has happened since the last wait."""
        if self._kernel is None:
            seconds = min(seconds, POLL_S)
        handles = [h for h in (self._hear, self._kernel) if h is not None]
        ready, _, _ = select.select(handles, [], [], max(0.0, seconds))
        for handle in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(handle, _READ)

    def wake(self) -> None:
        with contextlib.suppress(OSError):  # a full pipe wakes as well; a closed one has nobody to wake
            os.write(self._tell, b"\0")

    def close(self) -> None:
        for handle in (self._hear, self._tell, self._kernel):
            if handle is not None:
                os.close(handle)
        self._hear = self._tell = -1  # another file may soon have their numbers, and a thread still wake us


def _watched(folder: Path) -> int | None:
    """A handle that becomes readable when a name appears in the folder, or None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        handle = int(libc.inotify_init1(_NONBLOCK | _CLOEXEC))
        if handle < 0:
            return None
        events = _MOVED_TO | _CREATE | _DELETE_SELF | _MOVE_SELF
        if libc.inotify_add_watch(handle, os.fsencode(folder), events) < 0:
            os.close(handle)
            return None
    except (OSError, AttributeError):
        return None
    return handle
