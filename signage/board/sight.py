"""One look at the glass: is it the expected pixels, black, something else, or could nobody look.

The viewport is taken in bands, turned back upright, its masks painted black, and hashed as RGB: the
same digest as the slide's own. The exact hash is made after each change and once a minute; between,
a checksum of the raw bytes says at a fraction of the cost that nothing has moved.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress

from .turning import Area, lies
from .verdict import Expectation, Seen
from .xroot import BYTES, Root

BAND = 32  # upright rows looked at at once: at 1920 pixels 250 kB
EXACT_S = 60.0  # seconds for which the checksum of an exact match is good enough
RETRY_S = 5.0  # seconds until a server that was not there is looked for again


class _Cut(Exception):
    """A part of the viewport is not on the screen."""


class Sight:
    """Looks through one connection, made again when the server comes back."""

    def __init__(self) -> None:
        self._root: Root | None = None
        self._next = float("-inf")
        self._known: tuple[Expectation, int, float] | None = None  # its raw checksum, good until then

    def look(self, expect: Expectation) -> Seen:
        """Compare the glass with what is expected."""
        root = self._server()
        if root is None:
            return Seen.NOTHING
        try:
            return self._quick(root, expect) or self._exact(root, expect)
        except _Cut:
            return self._at_least_its_corner(root, expect)
        except OSError:
            self.close()
            return Seen.NOTHING

    def glance(self) -> Seen:
        """Whether the whole screen is black, when nobody says what should be there."""
        root = self._server()
        try:
            if root is None:
                return Seen.NOTHING
            width, height = root.size()
            rows = (root.area(0, top, width, min(BAND, height - top)) for top in range(0, height, BAND))
            lit = any(row is None or _lit(row) for row in rows)
        except OSError:
            self.close()
            return Seen.NOTHING
        return Seen.UNSAID if lit else Seen.BLACK

    def _at_least_its_corner(self, root: Root, expect: Expectation) -> Seen:
        """Screens begin at the top left, so what begins beyond this one is not on it at all."""
        x, y, _, _ = expect.viewport
        try:
            return Seen.AWAY if root.area(x, y, 1, 1) is None else Seen.CUT
        except OSError:
            self.close()
            return Seen.NOTHING

    def close(self) -> None:
        if self._root:
            self._root.close()
        self._root, self._known, self._next = None, None, time.monotonic() + RETRY_S

    def _server(self) -> Root | None:
        if self._root is None and time.monotonic() >= self._next:
            self._next = time.monotonic() + RETRY_S
            with suppress(OSError):
                self._root = Root()
        return self._root

    def _quick(self, root: Root, expect: Expectation) -> Seen | None:
        known = self._known
        if known is None or known[0] != expect or time.monotonic() > known[2]:
            return None
        checksum = 0
        for raw, *_ in _bands(root, expect):
            checksum = zlib.crc32(raw, checksum)
        return Seen.EXPECTED if checksum == known[1] else None

    def _exact(self, root: Root, expect: Expectation) -> Seen:
        digest, checksum, lit = hashlib.sha256(), 0, False
        for raw, width, height in _bands(root, expect):
            checksum = zlib.crc32(raw, checksum)
            upright = upright_rgb(raw, width, height, expect.rotate)
            lit = lit or upright.count(0) != len(upright)
            digest.update(upright)
        if digest.hexdigest() == expect.sha256:
            self._known = (expect, checksum, time.monotonic() + EXACT_S)
            return Seen.EXPECTED
        return Seen.OTHER if lit else Seen.BLACK


def _bands(root: Root, expect: Expectation) -> Iterator[tuple[bytearray, int, int]]:
    """The upright picture's rows from the top, as they lie in the output: raw pixels, width, height."""
    x, y, width, height = expect.viewport
    across, down = (height, width) if expect.rotate in (90, 270) else (width, height)
    for top in range(0, down, BAND):
        band = (0, top, across, min(BAND, down - top))
        left, above, w, h = lies(band, (across, down), expect.rotate)
        data = root.area(x + left, y + above, w, h)
        if data is None:
            raise _Cut
        raw = bytearray(data)
        for mask in expect.masks:
            if part := _common(band, mask):
                mx, my, mw, mh = lies(part, (across, down), expect.rotate)
                blacken(raw, w, (mx - left, my - above, mw, mh))
        yield raw, w, h


def _lit(raw: bytes) -> bool:
    """Whether a pixel of B G R x is not black; the fourth byte means nothing."""
    return any(raw[channel::BYTES].count(0) * BYTES != len(raw) for channel in range(3))


def upright_rgb(raw: bytearray, width: int, height: int, rotate: int) -> bytearray:
    """Turn `width` × `height` pixels of B G R x back by `rotate` degrees: upright RGB rows."""
    out = bytearray(width * height * 3)
    for place, channel in enumerate((2, 1, 0)):
        plane = raw[channel::BYTES]
        if rotate == 180:
            plane.reverse()
        elif rotate == 90:
            plane = bytearray().join(plane[column::width] for column in reversed(range(width)))
        elif rotate == 270:
            plane = bytearray().join(plane[column::width][::-1] for column in range(width))
        out[place::3] = plane
    return out


def blacken(raw: bytearray, width: int, area: Area) -> None:
    """Paint an area of raw pixels, `width` in a row, black."""
    x, y, w, h = area
    for row in range(y, y + h):
        start = (row * width + x) * BYTES
        raw[start : start + w * BYTES] = bytes(w * BYTES)


def _common(band: Area, mask: tuple[int, ...]) -> Area | None:
    """The part of a mask that lies in a band of whole rows."""
    x, y, w, h = mask
    left, right = max(x, 0), min(x + w, band[2])
    top, bottom = max(y, band[1]), min(y + h, band[1] + band[3])
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None
