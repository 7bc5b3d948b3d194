"""The shipped faces by name, and which characters a TrueType file can draw.

Read from the file's own `cmap` (OpenType 1.9, formats 4 and 12), so that the truth is the font's.
"""

from __future__ import annotations

import struct

REGULAR, SEMIBOLD, BOLD = "BeVietnamPro-Regular", "BeVietnamPro-SemiBold", "BeVietnamPro-Bold"
SMALL = "NotoSans-Bold"  # for few pixels
BITMAP = "Unifont"  # for the fewest: drawn on a grid of 16 rows, and good at that size alone
FACES = (REGULAR, SEMIBOLD, BOLD, SMALL, BITMAP)
SYMBOLS = ("NotoSansMath-Regular", "NotoSansSymbols2-Regular")  # asked when the faces lack a character


def covered(data: bytes) -> frozenset[int]:
    """Code points that the font has a letter for."""
    tables = struct.unpack_from(">H", data, 4)[0]
    for n in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, 12 + 16 * n)
        if tag == b"cmap":
            return _cmap(data, offset)
    raise ValueError("a font without cmap")


def _cmap(data: bytes, base: int) -> frozenset[int]:
    found: set[int] = set()
    for n in range(struct.unpack_from(">H", data, base + 2)[0]):
        _, _, offset = struct.unpack_from(">HHI", data, base + 4 + 8 * n)
        form = struct.unpack_from(">H", data, base + offset)[0]
        if form == 4:
            found |= _segments(data, base + offset)
        elif form == 12:
            groups = struct.unpack_from(">I", data, base + offset + 12)[0]
            for g in range(groups):
                first, last, _ = struct.unpack_from(">III", data, base + offset + 16 + 12 * g)
                found.update(range(first, last + 1))
    return frozenset(found)


def _segments(data: bytes, at: int) -> set[int]:
    count = struct.unpack_from(">H", data, at + 6)[0] // 2

    def column(n: int) -> tuple[int, ...]:
        return struct.unpack_from(f">{count}H", data, at + 14 + 2 * count * n + (2 if n else 0))

    ends, starts, deltas, offsets = (column(n) for n in range(4))
    found = set()
    for n in range(count):
        for code in range(starts[n], ends[n] + 1):
            glyph = code
            if offsets[n]:
                where = at + 16 + 6 * count + 2 * n + offsets[n] + 2 * (code - starts[n])
                glyph = struct.unpack_from(">H", data, where)[0]
                if not glyph:
                    continue
            if (glyph + deltas[n]) & 0xFFFF and code != 0xFFFF:
                found.add(code)
    return found
