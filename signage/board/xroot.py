"""The X server's own picture of the glass: its root window with every window in it.

Read through libxcb, the C library that every X program loads anyway, by ctypes: no package, 1 MB,
and a lost server is an answer (Xlib would end the process). Only what a look needs is declared;
structures are those of <xcb/xproto.h>, whose layout is the X protocol's and never changes.
"""

from __future__ import annotations

import ctypes
import os
import sys
from ctypes import POINTER, Structure, byref, c_int, c_int16, c_uint8, c_uint16, c_uint32, c_void_p

_Z_PIXMAP, _ALL_PLANES, _LSB_FIRST = 2, 0xFFFFFFFF, 0
DEPTH, BYTES = 24, 4  # bits of colour, bytes of a pixel: B, G, R and one unused


class _Setup(Structure):
    _fields_ = [("before", c_uint8 * 30), ("image_byte_order", c_uint8)]


class _Screen(Structure):
    _fields_ = [("root", c_uint32), ("before", c_uint8 * 34), ("root_depth", c_uint8)]


class _Screens(Structure):
    _fields_ = [("data", POINTER(_Screen)), ("rem", c_int), ("index", c_int)]


class _Cookie(Structure):
    _fields_ = [("sequence", c_uint32)]


class _Reply(Structure):
    _fields_ = [("type", c_uint8), ("depth", c_uint8), ("sequence", c_uint16), ("length", c_uint32)]


class Root:
    """One connection to the server that `DISPLAY` names; only `area` speaks to it."""

    def __init__(self) -> None:
        """Raises `OSError` where there is no X server, or one that is not of true colour."""
        if os.environ.get("WAYLAND_DISPLAY") or not os.environ.get("DISPLAY") or sys.platform == "win32":
            raise OSError("no X server")  # Xwayland's root window does not hold what the glass shows
        self._xcb = _library()
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = [c_void_p]
        self._connection = self._xcb.xcb_connect(None, None)
        setup = self._xcb.xcb_get_setup(self._connection) if self._alive() else None
        if not setup or setup.contents.image_byte_order != _LSB_FIRST:
            self.close()
            raise OSError("the X server does not answer, or not as expected")
        screen = self._xcb.xcb_setup_roots_iterator(setup).data.contents
        self._window, depth = screen.root, screen.root_depth
        if depth != DEPTH:
            self.close()
            raise OSError(f"a screen of {depth} bits")

    def area(self, x: int, y: int, width: int, height: int) -> bytes | None:
        """The pixels of a rectangle, B G R and an unused byte each, row by row; None: it is not all there.

        Raises `OSError` when the server is gone.
        """
        cookie = self._xcb.xcb_get_image(
            self._connection, _Z_PIXMAP, self._window, x, y, width, height, _ALL_PLANES
        )  # fmt: skip
        error = c_void_p()
        reply = self._xcb.xcb_get_image_reply(self._connection, cookie, byref(error))
        try:
            if not reply:
                if not self._alive():
                    raise OSError("the X server is gone")
                return None
            if reply.contents.depth != DEPTH or self._xcb.xcb_get_image_data_length(reply) != width * height * BYTES:
                return None
            return ctypes.string_at(self._xcb.xcb_get_image_data(reply), width * height * BYTES)
        finally:
            self._free(ctypes.cast(reply, c_void_p))
            self._free(error)

    def size(self) -> tuple[int, int]:
        """Pixels of the screen now. Raises `OSError` when the server is gone."""
        reply = self._xcb.xcb_get_geometry_reply(
            self._connection, self._xcb.xcb_get_geometry(self._connection, self._window), None
        )  # fmt: skip
        if not reply:
            raise OSError("the X server is gone")
        try:
            return int(reply.contents.width), int(reply.contents.height)
        finally:
            self._free(ctypes.cast(reply, c_void_p))

    def close(self) -> None:
        if self._connection:
            self._xcb.xcb_disconnect(self._connection)
        self._connection = None

    def _alive(self) -> bool:
        return not self._xcb.xcb_connection_has_error(self._connection)


class _Geometry(Structure):
    _fields_ = [("before", c_uint8 * 16), ("width", c_uint16), ("height", c_uint16)]


def _library() -> ctypes.CDLL:
    """Raises `OSError` where there is none."""
    xcb = ctypes.CDLL("libxcb.so.1")
    for name, answer, takes in (
        ("xcb_connect", c_void_p, [c_void_p, c_void_p]),
        ("xcb_disconnect", None, [c_void_p]),
        ("xcb_connection_has_error", c_int, [c_void_p]),
        ("xcb_get_setup", POINTER(_Setup), [c_void_p]),
        ("xcb_setup_roots_iterator", _Screens, [POINTER(_Setup)]),
        ("xcb_get_image", _Cookie,
         [c_void_p, c_uint8, c_uint32, c_int16, c_int16, c_uint16, c_uint16, c_uint32]),
        ("xcb_get_image_reply", POINTER(_Reply), [c_void_p, _Cookie, c_void_p]),
        ("xcb_get_geometry", _Cookie, [c_void_p, c_uint32]),
        ("xcb_get_geometry_reply", POINTER(_Geometry), [c_void_p, _Cookie, c_void_p]),
        ("xcb_get_image_data", c_void_p, [POINTER(_Reply)]),
        ("xcb_get_image_data_length", c_int, [POINTER(_Reply)]),
    ):  # fmt: skip
        function = getattr(xcb, name)
        function.restype, function.argtypes = answer, takes
    return xcb
