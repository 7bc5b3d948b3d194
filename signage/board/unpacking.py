"""Texts that came packed (gzip), in pieces, never more of them than asked for at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

CHUNK = 16 * 1024  # bytes at a time
SPARE = 64 * 1024  # bytes that a packed file may be longer than what is in it: packing nothing forever is an attack


def unpacked(chunks: Iterator[bytes], encoding: str | None) -> Iterator[bytes]:
    """The bytes of an answer, at most `CHUNK` at a time however tightly they are packed. Raises `ValueError`."""
    if encoding is None:
        yield from chunks
        return
    if encoding != "gzip":
        raise ValueError(encoding)
    gzip, surplus = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), 0
    for chunk in chunks:
        surplus, data, left = surplus + len(chunk), b"", chunk
        while left or len(data) == CHUNK:
            if gzip.eof and not left:
                break
            if gzip.eof:
                raise ValueError("more than one file")
            data = gzip.decompress(left, CHUNK)
            left = gzip.unconsumed_tail or gzip.unused_data
            surplus -= len(data)
            if data:
                yield data
        if surplus > SPARE:
            raise ValueError("more around it than in it")
    if not gzip.eof:
        raise ValueError("cut short")
