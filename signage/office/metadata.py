"""What a picture or film tells beside its pixels (place, time, camera, a hidden film), taken out of its file.

A telephone writes where a photograph was taken into it, and the website publishes the very file that
was signed. So it goes before anybody signs: the pixels' own bytes are kept as they are, with
the colour profile and the bit that says which side is up; all the rest is left behind.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from .. import film

PICTURES = (".jpg", ".jpeg", ".png", ".webp")  # names of files that are looked into
FILMS = {".mp4": "video/mp4", ".webm": "video/webm"}
MAX_SEGMENTS = 100_000  # of one file: a PNG's data come in chunks of 8 kB
_ORIENTATION = 0x0112  # Exif 2.32, table 4
_UPRIGHT = 1
_EXIF, _ICC, _JFIF = b"Exif\0\0", b"ICC_PROFILE\0", b"JFIF\0"
_SOI, _EOI = b"\xff\xd8", b"\xff\xd9"
_APP0, _APP1, _APP2, _APP14, _SCAN = 0xE0, 0xE1, 0xE2, 0xEE, 0xDA
_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")  # in compressed data 0xff is followed by 0 or a restart mark
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD hIST pHYs acTL fcTL fdAT".split()
)  # PNG 3rd edition
_WEBP_KEPT = (b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP")
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04  # flags in VP8X (RFC 9649, 2.7)


def bare_file(name: str, data: bytes) -> bytes:
    """The same file without what it tells, if its name is a picture's or a film's.

    Raises `ValueError` for a picture that is not built as its kind is. A film that cannot be read is
    left as it is: it is refused, with what is wrong, when it is looked at whole.
    """
    ending = name[name.rfind(".") :].lower()
    if ending in PICTURES:
        return bare(data)
    try:
        return film.bare(data, FILMS[ending]) if ending in FILMS else data
    except film.Unplayable:
        return data


def bare(data: bytes) -> bytes:
    """The same picture without what it tells; raises `ValueError` when the file is not built as its kind is."""
    try:
        if data.startswith(_SOI):
            return _bare_jpeg(data)
        if data.startswith(_PNG):
            return _bare_png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _bare_webp(data)
    except (struct.error, IndexError) as error:
        raise ValueError("cut short") from error
    raise ValueError("no JPEG, PNG or WebP")


# ── JPEG: segments, then scans (ITU T.81, annex B) ───────────────────────────────────────────────


def _bare_jpeg(data: bytes) -> bytes:
    kept, side = [], _UPRIGHT
    for marker, body in _segments(data):
        if marker == _APP1 and body.startswith(_EXIF):
            side = _side_up(body[len(_EXIF) :])
        if _kept(marker, body):
            kept.append((marker, body))
    if side != _UPRIGHT:
        first = 1 if kept and kept[0][0] == _APP0 else 0
        kept.insert(first, (_APP1, _EXIF + _exif(side)))
    return _SOI + b"".join(_segment(marker, body) for marker, body in kept) + _EOI


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, body) up to the end of the picture; compressed data come as the body's rest of a scan."""
    at = len(_SOI)
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.match(data, at)
        if not found:
            raise ValueError("no marker where one must stand")
        marker = data[found.end() - 1]
        if marker == _EOI[1]:
            return  # what follows is another picture or a film, not this one
        start = found.end() + 2
        at = found.end() + int(struct.unpack_from(">H", data, found.end())[0])
        if marker == _SCAN:
            following = _MARKER.search(data, at)
            at = following.start() if following else len(data) + 1
        if at > len(data) or at < start:
            raise ValueError("cut short")
        yield marker, data[start:at]
    raise ValueError("too many segments")


def _kept(marker: int, body: bytes) -> bool:
    """Tables, scans and colours; no other application's data and no comment."""
    if marker == _APP0:
        return body.startswith(_JFIF)
    if marker == _APP2:
        return body.startswith(_ICC)
    return marker < _APP0 or marker == _APP14


def _segment(marker: int, body: bytes) -> bytes:
    # Of a scan the length counts its header alone, which says how long it is.
    length = 6 + 2 * body[0] if marker == _SCAN else len(body) + 2
    return bytes((0xFF, marker)) + struct.pack(">H", length) + body


# ── PNG and WebP: chunks ─────────────────────────────────────────────────────────────────────────


def _bare_png(data: bytes) -> bytes:
    kept, side, at = [_PNG], _UPRIGHT, len(_PNG)
    for _ in range(MAX_SEGMENTS):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("cut short")
        if name == b"eXIf":
            side = _side_up(data[at + 8 : end - 4])
        elif name in _PNG_KEPT:
            if name in (b"IDAT", b"IEND") and side != _UPRIGHT:
                kept.append(_png_chunk(b"eXIf", _exif(side)))
                side = _UPRIGHT
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise ValueError("too many chunks")


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _bare_webp(data: bytes) -> bytes:
    kept: list[tuple[bytes, bytes]] = []
    side, at = _UPRIGHT, 12
    end = min(len(data), 8 + int(struct.unpack_from("<I", data, 4)[0]))
    while at < end:
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length or len(kept) > MAX_SEGMENTS:
            raise ValueError("cut short")
        if name == b"EXIF":
            side = _side_up(body.removeprefix(_EXIF))
        elif name in _WEBP_KEPT:
            kept.append((name, body))
        at += 8 + length + length % 2
    if kept and kept[0][0] == b"VP8X":
        flags = kept[0][1][0] & ~(_WEBP_EXIF | _WEBP_XMP)
        if side != _UPRIGHT:
            flags |= _WEBP_EXIF
            kept.append((b"EXIF", _exif(side)))
        kept[0] = (b"VP8X", bytes((flags,)) + kept[0][1][1:])
    chunks = b"".join(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2) for name, body in kept)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


# ── which side is up ─────────────────────────────────────────────────────────────────────────────


def _side_up(exif: bytes) -> int:
    """The orientation, 1 to 8; 1 when the Exif data are damaged: they are left out anyway."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    try:
        start = struct.unpack_from(f"{order}I", exif, 4)[0] if order else len(exif)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for n in range(count):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * n)
            if tag == _ORIENTATION:
                return int(value) if 1 <= value <= 8 else _UPRIGHT
    except struct.error:
        pass
    return _UPRIGHT


def _exif(side: int) -> bytes:
    """Exif data that tell the orientation and nothing else."""
    return b"MM\0\x2a" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, side, 0, 0)
