"""The files beside a notice: attachments and pictures, found, measured and looked at."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from .. import durable
from ..errors import Problem
from .canonical import SourceFile

MAX_ATTACHMENT = 20 * 1024 * 1024  # bytes of one attachment
MAX_FILM = 64 * 1024 * 1024  # bytes of one film
MAX_NAME = 255  # bytes of a file's name: more no disk takes
MAX_PICTURE = 10 * 1024 * 1024  # bytes of one picture
_PICTURE_STARTS = {b"\xff\xd8\xff": (".jpg", ".jpeg"), b"\x89PNG\r\n\x1a\n": (".png",), b"RIFF": (".webp",)}
ATTACHMENT_TYPES = (".pdf", ".docx", ".xlsx", ".odt", ".ods", ".jpg", ".jpeg", ".png", ".webp", ".csv", ".txt", ".zip")
FILM_ENDINGS = (".mp4", ".webm")

Where = tuple[int, str | None]  # line, field


def source_file(
    folder: Path, name: str, shown: str, where: Where, *, film: bool = False
) -> tuple[SourceFile | None, Problem | None]:
    """The file `name` beside the notice, or why not; names never lead out of the notice's folder."""
    line, field = where
    outside = "/" in name or "\\" in name or name.startswith(".") or len(name.encode()) > MAX_NAME
    if outside or unicodedata.normalize("NFC", name) != name:
        return None, Problem("file-outside", shown, line, field, values={"name": name})
    path = folder / name
    if path.is_symlink() or not path.is_file():
        near = next((p.name for p in folder.iterdir() if p.name.lower() == name.lower()), "")
        code, values = ("file-spelt", {"near": near}) if near else ("file-missing", {})
        return None, Problem(code, shown, line, field, values={"name": name, **values})
    if path.suffix.lower() not in (FILM_ENDINGS if film else ATTACHMENT_TYPES):
        return None, Problem("film-type" if film else "file-type", shown, line, field, values={"name": name})
    size, limit = path.stat().st_size, MAX_FILM if film else MAX_ATTACHMENT
    if size > limit:
        return None, Problem("file-large", shown, line, field, values={"limit": limit // 1024})
    return SourceFile(name, durable.sha256_of(path), size), None


def picture_problem(path: Path, shown: str, where: Where) -> Problem | None:
    """Why `path` is no picture, by its first bytes; drawing it decodes it whole and refuses it then."""
    line, field = where
    if path.stat().st_size > MAX_PICTURE:
        return Problem("file-large", shown, line, field, values={"limit": MAX_PICTURE // 1024})
    with path.open("rb") as file:
        start = file.read(16)
    for magic, suffixes in _PICTURE_STARTS.items():
        if start.startswith(magic) and path.suffix.lower() in suffixes:
            if magic == b"RIFF" and start[8:12] != b"WEBP":
                break
            return None
    return Problem("not-a-picture", shown, line, field, values={"name": path.name})
