"""What SDL does not say about an X server: whether windows are managed, how large the screen is now, that it is gone.

Through libX11, which SDL has loaded anyway; where there is none every answer is None.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress

_LIBRARY = "libX11.so.6"
_Handler = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


class Server:
    """A connection of its own, kept while the player lives; `None` from every method without one."""

    def __init__(self) -> None:
        self._x: ctypes.CDLL | None = None
        self._lost: object = None  # ctypes calls it: it must stay alive
        if not os.environ.get("DISPLAY"):
            return
        with suppress(OSError, AttributeError):
            x = ctypes.CDLL(_LIBRARY)
            x.XOpenDisplay.restype = ctypes.c_void_p
            x.XDefaultRootWindow.restype = x.XInternAtom.restype = x.XGetSelectionOwner.restype = ctypes.c_ulong
            x.XDefaultRootWindow.argtypes = x.XSync.argtypes = [ctypes.c_void_p]
            x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
            x.XGetSelectionOwner.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
            x.XGetGeometry.argtypes = [ctypes.c_void_p, ctypes.c_ulong, *[ctypes.c_void_p] * 7]
            x.XSetIOErrorHandler.argtypes = [ctypes.c_void_p]
            self._display = x.XOpenDisplay(None)
            self._x = x if self._display else None

    def managed(self) -> bool:
        """Whether a window manager runs (ICCCM 2.8: it owns WM_S0)."""
        if self._x is None:
            return False
        return bool(self._x.XGetSelectionOwner(self._display, self._x.XInternAtom(self._display, b"WM_S0", 0)))

    def size(self) -> tuple[int, int] | None:
        """The screen's size now: it changes when somebody plugs in another one."""
        if self._x is None:
            return None
        root = self._x.XDefaultRootWindow(self._display)
        found = [ctypes.c_ulong(), *(ctypes.c_uint() for _ in range(6))]
        _, _, _, width, height, _, _ = found
        if not self._x.XGetGeometry(self._display, root, *map(ctypes.byref, found)):
            return None
        return int(width.value), int(height.value)

    def when_lost(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the server is gone; libX11 ends the process after that whatever it does."""
        if self._x is not None:

            def lost(_: object) -> int:
                tell()
                return 0

            self._lost = _Handler(lost)
            self._x.XSetIOErrorHandler(ctypes.cast(self._lost, ctypes.c_void_p))
