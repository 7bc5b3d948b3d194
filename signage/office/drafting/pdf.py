"""pypdf, the only module that knows it: how many pages a PDF has, how large they are, and whether it is signed.

No signature is verified here or anywhere else in the office: who has to know asks the program that made it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import pypdf

from .package import NotWordError

_MM = 25.4 / 72  # millimetres of a point


@dataclass(frozen=True)
class Pdf:
    """What is told of a PDF: pages, the first one's size in millimetres, whether it is locked, whether signed."""

    pages: int
    width: int
    height: int
    locked: bool
    signed: bool


def read(data: bytes) -> Pdf:
    """Raises `NotWordError` (`pdf-damaged`), whatever is wrong with the file."""
    try:
        return _read(pypdf.PdfReader(io.BytesIO(data)))
    except MemoryError:
        raise
    except Exception as error:  # a made-up file may raise anything
        raise NotWordError("pdf-damaged") from error


def _read(reader: pypdf.PdfReader) -> Pdf:
    if reader.is_encrypted and not reader.decrypt(""):
        return Pdf(0, 0, 0, True, False)
    box = reader.pages[0].mediabox
    fields = reader.get_fields() or {}
    signed = any(one.get("/FT") == "/Sig" and one.get("/V") is not None for one in fields.values())
    return Pdf(len(reader.pages), round(float(box.width) * _MM), round(float(box.height) * _MM), False, signed)
