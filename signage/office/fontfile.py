"""The shipped faces by name, their files, and which of them draws a character.

Read from the file's own `cmap` (OpenType 1.9, formats 4 and 12), so that the truth is the font's.
"""

from __future__ import annotations

import hashlib
import struct
from functools import cache
from importlib import resources

REGULAR, SEMIBOLD, BOLD = "BeVietnamPro-Regular", "BeVietnamPro-SemiBold", "BeVietnamPro-Bold"
SMALL = "NotoSans-Bold"  # for what these lack
BITMAP = "Unifont"  # for the fewest: drawn on a grid of 16 rows, and good at that size alone
FACES = (REGULAR, SEMIBOLD, BOLD, SMALL, BITMAP)
SYMBOLS = ("NotoSansMath-Regular", "NotoSansSymbols2-Regular")  # asked when the faces lack a character


@cache
def font_bytes(face: str) -> bytes:
    return resources.files("signage").joinpath("fonts", f"{face}.ttf").read_bytes()


@cache
def fonts_digest() -> str:
    """SHA-256 over the shipped font files: what `drawn_by` names."""
    hashed = hashlib.sha256()
    for face in (*FACES, *SYMBOLS):
        hashed.update(hashlib.sha256(font_bytes(face)).digest())
    return hashed.hexdigest()


@cache
def face_for(character: str, face: str) -> str | None:
    """The face that draws this character: the wanted one, else the first that has it."""
    others = (SMALL, BOLD) if face != SMALL else (BOLD,)
    return next((f for f in (face, *others, *SYMBOLS) if ord(character) in _covered(f)), None)


def lacking(text: str) -> list[str]:
    """Characters that no shipped font has, each once, in order."""
    return [c for c in dict.fromkeys(text) if c not in "\n\t" and face_for(c, REGULAR) is None]


@cache
def _covered(face: str) -> frozenset[int]:
    return covered(font_bytes(face))


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
