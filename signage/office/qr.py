"""QR codes: made with segno, read back with ZXing from the finished frame.

How large: a phone reads a code from about ten times its width, the rule of thumb of print and signs
(not of ISO/IEC 18004 itself). Who scans walks up to the board, so the code must be readable from a
share of the distance that the board is read from; where that does not fit, the slide says the
address and the telephone number instead.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno
import zxingcpp

QUIET = 4  # modules of light ground all around (ISO/IEC 18004)
SCAN_WIDTHS = 10  # a phone reads a code from this many times its width
SCAN_SHARE = 1 / 3  # of the reading distance: how near a person comes to scan
LEAST_MODULE = 4  # pixels: below, a camera's grid and the screen's beat against each other
ONLY_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
KEPT_CODES = 64  # codes remembered while a size is searched

Modules = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=KEPT_CODES)
def modules(text: str) -> Modules:
    """The dark modules of the smallest code for this text, row by row, without the quiet zone."""
    code = segno.make(text, error="l", micro=False, boost_error=True)
    return tuple(tuple(bool(m) for m in row) for row in code.matrix)


def scan_distance(count: int, module: int, pitch_mm: float) -> float:
    """Metres from which a phone reads a code of `count` modules a side, each of `module` pixels."""
    return count * module * pitch_mm * SCAN_WIDTHS / 1000


def read(image: Any) -> list[str]:
    """What a decoder reads in a picture (a Pillow image): the text of every QR code."""
    return [found.text for found in zxingcpp.read_barcodes(image, formats=ONLY_QR)]
