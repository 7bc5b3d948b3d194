"""QR codes: made with segno, read back with ZXing from the finished frame.

How large: a phone reads a code from about ten times its width, the rule of thumb of print and signs
(not of ISO/IEC 18004 itself). Who scans walks up to the board, so the code must be readable from a
share of the distance that the board is read from; where that does not fit, the slide says the
address and the telephone number instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any

import segno

QUIET = 4  # modules of light ground all around (ISO/IEC 18004)
SCAN_WIDTHS = 10  # a phone reads a code from this many times its width
SCAN_SHARE = 1 / 3  # of the reading distance: how near a person comes to scan
LEAST_MODULE = 4  # pixels: below, a camera's grid and the screen's beat against each other
KEPT_CODES = 64  # codes remembered while a size is searched
KEPT_PATHS = 8192  # of pages, 2 kB each: an office that watches makes the site again and again
PAPER_MASK = 4  # of the eight; trying them all is for screens and takes five times as long, for every page of the site

Modules = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=KEPT_CODES)
def modules(text: str) -> Modules:
    """The dark modules of the smallest code for this text, row by row, without the quiet zone."""
    code = segno.make(text, error="l", micro=False, boost_error=True)
    return tuple(tuple(bool(m) for m in row) for row in code.matrix)


@lru_cache(maxsize=KEPT_PATHS)
def paper_path(text: str) -> tuple[str, int]:
    """A code for paper, where black is black: its dark runs as an SVG path to be stroked, and its side in modules.

    Without the quiet zone. Relative moves, because this text stands in every page and must pack well.
    """
    code = segno.make(text, error="m", micro=False, boost_error=False, mask=PAPER_MASK)
    runs = []
    for y, row in enumerate(code.matrix):
        at = 0
        for x, length in _dark_runs(row):
            runs.append(f"m{x - at} 0h{length}" if at else f"M{x} {y}h{length}")
            at = x + length
    return "".join(runs), len(code.matrix)


def _dark_runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where a row is dark: from which module, for how many."""
    place = 0
    for is_dark, some in groupby(row):
        length = len(list(some))
        if is_dark:
            yield place, length
        place += length


def scan_distance(count: int, module: int, pitch_mm: float) -> float:
    """Metres from which a phone reads a code of `count` modules a side, each of `module` pixels."""
    return count * module * pitch_mm * SCAN_WIDTHS / 1000


def read(image: Any) -> list[str]:
    """What a decoder reads in a picture (a Pillow image): the text of every QR code."""
    import zxingcpp  # not above: it takes longer to load than the rest of the website, which only makes codes

    only = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [found.text for found in zxingcpp.read_barcodes(image, formats=only)]
